"""Reads: unannounced checks. One that is not finished is shown to its team alone, on every kind of database."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.models import Organisation, Person
from hazard_flow.identity.queries import officers_of
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.supervision.checks.drawing import Candidate, risk_weight
from hazard_flow.supervision.checks.models import CheckStep, UnannouncedCheck
from hazard_flow.supervision.spots.models import SpotCheck


def seen(session: Session) -> sa.ColumnElement[bool]:
    """The checks a session's scope sees: those of one's own team, and, once finished, those of one's reach."""
    scope = scope_of_session(session)
    if scope.everything:
        return sa.true()
    finished = sa.and_(
        UnannouncedCheck.finished_at.is_not(None),
        scope.where(UnannouncedCheck.path, UnannouncedCheck.division, UnannouncedCheck.team),
    )
    if scope.person_id is None:
        return finished
    return sa.or_(UnannouncedCheck.team.contains(f",{scope.person_id.hex},"), finished)


def page(
    session: Session, *, cursor: str | None, limit: int, organisation: uuid.UUID | None = None
) -> Page[UnannouncedCheck]:
    """Checks, the newest first."""
    statement = sa.select(UnannouncedCheck).where(seen(session))
    if organisation is not None:
        statement = statement.where(UnannouncedCheck.home_id == organisation)
    return keyset(
        session,
        statement,
        instant=UnannouncedCheck.planned_at,
        id_=UnannouncedCheck.id,
        cursor=cursor,
        limit=limit,
    )


def one(session: Session, check_id: uuid.UUID, *, lock: bool = False) -> UnannouncedCheck:
    """One check; raises NotFound out of sight."""
    wanted = sa.select(UnannouncedCheck).where(UnannouncedCheck.id == check_id, seen(session))
    found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise NotFound(f"check {check_id}")
    return found


def steps(session: Session, check: UnannouncedCheck) -> Sequence[CheckStep]:
    """What happened, in order."""
    return session.scalars(
        sa.select(CheckStep).where(CheckStep.subject_id == check.id).order_by(CheckStep.seq)
    ).all()


def under_way(session: Session, person: uuid.UUID | None) -> int:
    """Checks of this person's teams that are not finished."""
    if person is None:
        return 0
    count = session.scalar(
        sa.select(sa.func.count()).where(
            UnannouncedCheck.team.contains(f",{person.hex},"),
            UnannouncedCheck.state.in_(("planned", "under_way")),
        )
    )
    return int(count or 0)


def officers(session: Session, division: str) -> list[Person]:
    """The officers who may check a place, by name."""
    found = {person.id: person for person, _ in officers_of(session, division)}
    return sorted(found.values(), key=lambda one: one.name)


def weighted(session: Session, enterprises: Sequence[Organisation], now: datetime) -> list[Candidate]:
    """The enterprises as candidates of a draw, weighed by what stands open there."""
    ids = [one.id for one in enterprises]
    open_ = session.execute(
        sa.select(
            Hazard.home_id,
            sa.func.sum(sa.case((Hazard.level == "major", 1), else_=0)),
            sa.func.sum(sa.case((Hazard.due_at < now, 1), else_=0)),
        )
        .where(Hazard.home_id.in_(ids), Hazard.closed_at.is_(None))
        .group_by(Hazard.home_id)
    )
    hazards: Mapping[uuid.UUID, tuple[int, int]] = {
        row[0]: (int(row[1] or 0), int(row[2] or 0)) for row in open_
    }
    wrong = session.execute(
        sa.select(SpotCheck.home_id, sa.func.count())
        .where(SpotCheck.home_id.in_(ids), SpotCheck.outcome == "contradicts")
        .group_by(SpotCheck.home_id)
    )
    contradicted = {row[0]: int(row[1]) for row in wrong}
    found = []
    for one in enterprises:
        majors, late = hazards.get(one.id, (0, 0))
        weight = risk_weight(open_majors=majors, overdue=late, contradictions=contradicted.get(one.id, 0))
        found.append(Candidate(str(one.id), weight))
    return found
