"""Reads: how many open hazards stand in each state, and how many run under each version."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.queries import Filter, conditions
from hazard_flow.identity.actor import Actor
from hazard_flow.storage.unit import scope_of_session


@dataclass(frozen=True)
class Standing:
    """Open hazards in one state of one version, and how many of them are past their deadline."""

    open: int = 0
    late: int = 0


def standing(session: Session, workflow_id: str, *, now: datetime) -> dict[str, Standing]:
    """By state, what is open within scope under one version."""
    scope = scope_of_session(session)
    rows = session.execute(
        sa.select(Hazard.state, sa.func.count(), sa.func.sum(sa.case((Hazard.due_at < now, 1), else_=0)))
        .where(*conditions(Filter(workflow=workflow_id, open_only=True), scope, now))
        .group_by(Hazard.state)
    )
    return {state: Standing(int(count), int(late or 0)) for state, count, late in rows}


def open_by_version(session: Session, *, seen: sa.ColumnElement[bool]) -> dict[tuple[str, int], int]:
    """Open hazards by workflow and version, of those a condition leaves."""
    rows = session.execute(
        sa.select(Hazard.workflow, Hazard.workflow_version, sa.func.count())
        .where(Hazard.closed_at.is_(None), seen)
        .group_by(Hazard.workflow, Hazard.workflow_version)
    )
    return {(key, version): int(count) for key, version, count in rows}


def in_scope(session: Session) -> sa.ColumnElement[bool]:
    """What the session's own scope reaches."""
    return scope_of_session(session).where(Hazard.path, Hazard.division, Hazard.parties)


def counted_for(actor: Actor) -> sa.ColumnElement[bool]:
    """Whose hazards are counted for a person: those in scope; an administrator's whole organisation, its number only."""
    desks = [h for h in actor.holdings if h.role == "administrator"]
    if any(h.regulator for h in desks):
        return sa.true()
    homes = sorted({uuid.UUID(hex=h.path.split("/", 1)[0]) for h in desks})
    return sa.or_(actor.scope.where(Hazard.path, Hazard.division, Hazard.parties), Hazard.home_id.in_(homes))
