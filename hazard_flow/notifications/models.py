"""The inbox, and the messages people carry by hand. What is still to be sent stands in `schedule.models.Outbox`."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured


class Message(Base):
    """One line in one person's inbox. An event that reaches the person over several channels is one line here."""

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "subject_id", "seq"),
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
    #: until when it must be acknowledged; None where nothing is asked
    acknowledge_by: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Errand(Base):
    """A phone call or letter no machine carries out here: a task for the duty desk, open until its outcome is logged."""

    __tablename__ = "errand"
    __table_args__ = (
        sa.CheckConstraint("state IN ('open', 'done', 'failed', 'void')", name="state"),
        sa.Index(
            "ix_errand_open",
            "due_at",
            "id",
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        ),
        sa.Index("ix_errand_ended", "ended_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID]
    #: the message it carries
    outbox_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("outbox.id"), unique=True)
    #: errands of one event over one channel are told to the desk together
    group_id: Mapped[uuid.UUID] = mapped_column(index=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    #: hazard number, empty where there is none
    number: Mapped[str]
    #: `phone` or `letter`
    channel: Mapped[str]
    #: whom to reach
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    template: Mapped[str]
    params: Mapped[dict[str, Any]]
    path: Mapped[str]
    division: Mapped[str]
    #: `,<hex id>,<hex id>,` of those asked to do it
    doers: Mapped[str]
    created_at: Mapped[datetime]
    #: by when it should be done
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="open")
    ended_at: Mapped[datetime | None]


class ErrandEntry(Base):
    """One try at an errand and its outcome, as the desk logged it. Never changed."""

    __tablename__ = "errand_entry"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    errand_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("errand.id"), index=True)
    at: Mapped[datetime]
    #: `person:<id>`
    actor: Mapped[str]
    outcome: Mapped[str]
    note: Mapped[str]


append_only("errand_entry")
secured("message", "hf_everything() OR replace(person_id::text, '-', '') = hf_person()")
secured("errand", "hf_sees(path, division, doers)")
secured("errand_entry", "EXISTS (SELECT 1 FROM errand e WHERE e.id = errand_id)")
