"""Reads of the quarantine: how much of what lies in it, whose it is, one message with its bytes."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.identity.actor import Actor
from hazard_flow.storage.engine import is_sqlite
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.telemetry.models import Inbox, Source
from hazard_flow.telemetry.senders.queries import looked_after

#: of a message in hex and as text; all of it is kept
BYTES_SHOWN = 4_096


@dataclass(frozen=True)
class Pile:
    """Messages of one source set aside for the same first reason."""

    source_id: uuid.UUID
    source: str
    kind: str
    code: str
    count: int


@dataclass(frozen=True)
class Reason:
    """One thing that could not be used: its code (sentence `telemetry.reason.<code>`) and the detail."""

    code: str
    detail: str


def reasons_of(written: str) -> list[Reason]:
    """The reasons a message was set aside for, as `inbox.mark` wrote them."""
    parts = [part.partition(": ") for part in written.split("; ") if part]
    return [Reason(code, detail) for code, _, detail in parts]


def dead_of(actor: Actor) -> sa.ColumnElement[bool]:
    """Messages in quarantine that a person may see: those of the sources looked after."""
    mine = sa.select(Source.id).where(looked_after(actor)).correlate(None)
    return sa.and_(Inbox.state == "dead", Inbox.source_id.in_(mine))


def count(session: Session, actor: Actor) -> int:
    """How many messages lie in quarantine."""
    return session.scalar(sa.select(sa.func.count()).select_from(Inbox).where(dead_of(actor))) or 0


def piles(session: Session, actor: Actor) -> list[Pile]:
    """What lies there by source and first reason, the largest pile first."""
    code = first_code(session)
    found = session.execute(
        sa.select(Source.id, Source.name, Inbox.kind, code, sa.func.count())
        .join(Source, Source.id == Inbox.source_id)
        .where(dead_of(actor))
        .group_by(Source.id, Source.name, Inbox.kind, code)
        .order_by(sa.func.count().desc(), Source.name, code)
    )
    return [Pile(*row) for row in found]


def page(
    session: Session,
    actor: Actor,
    *,
    source_id: uuid.UUID | None = None,
    code: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Inbox]:
    """Messages in quarantine, the newest first; of one source, of one first reason."""
    wanted = sa.select(Inbox).where(dead_of(actor), *chosen(session, source_id, code))
    return keyset(session, wanted, instant=Inbox.received_at, id_=Inbox.id, cursor=cursor, limit=limit)


def message(session: Session, actor: Actor, message_id: uuid.UUID) -> tuple[Inbox, Source]:
    """One message with its source; raises `NotFound`."""
    found = session.execute(
        sa.select(Inbox, Source)
        .join(Source, Source.id == Inbox.source_id)
        .where(Inbox.id == message_id, dead_of(actor))
    ).one_or_none()
    if found is None:
        raise NotFound(f"message {message_id}")
    return found[0], found[1]


def chosen(session: Session, source_id: uuid.UUID | None, code: str) -> Sequence[sa.ColumnElement[bool]]:
    """The condition of a pile; nothing given is everything."""
    return [
        *([Inbox.source_id == source_id] if source_id else []),
        *([first_code(session) == code] if code else []),
    ]


def first_code(session: Session) -> sa.ColumnElement[str]:
    """The code at the head of a message's reasons, in SQL."""
    flat = sa.func.replace(Inbox.reason, ";", ":") + ":"
    if is_sqlite(session.connection()):
        return sa.func.substr(flat, 1, sa.func.instr(flat, ":") - 1)
    return sa.func.split_part(flat, ":", 1)


def hex_lines(body: bytes) -> list[str]:
    """The beginning of the bytes as offset, hex and characters, sixteen a line."""
    lines = []
    for at in range(0, min(len(body), BYTES_SHOWN), 16):
        part = body[at : at + 16]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        lines.append(f"{at:06x}  {part.hex(' '):<47}  {shown}")
    return lines


def as_text(body: bytes) -> str:
    """The beginning of the bytes as text; what is none stands as a replacement mark, controls as their pictures."""
    text = body[:BYTES_SHOWN].decode("utf-8", "replace")
    return "".join(chr(0x2400 + ord(c)) if ord(c) < 32 and c not in "\n\t" else c for c in text)
