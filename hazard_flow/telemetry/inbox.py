"""The inbox: raw messages are stored here before anybody is told they arrived; each ends done or dead, none is lost."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from hazard_flow.schedule.bulk import among, append_rows, claim_rows
from hazard_flow.storage.base import new_id
from hazard_flow.telemetry.models import Inbox, InboxKey, Source

V = TypeVar("V")
_COLUMNS = tuple(Inbox.__table__.c.keys())

#: a longer message is refused (413) by the webhook and cut off with a note by MQTT, whose broker has its own limit
BODY_BYTES_MAX = 1_000_000
REASON_CHARACTERS_MAX = 1_000
#: how the reason of a message begins that a person is through with
DISCARDED = "discarded by"
#: how exactly a source's last message is known
TOUCH_EVERY = timedelta(seconds=5)


@dataclass(frozen=True)
class Arrival:
    """A message at the door step. `key` tells a repeated delivery within the source."""

    source_id: uuid.UUID
    kind: str
    key: str
    body: bytes
    received_at: datetime
    headers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Message:
    """A message in the hands of who evaluates it; its fields are the inbox's columns."""

    id: uuid.UUID
    source_id: uuid.UUID
    kind: str
    received_at: datetime
    headers: Mapping[str, Any]
    body: bytes
    state: str = "pending"
    reason: str = ""
    processed_at: datetime | None = None


def body_key(body: bytes, headers: Mapping[str, Any] | None = None) -> str:
    """The delivery key of a message that has no name of its own: byte-identical means delivered again.

    Headers that carry a part of the message (`ce-…` of CloudEvents in binary mode) count with it.
    """
    digest = hashlib.sha256(body)
    for name in sorted(headers or ()):
        if name.startswith("ce-"):
            digest.update(f"\0{name}:{(headers or {})[name]}".encode())
    return "body:" + digest.hexdigest()


def store(session: Session, arrivals: Sequence[Arrival]) -> int:
    """Keep the messages not stored before; how many that were. As `store_each`."""
    return sum(store_each(session, arrivals))


def store_each(session: Session, arrivals: Sequence[Arrival]) -> list[bool]:
    """Keep the messages not stored before; for each whether it was new.

    Call it in a transaction and acknowledge only after its commit. Two deliveries of one key, in this call or racing in another
    transaction, leave one message: the key's row is claimed first, and only who claimed it writes the message.
    """
    new = claim(session, arrivals)
    write(session, list(new.values()))
    return [place in new for place in range(len(arrivals))]


def claim(session: Session, arrivals: Sequence[Arrival]) -> dict[int, Message]:
    """Claim the keys of the messages not stored before; by place in `arrivals`, the messages still to be written (`write`)."""
    if not arrivals:
        return {}
    first: dict[tuple[uuid.UUID, str], int] = {}
    for place, arrival in enumerate(arrivals):
        first.setdefault((arrival.source_id, arrival.key), place)
    # Sorted, so that two transactions storing the same keys wait for each other in one order only.
    in_order = sorted(
        first.values(), key=lambda place: (arrivals[place].source_id.bytes, arrivals[place].key)
    )
    new = {place: _message(new_id(), arrivals[place]) for place in first.values()}
    claims = [
        {"source_id": m.source_id, "key": arrivals[place].key, "inbox_id": m.id, "stored_at": m.received_at}
        for place, m in ((place, new[place]) for place in in_order)
    ]
    claimed = claim_rows(session, InboxKey.__table__, claims, key="key", scope="source_id")
    won = {in_order[number] for number in claimed}
    return {place: message for place, message in new.items() if place in won}


def write(session: Session, messages: Sequence[Message]) -> None:
    """Write claimed messages as they stand: pending, or done or dead if they have been evaluated in this transaction already."""
    if not messages:
        return
    append_rows(session, Inbox.__table__, [_row(message) for message in messages])
    _touch(session, {message.source_id: message.received_at for message in messages})


def end(message: Message, problems: Sequence[object], *, now: datetime) -> None:
    """Say what became of a message that is still to be written."""
    message.reason, message.processed_at = _reason(problems), now
    message.state = "dead" if message.reason else "done"


def pending(session: Session, *, limit: int) -> Sequence[Message]:
    """The oldest messages nobody has looked at."""
    oldest = sa.select(*Inbox.__table__.c).where(Inbox.state == "pending").order_by(Inbox.id).limit(limit)
    return [Message(**row) for row in session.execute(oldest).mappings()]


def is_waiting(session: Session) -> bool:
    """Whether any message is pending; a look that locks nothing."""
    return session.scalars(sa.select(Inbox.id).where(Inbox.state == "pending").limit(1)).first() is not None


def horizon(session: Session, now: datetime) -> datetime:
    """The instant up to which everything received has been looked at."""
    oldest = sa.select(Inbox.received_at).where(Inbox.state == "pending").order_by(Inbox.id).limit(1)
    return min(now, session.scalars(oldest).first() or now)


def mark(
    session: Session,
    messages: Sequence[Message],
    *,
    reasons: Mapping[uuid.UUID, Sequence[object]],
    now: datetime,
) -> None:
    """End these messages: dead with their reasons where there are any, done otherwise."""
    if not messages:
        return
    received = [message.received_at for message in messages]
    # Within the days they came in: the others need not be looked through.
    theirs = sa.update(Inbox).where(Inbox.received_at.between(min(received), max(received)))
    done = [message.id for message in messages if not reasons.get(message.id)]
    if done:
        _set(session, theirs.where(among(session, Inbox.id, done)), state="done", processed_at=now)
    for message in messages:
        if reason := _reason(reasons.get(message.id, ())):
            _set(session, theirs.where(Inbox.id == message.id), state="dead", reason=reason, processed_at=now)


def replay(session: Session, ids: Sequence[uuid.UUID]) -> int:
    """Let dead messages be looked at again (after a mapping was mended); what already took effect does not take it twice.

    `processed_at` stays: it tells that they were looked at before.
    """
    again = (
        sa.update(Inbox).where(Inbox.id.in_(ids), Inbox.state == "dead").values(state="pending", reason="")
    )
    return len(session.scalars(again.returning(Inbox.id)).all())


def discard(session: Session, ids: Sequence[uuid.UUID], *, person: uuid.UUID, why: str, now: datetime) -> int:
    """Let a person be through with dead messages: they end done, say who and why before what was wrong, and go in their time."""
    said = _reason([f"{DISCARDED} {person}: {why}"])
    through = (
        sa.update(Inbox)
        .where(Inbox.id.in_(ids), Inbox.state == "dead")
        .values(state="done", reason=sa.literal(f"{said} | ") + Inbox.reason, processed_at=now)
    )
    return len(session.scalars(through.returning(Inbox.id)).all())


def touch(session: Session, source_id: uuid.UUID, *, at: datetime) -> None:
    """Note that the way to this source works, without a message to keep."""
    _touch(session, {source_id: at})


def insert_new(
    session: Session, column: InstrumentedAttribute[V], rows: Sequence[Mapping[str, Any]]
) -> list[V]:
    """Insert the rows whose unique keys do not exist yet; their values of `column`. The same for both databases."""
    dialect = postgresql if session.connection().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(column.class_).on_conflict_do_nothing().returning(column)
    return list(session.scalars(statement, list(rows)))


def _set(session: Session, which: sa.Update, **values: Any) -> None:
    session.execute(which.values(**values), execution_options={"synchronize_session": False})


def _reason(problems: Iterable[object]) -> str:
    said = "; ".join(str(problem) for problem in problems)
    return said.encode("utf-8", "replace").decode().replace("\x00", "")[:REASON_CHARACTERS_MAX]


def _message(id_: uuid.UUID, arrival: Arrival) -> Message:
    return Message(id_, arrival.source_id, arrival.kind, arrival.received_at, arrival.headers, arrival.body)


def _row(message: Message) -> dict[str, Any]:
    return {name: getattr(message, name) for name in _COLUMNS}


def _touch(session: Session, seen: Mapping[uuid.UUID, datetime]) -> None:
    for source_id, at in seen.items():
        # Not at every message: writers of one source would queue for its row.
        stale = sa.or_(Source.last_message_at.is_(None), Source.last_message_at < at - TOUCH_EVERY)
        session.execute(sa.update(Source).where(Source.id == source_id, stale).values(last_message_at=at))
