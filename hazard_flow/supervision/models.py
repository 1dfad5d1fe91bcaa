"""The table of files handed in with tasks, checks and re-checks."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured

OWNERS = ("task", "check", "spot")


class SupervisionFile(Base):
    """A file under its SHA-256, of which thing and handed in at which step. Who sees the thing sees the file."""

    __tablename__ = "supervision_file"
    __table_args__ = (
        sa.CheckConstraint(f"owner_kind IN {OWNERS}", name="owner_kind"),
        sa.Index("ix_supervision_file_owner", "owner_id", "step_seq"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_kind: Mapped[str]
    owner_id: Mapped[uuid.UUID]
    step_seq: Mapped[int]
    sha256: Mapped[str]
    size: Mapped[int]
    mime: Mapped[str]
    filename: Mapped[str]
    uploaded_by: Mapped[uuid.UUID | None]
    received_at: Mapped[datetime]


append_only("supervision_file")
secured(
    "supervision_file",
    "(owner_kind = 'task' AND EXISTS (SELECT 1 FROM supervision_task t WHERE t.id = supervision_file.owner_id))"
    " OR (owner_kind = 'check' AND EXISTS (SELECT 1 FROM unannounced_check c WHERE c.id = supervision_file.owner_id))"
    " OR (owner_kind = 'spot' AND EXISTS (SELECT 1 FROM spot_check s WHERE s.id = supervision_file.owner_id))",
)
