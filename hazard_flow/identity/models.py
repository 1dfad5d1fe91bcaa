"""Tables of organisations, people and their roles. Credentials and contacts stand apart from names."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hazard_flow.i18n import Label
from hazard_flow.identity.document_word import derived_word
from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import secured

ORGANISATION_KINDS = ("regulator", "enterprise", "department", "team")


class Division(Base):
    """An administrative division (行政区划, GB/T 2260 code) and its highest regulator."""

    __tablename__ = "division"

    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    #: the organisation at which every ladder of this division ends; a division without one can't go live
    highest_regulator_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("organisation.id"))

    @property
    def label(self) -> Label:
        """The name in both languages."""
        return Label(zh=self.name_zh, en=self.name_en)


class Organisation(Base):
    """A regulator, an enterprise, or a unit inside one. `path` holds the ids from the root down, each ended by `/`."""

    __tablename__ = "organisation"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('regulator', 'enterprise', 'department', 'team')", name="kind"),
        sa.Index("ix_organisation_path", "path", unique=True),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    parent_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    kind: Mapped[str]
    division: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    #: unified social credit code (GB 32100-2015) of an enterprise
    uscc: Mapped[str | None]
    #: what its document numbers begin with (机关代字): 城东 in （城东）燃安改〔2026〕12号; None: derived from the name
    document_word: Mapped[str | None]
    created_at: Mapped[datetime]

    @property
    def label(self) -> Label:
        """The name in both languages."""
        return Label(zh=self.name_zh, en=self.name_en)

    @property
    def number_word(self) -> str:
        """The word its document numbers begin with: the one it was given, else the part of its name that tells it from others."""
        return self.document_word or derived_word(self.name_zh)

    @property
    def root_path(self) -> str:
        """The path of the whole organisation this unit belongs to."""
        return self.path.split("/", 1)[0] + "/"

    @property
    def root_id(self) -> uuid.UUID:
        """The id of the whole organisation this unit belongs to."""
        return uuid.UUID(hex=self.path.split("/", 1)[0])


class Person(Base):
    """A named human. What is needed to sign in or to reach them stands in `credential` and `contact`."""

    __tablename__ = "person"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    locale: Mapped[str] = mapped_column(default="zh")
    active: Mapped[bool] = mapped_column(default=True)
    #: the unit the person belongs to first; decides who may read the row
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    regulator: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="person", lazy="raise")


class Membership(Base):
    """A person holds a role in an organisation."""

    __tablename__ = "membership"
    __table_args__ = (sa.UniqueConstraint("person_id", "organisation_id", "role"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    role: Mapped[str]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(back_populates="memberships", lazy="raise")
    organisation: Mapped[Organisation] = relationship(lazy="raise")


class Credential(Base):
    """How a person proves to be who they are, and how often somebody failed to."""

    __tablename__ = "credential"

    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    password_hash: Mapped[str]
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class Contact(Base):
    """Where a person can be reached."""

    __tablename__ = "contact"

    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    email: Mapped[str | None]
    phone: Mapped[str | None]


class AuthSession(Base):
    """A sign-in, kept on the server so that it can be listed and revoked."""

    __tablename__ = "auth_session"

    #: SHA-256 of the cookie's secret; the secret itself is never stored
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    #: `desk`, or `tablet` for the field app, which stays signed in for longer
    kind: Mapped[str] = mapped_column(default="desk", server_default="desk")
    #: the tablet as it names itself; a lost one is signed out by it
    tablet_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    user_agent: Mapped[str] = mapped_column(default="")


class ApiToken(Base):
    """A bearer token for programs: rights and expiry; only its digest is kept."""

    __tablename__ = "api_token"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    digest: Mapped[bytes] = mapped_column(unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str]
    #: `read` or `read,write`
    rights: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Personal(Base):
    """A personal value named in hashed events only by its digest; erasing value and salt leaves every chain valid."""

    __tablename__ = "personal"

    #: hex SHA-256(salt ‖ UTF-8 value), as it stands in events
    digest: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[uuid.UUID] = mapped_column(index=True)
    path: Mapped[str]
    division: Mapped[str]
    salt: Mapped[bytes | None]
    value: Mapped[str | None]
    erased_at: Mapped[datetime | None]


_OWN = "hf_everything() OR replace(person_id::text, '-', '') = hf_person()"
secured("organisation", "kind = 'regulator' OR hf_names(path, division)", check="hf_names(path, division)")
secured(
    "person",
    "regulator OR hf_names(path, division) OR replace(id::text, '-', '') = hf_person()",
    check="hf_names(path, division)",
)
secured(
    "membership",
    "EXISTS (SELECT 1 FROM organisation o WHERE o.id = organisation_id)",
    check="hf_everything()",
)
secured("credential", _OWN)
secured(
    "contact",
    "hf_everything() OR EXISTS (SELECT 1 FROM person p WHERE p.id = person_id AND hf_names(p.path, p.division))",
)
secured("auth_session", _OWN)
secured("api_token", _OWN)
secured("personal", "hf_sees(path, division, '')", check="true")
