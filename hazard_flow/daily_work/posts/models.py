"""Tables of posts: the post, each version of its duties, who holds it, and what they signed."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.i18n import Label
from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured


class Post(Base):
    """A post of a unit (岗位)."""

    __tablename__ = "post"
    __table_args__ = (sa.Index("ix_post_path", "path"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    #: the template its list began with
    template: Mapped[str]
    #: the version of its duties that counts
    version: Mapped[int]
    created_at: Mapped[datetime]
    ended_on: Mapped[date | None]

    @property
    def label(self) -> Label:
        """The name in both languages."""
        return Label(zh=self.name_zh, en=self.name_en)


class PostDuties(Base):
    """One version of a post's list of duties. Never changed: people signed it."""

    __tablename__ = "post_duties"

    post_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("post.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    #: `{zh, en, clause_zh, clause_en, mark}` each
    duties: Mapped[list[dict[str, Any]]]
    #: SHA-256 of the list as it is signed
    sha256: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[uuid.UUID | None]
    why: Mapped[str] = mapped_column(default="")


class PostHolder(Base):
    """A person holds a post."""

    __tablename__ = "post_holder"
    __table_args__ = (
        sa.Index("ix_post_holder_path", "path"),
        sa.Index(
            "uq_post_holder_now",
            "post_id",
            "person_id",
            unique=True,
            postgresql_where=sa.text("until_on IS NULL"),
            sqlite_where=sa.text("until_on IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    post_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("post.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    since_on: Mapped[date]
    until_on: Mapped[date | None]
    #: the version signed last, and when
    signed_version: Mapped[int | None]
    signed_at: Mapped[datetime | None]


class PostSignature(Base):
    """A holder signed one version of the duties. Never changed."""

    __tablename__ = "post_signature"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    holder_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("post_holder.id"), index=True)
    version: Mapped[int]
    #: of the list that stood on the page
    sha256: Mapped[str]
    at: Mapped[datetime]
    #: `person:<id>`
    actor: Mapped[str]


append_only("post_duties")
append_only("post_signature")
secured("post", "hf_names(path, division)")
secured("post_holder", "hf_names(path, division)")
secured("post_duties", "EXISTS (SELECT 1 FROM post p WHERE p.id = post_id)")
secured("post_signature", "EXISTS (SELECT 1 FROM post_holder h WHERE h.id = holder_id)")
