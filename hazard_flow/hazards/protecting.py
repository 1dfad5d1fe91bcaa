"""Who reports past their manager is named to nobody in the enterprise: not on pages, not in events, not in the closure file.

Work Safety Law art. 46, 73–74. The record keeps a salted digest; who it was stands in the personal table, which only the regulator reads.
"""

import uuid

from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor

#: how a protected reporter stands in events
PROTECTED = "protected"


def is_protected(hazard: Hazard, person: uuid.UUID | None) -> bool:
    """Whether this person reported this hazard in confidence."""
    return person is not None and person == hazard.protected_reporter_id


def shown_key(hazard: Hazard, actor: Actor) -> str:
    """The actor as events write them."""
    return PROTECTED if is_protected(hazard, actor.id) else actor.key


def shown_id(hazard: Hazard, actor: Actor) -> uuid.UUID | None:
    """The actor's id where it may be stored in sight."""
    return None if is_protected(hazard, actor.id) else actor.id
