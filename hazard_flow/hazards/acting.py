"""An action on a hazard: judged, carried out, recorded, its timers re-planned, the next person told."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hazard_flow.errors import NotFound, StateConflict, VersionConflict
from hazard_flow.hazards import binding
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.chain import Happening, append, instant_text
from hazard_flow.hazards.changes import Act, Outcome
from hazard_flow.hazards.consequences import consequences
from hazard_flow.hazards.effects import (
    Signatures,
    adopt,
    conceal,
    enter,
    is_approved,
    note_assignment,
    note_conditional,
    note_parties,
    sign,
    take_fields,
    take_marks,
    take_proceedings,
    take_signal,
)
from hazard_flow.hazards.judging import context_of, hazard_view, judge, relations
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.personal import split_personal
from hazard_flow.hazards.proceedings import read
from hazard_flow.hazards.protecting import shown_id, shown_key
from hazard_flow.hazards.tags import EventTag
from hazard_flow.hazards.telling import tell_of_act
from hazard_flow.hazards.timing import PINNED_AT, before, replan
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
        hazard_view(
            batch.rules,
            hazard,
            stored,
            change.evidence,
            batch.facts.get(hazard.id),
            limits=batch.limits(hazard.division, hazard.level),
            data=change.data,
        ),
        context_of(
            batch.rules,
            hazard,
            now=batch.now,
            directory=batch.directory,
            actor=change.actor.id,
            named=batch.named,
        ),
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
    from_state, from_stage, alarm_level = hazard.state, hazard.stage, hazard.alarm_level or 0
    applicant = read(hazard.proceedings).applicant(action.shuts)
    open_values = split_personal(batch, hazard, to_event(clean))
    effect = take_effect(
        batch, hazard, workflow, action, clean,
        target=target, state=state, event_values=open_values, signal=change.signal, who=change.actor.id,
    )  # fmt: skip
    follow = consequences(batch, change, hazard, action, clean, applicant=applicant)
    if effect.adopted:
        follow.data["adopted"] = effect.adopted
    if action.quorum > 1:
        follow.data["signatures"] = {"have": effect.signatures.have, "needed": action.quorum}
    data: dict[str, Any] = {
        "workflow": target.id,
        "from": from_state,
        "state": hazard.state,
        "from_stage": from_stage,
        "stage": hazard.stage,
        "level": hazard.level,
        "urgency": hazard.urgency,
        "fields": open_values,
        "evidence": binding.bind(batch, hazard, change.evidence, by=shown_id(hazard, change.actor)),
        "resolution": hazard.resolution,
        **change.signal,
        **follow.data,
    }
    event = append(
        hazard, Happening(EventTag.ACTED, action.key, shown_key(hazard, change.actor), data), batch.now
    )
    batch.events.append(event)
    tell_of_act(
        batch,
        hazard,
        target,
        action=action,
        actor=change.actor,
        moved=effect.moved,
        worse=(hazard.alarm_level or 0) > alarm_level,
        applicant=applicant,
    )
    follow.tell(batch, hazard)
    return Outcome(hazard=hazard, event=event)


@dataclass(frozen=True)
class Effect:
    """What an act made of the hazard."""

    moved: bool
    signatures: Signatures
    #: what an approval changed, as events hold it
    adopted: Mapping[str, Any]


def take_effect(
    batch: Batch,
    hazard: Hazard,
    workflow: Workflow,
    action: Action,
    clean: Mapping[str, Any],
    *,
    target: Workflow,
    state: str,
    event_values: Mapping[str, Any],
    signal: Mapping[str, Any],
    who: uuid.UUID | None,
) -> Effect:
    """What an action makes of the hazard and its timers. History replayed under other rules comes through here too."""
    was = before(hazard, workflow)
    signatures = sign(hazard, action, who)
    moved = signatures.complete and (state != hazard.state or target.id != workflow.id)
    if moved:
        _enter(batch, hazard, target, state, action)
    take_fields(hazard, clean, event_values, workflow=target, action=action)
    note_conditional(hazard, batch.now)
    if action.takes is not None and who is not None:
        hazard.responsible_id = who
        note_parties(hazard)
    adopted = adopt(hazard, action, clean)
    take_marks(hazard, action, clean, batch.now)
    take_proceedings(hazard, action, clean, who, batch.now)
    take_signal(hazard, signal)
    if target.id != workflow.id:
        hazard.urgency = "M" if target.applies_to.get("level") == "major" else hazard.urgency
    if hazard.stage == "assigned" and moved:
        note_assignment(hazard, who, batch.now)
    replan(batch, hazard, target, action=action, before=was, ended=_ended(action, clean))
    return Effect(moved, signatures, adopted)


def _ended(action: Action, clean: Mapping[str, Any]) -> tuple[str, ...]:
    """The timers this act ends, those that only an approval ends among them."""
    approved = action.approved if is_approved(action, clean) else None
    return (*action.ends, *(approved.ends if approved else ()))


def _enter(batch: Batch, hazard: Hazard, target: Workflow, state: str, action: Action) -> None:
    if target.id != f"{hazard.workflow}.v{hazard.workflow_version}":
        hazard.marks = {**hazard.marks, PINNED_AT: instant_text(batch.now)}
    enter(hazard, target, state, resolution=action.resolution, now=batch.now)
    home = batch.organisations.get(hazard.organisation_id)
    conceal(hazard, target, home.path if home is not None else hazard.path)
