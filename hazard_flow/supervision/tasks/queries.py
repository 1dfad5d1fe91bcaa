"""Reads: tasks within a scope, from the side of who set them and of who answers."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, FieldError, NotFound
from hazard_flow.identity.actor import Actor
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.supervision.tasks.models import OPEN_STATES, STATES, SupervisionStep, SupervisionTask

SIDES = ("set", "answer")
SEARCH_LENGTH_MAX = 100


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to; empty narrows nothing. `side`: set by one's own regulators, or to be answered by one's own units."""

    side: str = ""
    state: str = ""
    line: str = ""
    overdue: bool = False
    q: str = ""
    organisation: uuid.UUID | None = None


def read_wanted(raw: Mapping[str, str]) -> Wanted:
    """A filter from query parameters; every wrong value is listed."""
    allowed = (
        ("side", SIDES),
        ("state", (*STATES, "open")),
        ("line", tuple(WORK_LINES)),
        ("overdue", ("0", "1")),
    )
    faults = [
        FieldError(name, "unknown_choice", {"value": raw[name][:40]})
        for name, known in allowed
        if raw.get(name) and raw[name] not in known
    ]
    words, organisation = raw.get("q", "").strip(), None
    if len(words) > SEARCH_LENGTH_MAX or "\0" in words:
        faults.append(FieldError("q", "too_long", {"at_most": SEARCH_LENGTH_MAX}))
    try:
        organisation = uuid.UUID(raw["organisation"]) if raw.get("organisation") else None
    except ValueError:
        faults.append(FieldError("organisation", "not_an_id"))
    if faults:
        raise BadRequest("bad filter", fields=faults)
    return Wanted(
        raw.get("side", ""),
        raw.get("state", ""),
        raw.get("line", ""),
        raw.get("overdue") == "1",
        words,
        organisation,
    )


def seen(session: Session) -> sa.ColumnElement[bool]:
    """The tasks a session's scope sees."""
    return scope_of_session(session).where(
        SupervisionTask.path, SupervisionTask.division, SupervisionTask.parties
    )


def page(
    session: Session, wanted: Wanted, actor: Actor, now: datetime, *, cursor: str | None, limit: int
) -> Page[SupervisionTask]:
    """Tasks, the newest first."""
    statement = sa.select(SupervisionTask).where(seen(session), *_conditions(wanted, actor, now))
    return keyset(
        session,
        statement,
        instant=SupervisionTask.issued_at,
        id_=SupervisionTask.id,
        cursor=cursor,
        limit=limit,
    )


def counts(session: Session, actor: Actor, now: datetime) -> Mapping[str, int]:
    """Open tasks within the scope by what they wait for, and how many are overdue."""
    rows = session.execute(
        sa.select(SupervisionTask.state, sa.func.count(), sa.func.sum(sa.case((_late(now), 1), else_=0)))
        .where(seen(session), SupervisionTask.closed_at.is_(None))
        .group_by(SupervisionTask.state)
    ).all()
    found = dict.fromkeys(OPEN_STATES, 0) | {row[0]: int(row[1]) for row in rows}
    return found | {"open": sum(found.values()), "overdue": sum(int(row[2] or 0) for row in rows)}


def waiting_for(session: Session, actor: Actor) -> int:
    """How many tasks wait for a step of this person's side: to be answered, or, for who set them, to be judged."""
    mine = _answered_by(actor)
    judged = sa.and_(_set_by(actor), SupervisionTask.state == "fed_back")
    answer = sa.and_(mine, SupervisionTask.state.in_(("issued", "received", "returned")))
    count = session.scalar(sa.select(sa.func.count()).where(seen(session), sa.or_(judged, answer)))
    return int(count or 0)


def one(session: Session, task_id: uuid.UUID, *, lock: bool = False) -> SupervisionTask:
    """One task within the scope; raises NotFound."""
    wanted = sa.select(SupervisionTask).where(SupervisionTask.id == task_id, seen(session))
    found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise NotFound(f"task {task_id}")
    return found


def steps(session: Session, task: SupervisionTask) -> Sequence[SupervisionStep]:
    """What happened to a task, in order."""
    return session.scalars(
        sa.select(SupervisionStep).where(SupervisionStep.subject_id == task.id).order_by(SupervisionStep.seq)
    ).all()


def of_organisation(session: Session, home_id: uuid.UUID, *, limit: int = 5) -> Sequence[SupervisionTask]:
    """The newest open tasks of an organisation."""
    return session.scalars(
        sa.select(SupervisionTask)
        .where(seen(session), SupervisionTask.home_id == home_id, SupervisionTask.closed_at.is_(None))
        .order_by(SupervisionTask.due_at, SupervisionTask.id)
        .limit(limit)
    ).all()


def _conditions(wanted: Wanted, actor: Actor, now: datetime) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.side:
        found.append(_set_by(actor) if wanted.side == "set" else _answered_by(actor))
    if wanted.state == "open":
        found.append(SupervisionTask.closed_at.is_(None))
    elif wanted.state:
        found.append(SupervisionTask.state == wanted.state)
    if wanted.line:
        found.append(SupervisionTask.line == wanted.line)
    if wanted.organisation:
        found.append(SupervisionTask.home_id == wanted.organisation)
    if wanted.overdue:
        found.append(_late(now))
    if wanted.q:
        columns = (SupervisionTask.number, SupervisionTask.title, SupervisionTask.content)
        found.append(sa.or_(*(column.contains(wanted.q, autoescape=True) for column in columns)))
    return found


def _late(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        SupervisionTask.due_at < now, SupervisionTask.state.in_(("issued", "received", "returned"))
    )


def _set_by(actor: Actor) -> sa.ColumnElement[bool]:
    return SupervisionTask.issuer_id.in_([h.organisation_id for h in actor.holdings if h.regulator])


def _answered_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Of the actor's own regulator, or of the whole enterprise they work in."""
    regulators = [h.organisation_id for h in actor.holdings if h.regulator]
    paths = [h.path for h in actor.holdings if not h.regulator and h.role != "administrator"]
    own: list[sa.ColumnElement[bool]] = [SupervisionTask.organisation_id.in_(regulators)]
    own += [SupervisionTask.path.startswith(path, autoescape=True) for path in paths]
    return sa.or_(*own)
