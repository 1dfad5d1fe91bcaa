"""Alarms of a period, each with the instants somebody answered it: what I17 and I18 judge."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.indicators.definition import Frame
from hazard_flow.assets.models import Asset
from hazard_flow.hazards.models import HazardEvent
from hazard_flow.hazards.tags import EventTag
from hazard_flow.schedule.bulk import among
from hazard_flow.storage.json_text import parsed
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.telemetry.models import Alert

HIGH = 2
#: acts nobody does from a desk: whoever does one stands there
ON_SITE = frozenset({"start_control", "stop_gas", "fix_on_site"})


@dataclass(frozen=True)
class Alarm:
    """One alert about the gas that opened a hazard or joined one."""

    home_id: uuid.UUID
    hazard_id: uuid.UUID
    name: str
    is_high: bool
    raised_at: datetime
    #: the first act of a person on its hazard after it was raised, and the first that shows somebody on site
    acted_at: datetime | None
    on_site_at: datetime | None

    def is_answered(self, within: timedelta) -> bool:
        """Acknowledged by any act in time."""
        return self.acted_at is not None and self.acted_at <= self.raised_at + within

    def is_reached(self, within: timedelta) -> bool:
        """Somebody was there in time."""
        return self.on_site_at is not None and self.on_site_at <= self.raised_at + within


def alarms(
    session: Session, frame: Frame, homes: Sequence[uuid.UUID], *, high_only: bool = False
) -> list[Alarm]:
    """The alarms raised in the period, merged and silenced ones left out, in the order they were raised."""
    scope = scope_of_session(session)
    wanted = (
        sa.select(Asset.home_id, Alert.hazard_id, Asset.code, Alert.peak_level, Alert.raised_at)
        .join(Asset, Asset.id == Alert.site_id)
        .where(
            Alert.raised_at >= frame.begins_at,
            Alert.raised_at < frame.until_at,
            Alert.hazard_id.is_not(None),
            Alert.merged_into_id.is_(None),
            Alert.alert_class != "sensor_fault",
            Asset.home_id.in_(list(homes)),
            scope.where(Asset.path, Asset.division),
        )
        .order_by(Alert.raised_at, Alert.id)
    )
    if high_only:
        wanted = wanted.where(Alert.peak_level >= HIGH)
    rows = session.execute(wanted).all()
    answers = _answers(
        session, {row.home_id for row in rows}, {row.hazard_id for row in rows if row.hazard_id}, frame
    )
    found = []
    for home, hazard_id, code, level, raised_at in rows:
        assert hazard_id is not None, "asked for"
        later = [(at, is_there) for at, is_there in answers[hazard_id] if at >= raised_at]
        found.append(
            Alarm(
                home, hazard_id, code, level >= HIGH, raised_at,
                acted_at=next((at for at, _ in later), None),
                on_site_at=next((at for at, is_there in later if is_there), None),
            )
        )  # fmt: skip
    return found


def _answers(
    session: Session, homes: set[uuid.UUID], hazards: set[uuid.UUID], frame: Frame
) -> dict[uuid.UUID, list[tuple[datetime, bool]]]:
    """What people did on these hazards before the end of the period: when, and whether it shows them on site."""
    found: dict[uuid.UUID, list[tuple[datetime, bool]]] = defaultdict(list)
    if not hazards:
        return found
    rows = session.execute(
        sa.select(HazardEvent.hazard_id, HazardEvent.action, HazardEvent.at, HazardEvent.body)
        .where(
            HazardEvent.home_id.in_(homes),
            among(session, HazardEvent.hazard_id, hazards),
            HazardEvent.type == EventTag.ACTED,
            HazardEvent.actor.like("person:%"),
            HazardEvent.at < frame.until_at,
        )
        .order_by(HazardEvent.hazard_id, HazardEvent.seq)
    )
    for hazard_id, action, at, body in rows:
        is_there = action in ON_SITE or any(
            one.get("lon") is not None or one.get("lat") is not None
            for one in parsed(body)["data"].get("evidence") or ()
        )
        found[hazard_id].append((at, is_there))
    return found
