"""What colours risk points must have, worked out anew from the raw events and alarms each time, sharing no line with what it judges."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.risk.models import RiskPoint
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.models import Alert
from tests.harness.city import City

ORDER = ["blue", "yellow", "orange", "red"]
#: where somebody still works against the deadline
WORK = {"assigned", "rectifying", "blocked"}


def oracle(city: City) -> dict[str, str]:
    """The colour of every point."""
    with city.database.reading(SYSTEM) as session:
        points = session.scalars(sa.select(RiskPoint)).all()
        hazards = {h.id: h for h in session.scalars(sa.select(Hazard))}
        told: dict[Any, list[tuple[datetime, dict[str, Any]]]] = {}
        for event in session.scalars(sa.select(HazardEvent).order_by(HazardEvent.hazard_id, HazardEvent.seq)):
            told.setdefault(event.hazard_id, []).append((event.at, json.loads(event.body)))
        alerts = session.scalars(sa.select(Alert).where(Alert.condition == "firing")).all()
    stories = [_Story(hazards[id_].number, events, city.now) for id_, events in told.items()]
    named = {p.code for p in points}
    found = {}
    for point in points:
        mine = [
            s for s in stories
            if s.is_open and not s.is_hidden and (s.point == point.code if s.point in named else s.asset == str(point.asset_id))
        ]  # fmt: skip
        rank = ORDER.index(point.residual)
        if any(s.level == "major" for s in mine):
            rank = 3
        if any(s.urgency == "A" for s in mine):
            rank = max(rank, 2)
        levels = [
            a.level for a in alerts if a.site_id == point.asset_id and a.alert_class in ("process", "suspect")
        ]
        if levels:
            rank = max(rank, 3 if max(levels) == 2 else 2)
        if any(s.is_late and s.urgency in ("A", "B") for s in mine):
            rank = min(3, rank + 1)
        found[point.code] = ORDER[rank]
    return found


class _Story:
    """One hazard as its events tell it, by the intervals between them."""

    def __init__(self, number: str, events: list[tuple[datetime, dict[str, Any]]], now: datetime) -> None:
        self.number = number
        self.level = self.urgency = self.state = self.stage = self.point = ""
        self.asset: str | None = None
        self.is_late = False
        due: datetime | None = None
        for place, (at, body) in enumerate(events):
            data = body["data"]
            until = events[place + 1][0] if place + 1 < len(events) else now
            if body["type"] in ("hazard.reported", "hazard.acted"):
                self.asset = data.get("asset", self.asset)
                self.level, self.urgency = data["level"], data["urgency"] or self.urgency
                self.state, self.stage = data["state"], data["stage"]
                self.point = data["fields"].get("risk_point") or self.point
                given = (data.get("adopted") or {}).get("due_at") or data["fields"].get("due_at")
                if given:
                    due = datetime.fromisoformat(given)
                    if due > at:
                        self.is_late = False
            if due is not None and self.state in WORK and due <= until and self.stage != "closed":
                self.is_late = True

    @property
    def is_open(self) -> bool:
        return self.stage != "closed"

    @property
    def is_hidden(self) -> bool:
        return self.state == "received"
