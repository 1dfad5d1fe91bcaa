"""Phone calls and letters: where no machine carries them out, they are tasks of the duty desk, open until somebody logs the outcome."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import Conflict, FieldError, NotFound, Refused
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import Rules
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.directory import Parts
from hazard_flow.identity.rights import demand
from hazard_flow.notifications.alarms import announce_failed
from hazard_flow.notifications.models import Errand, ErrandEntry
from hazard_flow.notifications.relevance import ERRAND_SUBJECT, SUBJECT
from hazard_flow.schedule.models import Outbox
from hazard_flow.schedule.operations import enqueue
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.workflow.deadlines import add
from hazard_flow.workflow.definition import Duration

RIGHT = "errands.do"
NOTE_LENGTH_MAX = 300
#: a call is for what cannot wait; a letter may wait for the office [D]
PHONE_WITHIN = timedelta(minutes=15)
LETTER_WITHIN = Duration(1, "workday")

End = Literal["done", "failed"]


@dataclass(frozen=True)
class Way:
    """A channel carried by hand: how an errand of it may turn out. None: not yet, it stays open."""

    outcomes: Mapping[str, End | None]


CHANNELS: Mapping[str, Way] = {
    "phone": Way({"reached": "done", "no_answer": None, "wrong_number": "failed"}),
    "letter": Way({"delivered": "done", "left_there": "done", "not_met": None, "wrong_address": "failed"}),
}


def hand_over(
    session: Session,
    row: Outbox,
    parts: Parts,
    *,
    doers: Sequence[uuid.UUID],
    rules: Rules | None,
    now: datetime,
) -> None:
    """Make an errand of a message, and tell the doers, once for all errands of the same event and channel.

    A message that was given up and let try again opens its old errand anew.
    """
    # nothing pending is asked for: many messages are written at once, not one by one
    with session.no_autoflush:
        again = session.scalar(sa.select(Errand).where(Errand.outbox_id == row.id).with_for_update())
    if again is not None:
        again.state, again.ended_at, again.due_at = "open", None, _due_at(row.channel, rules, now)
        return
    group = uuid.uuid5(row.subject_id, f"{row.seq}:{row.channel}")
    number = str(row.params.get("number") or "")
    session.add(
        Errand(
            id=new_id(), home_id=row.home_id, outbox_id=row.id, group_id=group, subject_kind=row.subject_kind,
            subject_id=row.subject_id, number=number, channel=row.channel, person_id=row.person_id, template=row.template,
            params=dict(row.params), path=parts.path, division=parts.division,
            doers="," + "".join(f"{person.hex}," for person in doers), created_at=now,
            due_at=_due_at(row.channel, rules, now), state="open",
        )
    )  # fmt: skip
    told = {key: row.params[key] for key in ("number", "title", "colour") if row.params.get(key)}
    enqueue(
        session,
        [
            Outbox(
                id=new_id(), home_id=row.home_id, subject_kind=ERRAND_SUBJECT, subject_id=group, seq=1, person_id=person,
                channel=channel, template=f"errand_{row.channel}", params=told, created_at=now, due_at=now,
            )
            for person in doers
            for channel in ("inbox", "message")
        ],
    )  # fmt: skip


def log_outcome(
    session: Session, actor: Actor, errand_id: uuid.UUID, *, outcome: str, note: str, now: datetime
) -> Errand:
    """Somebody tried: write down how it went. Ends the errand and its message, or leaves both open for another try.

    Raises `NotAllowed`, `NotFound` out of scope, `Conflict` when somebody else has ended it, `Refused` with every wrong field.
    """
    demand(actor, RIGHT)
    errand = session.scalar(sa.select(Errand).where(Errand.id == errand_id, seen(actor)).with_for_update())
    if errand is None:
        raise NotFound(f"errand {errand_id}")
    known = CHANNELS[errand.channel].outcomes
    problems = [] if outcome in known else [FieldError("outcome", "unknown_choice", {"value": outcome})]
    if len(note) > NOTE_LENGTH_MAX:
        problems.append(FieldError("note", "too_long", {"at_most": NOTE_LENGTH_MAX, "length": len(note)}))
    if problems:
        raise Refused(fields=problems)
    if errand.state != "open":
        raise Conflict("the errand has ended")
    entry = ErrandEntry(
        id=new_id(), errand_id=errand.id, at=now, actor=actor.key, outcome=outcome, note=note.strip()
    )
    session.add(entry)
    end = known[outcome]
    if end is not None:
        errand.state, errand.ended_at = end, now
        session.flush()
        _end_message(session, errand, outcome, now)
    return errand


def void_moot(database: Database, now: datetime) -> int:
    """End the errands of hazards that have been closed meanwhile; returns how many."""
    closed = sa.exists().where(Hazard.id == Errand.subject_id, Hazard.closed_at.is_not(None))
    moot = sa.select(Errand.id).where(Errand.state == "open", Errand.subject_kind == SUBJECT, closed)
    with database.reading(SYSTEM) as session:
        found = list(session.scalars(moot.limit(500)))
    if not found:
        return 0
    with database.transaction(SYSTEM) as session:
        ended = session.execute(
            sa.update(Errand)
            .where(Errand.id.in_(found), Errand.state == "open")
            .values(state="void", ended_at=now)
            .returning(Errand.outbox_id)
        )
        ids = [row[0] for row in ended]
        session.execute(
            sa.update(Outbox)
            .where(Outbox.id.in_(ids), Outbox.state == "handed")
            .values(state="dropped", reason="closed")
        )
    return len(ids)


def seen(actor: Actor) -> sa.ColumnElement[bool]:
    """The errands a person sees: those asked of them, and those about what lies in their scope."""
    return actor.scope.where(Errand.path, Errand.division, Errand.doers)


def _due_at(channel: str, rules: Rules | None, now: datetime) -> datetime:
    if channel == "phone":
        return now + PHONE_WITHIN
    if rules is None:
        return now + timedelta(hours=24)
    return add(LETTER_WITHIN, now, zone=rules.zone, calendar=rules.calendar)


def _end_message(session: Session, errand: Errand, outcome: str, now: datetime) -> None:
    values: dict[str, object] = {"state": "failed", "reason": outcome}
    if errand.state == "done":
        values = {"state": "sent", "sent_at": now, "delivered_by": errand.channel, "reason": None}
    row = session.scalar(
        sa.update(Outbox)
        .where(Outbox.id == errand.outbox_id, Outbox.state == "handed")
        .values(**values)
        .returning(Outbox)
    )
    if row is not None and row.state == "failed":
        announce_failed(session, row, now)
