"""Reads of plans and rounds; every one starts from the session's scope."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.identity.models import Organisation
from hazard_flow.inspections.models import (
    Round,
    RoundAnswer,
    RoundAsset,
    RoundFlag,
    RoundPhoto,
    RoundPlan,
    RoundPlanAsset,
    RoundTrack,
)
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.unit import scope_of_session

#: what a list can be narrowed to beside the four states
ON_PLAN, LATE, DOUBTFUL, UNSIGNED = "open", "late", "doubtful", "unsigned"
STANDINGS = ("planned", "under_way", "done", "missed", ON_PLAN, LATE, DOUBTFUL, UNSIGNED)


@dataclass(frozen=True)
class Wanted:
    """What a list of rounds is narrowed to; empty fields narrow nothing."""

    line: str = ""
    standing: str = ""
    since: date | None = None
    until: date | None = None
    organisation: uuid.UUID | None = None
    plan: uuid.UUID | None = None
    mine: uuid.UUID | None = None


@dataclass(frozen=True)
class Counts:
    """How the rounds of a span stand."""

    planned: int
    under_way: int
    done: int
    missed: int
    invalid: int
    doubtful: int
    findings: int

    @property
    def due(self) -> int:
        """All of them."""
        return self.planned + self.under_way + self.done + self.missed


def within(session: Session) -> ColumnElement[bool]:
    """Rounds of one's own units and division, and those one holds a part in."""
    return scope_of_session(session).where(Round.path, Round.division, Round.parties)


def plans_within(session: Session) -> ColumnElement[bool]:
    """Plans of one's own units and division."""
    return scope_of_session(session).where(RoundPlan.path, RoundPlan.division)


def one(session: Session, round_id: uuid.UUID) -> Round:
    """One round; raises NotFound."""
    found = session.scalar(sa.select(Round).where(Round.id == round_id, within(session)))
    if found is None:
        raise NotFound(f"round {round_id}")
    return found


def page(session: Session, wanted: Wanted, *, cursor: str | None, limit: int) -> Page[Round]:
    """Rounds, those due last first."""
    statement = sa.select(Round).where(within(session), *_conditions(session, wanted))
    return keyset(session, statement, instant=Round.due_at, id_=Round.id, cursor=cursor, limit=limit)


def span(session: Session, wanted: Wanted, *, most: int) -> Sequence[Round]:
    """Rounds of a span of days, by day and name, at most so many."""
    statement = sa.select(Round).where(within(session), *_conditions(session, wanted))
    return session.scalars(statement.order_by(Round.planned_on, Round.name_zh, Round.id).limit(most)).all()


def counts(session: Session, wanted: Wanted) -> Counts:
    """How they stand."""

    def some(where: ColumnElement[bool]) -> ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((where, 1), else_=0)), 0)

    invalid = sa.and_(Round.state == "done", Round.is_valid.is_(False))
    row = session.execute(
        sa.select(
            *(some(Round.state == state) for state in ("planned", "under_way", "done", "missed")),
            some(invalid),
            some(Round.flags > 0),
            sa.func.coalesce(sa.func.sum(Round.findings), 0),
        ).where(within(session), *_conditions(session, wanted))
    ).one()
    return Counts(*(int(value) for value in row))


def _conditions(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.line:
        found.append(Round.line == wanted.line)
    if wanted.since:
        found.append(Round.planned_on >= wanted.since)
    if wanted.until:
        found.append(Round.planned_on <= wanted.until)
    if wanted.plan:
        found.append(Round.plan_id == wanted.plan)
    if wanted.organisation:
        path = session.scalar(sa.select(Organisation.path).where(Organisation.id == wanted.organisation))
        found.append(Round.path.startswith(path, autoescape=True) if path else sa.false())
    if wanted.mine:
        found.append(sa.or_(Round.responsible_id == wanted.mine, Round.responsible_id.is_(None)))
    if wanted.standing:
        found.append(_standing(wanted.standing))
    return found


def _standing(word: str) -> ColumnElement[bool]:
    if word == ON_PLAN:
        return sa.and_(Round.state != "done", Round.made_up_by.is_(None))
    if word == LATE:
        return sa.and_(Round.state == "done", Round.is_late.is_(True))
    if word == DOUBTFUL:
        return Round.flags > 0
    if word == UNSIGNED:
        return sa.and_(Round.state == "done", Round.needs_sign_off.is_(True), Round.signed_off_at.is_(None))
    return Round.state == word


def places(session: Session, round_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[RoundAsset]]:
    """The places of rounds in their order; whoever sees the round sees them."""
    found: dict[uuid.UUID, list[RoundAsset]] = {id_: [] for id_ in round_ids}
    rows = session.scalars(
        sa.select(RoundAsset).where(RoundAsset.round_id.in_(round_ids)).order_by(RoundAsset.place)
    )
    for row in rows:
        found[row.round_id].append(row)
    return found


def answers(session: Session, round_id: uuid.UUID) -> Mapping[tuple[uuid.UUID, str], RoundAnswer]:
    """Every answer of a round by place and item."""
    rows = session.scalars(sa.select(RoundAnswer).where(RoundAnswer.round_id == round_id))
    return {(row.asset_id, row.item): row for row in rows}


def photos(session: Session, round_id: uuid.UUID) -> Mapping[tuple[uuid.UUID, str], Sequence[RoundPhoto]]:
    """Every picture of a round by place and item."""
    found: dict[tuple[uuid.UUID, str], list[RoundPhoto]] = {}
    rows = session.scalars(
        sa.select(RoundPhoto)
        .where(RoundPhoto.round_id == round_id)
        .order_by(RoundPhoto.received_at, RoundPhoto.id)
    )
    for row in rows:
        found.setdefault((row.asset_id, row.item), []).append(row)
    return found


def flags(session: Session, round_id: uuid.UUID) -> Sequence[RoundFlag]:
    """The doubts about a round."""
    return session.scalars(
        sa.select(RoundFlag).where(RoundFlag.round_id == round_id).order_by(RoundFlag.rule, RoundFlag.subject)
    ).all()


def track(session: Session, round_id: uuid.UUID) -> RoundTrack | None:
    """The way that was walked."""
    return session.get(RoundTrack, round_id)


def plans(session: Session, *, ended: bool = False) -> Sequence[RoundPlan]:
    """The plans within scope by line and name; those that ended only where asked for."""
    statement = sa.select(RoundPlan).where(plans_within(session))
    if not ended:
        statement = statement.where(RoundPlan.ended_at.is_(None))
    return session.scalars(statement.order_by(RoundPlan.line, RoundPlan.name_zh).limit(500)).all()


def plan(session: Session, plan_id: uuid.UUID) -> RoundPlan:
    """One plan; raises NotFound."""
    found = session.scalar(sa.select(RoundPlan).where(RoundPlan.id == plan_id, plans_within(session)))
    if found is None:
        raise NotFound(f"plan {plan_id}")
    return found


def plan_places(session: Session, plan_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[uuid.UUID]]:
    """The assets of plans in the order they are walked."""
    found: dict[uuid.UUID, list[uuid.UUID]] = {id_: [] for id_ in plan_ids}
    rows = session.scalars(
        sa.select(RoundPlanAsset).where(RoundPlanAsset.plan_id.in_(plan_ids)).order_by(RoundPlanAsset.place)
    )
    for row in rows:
        found[row.plan_id].append(row.asset_id)
    return found


def of_asset(session: Session, asset_id: uuid.UUID, *, most: int) -> Sequence[Round]:
    """The newest rounds that go to an asset."""
    return session.scalars(
        sa.select(Round)
        .join(RoundAsset, RoundAsset.round_id == Round.id)
        .where(RoundAsset.asset_id == asset_id, within(session))
        .order_by(Round.planned_on.desc(), Round.id)
        .limit(most)
    ).all()


def of_hazard(session: Session, hazard_id: uuid.UUID, *, most: int) -> Sequence[tuple[Round, RoundAnswer]]:
    """The rounds that found a hazard, the first one first."""
    rows = session.execute(
        sa.select(Round, RoundAnswer)
        .join(RoundAnswer, RoundAnswer.round_id == Round.id)
        .where(RoundAnswer.hazard_id == hazard_id, within(session))
        .order_by(Round.handed_in_at, Round.id)
        .limit(most)
    )
    return [(row[0], row[1]) for row in rows]
