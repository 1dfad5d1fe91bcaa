"""Who was hurt: personal values, kept apart from every step and list, shown on the accident's own page, erasable for ever."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.accidents.models import OUTCOMES, Accident, Casualty
from hazard_flow.accidents.steps import JUDGE, REGISTER, demand, note, on
from hazard_flow.errors import FieldError, NotFound, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Personal
from hazard_flow.identity.operations import keep_personal
from hazard_flow.storage.base import new_id
from hazard_flow.storage.journal import digest_of

NAME_MAX, NOTE_MAX = 40, 200


@dataclass(frozen=True)
class Known:
    """One casualty as the accident's page shows it; name and note are None once they are erased."""

    id: uuid.UUID
    outcome: str
    name: str | None
    note: str | None

    @property
    def is_erased(self) -> bool:
        """Whether the personal values are gone."""
        return self.name is None


def enter(
    session: Session, *, actor: Actor, accident_id: uuid.UUID, outcome: str, name: str, words: str, request_key: str,
    now: datetime,
) -> Accident:  # fmt: skip
    """One more person; the step names nobody. Raises Refused."""
    demand(actor, REGISTER)
    # the name itself must not be in a digest that can be guessed at
    digest = digest_of("casualty", accident_id, outcome)

    def work(accident: Accident) -> None:
        faults = []
        if outcome not in OUTCOMES:
            faults.append(FieldError("outcome", "unknown_choice", {"value": outcome[:40]}))
        if not name.strip():
            faults.append(FieldError("name", "required"))
        for field, said, most in (("name", name, NAME_MAX), ("note", words, NOTE_MAX)):
            if len(said) > most:
                faults.append(FieldError(field, "too_long", {"at_most": most}))
        if faults:
            raise Refused(fields=faults)
        session.add(
            Casualty(
                id=new_id(), accident_id=accident.id, outcome=outcome, entered_at=now,
                name_digest=_keep(session, accident, name.strip()),
                note_digest=_keep(session, accident, words.strip()) if words.strip() else None,
            )
        )  # fmt: skip
        note(
            session,
            accident,
            "casualty",
            {"outcome": outcome},
            actor=actor,
            request_key=request_key,
            digest=digest,
            now=now,
        )

    return on(session, actor, accident_id, request_key, digest, work)


def erase(
    session: Session,
    *,
    actor: Actor,
    accident: Accident,
    casualty_id: uuid.UUID,
    request_key: str,
    now: datetime,
) -> None:
    """The person's name and particulars are gone; that somebody was hurt stays. Also after the accident was closed."""
    demand(actor, JUDGE)
    found = session.get(Casualty, casualty_id)
    if found is None or found.accident_id != accident.id:
        raise NotFound(f"casualty {casualty_id}")
    digests = [one for one in (found.name_digest, found.note_digest) if one]
    erased = session.scalars(
        sa.select(Personal).where(Personal.digest.in_(digests), Personal.erased_at.is_(None))
    ).all()
    if not erased:
        return
    for value in erased:
        value.value = value.salt = None
        value.erased_at = now
    digest = digest_of("erase", casualty_id)
    note(
        session,
        accident,
        "erased",
        {"casualty": str(casualty_id)},
        actor=actor,
        request_key=request_key,
        digest=digest,
        now=now,
    )


def known(session: Session, accident: Accident) -> Sequence[Known]:
    """Everybody who was hurt, in the order of entry."""
    rows = session.scalars(
        sa.select(Casualty)
        .where(Casualty.accident_id == accident.id)
        .order_by(Casualty.entered_at, Casualty.id)
    ).all()
    digests = [one for row in rows for one in (row.name_digest, row.note_digest) if one]
    values = {
        one.digest: one.value
        for one in session.scalars(sa.select(Personal).where(Personal.digest.in_(digests)))
    }
    return [
        Known(
            row.id,
            row.outcome,
            values.get(row.name_digest),
            values.get(row.note_digest) if row.note_digest else None,
        )
        for row in rows
    ]


def _keep(session: Session, accident: Accident, value: str) -> str:
    return keep_personal(
        session, value=value, subject_id=accident.id, path=accident.path, division=accident.division
    )
