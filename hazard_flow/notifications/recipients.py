"""Where people can be reached."""

import uuid
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.identity.models import Contact, Person
from hazard_flow.notifications.channels import Recipient


def recipients(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Recipient]:
    """The people among `ids` with their addresses; unknown ones are left out."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = session.execute(
        sa.select(Person.id, Person.name, Person.locale, Person.active, Contact.email, Contact.phone)
        .outerjoin(Contact, Contact.person_id == Person.id)
        .where(Person.id.in_(wanted))
    )
    return {
        id_: Recipient(
            person_id=id_, name=name, locale=locale, active=active, email=email or None, phone=phone or None
        )
        for id_, name, locale, active, email, phone in rows
    }
