"""Reads: points within a scope, one with its chain, colours of assets, what is due. Every query takes the scope of its session."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from hazard_flow.risk.colours import COLOURS, worst
from hazard_flow.risk.distribution import Distribution
from hazard_flow.risk.grading import grading
from hazard_flow.risk.models import (
    CheckItem,
    ControlMeasure,
    RiskColour,
    RiskEvent,
    RiskFactor,
    RiskPoint,
    RiskPointVersion,
    RiskRating,
    RiskUnit,
)
from hazard_flow.schedule.bulk import among
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import scope_of_session

CHOICES_MAX = 300
#: colours of one point a page shows
PAST_MAX = 200


@dataclass(frozen=True)
class Wanted:
    """What a list is asked for."""

    q: str = ""
    colour: str = ""
    category: str = ""
    kind: str = ""
    organisation: str = ""
    division: str = ""
    asset_id: uuid.UUID | None = None
    #: only those whose colour is worse than what is left under the measures
    raised: bool = False


@dataclass(frozen=True)
class Measure:
    """A measure and its check items."""

    measure: ControlMeasure
    items: tuple[CheckItem, ...]


@dataclass(frozen=True)
class Event:
    """A risk event and its measures."""

    event: RiskEvent
    measures: tuple[Measure, ...]


@dataclass(frozen=True)
class Unit:
    """A risk unit and its events."""

    unit: RiskUnit
    events: tuple[Event, ...]


def check_rule_of(colour: str) -> str:
    """How often a point of this dynamic colour is checked, as an RRULE: red daily, orange weekly, yellow monthly, blue quarterly [D]."""
    return grading().grades[colour].check_rule


def colours_of(session: Session, asset_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The worst dynamic colour among the points at each of these assets; assets without points are left out."""
    if not asset_ids:
        return {}
    found: dict[uuid.UUID, str] = {}
    rows = session.execute(
        sa.select(RiskPoint.asset_id, RiskPoint.dynamic)
        .where(
            among(session, RiskPoint.asset_id, set(asset_ids)), RiskPoint.ended_at.is_(None), within(session)
        )
        .distinct()
    )
    for asset_id, colour in rows:
        assert asset_id is not None
        found[asset_id] = worst([colour, found.get(asset_id, colour)])
    return found


def within(session: Session) -> ColumnElement[bool]:
    """Points are seen by everybody of the organisation they belong to, and by the regulators of their division."""
    scope = scope_of_session(session)
    whole = Scope(paths=scope.homes or scope.paths, divisions=scope.divisions, everything=scope.everything)
    return whole.where(RiskPoint.path, RiskPoint.division)


def page(session: Session, wanted: Wanted, *, cursor: str | None, limit: int) -> Page[RiskPoint]:
    """Points in use, newest first."""
    statement = sa.select(RiskPoint).where(*_conditions(session, wanted))
    return keyset(
        session, statement, instant=RiskPoint.created_at, id_=RiskPoint.id, cursor=cursor, limit=limit
    )


def distribution(session: Session, wanted: Wanted, *, side: str = "dynamic") -> Distribution:
    """How many points there are of each colour: `inherent`, `residual` or `dynamic`."""
    column: Any = getattr(RiskPoint, side)
    rows = session.execute(
        sa.select(column, sa.func.count()).where(*_conditions(session, wanted)).group_by(column)
    )
    return _distribution({row[0]: row[1] for row in rows})


def distributions(session: Session, wanted: Wanted, *, by: str) -> Mapping[str, Distribution]:
    """The dynamic colours by `division`, `home` (the whole organisation) or `category`; keys are texts."""
    column: Any = {"division": RiskPoint.division, "home": RiskPoint.home_id, "category": RiskPoint.category}[
        by
    ]
    rows = session.execute(
        sa.select(column, RiskPoint.dynamic, sa.func.count())
        .where(*_conditions(session, wanted))
        .group_by(column, RiskPoint.dynamic)
    )
    found: dict[str, dict[str, int]] = {}
    for key, colour, count in rows:
        found.setdefault(str(key), {})[colour] = count
    return {key: _distribution(counts) for key, counts in found.items()}


def one(session: Session, id_: uuid.UUID) -> RiskPoint | None:
    """One point, if the scope reaches it; also one out of use."""
    return session.scalar(sa.select(RiskPoint).where(RiskPoint.id == id_, within(session)))


def held(session: Session, id_: uuid.UUID) -> RiskPoint | None:
    """The same, locked to the end of the transaction: who writes a point must not cross the follower of the feed."""
    return session.scalar(
        sa.select(RiskPoint)
        .where(RiskPoint.id == id_, within(session))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def by_code(session: Session, code: str, *, home_id: uuid.UUID | None = None) -> RiskPoint | None:
    """One point by the enterprise's own code."""
    statement = sa.select(RiskPoint).where(RiskPoint.code == code, within(session))
    if home_id is not None:
        statement = statement.where(RiskPoint.home_id == home_id)
    return session.scalars(statement.order_by(RiskPoint.created_at)).first()


def measure_by_code(
    session: Session, code: str, *, home_id: uuid.UUID | None = None
) -> ControlMeasure | None:
    """One measure by its code, also one no longer taken."""
    statement = (
        sa.select(ControlMeasure)
        .join(RiskPoint, RiskPoint.id == ControlMeasure.point_id)
        .where(ControlMeasure.code == code, within(session))
    )
    if home_id is not None:
        statement = statement.where(ControlMeasure.home_id == home_id)
    return session.scalars(statement).first()


def choices(session: Session, *, asset_id: uuid.UUID | None = None) -> Sequence[RiskPoint]:
    """The points a form offers, by code; those of one asset where it is known."""
    return session.scalars(
        sa.select(RiskPoint)
        .where(*_conditions(session, Wanted(asset_id=asset_id)))
        .order_by(RiskPoint.code)
        .limit(CHOICES_MAX)
    ).all()


def measure_choices(session: Session, *, asset_id: uuid.UUID | None = None) -> Sequence[ControlMeasure]:
    """The measures a form offers as failed, by code."""
    return session.scalars(
        sa.select(ControlMeasure)
        .join(RiskPoint, RiskPoint.id == ControlMeasure.point_id)
        .where(*_conditions(session, Wanted(asset_id=asset_id)), ControlMeasure.ended_at.is_(None))
        .order_by(ControlMeasure.code)
        .limit(CHOICES_MAX)
    ).all()


def chain_of(session: Session, point_id: uuid.UUID) -> Sequence[Unit]:
    """Units, events, measures and check items in use, in their order."""

    def links(model: Any) -> list[Any]:
        wanted = sa.select(model).where(model.point_id == point_id, model.ended_at.is_(None))
        return list(session.scalars(wanted.order_by(model.place, model.id)))

    units, events = links(RiskUnit), links(RiskEvent)
    measures, items = links(ControlMeasure), links(CheckItem)
    return [
        Unit(
            unit,
            tuple(
                Event(
                    event,
                    tuple(
                        Measure(one, tuple(item for item in items if item.measure_id == one.id))
                        for one in measures
                        if one.event_id == event.id
                    ),
                )
                for event in events
                if event.unit_id == unit.id
            ),
        )
        for unit in units
    ]


def factors(session: Session, point_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[RiskFactor]]:
    """What presses on each of these points, the oldest first."""
    found: dict[uuid.UUID, list[RiskFactor]] = {}
    if point_ids:
        rows = session.scalars(
            sa.select(RiskFactor)
            .where(RiskFactor.point_id.in_(point_ids))
            .order_by(RiskFactor.since_at, RiskFactor.name)
        )
        for row in rows:
            found.setdefault(row.point_id, []).append(row)
    return found


def past(session: Session, point_id: uuid.UUID) -> Sequence[RiskColour]:
    """The newest colours of a point, the oldest of them first."""
    rows = session.scalars(
        sa.select(RiskColour)
        .where(RiskColour.point_id == point_id)
        .order_by(RiskColour.seq.desc())
        .limit(PAST_MAX)
    ).all()
    return list(reversed(rows))


def ratings(session: Session, point_id: uuid.UUID) -> Sequence[RiskRating]:
    """Every rating of a point, the newest first."""
    return session.scalars(
        sa.select(RiskRating)
        .where(RiskRating.point_id == point_id)
        .order_by(RiskRating.rated_at.desc(), RiskRating.side)
    ).all()


def versions(session: Session, point_id: uuid.UUID) -> Sequence[RiskPointVersion]:
    """How the entry stood after each change, the newest first."""
    return session.scalars(
        sa.select(RiskPointVersion)
        .where(RiskPointVersion.point_id == point_id)
        .order_by(RiskPointVersion.version.desc())
        .limit(PAST_MAX)
    ).all()


def _conditions(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [within(session), RiskPoint.ended_at.is_(None)]
    for column, value in (
        (RiskPoint.dynamic, wanted.colour),
        (RiskPoint.category, wanted.category),
        (RiskPoint.kind, wanted.kind),
    ):
        if value:
            found.append(column == value)
    if wanted.organisation:
        found.append(RiskPoint.path.contains(f"{wanted.organisation}/", autoescape=True))
    if wanted.division:
        found.append(RiskPoint.division.startswith(wanted.division, autoescape=True))
    if wanted.asset_id is not None:
        found.append(RiskPoint.asset_id == wanted.asset_id)
    if wanted.raised:
        found.append(RiskPoint.dynamic != RiskPoint.residual)
    if wanted.q:
        found.append(
            sa.or_(
                *(
                    column.contains(wanted.q, autoescape=True)
                    for column in (RiskPoint.code, RiskPoint.name_zh, RiskPoint.name_en, RiskPoint.place)
                )
            )
        )
    return found


def _distribution(counts: Mapping[str, int]) -> Distribution:
    return Distribution({colour: counts.get(colour, 0) for colour in COLOURS})
