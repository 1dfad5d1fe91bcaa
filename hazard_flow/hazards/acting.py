"""An action on a hazard: judged, carried out, recorded, its timers re-planned, the next person told."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hazard_flow.errors import NotFound, StateConflict, VersionConflict
from hazard_flow.hazards import binding, linking, risk_links, writing_off
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.chain import Happening, append, instant_text
from hazard_flow.hazards.changes import Act, Outcome
from hazard_flow.hazards.classifying import (
    note_assignment,
    note_classifier,
    note_conditional,
    note_reading,
    take_code,
)
from hazard_flow.hazards.consequences import Consequences, consequences
from hazard_flow.hazards.documents import issue
from hazard_flow.hazards.effects import (
    Signatures,
    adopt,
    conceal,
    enter,
    is_approved,
    note_parties,
    own_instants,
    sign,
    signature_of,
    take_fields,
    take_marks,
    take_proceedings,
    take_signal,
    void_requests,
)
from hazard_flow.hazards.judging import context_of, hazard_view, held_relations, judge
from hazard_flow.hazards.listed import keep, rows_for
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.originality import reuse
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


@dataclass(frozen=True)
class Step:
    """An accepted action and where it leads."""

    action: Action
    workflow: Workflow
    target: Workflow
    state: str

    @property
    def switches(self) -> bool:
        """Whether the hazard goes on under another workflow."""
        return self.target.id != self.workflow.id


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
    kin = (hazard.split_from_id, hazard.merged_into_id)
    again = reuse.Again(
        reuse.reused(hazard.id, stored, change.evidence, batch.uses, kin=kin), change.data.get(reuse.REASON)
    )
    form = {name: value for name, value in change.data.items() if name != reuse.REASON}
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
            data=form,
        ),
        context_of(
            batch.rules,
            hazard,
            now=batch.now,
            directory=batch.directory,
            actor=change.actor.id,
            named=batch.named,
        ),
        form,
        roles=change.actor.roles_at(path=hazard.path, division=hazard.division),
        problems=[
            *binding.problems(stored, change.evidence),
            *again.problems(),
            *risk_links.problems(batch.session, hazard.home_id, form),
        ],
    )
    step = _step(batch, workflow, action, hazard)
    return _carry_out(batch, change, hazard, step, clean, again=again)


def allowed_roles(actor: Actor, hazard: Hazard) -> frozenset[str]:
    """Roles and relations an actor has towards a hazard, for showing as whom they act."""
    held = set(actor.roles_at(path=hazard.path, division=hazard.division))
    held |= {relation for relation, people in held_relations(hazard).items() if str(actor.id) in people}
    return frozenset(held)


def _step(batch: Batch, workflow: Workflow, action: Action, hazard: Hazard) -> Step:
    """The workflow and state the action leads to."""
    if action.switch is None:
        return Step(action, workflow, workflow, next_state(workflow, hazard.state, action.key))
    key, state = switched_state(workflow, hazard.state, action.key)
    try:
        return Step(action, workflow, batch.rules.newest(key), state)
    except ValueError as error:
        raise StateConflict(f"no workflow {key}", action=action.key, state=hazard.state) from error


def _carry_out(
    batch: Batch,
    change: Act,
    hazard: Hazard,
    step: Step,
    clean: dict[str, Any],
    *,
    again: reuse.Again,
) -> Outcome:
    # what may still be refused comes first: a refused change leaves no trace
    lost = writing_off.chosen(batch.evidence.get(hazard.id, ()), clean) if step.action.writes_off else ()
    spawned = linking.split(batch, change, hazard, clean) if step.action.spawns else None
    alarm_level = hazard.alarm_level or 0
    by = shown_key(hazard, change.actor, step.action), shown_id(hazard, change.actor, step.action)
    start = {"from": hazard.state, "from_stage": hazard.stage}
    applicant = read(hazard.proceedings).applicant(step.action.shuts)
    open_values = split_personal(batch, hazard, to_event(clean))
    # the code of a split is of the second hazard, which keeps its row itself
    named = {} if step.action.spawns else clean
    kept = keep(hazard, rows_for(batch.rules, division=hazard.division, now=batch.now), named)
    effect = take_effect(
        batch,
        hazard,
        step,
        clean,
        event_values=open_values,
        signal=change.signal,
        who=change.actor.id,
        shown=by[1],
        done_at=change.offline.at if change.offline else None,
    )
    action, follow = effect.action, effect.follow
    follow.add(consequences(batch, change, hazard, action, clean, applicant=applicant))
    issued = issue(batch, hazard, action, change.actor)
    if lost:
        follow.data["written_off"] = writing_off.carry_out(batch, lost)
    if spawned is not None:
        follow.data["spawned"] = spawned
    if action.quorum > 1:
        follow.data["signatures"] = {"have": effect.signatures.have, "needed": action.quorum}
    data = {
        "workflow": step.target.id,
        **start,
        "state": hazard.state,
        "stage": hazard.stage,
        "level": hazard.level,
        "urgency": hazard.urgency,
        "fields": open_values,
        "evidence": binding.bind(batch, hazard, change.evidence, by=by[1]),
        "resolution": hazard.resolution,
        **kept,
        **issued,
        **change.signal,
        **(change.offline.told() if change.offline else {}),
        **follow.data,
        **again.told(),
    }
    batch.flags += again.flag_rows(hazard, event_seq=hazard.seq + 1, now=batch.now)
    if "completed_at" in clean:
        batch.to_examine.add((hazard.id, hazard.seq + 1))
    event = append(hazard, Happening(EventTag.ACTED, action.key, by[0], data), batch.now)
    batch.events.append(event)
    tell_of_act(
        batch,
        hazard,
        step.target,
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

    #: the action, or what it amounts to while signatures are missing
    action: Action
    moved: bool
    signatures: Signatures
    #: what its event says of that
    follow: Consequences


def take_effect(
    batch: Batch,
    hazard: Hazard,
    step: Step,
    clean: Mapping[str, Any],
    *,
    event_values: Mapping[str, Any],
    signal: Mapping[str, Any],
    who: uuid.UUID | None,
    shown: uuid.UUID | None,
    done_at: datetime | None = None,
) -> Effect:
    """What an action makes of the hazard and its timers. History replayed under other rules comes through here too.

    `who` acted; `shown` is the same where it may be stored in sight; `done_at` is the act's own time where it was handed in later.
    """
    was = before(hazard, step.workflow)
    signatures = sign(hazard, step.action, who)
    action = step.action if signatures.complete else signature_of(step.action)
    moved = signatures.complete and (step.switches or step.state != hazard.state)
    if moved:
        _enter(batch, hazard, step)
    take_fields(hazard, clean, event_values, workflow=step.target, action=action)
    found = Consequences()
    if action.takes is not None and who is not None:
        hazard.responsible_id = who
        note_parties(hazard)
    take_code(hazard, clean)
    note_conditional(hazard, batch.now)
    note_reading(hazard, clean, batch.now)
    if adopted := adopt(hazard, action, clean):
        found.data["adopted"] = adopted
    take_marks(hazard, action, clean, batch.now, own=own_instants(hazard, step.workflow, done_at))
    take_proceedings(hazard, action, clean, shown, batch.now)
    take_signal(hazard, signal)
    if step.switches:
        _switch(hazard, step, who, found)
    elif moved and hazard.stage == "assigned":
        note_assignment(hazard, who, batch.now)
    replan(
        batch, hazard, step.target, action=action, before=was, ended=(*_ended(action, clean), *found.ended)
    )
    return Effect(action, moved, signatures, found)


def _switch(hazard: Hazard, step: Step, who: uuid.UUID | None, found: Consequences) -> None:
    """Go on under another workflow: the deadline and the term stay, requests that mean nothing there end."""
    if step.target.applies_to.get("level") == "major":
        hazard.urgency = "M"
        note_classifier(hazard, who)
    void, found.ended = void_requests(hazard, step.workflow, step.target)
    if void:
        found.data["void"] = list(void)


def _ended(action: Action, clean: Mapping[str, Any]) -> tuple[str, ...]:
    """The timers this act ends, those that only an approval ends among them."""
    approved = action.approved if is_approved(action, clean) else None
    return (*action.ends, *(approved.ends if approved else ()))


def _enter(batch: Batch, hazard: Hazard, step: Step) -> None:
    if step.switches:
        hazard.marks = {**hazard.marks, PINNED_AT: instant_text(batch.now)}
    enter(hazard, step.target, step.state, resolution=step.action.resolution, now=batch.now)
    home = batch.organisations.get(hazard.organisation_id)
    conceal(hazard, step.target, home.path if home is not None else hazard.path)
