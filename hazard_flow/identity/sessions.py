"""Sign-ins kept on the server: how long each kind lasts, opening one and ending it."""

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.identity.models import AuthSession, Person

#: At a desk a sign-in ends after this long without a request, and after this long in any case (ASVS 5.0 7.3.1, 7.3.2).
IDLE_MAX = timedelta(hours=8)
SESSION_MAX = timedelta(days=7)
#: A tablet signed in for the field app: it lies in a car for weeks, and whoever holds unsent records must be able to send them.
#: It can be signed out from the page of tablets at any moment, which a longer sign-in needs.
TABLET_IDLE_MAX = timedelta(days=30)
TABLET_SESSION_MAX = timedelta(days=180)


@dataclass(frozen=True)
class Lasting:
    """How long a sign-in lasts: without a request, and in any case."""

    idle: timedelta
    at_most: timedelta


#: kind of session → how long it lasts
LASTING: Mapping[str, Lasting] = {
    "desk": Lasting(IDLE_MAX, SESSION_MAX),
    "tablet": Lasting(TABLET_IDLE_MAX, TABLET_SESSION_MAX),
}


def open_session(
    session: Session,
    *,
    person_id: uuid.UUID,
    user_agent: str,
    now: datetime,
    kind: str = "desk",
    tablet_id: uuid.UUID | None = None,
) -> str:
    """A new server-side session; 256 random bits go to the cookie, their digest to the database."""
    secret = secrets.token_urlsafe(32)
    session.add(
        AuthSession(
            digest=digest(secret),
            person_id=person_id,
            kind=kind,
            tablet_id=tablet_id,
            created_at=now,
            seen_at=now,
            expires_at=now + LASTING[kind].at_most,
            user_agent=user_agent[:200],
        )
    )
    return secret


def is_over(row: AuthSession, now: datetime) -> bool:
    """Whether the sign-in was revoked, has run its whole time, or rested for too long."""
    return row.revoked_at is not None or row.expires_at <= now or row.seen_at + LASTING[row.kind].idle <= now


def sign_out(session: Session, *, secret: str, now: datetime) -> None:
    """The session is over; the cookie is worth nothing from now on."""
    session.execute(sa.update(AuthSession).where(AuthSession.digest == digest(secret)).values(revoked_at=now))


def bind_to_tablet(session: Session, *, secret: str, tablet_id: uuid.UUID) -> None:
    """The session is used on this tablet, wherever it was begun: it ends when the tablet is lost."""
    session.execute(
        sa.update(AuthSession)
        .where(AuthSession.digest == digest(secret), AuthSession.tablet_id.is_distinct_from(tablet_id))
        .values(tablet_id=tablet_id)
        .execution_options(synchronize_session=False)
    )


def sign_out_tablet(session: Session, *, tablet_id: uuid.UUID, home_path: str, now: datetime) -> None:
    """Every sign-in that people of one house made on this tablet is over. Needs the system's scope."""
    people = sa.select(Person.id).where(Person.path.startswith(home_path, autoescape=True))
    session.execute(
        sa.update(AuthSession)
        .where(
            AuthSession.tablet_id == tablet_id,
            AuthSession.revoked_at.is_(None),
            AuthSession.person_id.in_(people),
        )
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )


def digest(secret: str) -> bytes:
    """How secrets are stored: SHA-256; they carry 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).digest()
