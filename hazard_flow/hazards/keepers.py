"""Whose stuck timers and messages a person looks after: by organisation for administrators, by hazard for officers."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from hazard_flow.hazards.effects import CONCEALED_PATH
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor


def looked_after(
    actor: Actor, *, home: InstrumentedAttribute[uuid.UUID], subject: InstrumentedAttribute[uuid.UUID]
) -> sa.ColumnElement[bool]:
    """The rows of a table (its columns of home and subject) that are this keeper's.

    An administrator has those of the own organisation, what lies concealed with the regulator left out; a regulator's administrator all of
    them, an officer those of the hazards in scope.
    """
    if actor.is_system:
        return sa.true()
    desks = [h for h in actor.holdings if h.role == "administrator"]
    if any(h.regulator for h in desks):
        return sa.true()
    homes = home.in_(sorted({uuid.UUID(hex=h.path.split("/", 1)[0]) for h in desks}))
    concealed = sa.exists().where(Hazard.id == subject, Hazard.path == CONCEALED_PATH)
    reach: list[sa.ColumnElement[Any]] = [sa.and_(homes, ~concealed)]
    if actor.scope.divisions:
        in_scope = actor.scope.where(Hazard.path, Hazard.division, Hazard.parties)
        reach.append(sa.exists().where(Hazard.id == subject, in_scope))
    return sa.or_(*reach)
