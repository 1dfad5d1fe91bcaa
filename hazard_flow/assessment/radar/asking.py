"""Who may ask the radar, how far it reaches for them, and over which days."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from hazard_flow.assessment.radar.findings import Case
from hazard_flow.assessment.radar.rules import RadarRules
from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.hazards.effects import CONCEALED_PATH
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import RIGHTS
from hazard_flow.identity.roles import division_prefix
from hazard_flow.storage.scope import SYSTEM, Scope

READ = "radar.read"
WINDOWS = (30, 90, 180, 365)
#: rows a signal looks at, the newest first
ROWS_MAX = 2_000

#: a column of instants
Instant = sa.SQLColumnExpression[datetime] | sa.SQLColumnExpression[datetime | None]

#: what `case_of` reads
CASE = (
    Hazard.id, Hazard.number, Hazard.title, Hazard.home_id, Hazard.level, Hazard.urgency, Hazard.stage, Hazard.closed_at,
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One question to the radar: the days after `since` up to `now`, within `scope`; `home` narrows it to one enterprise."""

    rules: RadarRules
    scope: Scope
    now: datetime
    zone: ZoneInfo
    days: int
    home: uuid.UUID | None = None

    @property
    def since(self) -> datetime:
        """The first instant looked at."""
        return self.now - timedelta(days=self.days)

    def hazards(self) -> list[ColumnElement[bool]]:
        """The hazards it may speak of.

        What was reported past a manager and not handed on is counted for nobody, not even for the regulator: what the radar shows is
        held under the enterprise's nose.
        """
        found = [self.scope.where(Hazard.path, Hazard.division), Hazard.path != CONCEALED_PATH]
        if self.home is not None:
            found.append(Hazard.home_id == self.home)
        return found

    def rectified(self) -> list[ColumnElement[bool]]:
        """Those of them that were closed as mended within the days."""
        return [
            *self.hazards(),
            Hazard.resolution == "rectified",
            Hazard.closed_at > self.since,
            Hazard.closed_at <= self.now,
        ]


def reach(actor: Actor) -> Scope:
    """What the radar may speak of to this person: only where a role of theirs carries the right, and never for a part held in a hazard."""
    if actor.is_system:
        return SYSTEM
    held = [one for one in actor.holdings if one.role in RIGHTS[READ]]
    return Scope(
        person_id=None,
        paths=tuple(sorted({one.path for one in held if not one.regulator})),
        divisions=tuple(sorted({division_prefix(one.division) for one in held if one.regulator})),
    )


def read_asked(
    raw: Mapping[str, str], actor: Actor, *, rules: RadarRules, now: datetime, zone: ZoneInfo
) -> Asked:
    """The question out of query parameters; every wrong value is listed."""
    problems, home, days = [], None, rules.window_days
    try:
        home = uuid.UUID(raw["organisation"]) if raw.get("organisation") else None
    except ValueError:
        problems.append(FieldError("organisation", "not_an_id"))
    if raw.get("days"):
        if raw["days"] in {str(one) for one in WINDOWS}:
            days = int(raw["days"])
        else:
            problems.append(FieldError("days", "unknown_choice", {"value": raw["days"][:40]}))
    if raw.get("signal") and raw["signal"] not in rules.signals:
        problems.append(FieldError("signal", "unknown_choice", {"value": raw["signal"][:40]}))
    if problems:
        raise BadRequest("bad question", fields=problems)
    return Asked(rules, reach(actor), now, zone, days, home)


def case_of(row: Any) -> Case:
    """The hazard of a row that begins with `CASE`."""
    return Case(*row[: len(CASE)])


def seconds_between(later: Instant, earlier: Instant) -> ColumnElement[int]:
    """The span of two instants in whole seconds, on either database."""
    return sa.extract("epoch", later) - sa.extract("epoch", earlier)
