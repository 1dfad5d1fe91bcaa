"""Tables of pending timers and messages to be sent, of what keepers did to stuck ones, and of the workers' signs of life.

A fired timer's trace is its event; a sent message keeps its row.
"""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured


class Timer(Base):
    """One pending firing of a named time limit of a subject (hazard, alert, round, …)."""

    __tablename__ = "timer"
    __table_args__ = (
        # The subject first: so it also answers "which timers has this hazard".
        sa.UniqueConstraint("subject_id", "name", "level", "cycle", "subject_kind", "home_id"),
        sa.Index(
            "ix_timer_due",
            "due_at",
            "id",
            postgresql_where=sa.text("parked_at IS NULL"),
            sqlite_where=sa.text("parked_at IS NULL"),
        ),
        # Rows come and go all day; dead ones at the left end of the index of due times would be walked over by every claim.
        {"postgresql_with": {"autovacuum_vacuum_scale_factor": 0.02}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID]
    subject_kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    name: Mapped[str]
    #: rung of the ladder, from 0; reminders before the expiry are negative
    level: Mapped[int]
    #: how often the last rung has repeated
    cycle: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    #: when the limit itself runs out; rungs count from here
    expires_at: Mapped[datetime]
    #: when the span it measures began: entry into the state, the clock's start, the last reset
    started_at: Mapped[datetime]
    #: sequence number of the event that entered the state this timer was made for; a fire on another state does nothing
    fence: Mapped[int]
    #: kind of rule: `state`, `clock` or `started`
    rule: Mapped[str] = mapped_column(default="state")
    #: computed with a calendar year that is not yet official
    provisional: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    parked_at: Mapped[datetime | None]
    error: Mapped[str | None]


class Outbox(Base):
    """One message to one person over one channel, written in the transaction that caused it.

    `pending`: to be sent, perhaps again · `handed`: a person carries it out by hand · `sent`: it has arrived, `delivered_by` says how ·
    `dropped`: it needs no sending any more, `reason` says why · `failed`: given up, and in the dead-letter list until somebody settles it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        sa.UniqueConstraint("subject_id", "seq", "person_id", "channel"),
        sa.Index(
            "ix_outbox_due",
            "due_at",
            "id",
            postgresql_where=sa.text("state = 'pending'"),
            sqlite_where=sa.text("state = 'pending'"),
        ),
        sa.Index(
            "ix_outbox_dead",
            "created_at",
            "id",
            postgresql_where=sa.text("state = 'failed' AND settled_at IS NULL"),
            sqlite_where=sa.text("state = 'failed' AND settled_at IS NULL"),
        ),
        sa.CheckConstraint("state IN ('pending', 'handed', 'sent', 'dropped', 'failed')", name="state"),
        {"postgresql_with": {"autovacuum_vacuum_scale_factor": 0.05}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID]
    subject_kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    #: the event that caused it
    seq: Mapped[int]
    person_id: Mapped[uuid.UUID] = mapped_column(index=True)
    channel: Mapped[str]
    #: key of the sentence, and what fills it
    template: Mapped[str]
    params: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="pending")
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    #: how it really reached the person, `inbox`, `email`, `phone` …: a `message` without an address only reaches the inbox
    delivered_by: Mapped[str | None]
    #: code of why it did not go the way it was meant to: the sentence is `notice.reason.<code>`
    reason: Mapped[str | None]
    #: the outside world's own words; they may name addresses, so only keepers read them
    error: Mapped[str | None]
    #: since when this very message is refused; None while the whole channel is down, or all is well
    refused_since: Mapped[datetime | None]
    #: the message this one was written in place of: its person had left or gone out of scope
    instead_of_id: Mapped[uuid.UUID | None]
    #: when a keeper said that nothing more is to be done about a failed one
    settled_at: Mapped[datetime | None]


class Upkeep(Base):
    """What a keeper did to something stuck: let a timer or a message try again, or settled it. Never changed."""

    __tablename__ = "upkeep"
    __table_args__ = (sa.Index("ix_upkeep_at", "at", "id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID]
    at: Mapped[datetime]
    #: `person:<id>`, or `operator:<account of the machine>` for the command line
    actor: Mapped[str]
    #: `timer.retried`, `message.retried`, `message.settled`; of telemetry's senders `source.…`, `inbox.replayed`
    act: Mapped[str]
    #: the timer or message
    thing_id: Mapped[uuid.UUID]
    subject_kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    #: how it stood before: name, level, error, since when
    data: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")


class Pulse(Base):
    """One job of one worker: when it last came to its end, and what it has counted. Only that worker writes the row."""

    __tablename__ = "pulse"

    worker: Mapped[str] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    #: when it last came to its end without an error
    beat_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    #: kind of the last error; its text stays in the log
    error: Mapped[str | None]
    #: name → number since the worker started; only ever grows
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)


secured(
    "timer",
    "hf_everything() OR (subject_kind = 'hazard' AND EXISTS (SELECT 1 FROM hazard h WHERE h.id = subject_id)) "
    "OR (subject_kind = 'alert' AND EXISTS (SELECT 1 FROM alert a WHERE a.id = subject_id))",
)
secured(
    "outbox",
    "hf_everything() OR replace(person_id::text, '-', '') = hf_person() "
    "OR (subject_kind = 'hazard' AND EXISTS (SELECT 1 FROM hazard h WHERE h.id = subject_id))",
    check="true",
)
append_only("upkeep")
secured("upkeep", "hf_everything()")
secured("pulse", "hf_everything()")
