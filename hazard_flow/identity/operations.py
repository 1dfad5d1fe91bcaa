"""Writes: organisations, people, roles, sign-ins and tokens. Each is one way in."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import Conflict, FieldError, NotFound, Refused, SignInNeeded
from hazard_flow.i18n import Label
from hazard_flow.identity.document_word import WORD_LENGTH_MAX, is_word
from hazard_flow.identity.models import (
    ApiToken,
    Contact,
    Credential,
    Division,
    Membership,
    Organisation,
    Person,
    Personal,
)
from hazard_flow.identity.passwords import (
    PASSWORD_LENGTH_MAX,
    PASSWORD_LENGTH_MIN,
    hash_password,
    verify_password,
)
from hazard_flow.identity.roles import REGULATOR_ROLES, ROLES
from hazard_flow.identity.sessions import digest, open_session
from hazard_flow.storage.base import new_id

#: After so many wrong passwords in a row the account rests, doubling from one minute to an hour; its owner can wait it out.
FAILURES_BEFORE_LOCK = 5
TOKEN_DAYS_DEFAULT = 365


def add_division(session: Session, *, code: str, label: Label) -> Division:
    """A division; its highest regulator is named once the organisation exists."""
    division = Division(code=code, name_zh=label.zh, name_en=label.en, highest_regulator_id=None)
    session.add(division)
    session.flush()
    return division


def name_highest_regulator(session: Session, *, code: str, organisation: Organisation) -> None:
    """Where every ladder of this division ends."""
    division = session.get(Division, code)
    if division is None:
        raise NotFound(f"division {code}")
    if organisation.kind != "regulator":
        raise Refused(fields=[FieldError("organisation", "not_a_regulator")])
    division.highest_regulator_id = organisation.id


def add_organisation(
    session: Session,
    *,
    kind: str,
    label: Label,
    division: str,
    now: datetime,
    parent: Organisation | None = None,
    uscc: str | None = None,
    document_word: str | None = None,
) -> Organisation:
    """A regulator or enterprise (no parent), a department or team (with one).

    `document_word` is what its document numbers begin with; without one it is derived from the name.
    """
    if document_word is not None and not is_word(document_word):
        raise Refused(fields=[FieldError("document_word", "document_word", {"at_most": WORD_LENGTH_MAX})])
    id_ = new_id()
    path = (parent.path if parent else "") + id_.hex + "/"
    organisation = Organisation(
        id=id_,
        parent_id=parent.id if parent else None,
        path=path,
        kind=kind,
        division=division,
        name_zh=label.zh,
        name_en=label.en,
        uscc=uscc,
        document_word=document_word,
        created_at=now,
    )
    session.add(organisation)
    session.flush()
    return organisation


def add_person(
    session: Session,
    *,
    username: str,
    name: str,
    organisation: Organisation,
    roles: tuple[str, ...],
    password: str,
    now: datetime,
    locale: str = "zh",
    email: str | None = None,
    phone: str | None = None,
) -> Person:
    """A person with roles in one organisation and a password of 8 to 128 characters."""
    problems = [FieldError("roles", "unknown_role", {"role": r}) for r in roles if r not in ROLES]
    problems += [
        FieldError("roles", "regulator_role_needs_regulator", {"role": r})
        for r in roles
        if r in REGULATOR_ROLES and organisation.kind != "regulator"
    ]
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        problems.append(
            FieldError(
                "password", "password_length", {"low": PASSWORD_LENGTH_MIN, "high": PASSWORD_LENGTH_MAX}
            )
        )
    if problems:
        raise Refused(fields=problems)
    if session.scalar(sa.select(Person.id).where(Person.username == username)):
        raise Conflict("username taken", fields=[FieldError("username", "taken")])
    person = Person(
        id=new_id(),
        username=username,
        name=name,
        locale=locale,
        organisation_id=organisation.id,
        path=organisation.path,
        division=organisation.division,
        regulator=organisation.kind == "regulator",
        created_at=now,
    )
    session.add(person)
    session.flush()
    session.add(Credential(person_id=person.id, password_hash=hash_password(password)))
    session.add(Contact(person_id=person.id, email=email, phone=phone))
    for role in roles:
        give_role(session, person=person, organisation=organisation, role=role)
    session.flush()
    return person


def give_role(session: Session, *, person: Person, organisation: Organisation, role: str) -> None:
    """A further role, here or in another organisation."""
    session.add(Membership(person_id=person.id, organisation_id=organisation.id, role=role))


def sign_in(
    session: Session,
    *,
    username: str,
    password: str,
    user_agent: str,
    now: datetime,
    kind: str = "desk",
    tablet_id: uuid.UUID | None = None,
) -> str | SignInNeeded:
    """The cookie's secret for a new session, or why not, without saying whether the name or the password was wrong.

    The refusal is returned, not raised: the transaction must commit the count of failures.
    """
    person = session.scalar(sa.select(Person).where(Person.username == username))
    credential = session.get(Credential, person.id, with_for_update=True) if person else None
    if credential is not None and credential.locked_until is not None and credential.locked_until > now:
        wait_minutes = int((credential.locked_until - now).total_seconds() // 60) + 1
        return SignInNeeded("locked", reason="locked", minutes=wait_minutes)
    right = verify_password(credential.password_hash if credential else None, password)
    if person is None or credential is None or not right or not person.active:
        if credential is not None:
            _count_failure(credential, now)
        return SignInNeeded("wrong", reason="wrong")
    credential.failed_count = 0
    credential.locked_until = None
    return open_session(
        session, person_id=person.id, user_agent=user_agent, now=now, kind=kind, tablet_id=tablet_id
    )


def add_token(
    session: Session,
    *,
    person: Person,
    name: str,
    now: datetime,
    days: int = TOKEN_DAYS_DEFAULT,
    rights: str = "read,write",
) -> str:
    """A bearer token, shown this once."""
    secret = "hf_" + secrets.token_urlsafe(32)
    session.add(
        ApiToken(
            digest=digest(secret),
            person_id=person.id,
            name=name,
            rights=rights,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    session.flush()
    return secret


def keep_personal(session: Session, *, value: str, subject_id: uuid.UUID, path: str, division: str) -> str:
    """Keep a personal value apart; returns the digest that may stand in hashed events."""
    salt = secrets.token_bytes(16)
    hex_digest = hashlib.sha256(salt + value.encode()).hexdigest()
    session.add(
        Personal(
            digest=hex_digest, subject_id=subject_id, path=path, division=division, salt=salt, value=value
        )
    )
    return hex_digest


def _count_failure(credential: Credential, now: datetime) -> None:
    credential.failed_count += 1
    over = credential.failed_count - FAILURES_BEFORE_LOCK
    if over >= 0:
        credential.locked_until = now + timedelta(minutes=min(60, 2**over))
