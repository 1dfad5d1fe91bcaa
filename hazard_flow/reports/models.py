"""The table of issued documents: which bytes of the store are which version of which file. Never overwritten; a re-issue is a new row."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured


class Document(Base):
    """One issued PDF. `name` is what its QR code leads to: not guessable from the hazard's number, the same for the same record."""

    __tablename__ = "document"
    __table_args__ = (sa.UniqueConstraint("home_id", "subject_id", "kind", "version"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID]
    #: the hazard it closes
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("hazard.id"), index=True)
    #: key of the report template
    kind: Mapped[str]
    version: Mapped[int]
    #: as in /verify/<name>
    name: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    pages: Mapped[int]
    record_sha256: Mapped[str]
    sealed: Mapped[bool]
    issued_at: Mapped[datetime]


append_only("document")
secured("document", "EXISTS (SELECT 1 FROM hazard h WHERE h.id = subject_id)")
