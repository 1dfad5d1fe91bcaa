"""What waits for one person: the next step that is theirs, answers they owe, signatures that are missing."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.actions import actor_view
from hazard_flow.hazards.duties import setters
from hazard_flow.hazards.effects import parts
from hazard_flow.hazards.grouping import Standing, is_answer, missing
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.proceedings import Proceedings, read
from hazard_flow.hazards.queries import Filter, conditions
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.hazards.telling import holder_of, parts_of
from hazard_flow.i18n import Label
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.directory import Directory
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.workflow.definition import Action, Workflow

#: open hazards looked through; more than anybody can owe
LOOKED_THROUGH_MAX = 500
#: whoever does the work says it is done
_COMPLETE_PERCENT = 100


@dataclass(frozen=True)
class Owed:
    """A hazard that waits for somebody, and for what."""

    hazard: Hazard
    label: Label
    #: an answer or a signature holds up others; a step is the person's own work
    is_decision: bool = False


def owed(session: Session, actor: Actor, *, now: datetime) -> tuple[list[Owed], list[Hazard]]:
    """What waits for this person, decisions first, then by deadline; and the hazards they hold a part in that wait for others."""
    scope = scope_of_session(session)
    found = session.scalars(
        sa.select(Hazard)
        .where(*conditions(Filter(open_only=True), scope, now))
        .order_by(Hazard.due_at.is_(None), Hazard.due_at, Hazard.reported_at)
        .limit(LOOKED_THROUGH_MAX)
    ).all()
    rules = rules_of(session)
    directory = Directory.load(
        session, paths={h.path for h in found}, people={p for h in found for _, p in parts(h)}
    )
    mine, waiting = [], []
    for hazard in found:
        one = _owed(rules, hazard, actor, directory)
        if one is not None:
            mine.append(one)
        elif actor.id is not None and f",{actor.id.hex}," in hazard.parties:
            waiting.append(hazard)
    return sorted(mine, key=lambda one: not one.is_decision), waiting


def _owed(rules: Rules, hazard: Hazard, actor: Actor, directory: Directory) -> Owed | None:
    if actor.id is None:
        return None
    workflow = rules.pinned(hazard.workflow, hazard.workflow_version)
    standing = read(hazard.proceedings)
    decision = _decision(workflow, hazard, standing, actor, directory)
    if decision is not None:
        return Owed(hazard, decision.label, is_decision=True)
    holder = holder_of(hazard, workflow)
    if holder is None or actor.id not in directory.holders(holder, parts_of(hazard, holder)):
        return None
    if _has_signed(workflow, hazard, standing, actor.id):
        return None
    return Owed(hazard, workflow.states[hazard.state].label)


def _decision(
    workflow: Workflow, hazard: Hazard, standing: Proceedings, actor: Actor, directory: Directory
) -> Action | None:
    """The act by which this person answers an open request, or gives the signature that alone is missing."""
    here = [a for a in workflow.actions.values() if hazard.state in (a.from_states or ())]
    for action in here:
        opened = standing.open.get(action.shuts or "") if is_answer(action) else None
        if opened is not None and _is_asked(workflow, action, hazard, actor, directory, applicant=opened.by):
            return action
    for action in here:
        signed = standing.signed.get(action.key, ())
        if action.quorum > 1 and signed and str(actor.id) not in signed and _holds(action, hazard, actor):
            return action
    return _last_signature(workflow, hazard, standing, actor, directory)


def _last_signature(
    workflow: Workflow, hazard: Hazard, standing: Proceedings, actor: Actor, directory: Directory
) -> Action | None:
    """The mark that alone keeps a finished work from being handed in, where it is this person's to set."""
    if int(hazard.details.get("percent") or 0) < _COMPLETE_PERCENT:
        return None
    lacking = missing(workflow, Standing(hazard.state, set(standing.open), set(hazard.marks)))
    steps = [
        a for a in workflow.actions.values() if hazard.state in (a.from_states or ()) and a.to is not None
    ]
    asked = lacking & {guard for action in steps for guard in action.guards}
    if len(asked) != 1:
        return None
    acts = [a for a in setters(workflow, next(iter(asked))) if hazard.state in (a.from_states or ())]
    return next(
        (a for a in acts if a.shuts is None and _is_asked(workflow, a, hazard, actor, directory)), None
    )


def _is_asked(
    workflow: Workflow,
    action: Action,
    hazard: Hazard,
    actor: Actor,
    directory: Directory,
    *,
    applicant: str | None = None,
) -> bool:
    """Whether an act is first of all this person's: of the roles the request names, then of the act's own, the nearest holders."""
    told = [role for a in workflow.actions.values() if a.opens and a.opens == action.shuts for role in a.tell]
    excluded = {str(person) for relation, person in parts(hazard) if relation in action.other_than} | {
        applicant
    }
    for role in (*(r for r in told if r in action.who), *action.who):
        holders = [h for h in directory.holders(role, parts_of(hazard, None)) if str(h) not in excluded]
        if holders:
            return actor.id in holders
    return False


def _holds(action: Action, hazard: Hazard, actor: Actor) -> bool:
    """Whether the person holds a part or role the act is for."""
    held = set(actor_view(actor, hazard).roles)
    held |= {relation for relation, person in parts(hazard) if person == actor.id}
    return bool(held & set(action.who))


def _has_signed(workflow: Workflow, hazard: Hazard, standing: Proceedings, person: uuid.UUID) -> bool:
    """Whether they did their part of a step that still waits for somebody else's signature."""
    return any(
        str(person) in signed
        for key, signed in standing.signed.items()
        if (action := workflow.actions.get(key)) is not None and hazard.state in (action.from_states or ())
    )
