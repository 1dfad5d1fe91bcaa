"""Writes: a limit is opened, moved, acknowledged, met or dropped. Features call these in the transaction that changes the thing itself."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import Conflict, NotAllowed, NotFound
from hazard_flow.i18n import Label
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.ladders.models import TimeLimit, TimeLimitStep
from hazard_flow.ladders.rules import ladders
from hazard_flow.ladders.timing import SUBJECT, next_timer
from hazard_flow.schedule import operations as schedule


@dataclass(frozen=True, kw_only=True)
class LimitOf:
    """What is owed: of which subject, by when, by whom, under which ladder, and where people look at it."""

    kind: str
    subject_id: uuid.UUID
    #: one open limit of a name for a subject; its sentence is `ladders.limit.<name>` in the feature's messages.yaml
    name: str
    ladder: str
    due_at: datetime
    title: Label
    #: a page of this site
    href: str
    organisation: Organisation
    responsible_id: uuid.UUID | None = None
    #: where it differs from the organisation's
    division: str | None = None


def open_limit(session: Session, of: LimitOf, *, actor: Actor, now: datetime) -> TimeLimit:
    """Something is owed from now on. One that is open already is moved where the time differs, and otherwise left alone.

    A limit that has run out before it is opened climbs at once to where it would stand. Raises KeyError for an unknown ladder.
    """
    ladders()[of.ladder]
    found = _open(session, of.kind, of.subject_id, of.name)
    if found is not None:
        if found.due_at != of.due_at:
            _move(session, found, of.due_at, actor=actor, now=now, why="")
        return found
    limit = TimeLimit(
        home_id=of.organisation.root_id,
        organisation_id=of.organisation.id,
        path=of.organisation.path,
        division=of.division or of.organisation.division,
        subject_kind=of.kind,
        subject_id=of.subject_id,
        name=of.name,
        ladder=of.ladder,
        title_zh=of.title.zh,
        title_en=of.title.en,
        href=of.href,
        responsible_id=of.responsible_id,
        parties=f",{of.responsible_id.hex}," if of.responsible_id else ",",
        opened_at=now,
        due_at=of.due_at,
        original_due_at=of.due_at,
        rung=0,
        seq=0,
    )
    session.add(limit)
    session.flush()
    note(session, limit, "opened", {"due_at": of.due_at.isoformat()}, actor=actor, now=now)
    _plan(session, limit, now=now)
    return limit


def move(
    session: Session,
    kind: str,
    subject_id: uuid.UUID,
    name: str,
    *,
    due_at: datetime,
    actor: Actor,
    now: datetime,
    why: str,
) -> TimeLimit:
    """Another time, for a reason; the first one stays what figures count by, and a colour that was reached stays. Raises NotFound."""
    limit = _one(session, kind, subject_id, name)
    _move(session, limit, due_at, actor=actor, now=now, why=why)
    return limit


def hand_over(
    session: Session,
    kind: str,
    subject_id: uuid.UUID,
    name: str,
    *,
    to: uuid.UUID,
    actor: Actor,
    now: datetime,
) -> TimeLimit:
    """Somebody else owes it now, by the same time. Raises NotFound."""
    limit = _one(session, kind, subject_id, name)
    limit.responsible_id = to
    add_parties(limit, (to,))
    note(session, limit, "handed_over", {"to": str(to)}, actor=actor, now=now)
    return limit


def acknowledge(session: Session, limit_id: uuid.UUID, *, actor: Actor, now: datetime) -> TimeLimit:
    """Somebody who was told says so: the next rung waits for its own time. It is still owed.

    Raises NotFound out of reach, NotAllowed for who was not told, Conflict when there is nothing to acknowledge.
    """
    limit = session.scalar(sa.select(TimeLimit).where(TimeLimit.id == limit_id).with_for_update())
    if limit is None or not actor.scope.sees(path=limit.path, division=limit.division, parties=limit.parties):
        raise NotFound(f"limit {limit_id}")
    if actor.id is None or f",{actor.id.hex}," not in limit.parties:
        raise NotAllowed("only who was told acknowledges")
    if not limit.is_open or limit.acknowledge_by is None:
        raise Conflict("nothing to acknowledge")
    limit.acknowledged_at, limit.acknowledged_by, limit.acknowledge_by = now, actor.id, None
    note(session, limit, "acknowledged", {"rung": limit.rung}, actor=actor, now=now)
    _plan(session, limit, now=now)
    return limit


def meet(
    session: Session,
    kind: str,
    subject_id: uuid.UUID,
    name: str,
    *,
    actor: Actor,
    now: datetime,
    at: datetime | None = None,
) -> TimeLimit | None:
    """What was owed is done, at `at` where that was earlier than now (done offline). None when nothing of the name was owed."""
    limit = _open(session, kind, subject_id, name)
    if limit is not None:
        done_at = min(at or now, now)
        _end(session, limit, "met" if done_at <= limit.due_at else "met_late", actor=actor, now=now, why="")
    return limit


def drop(
    session: Session, kind: str, subject_id: uuid.UUID, name: str, *, actor: Actor, now: datetime, why: str
) -> TimeLimit | None:
    """Nothing is owed any more, for a reason that stays in its steps. None when nothing of the name was owed."""
    limit = _open(session, kind, subject_id, name)
    if limit is not None:
        _end(session, limit, "dropped", actor=actor, now=now, why=why)
    return limit


def note(
    session: Session, limit: TimeLimit, act: str, data: dict[str, Any], *, actor: Actor, now: datetime
) -> None:
    """Write a step down."""
    limit.seq += 1
    by = f"person:{actor.id}" if actor.id else "system"
    session.add(TimeLimitStep(limit_id=limit.id, seq=limit.seq, at=now, actor=by, act=act, data=data))


def add_parties(limit: TimeLimit, people: tuple[uuid.UUID, ...]) -> None:
    """These people see it from now on."""
    for person in people:
        if f",{person.hex}," not in limit.parties:
            limit.parties += f"{person.hex},"


def _move(
    session: Session, limit: TimeLimit, due_at: datetime, *, actor: Actor, now: datetime, why: str
) -> None:
    note(
        session,
        limit,
        "moved",
        {"from": limit.due_at.isoformat(), "to": due_at.isoformat(), "why": why},
        actor=actor,
        now=now,
    )
    limit.due_at = due_at
    # the ladder begins anew under the new time; what it said so far stays said
    limit.rung = min(limit.rung, ladders()[limit.ladder].rung_at(due_at, now))
    limit.acknowledge_by = limit.acknowledged_at = limit.acknowledged_by = None
    _plan(session, limit, now=now)


def _end(session: Session, limit: TimeLimit, outcome: str, *, actor: Actor, now: datetime, why: str) -> None:
    limit.ended_at, limit.outcome, limit.acknowledge_by = now, outcome, None
    note(session, limit, outcome, {"why": why} if why else {}, actor=actor, now=now)
    schedule.cancel(session, [limit.id], kind=SUBJECT)


def _plan(session: Session, limit: TimeLimit, *, now: datetime) -> None:
    session.flush()
    schedule.cancel(session, [limit.id], kind=SUBJECT)
    schedule.plan(session, [next_timer(limit, now=now)])


def _one(session: Session, kind: str, subject_id: uuid.UUID, name: str) -> TimeLimit:
    limit = _open(session, kind, subject_id, name)
    if limit is None:
        raise NotFound(f"open limit {name} of {kind} {subject_id}")
    return limit


def _open(session: Session, kind: str, subject_id: uuid.UUID, name: str) -> TimeLimit | None:
    return session.scalar(
        sa.select(TimeLimit)
        .where(
            TimeLimit.subject_kind == kind,
            TimeLimit.subject_id == subject_id,
            TimeLimit.name == name,
            TimeLimit.ended_at.is_(None),
        )
        .with_for_update()
    )
