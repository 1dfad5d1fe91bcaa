"""A hazard as far as its events have been read: one event at a time, nothing but its own words. Pure."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hazard_flow.hazards.tags import EventTag
from hazard_flow.risk.dynamic import Factor

#: the time limit of every shipped workflow that runs to the deadline of the work
DEADLINE = "rectify"
_CLOSED = "closed"
#: stages in which a major is more than a suspicion
_CONFIRMED = ("assigned", "rectifying", "verified")


@dataclass(frozen=True)
class Standing:
    """What the events so far say."""

    home_id: uuid.UUID
    number: str
    asset_id: uuid.UUID | None
    level: str
    urgency: str
    stage: str
    is_hidden: bool
    is_overdue: bool
    risk_point: str
    failed_measure: str
    cause_kind: str
    is_confirmed_major: bool
    reported_at: datetime
    #: number of the last event taken in: one that comes again is not taken twice
    seq: int

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes a step."""
        return self.stage != _CLOSED

    @property
    def factor(self) -> Factor | None:
        """How it presses on its risk points; None where it does not."""
        if not self.is_open or self.is_hidden:
            return None
        return Factor("hazard", self.level, self.urgency, self.is_overdue)


@dataclass(frozen=True)
class Told:
    """One event as the feed hands it over."""

    hazard_id: uuid.UUID
    home_id: uuid.UUID
    number: str
    seq: int
    type: str
    actor: str
    at: datetime
    data: Mapping[str, Any]
    #: the state it leads to is one that only the regulator sees; None where it leads to none
    is_hidden: bool | None


def after(before: Standing | None, event: Told) -> Standing | None:
    """The standing after an event; None while nothing is known of the hazard."""
    data = event.data
    if before is not None and event.seq <= before.seq:
        return before
    if event.type == EventTag.REPORTED:
        return _named(_reported(event), data.get("fields") or {})
    if before is None:
        return None
    before = replace(before, seq=event.seq)
    if event.type == EventTag.ESCALATED:
        runs_out = data.get("timer") == DEADLINE and int(data.get("level", -1)) >= 0
        return replace(before, is_overdue=True) if runs_out and before.is_open else before
    if event.type not in (EventTag.ACTED, EventTag.MIGRATED):
        return before
    stage = str(data.get("stage") or before.stage)
    level = str(data.get("level") or before.level)
    found = replace(
        before,
        level=level,
        urgency=str(data.get("urgency") or before.urgency),
        stage=stage,
        is_hidden=before.is_hidden if event.is_hidden is None else event.is_hidden,
        is_overdue=before.is_overdue and stage != _CLOSED and not _prolonged(data, event.at),
        is_confirmed_major=before.is_confirmed_major or (level == "major" and stage in _CONFIRMED),
    )
    return _named(found, data.get("fields") or {})


def _reported(event: Told) -> Standing:
    data = event.data
    asset = data.get("asset")
    return Standing(
        home_id=event.home_id,
        number=event.number,
        asset_id=uuid.UUID(str(asset)) if asset else None,
        level=str(data.get("level") or "general"),
        urgency=str(data.get("urgency") or ""),
        stage=str(data.get("stage") or "reported"),
        is_hidden=bool(event.is_hidden),
        is_overdue=False,
        risk_point="",
        failed_measure="",
        cause_kind="",
        is_confirmed_major=False,
        reported_at=event.at,
        seq=event.seq,
    )


def _named(standing: Standing, fields: Mapping[str, Any]) -> Standing:
    """What people said of point, measure and cause; the latest counts, saying nothing changes nothing."""
    said: dict[str, Any] = {
        name: str(fields[name]).strip()
        for name in ("risk_point", "failed_measure", "cause_kind")
        if fields.get(name)
    }
    return replace(standing, **said) if said else standing


def _prolonged(data: Mapping[str, Any], at: datetime) -> bool:
    """Whether the act gave a deadline that lies ahead: assigned anew, an extension approved, a failed re-check."""
    for given in (data.get("adopted") or {}, data.get("fields") or {}):
        due_at = given.get("due_at")
        if due_at and datetime.fromisoformat(str(due_at)) > at:
            return True
    return False
