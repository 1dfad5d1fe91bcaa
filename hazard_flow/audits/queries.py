"""Reads: which files wait to be audited and in which order, one audit, what became of samples."""

import base64
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session, aliased

from hazard_flow.audits.models import DECIDED, Audit, AuditPlan, AuditSample
from hazard_flow.audits.rules import audit_rules
from hazard_flow.errors import BadRequest, FieldError, NotFound
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.queries import COUNT_CAP, SEARCH_LENGTH_MAX
from hazard_flow.hazards.rules import rules_of
from hazard_flow.reports.models import Document
from hazard_flow.reports.queries import CLOSURE
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.workflow.definition import URGENCIES

STAGES = ("closed", "verified")
HANDS = ("free", "mine", "others")
#: the only way to end in which something was mended
_RESOLVED = "rectified"


@dataclass(frozen=True)
class Wanted:
    """What the queue is narrowed to; empty fields narrow nothing."""

    stage: str = ""
    urgency: str = ""
    organisation: uuid.UUID | None = None
    #: in whose hands: nobody's, the reader's, somebody else's
    hands: str = ""
    plan: str = ""
    q: str = ""


@dataclass(frozen=True)
class Waiting:
    """One file of the queue, and the audit it is in, if somebody has it."""

    hazard: Hazard
    audit: Audit | None
    weight: int


def read_wanted(raw: Mapping[str, str]) -> Wanted:
    """The filter out of query parameters; every wrong value is listed."""
    problems = [
        FieldError(name, "unknown_choice", {"value": raw[name][:40]})
        for name, allowed in (("stage", STAGES), ("urgency", URGENCIES), ("hands", HANDS))
        if raw.get(name) and raw[name] not in allowed
    ]
    organisation = None
    try:
        organisation = uuid.UUID(raw["organisation"]) if raw.get("organisation") else None
    except ValueError:
        problems.append(FieldError("organisation", "not_an_id"))
    if len(raw.get("q", "")) > SEARCH_LENGTH_MAX:
        problems.append(FieldError("q", "too_long", {"at_most": SEARCH_LENGTH_MAX}))
    if problems:
        raise BadRequest("bad filter", fields=problems)
    return Wanted(
        stage=raw.get("stage", ""),
        urgency=raw.get("urgency", ""),
        organisation=organisation,
        hands=raw.get("hands", ""),
        plan=raw.get("plan", "").strip().upper()[:40],
        q=raw.get("q", "").strip(),
    )


def queue(
    session: Session, wanted: Wanted, *, me: uuid.UUID | None, now: datetime, cursor: str | None, limit: int
) -> Page[Waiting]:
    """One page of files that wait, the weightiest first and among those the longest waiting."""
    weight, since = _weight(), sa.func.coalesce(Hazard.closed_at, Hazard.state_entered_at)
    statement = (
        sa.select(Hazard, Audit, weight)
        .outerjoin(Audit, _in_hand())
        .where(*_conditions(session, wanted, me, now))
        .order_by(weight.desc(), since, Hazard.id)
    )
    if cursor:
        statement = statement.where(_after(weight, since, *_decode(cursor)))
    rows = [Waiting(*row) for row in session.execute(statement.limit(limit + 1))]
    more = _encode(rows[limit - 1]) if len(rows) > limit else None
    return Page(items=rows[:limit], next_cursor=more)


def count(session: Session, wanted: Wanted, *, me: uuid.UUID | None, now: datetime) -> int:
    """How many wait, up to the cap at which nobody counts on."""
    rows = (
        sa.select(Hazard.id)
        .outerjoin(Audit, _in_hand())
        .where(*_conditions(session, wanted, me, now))
        .limit(COUNT_CAP)
    )
    return session.scalar(sa.select(sa.func.count()).select_from(rows.subquery())) or 0


def is_auditable(session: Session, hazard: Hazard, now: datetime) -> bool:
    """Whether there is a file to judge, or policy asks for an audit before there is one."""
    rows = sa.select(Hazard.id).where(Hazard.id == hazard.id, _waits(session, now))
    return session.scalar(rows) is not None


def standing(session: Session, hazard: Hazard) -> Audit | None:
    """The audit of the state a hazard is in that nobody gave back."""
    return session.scalar(
        sa.select(Audit).where(
            Audit.hazard_id == hazard.id, Audit.state_seq == hazard.state_seq, Audit.state != "released"
        )
    )


def by_id(session: Session, audit_id: uuid.UUID, *, lock: bool = False) -> Audit:
    """One audit of a hazard in scope; NotFound for all others."""
    scope = scope_of_session(session)
    statement = (
        sa.select(Audit)
        .join(Hazard, Hazard.id == Audit.hazard_id)
        .where(Audit.id == audit_id, scope.where(Hazard.path, Hazard.division, Hazard.parties))
    )
    if lock:
        statement = statement.with_for_update(of=Audit)
    found = session.scalar(statement)
    if found is None:
        raise NotFound("audit")
    return found


def decided(
    session: Session, *, state: str = "", cursor: str | None, limit: int, mine: uuid.UUID | None = None
) -> Page[Audit]:
    """Audits under way or decided, the newest first; those given back are left out."""
    scope = scope_of_session(session)
    statement = (
        sa.select(Audit)
        .join(Hazard, Hazard.id == Audit.hazard_id)
        .where(scope.where(Hazard.path, Hazard.division, Hazard.parties))
        .where(Audit.state == state if state else Audit.state.in_(DECIDED))
    )
    if mine is not None:
        statement = statement.where(Audit.taken_by == mine)
    return keyset(session, statement, instant=Audit.taken_at, id_=Audit.id, cursor=cursor, limit=limit)


def of_hazards(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Hazard]:
    """Hazards by id, as far as they are in scope."""
    scope = scope_of_session(session)
    rows = sa.select(Hazard).where(
        Hazard.id.in_(ids), scope.where(Hazard.path, Hazard.division, Hazard.parties)
    )
    return {row.id: row for row in session.scalars(rows)}


def of_hazard(session: Session, hazard: Hazard) -> Sequence[Audit]:
    """The decided audits of a hazard in scope, the newest first."""
    rows = sa.select(Audit).where(Audit.hazard_id == hazard.id, Audit.state.in_(DECIDED))
    return session.scalars(rows.order_by(Audit.decided_at.desc())).all()


def in_my_hands(session: Session, me: uuid.UUID | None) -> int:
    """How many files somebody has taken and not decided."""
    mine = sa.select(sa.func.count()).where(Audit.taken_by == me, Audit.state == "open")
    return session.scalar(mine) or 0


def _conditions(
    session: Session, wanted: Wanted, me: uuid.UUID | None, now: datetime
) -> list[ColumnElement[bool]]:
    scope = scope_of_session(session)
    found: list[ColumnElement[bool]] = [
        scope.where(Hazard.path, Hazard.division, Hazard.parties),
        _waits(session, now),
    ]
    if wanted.stage:
        found.append(Hazard.stage == wanted.stage)
    if wanted.urgency == "M":
        found.append(Hazard.level == "major")
    elif wanted.urgency:
        found += [Hazard.level == "general", Hazard.urgency == wanted.urgency]
    if wanted.organisation is not None:
        found.append(Hazard.home_id == wanted.organisation)
    if wanted.hands == "free":
        found.append(Audit.id.is_(None))
    elif wanted.hands:
        found.append(Audit.taken_by == me if wanted.hands == "mine" else Audit.taken_by != me)
    if wanted.plan:
        drawn = sa.exists().where(
            AuditSample.hazard_id == Hazard.id,
            AuditSample.plan_id == AuditPlan.id,
            AuditPlan.number == wanted.plan,
        )
        found.append(drawn)
    if wanted.q:
        found.append(
            sa.or_(
                Hazard.number.contains(wanted.q.upper(), autoescape=True),
                Hazard.title.contains(wanted.q, autoescape=True),
                Hazard.place.contains(wanted.q, autoescape=True),
            )
        )
    return found


def _waits(session: Session, now: datetime) -> ColumnElement[bool]:
    """A rectified hazard whose file is issued, or a re-checked one whose place wants it audited before; nobody has decided on it."""
    file = sa.exists().where(Document.subject_id == Hazard.id, Document.kind == CLOSURE)
    earlier = aliased(Audit)  # the query around it joins the audits under way
    judged = sa.exists().where(
        earlier.hazard_id == Hazard.id, earlier.state_seq == Hazard.state_seq, earlier.state.in_(DECIDED)
    )
    closed = sa.and_(Hazard.closed_at.is_not(None), Hazard.resolution == _RESOLVED, file)
    return sa.and_(sa.or_(closed, *_before_closing(session, now)), ~judged)


def _before_closing(session: Session, now: datetime) -> list[ColumnElement[bool]]:
    """The divisions and levels whose policy wants an audit before closing; mostly none, and then nothing is asked."""
    rules = rules_of(session)
    places = session.execute(
        sa.select(Hazard.division, Hazard.level).where(Hazard.stage == "verified").distinct()
    ).all()
    return [
        sa.and_(Hazard.stage == "verified", Hazard.division == division, Hazard.level == level)
        for division, level in places
        if rules.book.policy(division, rules.day_of(now)).flag("audit_before_closing", level)
    ]


def _in_hand() -> ColumnElement[bool]:
    return sa.and_(Audit.hazard_id == Hazard.id, Audit.state_seq == Hazard.state_seq, Audit.state == "open")


def weight_of(hazard: Hazard) -> int:
    """How much an error in this file would matter."""
    weights = audit_rules().sampling.weights
    return weights["M"] if hazard.level == "major" else weights.get(hazard.urgency or "C", weights["C"])


def _weight() -> sa.Case[int]:
    weights = audit_rules().sampling.weights
    return sa.case(
        (Hazard.level == "major", weights["M"]),
        *((Hazard.urgency == urgency, weights[urgency]) for urgency in ("A", "B")),
        else_=weights["C"],
    )


def _after(
    weight: sa.Case[int], since: ColumnElement[datetime], at_weight: int, at: datetime, id_: uuid.UUID
) -> ColumnElement[bool]:
    instant = sa.bindparam(None, at, type_=Hazard.state_entered_at.type)
    after = sa.or_(since > instant, sa.and_(since == instant, Hazard.id > id_))
    return sa.or_(weight < at_weight, sa.and_(weight == at_weight, after))


def _encode(last: Waiting) -> str:
    since = last.hazard.closed_at or last.hazard.state_entered_at
    raw = json.dumps([last.weight, since.isoformat(), last.hazard.id.hex]).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(cursor: str) -> tuple[int, datetime, uuid.UUID]:
    try:
        weight, text, id_ = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None or not isinstance(weight, int):
            raise ValueError("no place in the queue")
        return weight, instant.astimezone(UTC), uuid.UUID(hex=str(id_))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadRequest("bad cursor", fields=[FieldError("cursor", "bad_cursor")]) from error
