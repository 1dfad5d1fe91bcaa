"""The papers of a hazard as lists show them: what the events issued, each with its files as far as they are made."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, NotAllowed, NotFound
from hazard_flow.hazards import queries as hazards
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import Label
from hazard_flow.identity import queries as identity
from hazard_flow.reports.models import Document
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.workflow.documents import installed_kinds


@dataclass(frozen=True)
class PaperRow:
    """One paper: what the act's event says of it, and its newest files by language."""

    kind: str
    title: Label
    number: str
    issuer_id: uuid.UUID
    issuer: Label
    #: who acted, where the reader may name them
    by: str | None
    issued_at: datetime
    event_seq: int
    #: empty while they are being made
    files: Mapping[str, Document]
    #: the reader may open the files
    readable: bool


def papers_of(session: Session, hazard: Hazard) -> list[PaperRow]:
    """The papers of a hazard in scope, the newest first; the rows of their files are cut loose."""
    issued = [
        (event, found)
        for event in reversed(hazards.events(session, hazard))
        if (found := json.loads(event.body)["data"].get("issues"))
    ]
    if not issued:
        return []
    files = _files(session, hazard)
    bodies = identity.organisation_labels(session, {uuid.UUID(found["issuer"]) for _, found in issued})
    names = identity.names(session, [_person(event.actor) for event, _ in issued])
    may_read_all = _may_read_personal(session, hazard)
    rows = []
    for event, found in issued:
        made = files.get(event.seq, {})
        if "zh" not in made:
            made = {}  # without the text that counts, its rendering is no document yet
        issuer = bodies.get(uuid.UUID(found["issuer"]))
        rows.append(
            PaperRow(
                kind=found["kind"],
                title=installed_kinds()[found["kind"]].name,
                number=found["number"],
                issuer_id=uuid.UUID(found["issuer"]),
                issuer=issuer.label if issuer is not None else Label(zh="—", en="—"),
                by=names.get(_person(event.actor)),
                issued_at=event.at,
                event_seq=event.seq,
                files=made,
                readable=may_read_all or not any(file.personal for file in made.values()),
            )
        )
    return rows


def paper_file(session: Session, number: str, name: str) -> Document:
    """One file of a hazard in scope by its name, cut loose.

    Raises NotFound out of scope, NotAllowed where it shows names or flats and the reader only holds a part in the hazard.
    """
    hazard = hazards.by_number(session, number)
    document = session.scalar(
        sa.select(Document).where(Document.name == name, Document.subject_id == hazard.id)
    )
    if document is None:
        raise NotFound(f"document {name}")
    if document.personal and not _may_read_personal(session, hazard):
        raise NotAllowed("it shows personal values", fields=[FieldError("", "personal_document")])
    session.expunge(document)
    return document


def _may_read_personal(session: Session, hazard: Hazard) -> bool:
    """The rule of the table `personal`: whoever's units or division it lies in; a part in the hazard alone is not enough."""
    return scope_of_session(session).sees(path=hazard.path, division=hazard.division)


def _files(session: Session, hazard: Hazard) -> dict[int, dict[str, Document]]:
    rows: Sequence[Document] = session.scalars(
        sa.select(Document)
        .where(Document.subject_id == hazard.id, Document.document_number.is_not(None))
        .order_by(Document.version)
    ).all()
    found: dict[int, dict[str, Document]] = {}
    for row in rows:  # the newest version comes last and stays
        session.expunge(row)
        found.setdefault(row.event_seq, {})[row.locale] = row
    return found


def _person(actor: str) -> uuid.UUID:
    return uuid.UUID(actor.removeprefix("person:"))
