"""Writes of a person's own preferences."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, Refused
from hazard_flow.i18n import LOCALES
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Person


def choose_locale(session: Session, actor: Actor, locale: str) -> None:
    """Speak to this person in `zh` or `en` from now on, on pages and in messages."""
    if locale not in LOCALES:
        raise Refused(
            "no such language", fields=[FieldError("locale", "not_a_choice", {"choices": list(LOCALES)})]
        )
    session.execute(sa.update(Person).where(Person.id == actor.id).values(locale=locale))
