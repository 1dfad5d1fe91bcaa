"""An open hazard goes on under another version of its workflow. Walks through the door like everything else, one event each."""

from hazard_flow.errors import FieldError, NotAllowed, NotFound, Refused
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.chain import Happening, append
from hazard_flow.hazards.changes import Migrate, Outcome
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.proceedings import read
from hazard_flow.hazards.tags import EventTag
from hazard_flow.hazards.telling import tell_holder
from hazard_flow.hazards.timing import before, begun, instants
from hazard_flow.identity.actor import Actor, system_actor
from hazard_flow.schedule.rows import TimerRow
from hazard_flow.workflow.definition import Action, State, Workflow
from hazard_flow.workflow.migration import counterpart
from hazard_flow.workflow.moves import timer_moves

#: who migrates at the command line without naming an account
ADMINISTRATOR = system_actor("administrator")
REASON_LENGTH_MAX = 500


def migrate(batch: Batch, change: Migrate) -> Outcome:
    """Judge the migration of one hazard and carry it out; nothing is changed before everything is decided."""
    hazard = batch.hazards.get(change.hazard_id)
    if hazard is None:
        raise NotFound("hazard")
    _demand(change)
    old = batch.rules.pinned(hazard.workflow, hazard.workflow_version)
    new = _target(batch, hazard, change.to_version)
    state = counterpart(old, new, hazard.state, names=change.map)
    planned = _planned(batch, hazard, old, new, state)
    if not planned:
        raise Refused(fields=[FieldError("state", "no_deadline", {"to": new.id, "state": state.key})])
    was = old.states[hazard.state]
    data = {
        "workflow": new.id,
        "from_workflow": old.id,
        "from": was.key,
        "state": state.key,
        "from_stage": was.stage,
        "stage": state.stage,
        "level": hazard.level,
        "urgency": hazard.urgency,
        "fields": {"reason": change.reason.strip()},
    }
    _go_on(batch, hazard, new, state, planned)
    event = append(hazard, Happening(EventTag.MIGRATED, None, change.actor.key, data), batch.now)
    batch.events.append(event)
    if state.holder != was.holder:
        tell_holder(batch, hazard, new)
    return Outcome(hazard=hazard, event=event)


def _demand(change: Migrate) -> None:
    if not _is_administrator(change.actor):
        raise NotAllowed("migrate", action="migrate")
    reason = change.reason.strip()
    if not reason:
        raise Refused(fields=[FieldError("reason", "required")])
    if len(reason) > REASON_LENGTH_MAX:
        raise Refused(fields=[FieldError("reason", "too_long", {"at_most": REASON_LENGTH_MAX})])


def _is_administrator(actor: Actor) -> bool:
    return actor.key == ADMINISTRATOR.key or (actor.may_write and "administrator" in actor.roles)


def _target(batch: Batch, hazard: Hazard, version: int) -> Workflow:
    new = batch.rules.workflows.get((hazard.workflow, version))
    wanted = f"{hazard.workflow}.v{version}"
    if new is None:
        raise Refused(fields=[FieldError("to_version", "unknown_version", {"to": wanted})])
    if not hazard.is_open:
        raise Refused(fields=[FieldError("state", "already_closed")])
    if version == hazard.workflow_version:
        raise Refused(fields=[FieldError("to_version", "already_there", {"to": wanted})])
    return new


def _planned(batch: Batch, hazard: Hazard, old: Workflow, new: Workflow, state: State) -> list[TimerRow]:
    """The timers the hazard runs under from now on: those of a switch, with the ladders as far climbed as they are."""
    pending = batch.timers.get(hazard.id, {})
    moves = timer_moves(
        new,
        _neutral(state),
        before=old.states[hazard.state],
        after=state,
        running=frozenset(pending),
        marks=frozenset(hazard.marks) | frozenset(read(hazard.proceedings).open),
        known=frozenset(instants(hazard)),
        switched=True,
    )
    was = before(hazard, old)
    begins = (
        begun(batch, hazard, new, rule, kind=kind, before=was, running=pending.get(name))
        for name, (kind, rule) in moves.start.items()
    )
    return [timer for timer in begins if timer is not None]


def _neutral(state: State) -> Action:
    """No action of any file: it starts, resets and sets nothing."""
    return Action(key="", label=state.label, from_states=None, to=state.key, who=())


def _go_on(batch: Batch, hazard: Hazard, new: Workflow, state: State, planned: list[TimerRow]) -> None:
    # `state_entered_at` and `state_seq` stay: the hazard has been standing here all the time, and evidence that came with
    # the step into this state, or since, still counts as such.
    hazard.workflow_version, hazard.state = new.version, state.key
    for timer in list(batch.timers.get(hazard.id, {}).values()):
        batch.drop_timer(timer)
    for timer in planned:
        batch.add_timer(timer)
