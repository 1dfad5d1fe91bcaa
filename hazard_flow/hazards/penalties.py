"""Penalties of an enterprise, counted: a major hazard and three penalties in 180 days, or four in a year, call for closing it down.

Work Safety Law art. 113(1) [V]. The counter warns the regulator; it decides nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.effects import CONCEALED_PATH
from hazard_flow.hazards.models import Hazard, Penalty
from hazard_flow.hazards.telling import Telling, parts_of
from hazard_flow.identity.models import Organisation
from hazard_flow.storage.unit import beyond_scope
from hazard_flow.workflow.definition import Action

ACTION = "record_penalty"
HALF_YEAR, YEAR = timedelta(days=180), timedelta(days=365)
#: whom a proposal to close concerns
_CONCERNED = ("county_officer", "city_officer")


@dataclass
class Counted:
    """How many penalties the enterprise has, and who hears of it."""

    data: dict[str, Any]
    tellings: list[Telling] = field(default_factory=list)


def record(batch: Batch, hazard: Hazard, action: Action, clean: dict[str, Any]) -> Counted | None:
    """Note a penalty and count the enterprise's; None for every other act."""
    if action.key != ACTION:
        return None
    decided_at: datetime = clean["penalty_at"]
    _one_at_a_time(batch.session, hazard)
    batch.session.add(
        Penalty(
            home_id=hazard.home_id,
            hazard_id=hazard.id,
            event_seq=hazard.seq + 1,
            number=str(clean["penalty_number"]),
            kind=str(clean["penalty_kind"]),
            decided_at=decided_at,
        )
    )
    batch.session.flush()
    limits = batch.limits(hazard.division)
    with beyond_scope(batch.session):
        half, year = counts(batch.session, hazard, batch.now)
        reached = half >= limits.penalties_in_180_days or year >= limits.penalties_in_one_year
        proposal = reached and _has_open_major(batch.session, hazard)
    found = Counted({"in_180_days": half, "in_one_year": year, "closure_proposal": proposal})
    if proposal:
        told = batch.directory.tell(_CONCERNED, parts_of(hazard, None))
        found.tellings.append(
            Telling(told.people, ("inbox", "message"), "penalties", {"half_year": half, "year": year})
        )
    return found


def counts(session: Session, hazard: Hazard, now: datetime) -> tuple[int, int]:
    """Penalties of the hazard's enterprise decided in the last 180 days and in the last year.

    One decision counts once, on however many hazards it is recorded.
    """
    number = sa.func.count(sa.distinct(Penalty.number))
    row = session.execute(
        sa.select(number.filter(Penalty.decided_at > now - HALF_YEAR), number).where(
            Penalty.home_id == hazard.home_id, Penalty.decided_at > now - YEAR, Penalty.decided_at <= now
        )
    ).one()
    return int(row[0]), int(row[1])


def _one_at_a_time(session: Session, hazard: Hazard) -> None:
    """Two penalties recorded at once must see each other: the enterprise's row is held until the end of the transaction."""
    wanted = sa.select(Organisation.id).where(Organisation.id == hazard.home_id)
    with beyond_scope(session):
        session.execute(wanted.with_for_update(key_share=True))


def _has_open_major(session: Session, hazard: Hazard) -> bool:
    """Whether a major of this enterprise is open, of those the enterprise knows of: a proposal must not tell of a protected report."""
    if hazard.level == "major" and hazard.is_open and hazard.path != CONCEALED_PATH:
        return True
    wanted = (
        Hazard.home_id == hazard.home_id,
        Hazard.level == "major",
        Hazard.closed_at.is_(None),
        Hazard.path != CONCEALED_PATH,
    )
    return session.scalar(sa.select(Hazard.id).where(*wanted).limit(1)) is not None
