"""Reads of the bundle: which hazards concern a person, what lies near, the assets in scope. A few statements, however many rows."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from hazard_flow.assets import queries as assets
from hazard_flow.assets.models import Asset
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.queries import Filter, conditions
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.roles import division_prefix
from hazard_flow.storage.unit import scope_of_session

#: what a tablet carries at most; what is cut is counted and told
TASKS_MAX = 200
NEARBY_MAX = 1_000
ASSETS_MAX = 10_000


@dataclass(frozen=True)
class Candidates:
    """Open hazards, those the person holds a part in first, each by deadline; `cut` more did not fit."""

    held: Sequence[Hazard]
    beside: Sequence[Hazard]
    cut: int


class Site(NamedTuple):
    """An asset as plain columns: thousands of them go to every tablet."""

    id: uuid.UUID
    code: str
    name_zh: str
    name_en: str
    kind: str
    lon: float | None
    lat: float | None
    crs: str
    address: str
    organisation_id: uuid.UUID


class Near(NamedTuple):
    """An open hazard as somebody about to report the same needs to know it."""

    number: str
    title: str
    asset_id: uuid.UUID | None
    lon: float | None
    lat: float | None
    stage: str
    level: str


def candidates(session: Session, actor: Actor, *, now: datetime) -> Candidates:
    """The open hazards this person holds a part in, then those of their own units or of a step that is their role's."""
    scoped = conditions(Filter(open_only=True), scope_of_session(session), now)
    part = Hazard.parties.contains(f",{actor.id.hex if actor.id else ''},")
    held = _by_deadline(session, [*scoped, part], TASKS_MAX)
    others = [*scoped, sa.not_(part), _within_reach(rules_of(session), actor)]
    beside = _by_deadline(session, others, TASKS_MAX - len(held)) if len(held) < TASKS_MAX else []
    seen = len(held) + len(beside)
    cut = _more(session, [*scoped, part], others) - seen if seen >= TASKS_MAX else 0
    # One hazard under rules that only a newer program has must not keep all the others from the tablet.
    ours, near_ours = (_with_rules(rules_of(session), rows) for rows in (held, beside))
    return Candidates(ours, near_ours, cut + seen - len(ours) - len(near_ours))


def nearby(session: Session, *, now: datetime) -> tuple[list[Near], int]:
    """Every open hazard in scope, newest first, and how many more there are."""
    scoped = conditions(Filter(open_only=True), scope_of_session(session), now)
    columns = [getattr(Hazard, name) for name in Near._fields]
    rows = session.execute(
        sa.select(*columns).where(*scoped).order_by(Hazard.reported_at.desc(), Hazard.id).limit(NEARBY_MAX)
    )
    found = [Near(*row) for row in rows]
    return found, _count(session, scoped) - len(found) if len(found) == NEARBY_MAX else 0


def assets_in_scope(session: Session) -> tuple[list[Site], int]:
    """The assets a report may name, by code; and how many more there are."""
    within = assets.within(scope_of_session(session))
    columns = [getattr(Asset, name) for name in Site._fields]
    rows = session.execute(sa.select(*columns).where(within).order_by(Asset.code, Asset.id).limit(ASSETS_MAX))
    found = [Site(*row) for row in rows]
    if len(found) < ASSETS_MAX:
        return found, 0
    total = session.execute(sa.select(sa.func.count()).select_from(Asset).where(within)).scalar_one()
    return found, int(total) - len(found)


def _within_reach(rules: Rules, actor: Actor) -> ColumnElement[bool]:
    """Of one's own unit everything; of a regulator's division what waits for the regulator, else a tablet would carry a city."""
    reach: list[ColumnElement[bool]] = []
    for held in actor.holdings:
        if held.regulator:
            states = sorted({
                key for one in rules.workflows.values() for key, state in one.states.items()
                if state.holder == held.role
            })  # fmt: skip
            division = Hazard.division.startswith(division_prefix(held.division), autoescape=True)
            reach.append(sa.and_(division, Hazard.state.in_(states)))
        elif held.role != "administrator":
            reach.append(Hazard.path.startswith(held.path, autoescape=True))
    return sa.or_(sa.false(), *reach)


def _with_rules(rules: Rules, rows: Sequence[Hazard]) -> list[Hazard]:
    return [row for row in rows if (row.workflow, row.workflow_version) in rules.workflows]


def _by_deadline(session: Session, where: Sequence[ColumnElement[bool]], limit: int) -> list[Hazard]:
    return list(
        session.scalars(
            sa.select(Hazard)
            .where(*where)
            .order_by(Hazard.due_at.is_(None), Hazard.due_at, Hazard.reported_at, Hazard.id)
            .limit(limit)
        )
    )


def _more(session: Session, *alternatives: Sequence[ColumnElement[bool]]) -> int:
    return sum(_count(session, where) for where in alternatives)


def _count(session: Session, where: Sequence[ColumnElement[bool]]) -> int:
    return int(session.execute(sa.select(sa.func.count()).select_from(Hazard).where(*where)).scalar_one())
