"""The table of issued documents: which bytes of the store are which version of which file. Never overwritten; a re-issue is a new row.

The number of a document stands in the event that issued it, which is where it is unique; here it is only told again.
"""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured


class Document(Base):
    """One issued PDF. `name` is what its QR code leads to: not guessable from the hazard's number, the same for the same record."""

    __tablename__ = "document"
    __table_args__ = (
        sa.UniqueConstraint(
            "home_id", "subject_id", "kind", "event_seq", "locale", "version", name="uq_document_version"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID]
    #: the hazard it belongs to
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("hazard.id"), index=True)
    #: key of the report template
    kind: Mapped[str]
    #: the event that issued it; a closure file ends with the event that closed the hazard
    event_seq: Mapped[int]
    #: zh, the text that counts, or en, its rendering; a closure file holds both and says zh
    locale: Mapped[str]
    version: Mapped[int]
    #: as in /verify/<name>
    name: Mapped[str] = mapped_column(unique=True)
    #: the hazard's number
    number: Mapped[str]
    #: （城东）燃安改〔2026〕12号; None for a closure file
    document_number: Mapped[str | None]
    #: the organisation that issued it; None for a closure file
    issuer_id: Mapped[uuid.UUID | None]
    #: shows names, phones or flats: only who may read the hazard's personal values may read the file
    personal: Mapped[bool]
    sha256: Mapped[str]
    size: Mapped[int]
    pages: Mapped[int]
    record_sha256: Mapped[str]
    sealed: Mapped[bool]
    #: PAdES level, what it was signed with, and hex SHA-256 of the certificate; None where unsealed
    seal_level: Mapped[str | None]
    seal_alg: Mapped[str | None]
    seal_key_id: Mapped[str | None]
    issued_at: Mapped[datetime]


append_only("document")
secured("document", "EXISTS (SELECT 1 FROM hazard h WHERE h.id = subject_id)")
