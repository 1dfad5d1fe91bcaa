"""What `/api/v1/alerts` takes and gives."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hazard_flow.telemetry.desk.kpis import PRIORITIES, Figures
from hazard_flow.telemetry.desk.models import AlertStep
from hazard_flow.telemetry.desk.queries import Row
from hazard_flow.telemetry.desk.standing import offered


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    expected_version: int | None = None


class Acknowledge(_Asked):
    """It was heard."""

    note: str = ""


class Respond(_Asked):
    """Who was sent, or why nobody needs to go."""

    note: str


class FeedBack(_Asked):
    """What it was."""

    cause: str = Field(max_length=40)
    reading: str = Field(default="", max_length=12, description="Read on site; digits and a point")
    unit: str = Field(default="", max_length=10)
    note: str = ""


class Archive(_Asked):
    """The chain is at its end."""


class Hide(_Asked):
    """Off the active list, always with a reason and an end."""

    kind: Literal["shelved", "suppressed", "out_of_service"]
    reason: str
    hours: int
    work_order: str = ""


class Show(_Asked):
    """Back on the active list before its time."""


class HidingView(BaseModel):
    """What hides an alert now."""

    kind: str
    reason: str
    work_order: str | None
    person: uuid.UUID
    since_at: datetime
    until_at: datetime


class StepView(BaseModel):
    """One thing that happened to an alert on the desk."""

    seq: int
    kind: str
    actor: str
    at: datetime
    data: dict[str, Any]


class AlertView(BaseModel):
    """One alert: its condition, its visibility, and how far its chain is."""

    id: uuid.UUID
    version: int
    site: str
    device: str | None
    rule: str
    rules_version: int
    family: str
    alert_class: str
    condition: str
    level: int
    peak_level: int
    peak_value: float | None
    blind: bool
    truncated: int
    superseded: bool = Field(description="A later episode exists; whether this one ended was never said")
    summary: str
    started_at: datetime
    raised_at: datetime
    ended_at: datetime | None
    hazard: str | None
    stage: str
    asked_at: datetime | None
    due_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: uuid.UUID | None
    misses: int
    cause: str | None
    verdict: str | None
    judged_at: datetime | None
    judged_by: uuid.UUID | None
    hiding: HidingView | None
    offered: list[str] = Field(description="Acts that begin where the alert stands")


class WholeAlertView(AlertView):
    """One alert with its steps."""

    steps: list[StepView]


class ShareView(BaseModel):
    """So many of a whole."""

    part: int
    whole: int
    percent: float | None


class FrequentView(BaseModel):
    """A source and how often it alarmed."""

    source: str
    alarms: int


class FloodView(BaseModel):
    """A span in which alarms came faster than anybody can work."""

    began_at: datetime
    ended_at: datetime | None
    alarms: int
    worst: int


class FiguresView(BaseModel):
    """The figures of a span, per operator where they are rates."""

    since: datetime
    until: datetime
    alarms: int
    per_ten_minutes: float
    per_hour: float
    per_day: float
    peak: int
    floods: list[FloodView]
    flood_percent: float
    chattering: list[str]
    fleeting: int
    stale: list[str]
    frequent: list[FrequentView]
    top: ShareView
    mix: dict[str, ShareView]
    in_time: ShareView


def alert_view(row: Row, now: datetime) -> AlertView:
    """One alert."""
    return AlertView(**_plain(row, now))


def whole_view(row: Row, steps: Sequence[AlertStep], now: datetime) -> WholeAlertView:
    """One alert with its steps."""
    views = [StepView(seq=s.seq, kind=s.kind, actor=s.actor, at=s.at, data=s.data) for s in steps]
    return WholeAlertView(**_plain(row, now), steps=views)


def figures_view(found: Figures) -> FiguresView:
    """The figures of a span."""
    plain = (
        "since",
        "until",
        "alarms",
        "per_ten_minutes",
        "per_hour",
        "per_day",
        "peak",
        "flood_percent",
        "fleeting",
    )
    return FiguresView(
        **{name: getattr(found, name) for name in plain},
        floods=[
            FloodView(began_at=f.began_at, ended_at=f.ended_at, alarms=f.alarms, worst=f.worst)
            for f in found.floods
        ],
        chattering=list(found.chattering),
        stale=[one.source for one in found.stale],
        frequent=[FrequentView(source=one.source, alarms=one.alarms) for one in found.frequent],
        top=_share(found.top),
        mix={key: _share(found.mix[key]) for key in PRIORITIES},
        in_time=_share(found.in_time),
    )


def _share(share: Any) -> ShareView:
    return ShareView(part=share.part, whole=share.whole, percent=share.percent)


def _plain(row: Row, now: datetime) -> dict[str, Any]:
    alert, duty, hiding = row.alert, row.duty, row.hiding
    of_alert = (
        "id", "rule", "rules_version", "family", "alert_class", "condition", "level", "peak_level", "peak_value", "blind",
        "truncated", "summary", "started_at", "raised_at", "ended_at",
    )  # fmt: skip
    of_duty = (
        "stage", "asked_at", "due_at", "acknowledged_at", "acknowledged_by", "misses", "cause", "verdict", "judged_at",
        "judged_by",
    )  # fmt: skip
    return {
        **{name: getattr(alert, name) for name in of_alert},
        **{name: getattr(duty, name) for name in of_duty},
        "version": duty.seq,
        "site": row.site.code,
        "device": row.device.code if row.device else None,
        "superseded": row.superseded,
        "hazard": row.hazard.number if row.hazard else None,
        "hiding": None
        if hiding is None or not row.standing.is_hidden(now)
        else HidingView(
            kind=hiding.kind,
            reason=hiding.reason,
            work_order=hiding.work_order,
            person=hiding.person_id,
            since_at=hiding.since_at,
            until_at=hiding.until_at,
        ),
        "offered": list(offered(row.standing)),
    }
