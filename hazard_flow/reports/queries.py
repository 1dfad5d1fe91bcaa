"""Reads: the newest file of a hazard, a document by its public name, what still waits to be made."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from hazard_flow.errors import StateConflict
from hazard_flow.hazards import queries as hazards
from hazard_flow.hazards.models import DocumentOrder, Hazard
from hazard_flow.i18n import Label, both
from hazard_flow.ledger.models import LedgerCheckpoint, LedgerLeaf
from hazard_flow.reports.models import Document
from hazard_flow.reports.seal.sealer import Level

CLOSURE = "closure"
#: A file takes seconds; one missing for longer is something people must hear of.
LATE_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Wanted:
    """A file to be made: one language of what an event issued, or the closure file of a hazard (no event: its last one)."""

    hazard_id: uuid.UUID
    kind: str = CLOSURE
    event_seq: int | None = None
    locale: str = "zh"


def newest(session: Session, hazard_id: uuid.UUID, *, kind: str = CLOSURE) -> Document | None:
    """The highest version issued for a hazard the session may see."""
    return session.scalar(
        sa.select(Document)
        .where(Document.subject_id == hazard_id, Document.kind == kind)
        .order_by(Document.version.desc())
        .limit(1)
    )


def newest_like(session: Session, document: Document) -> Document:
    """The highest version of the same file: same event, same language."""
    found = session.scalar(
        sa.select(Document)
        .where(
            Document.subject_id == document.subject_id,
            Document.kind == document.kind,
            Document.event_seq == document.event_seq,
            Document.locale == document.locale,
        )
        .order_by(Document.version.desc())
        .limit(1)
    )
    assert found is not None
    return found


def next_version(session: Session, wanted: Wanted) -> int:
    """The version an issue now would have."""
    statement = sa.select(sa.func.max(Document.version)).where(
        Document.subject_id == wanted.hazard_id,
        Document.kind == wanted.kind,
        Document.locale == wanted.locale,
    )
    if wanted.event_seq is not None:
        statement = statement.where(Document.event_seq == wanted.event_seq)
    return (session.scalar(statement) or 0) + 1


def of_closed(session: Session, number: str) -> Document | None:
    """The newest closure file of a hazard in scope, cut loose; None while it is being made.

    Raises NotFound out of scope and StateConflict while the hazard is open.
    """
    hazard = hazards.by_number(session, number)
    if hazard.is_open:
        raise StateConflict("the hazard is not closed", action=CLOSURE, state=hazard.state)
    document = newest(session, hazard.id)
    if document is not None:
        session.expunge(document)
    return document


def by_name(session: Session, name: str) -> Document | None:
    """A document by the name its QR code carries."""
    return session.scalar(sa.select(Document).where(Document.name == name))


def by_sha256(session: Session, sha256: str) -> Document | None:
    """The closure file of exactly these bytes, if this system issued it."""
    return session.scalar(
        sa.select(Document).where(Document.sha256 == sha256, Document.kind == CLOSURE).limit(1)
    )


def awaiting(session: Session, *, limit: int, skip: Collection[Wanted] = ()) -> list[Wanted]:
    """What waits: texts that count and closure files, the longest waiting first; renderings when nothing else does."""
    reach = limit + len(skip)
    urgent = sorted(
        [*_orders(session, reach, counts=True), *_closures(session, reach)], key=lambda one: one[0]
    )
    found = [wanted for _, wanted in urgent if wanted not in skip][:limit]
    if len(found) == limit:
        return found
    later = [wanted for _, wanted in _orders(session, reach, counts=False) if wanted not in skip]
    return found + later[: limit - len(found)]


def awaiting_seal(
    session: Session, *, wished: Level, limit: int, skip: Collection[uuid.UUID] = ()
) -> list[Document]:
    """The newest versions of closure files that carry no seal, or a plain one where `wished` is one with a time stamp; cut loose.

    `skip`: the hazards whose file is left alone this time.
    """
    lacking: sa.ColumnElement[bool] = Document.sealed.is_(False)
    if wished is not Level.B:
        lacking = sa.or_(lacking, Document.seal_level == Level.B)
    rows = session.scalars(
        sa.select(Document)
        .where(Document.kind == CLOSURE, lacking, ~_is_superseded(), Document.subject_id.not_in(skip))
        .order_by(Document.id)
        .limit(limit)
    ).all()
    for row in rows:
        session.expunge(row)
    return list(rows)


def awaiting_archive(session: Session, *, before: datetime, limit: int) -> list[Document]:
    """The newest versions of closure files with a time stamp but no archive copy, issued before an instant; cut loose."""
    rows = session.scalars(
        sa.select(Document)
        .where(
            Document.kind == CLOSURE,
            Document.seal_level == Level.T,
            Document.issued_at < before,
            ~_is_superseded(),
        )
        .order_by(Document.id)
        .limit(limit)
    ).all()
    for row in rows:
        session.expunge(row)
    return list(rows)


def done(session: Session, wanted: Wanted) -> None:
    """The order has been carried out; a closure file has none."""
    if wanted.event_seq is None:
        return
    session.execute(
        sa.delete(DocumentOrder).where(
            DocumentOrder.hazard_id == wanted.hazard_id,
            DocumentOrder.event_seq == wanted.event_seq,
            DocumentOrder.locale == wanted.locale,
        )
    )


def overdue(session: Session, now: datetime) -> Label | None:
    """One sentence when closed hazards have waited too long for their file: a check for `/watchz`."""
    statement = sa.select(sa.func.count()).where(_awaits(), Hazard.closed_at < now - LATE_AFTER)
    count = session.scalar(statement.select_from(Hazard)) or 0
    return both("watch.closure_files_late.found", n=count) if count else None


def papers_overdue(session: Session, now: datetime) -> Label | None:
    """What to say when issued papers have waited too long to be made: a check for `/watchz`."""
    statement = sa.select(sa.func.count()).where(DocumentOrder.ordered_at < now - LATE_AFTER)
    count = session.scalar(statement.select_from(DocumentOrder)) or 0
    return both("watch.documents_late.found", n=count) if count else None


def _orders(session: Session, limit: int, *, counts: bool) -> list[tuple[datetime, Wanted]]:
    is_wanted = DocumentOrder.locale == "zh" if counts else DocumentOrder.locale != "zh"
    rows = session.scalars(
        sa.select(DocumentOrder)
        .where(is_wanted)
        .order_by(DocumentOrder.ordered_at, DocumentOrder.hazard_id)
        .limit(limit)
    )
    return [(row.ordered_at, Wanted(row.hazard_id, row.kind, row.event_seq, row.locale)) for row in rows]


def _closures(session: Session, limit: int) -> list[tuple[datetime, Wanted]]:
    rows = session.execute(
        sa.select(Hazard.closed_at, Hazard.id)
        .where(_awaits(), _is_covered())
        .order_by(Hazard.closed_at)
        .limit(limit)
    )
    return [(closed_at, Wanted(hazard_id)) for closed_at, hazard_id in rows if closed_at is not None]


def uncovered(session: Session) -> bool:
    """Whether a closed hazard still waits for the ledger before its file can be made."""
    return bool(session.scalar(sa.select(sa.exists().where(_awaits(), ~_is_covered()))))


def _is_covered() -> sa.ColumnElement[bool]:
    size = sa.select(sa.func.max(LedgerCheckpoint.size)).scalar_subquery()
    return sa.exists().where(LedgerLeaf.hash == Hazard.head, LedgerLeaf.leaf_index < size)


def _is_superseded() -> sa.ColumnElement[bool]:
    newer = aliased(Document)
    return sa.exists().where(
        newer.subject_id == Document.subject_id,
        newer.kind == CLOSURE,
        newer.version > Document.version,
    )


def _awaits() -> sa.ColumnElement[bool]:
    issued = sa.exists().where(Document.subject_id == Hazard.id, Document.kind == CLOSURE)
    return sa.and_(Hazard.closed_at.is_not(None), ~issued)
