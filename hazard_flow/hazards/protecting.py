"""Who reports past their manager is named to nobody in the enterprise: not on pages, not in events, not in the closure file.

Work Safety Law art. 46, 73–74. The record keeps a salted digest; who it was stands in the personal table, which only the regulator reads.
Whoever reported may also have work of their own to do on the hazard, as an inspector or as the responsible person. That is done under
their name like everybody's: an unnamed hand on the work of a named person would tell who reported.
"""

import uuid

from hazard_flow.hazards.effects import CONCEALED_PATH, parts
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.workflow.definition import Action

#: how a protected reporter stands in events
PROTECTED = "protected"


def acts_as_reporter(hazard: Hazard, actor: Actor, action: Action) -> bool:
    """Whether this is the act of the protected reporter and of nobody else: no role and no other part of theirs allows it."""
    if actor.id is None or actor.id != hazard.protected_reporter_id:
        return False
    if hazard.path == CONCEALED_PATH:
        return True
    own = set(actor.roles_at(path=hazard.path, division=hazard.division))
    own |= {relation for relation, person in parts(hazard) if person == actor.id}
    return "reporter" in action.who and not own & set(action.who)


def shown_key(hazard: Hazard, actor: Actor, action: Action) -> str:
    """The actor as events write them."""
    return PROTECTED if acts_as_reporter(hazard, actor, action) else actor.key


def shown_id(hazard: Hazard, actor: Actor, action: Action) -> uuid.UUID | None:
    """The actor's id where it may be stored in sight."""
    return None if acts_as_reporter(hazard, actor, action) else actor.id
