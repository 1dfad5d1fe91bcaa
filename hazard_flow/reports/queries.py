"""Reads: the newest file of a hazard, a document by its public name, closed hazards that still have none."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import StateConflict
from hazard_flow.hazards import queries as hazards
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import Label, both
from hazard_flow.reports.models import Document

CLOSURE = "closure"
#: A closure file takes seconds; one missing for longer is something people must hear of.
LATE_AFTER = timedelta(minutes=15)


def newest(session: Session, hazard_id: uuid.UUID, *, kind: str = CLOSURE) -> Document | None:
    """The highest version issued for a hazard the session may see."""
    return session.scalar(
        sa.select(Document)
        .where(Document.subject_id == hazard_id, Document.kind == kind)
        .order_by(Document.version.desc())
        .limit(1)
    )


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


def awaiting(session: Session, *, limit: int, skip: Collection[uuid.UUID] = ()) -> list[uuid.UUID]:
    """Closed hazards without a closure file, the longest closed first."""
    statement = sa.select(Hazard.id).where(_awaits()).order_by(Hazard.closed_at).limit(limit)
    return list(session.scalars(statement.where(Hazard.id.not_in(list(skip)))))


def overdue(session: Session, now: datetime) -> Label | None:
    """One sentence when closed hazards have waited too long for their file: a check for `/watchz`."""
    statement = sa.select(sa.func.count()).where(_awaits(), Hazard.closed_at < now - LATE_AFTER)
    count = session.scalar(statement.select_from(Hazard)) or 0
    return both("watch.closure_files_late.found", n=count) if count else None


def _awaits() -> sa.ColumnElement[bool]:
    issued = sa.exists().where(Document.subject_id == Hazard.id, Document.kind == CLOSURE)
    return sa.and_(Hazard.closed_at.is_not(None), ~issued)
