"""The inbox: what has reached a person inside the application. What is still to be sent stands in `schedule.models.Outbox`."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import secured


class Message(Base):
    """One line in one person's inbox. An event that reaches the person over several channels is one line here."""

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "subject_id", "seq", "errand"),
        sa.Index("ix_message_person", "person_id", "created_at", "id"),
        sa.Index(
            "ix_message_unread",
            "person_id",
            postgresql_where=sa.text("read_at IS NULL"),
            sqlite_where=sa.text("read_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    subject_kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    #: the event that caused it
    seq: Mapped[int]
    #: hazard number, empty where there is none
    number: Mapped[str]
    #: `notice.<template>.…` in messages.yaml, and what fills it
    template: Mapped[str]
    params: Mapped[dict[str, Any]]
    #: process colour of the notice, blue … red
    colour: Mapped[str | None]
    #: `phone` or `letter` where a person must carry the message on, empty otherwise
    errand: Mapped[str] = mapped_column(default="")
    #: until when it must be acknowledged; None where nothing is asked
    acknowledge_by: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


secured("message", "hf_everything() OR replace(person_id::text, '-', '') = hf_person()")
