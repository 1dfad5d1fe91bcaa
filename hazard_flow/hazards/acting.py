"""An action on a hazard: judged, carried out, recorded, its timers re-planned, the next person told."""

from typing import Any

from hazard_flow.errors import NotFound, StateConflict, VersionConflict
from hazard_flow.hazards import binding
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.chain import Happening, append, instant_text
from hazard_flow.hazards.changes import Act, Outcome
from hazard_flow.hazards.documents import issue
from hazard_flow.hazards.effects import enter, take_fields, take_marks, take_signal
from hazard_flow.hazards.judging import context_of, hazard_view, judge, relations
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.personal import split_personal
from hazard_flow.hazards.tags import EventTag
from hazard_flow.hazards.telling import tell_of_act
from hazard_flow.hazards.timing import before, replan
from hazard_flow.identity.actor import Actor
from hazard_flow.workflow.definition import Action, Workflow
from hazard_flow.workflow.machine import next_state, switched_state
from hazard_flow.workflow.needs import to_event


def act(batch: Batch, change: Act) -> Outcome:
    """Judge an action and carry it out."""
    hazard = batch.hazards.get(change.hazard_id)
    if hazard is None:
        raise NotFound("hazard")
    if change.expected_version is not None and change.expected_version != hazard.seq:
        raise VersionConflict(
            f"version {hazard.seq}, not {change.expected_version}",
            expected=change.expected_version,
            version=hazard.seq,
        )
    workflow = batch.rules.pinned(hazard.workflow, hazard.workflow_version)
    action = workflow.actions.get(change.action)
    if action is None or action.from_states is None:
        raise NotFound(f"action {change.action}", action=change.action)
    stored = batch.evidence.get(hazard.id, [])
    clean = judge(
        batch,
        workflow,
        action,
        change.actor,
        hazard_view(batch.rules, hazard, stored, change.evidence, batch.facts.get(hazard.id)),
        context_of(batch.rules, hazard, now=batch.now, directory=batch.directory),
        change.data,
        roles=change.actor.roles_at(path=hazard.path, division=hazard.division),
        problems=binding.problems(stored, change.evidence),
    )
    target, state = _target(batch, workflow, action, hazard)
    return _carry_out(batch, change, hazard, workflow, action, clean, target, state)


def allowed_roles(actor: Actor, hazard: Hazard) -> frozenset[str]:
    """Roles and relations an actor has towards a hazard, for showing as whom they act."""
    held = set(actor.roles_at(path=hazard.path, division=hazard.division))
    held |= {relation for relation, people in relations(hazard).items() if str(actor.id) in people}
    return frozenset(held)


def _target(batch: Batch, workflow: Workflow, action: Action, hazard: Hazard) -> tuple[Workflow, str]:
    """The workflow and state the action leads to."""
    if action.switch is not None:
        key, state = switched_state(workflow, hazard.state, action.key)
        try:
            return batch.rules.newest(key), state
        except ValueError as error:
            raise StateConflict(f"no workflow {key}", action=action.key, state=hazard.state) from error
    return workflow, next_state(workflow, hazard.state, action.key)


def _carry_out(
    batch: Batch,
    change: Act,
    hazard: Hazard,
    workflow: Workflow,
    action: Action,
    clean: dict[str, Any],
    target: Workflow,
    state: str,
) -> Outcome:
    was, alarm_level = before(hazard, workflow), hazard.alarm_level or 0
    from_state, from_stage = hazard.state, hazard.stage
    moved = state != from_state or target.id != workflow.id
    open_values = split_personal(batch, hazard, to_event(clean))
    if moved:
        enter(hazard, target, state, resolution=action.resolution, now=batch.now)
    take_fields(hazard, clean, open_values)
    take_marks(hazard, action, clean, batch.now)
    take_signal(hazard, change.signal)
    if target.id != workflow.id:
        hazard.urgency = "M" if target.applies_to.get("level") == "major" else hazard.urgency
    if hazard.stage == "assigned" and moved:
        hazard.marks = {**hazard.marks, "assigned_at": instant_text(batch.now)}
    data: dict[str, Any] = {
        "workflow": target.id,
        "from": from_state,
        "state": state,
        "from_stage": from_stage,
        "stage": hazard.stage,
        "level": hazard.level,
        "urgency": hazard.urgency,
        "fields": open_values,
        "evidence": binding.bind(batch, hazard, change.evidence, by=change.actor.id),
        "resolution": hazard.resolution,
        "issues": issue(batch, hazard, action, change.actor),
        **change.signal,
    }
    replan(batch, hazard, target, action=action, before=was)
    event = append(hazard, Happening(EventTag.ACTED, action.key, change.actor.key, data), batch.now)
    batch.events.append(event)
    tell_of_act(
        batch,
        hazard,
        target,
        action=action,
        actor=change.actor,
        moved=moved,
        worse=(hazard.alarm_level or 0) > alarm_level,
    )
    return Outcome(hazard=hazard, event=event)
