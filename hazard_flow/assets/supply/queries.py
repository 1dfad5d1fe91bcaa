"""Reads of supply: by enterprise what there is and how long it lasts, and the totals of all within scope."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from hazard_flow.assets.supply.balance import Balanced, Day, balanced
from hazard_flow.assets.supply.models import EmergencyResource, GasDay, GasFacility
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.queries import organisation_labels
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import scope_of_session

DAYS_SHOWN = 14
#: the days before those shown, for the mean
_DAYS_BEFORE = 7
#: what is older no longer says how things stand
FRESH_DAYS = 3
Model = TypeVar("Model", GasFacility, EmergencyResource)


@dataclass(frozen=True)
class Standing:
    """One enterprise's supply."""

    enterprise: Organisation
    facilities: Sequence[GasFacility]
    resources: Sequence[EmergencyResource]
    #: oldest first
    days: Sequence[Balanced]

    @property
    def last(self) -> Balanced | None:
        """The newest day told."""
        return self.days[-1] if self.days else None

    def capacity_m3(self, kind: str) -> float:
        """Of all its sources (a day) or storages."""
        return sum(one.capacity_m3 for one in self.facilities if one.kind == kind)

    def count(self, kind: str) -> int:
        """How many teams, vehicles or stores."""
        return sum(one.kind == kind for one in self.resources)

    def is_old(self, today: date) -> bool:
        """Whether nobody told the last days."""
        return self.last is None or today - self.last.told.day > timedelta(days=FRESH_DAYS)


def standings(session: Session, *, today: date) -> list[Standing]:
    """Every enterprise within scope that has told anything, by name."""
    facilities = _standing(session, GasFacility)
    resources = _standing(session, EmergencyResource)
    days = told(session, since=today - timedelta(days=DAYS_SHOWN + _DAYS_BEFORE), until=today)
    homes = {one.home_id for one in facilities} | {one.home_id for one in resources} | set(days)
    named = organisation_labels(session, homes)
    found = [
        Standing(
            enterprise=named[home],
            facilities=[one for one in facilities if one.home_id == home],
            resources=[one for one in resources if one.home_id == home],
            days=balanced(days.get(home, []))[-DAYS_SHOWN:],
        )
        for home in homes
        if home in named
    ]
    return sorted(found, key=lambda one: one.enterprise.name_zh)


def told(session: Session, *, since: date, until: date) -> dict[uuid.UUID, list[Day]]:
    """The days by enterprise, oldest first; of a day told twice the newer word."""
    rows = session.scalars(
        sa.select(GasDay)
        .where(_within(session, GasDay.path, GasDay.division), GasDay.day >= since, GasDay.day <= until)
        .order_by(GasDay.day, GasDay.entered_at, GasDay.id)
    )
    newest: dict[uuid.UUID, dict[date, Day]] = {}
    for row in rows:
        newest.setdefault(row.home_id, {})[row.day] = Day(
            row.day, row.supplied_m3, row.sent_out_m3, row.stored_m3
        )
    return {home: list(days.values()) for home, days in newest.items()}


def _standing(session: Session, model: type[Model]) -> list[Model]:
    return list(
        session.scalars(
            sa.select(model)
            .where(_within(session, model.path, model.division), model.ended_at.is_(None))
            .order_by(model.kind, model.name)
        )
    )


def _within(
    session: Session, path: sa.orm.InstrumentedAttribute[str], division: sa.orm.InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    scope = scope_of_session(session)
    whole = Scope(paths=scope.homes or scope.paths, divisions=scope.divisions, everything=scope.everything)
    return whole.where(path, division)
