"""Who may not judge a file: whoever had a part in what it records."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.effects import parts
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.identity.actor import Actor

#: acts a file answers for; having looked or commented is no part in it
_ANSWERED_FOR = ("assign", "pass", "close", "confirm_fix", "submit", "accept")


def own_work(session: Session, actor: Actor, hazards: Sequence[Hazard]) -> set[uuid.UUID]:
    """Those of the hazards that this person classified, mended, re-checked, closed or was responsible for: one query for all."""
    holds = {hazard.id for hazard in hazards if actor.id in {person for _, person in parts(hazard)}}
    acted = sa.select(HazardEvent.hazard_id).where(
        HazardEvent.hazard_id.in_([hazard.id for hazard in hazards]),
        HazardEvent.actor == actor.key,
        HazardEvent.action.in_(_ANSWERED_FOR),
    )
    return holds | set(session.scalars(acted.distinct()))
