"""Tables of saved questions and of who is sent their answers."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import secured


class SavedQuestion(Base):
    """A question under a name: one person's own, or shared with their whole organisation. It holds words, never figures."""

    __tablename__ = "saved_question"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "request_key"),
        sa.Index("ix_saved_question_path", "path", "changed_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID]
    #: the path of the owner's whole organisation
    path: Mapped[str]
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    name: Mapped[str]
    is_shared: Mapped[bool]
    #: `asking.Question.plain`
    asked: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    request_key: Mapped[str]


class QuestionMail(Base):
    """One person is sent the answer to one question, again and again; the answer is theirs, within what they may see at that moment."""

    __tablename__ = "question_mail"
    __table_args__ = (
        sa.UniqueConstraint("question_id", "person_id"),
        sa.Index(
            "ix_question_mail_due",
            "due_at",
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_question_mail_person", "person_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    question_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("saved_question.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    added_by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    #: RFC 5545, on days of the organisation's zone
    rule: Mapped[str]
    starts_on: Mapped[date]
    #: when it is sent next; moved on by whoever sends it
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


_OWNER = "replace(owner_id::text, '-', '') = hf_person()"
secured(
    "saved_question",
    f"hf_everything() OR {_OWNER} OR (is_shared AND hf_prefixed(path, 'hf.homes'))",
    check=f"hf_everything() OR {_OWNER}",
)
secured(
    "question_mail",
    "hf_everything() OR replace(person_id::text, '-', '') = hf_person() OR replace(added_by_id::text, '-', '') = hf_person()",
)
