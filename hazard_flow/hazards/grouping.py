"""In which group an act stands on a hazard's page, and which acts are the reader's next step. Pure, and read off the act itself.

A workflow file may name an act anything; what it opens, settles, sets and where it leads says what it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.roles import REGULATOR_ROLES
from hazard_flow.workflow.definition import STAGES, URGENCIES, Action, Workflow
from hazard_flow.workflow.vocabulary import APPLICANT

#: the groups below the next steps, in the order they stand
GROUPS = ("requests", "controls", "users", "duties", "changes", "oversight", "records")
#: measures beside the work, and requests somebody else answers
_MEASURES = frozenset({"control", "gas_stop"})
_REQUESTS = frozenset({"extension", "lowering"})
_PLAN = "plan"
#: a visit or a notice to a user is known by these
_USER_FIELDS = frozenset({"visit_at", "delivery"})
#: acts that change nothing
_RECORDS = frozenset({"attach", "acknowledge", "progress", "write_off_evidence"})
_FORWARD, _ANSWER, _MISSING, _RHYTHM, _OTHERWISE = range(5)


@dataclass(frozen=True)
class Standing:
    """The hazard as far as the order of its acts depends on it."""

    state: str
    #: what stands open
    flags: Collection[str] = ()
    marks: Collection[str] = ()
    #: acts that some have signed already
    signed: Mapping[str, Collection[str]] = field(default_factory=dict)


def group_of(workflow: Workflow, action: Action) -> str:
    """The group an act stands in when it is no next step."""
    flag = action.opens or action.shuts
    if flag in _MEASURES:
        return "controls"
    if flag in _REQUESTS:
        return "requests"
    if flag == _PLAN or _is_duty(workflow, action):
        return "duties"
    if _USER_FIELDS & {need.field for need in action.needs}:
        return "users"
    if action.key in _RECORDS:
        return "records"
    if set(action.who) <= {*REGULATOR_ROLES, APPLICANT} and not _moves(action):
        return "oversight"
    return "changes"


def next_rank(workflow: Workflow, action: Action, standing: Standing) -> int | None:
    """How near the act is to what the hazard waits for, 0 the nearest; None for acts beside the way.

    In order: the step forward; the answer to an open request and the missing signature; what the step or a running clock still asks for;
    what must be done again and again; the other outcome of the step.
    """
    if is_forward(workflow, action, standing.state):
        return _FORWARD
    if is_answer(action) and action.shuts in standing.flags:
        return _ANSWER
    if action.quorum > 1 and standing.signed.get(action.key):
        return _ANSWER
    if _brings(workflow, action) & missing(workflow, standing):
        return _MISSING
    if any(action.key in rule.reset_by for rule in workflow.states[standing.state].timers.values()):
        return _RHYTHM
    return _OTHERWISE if _is_other_outcome(workflow, action, standing.state) else None


def changes_to(action: Action, hazard: Hazard, name: str, offered: Collection[str]) -> Collection[str]:
    """Of the choices of a field, those that would change anything: raising offers only higher urgencies, lowering only lower ones."""
    present = URGENCIES.index(hazard.urgency) if hazard.urgency in URGENCIES else None
    if present is None:
        return offered
    if "urgency_rises" in action.guards and name == "urgency":
        return [one for one in offered if URGENCIES.index(one) < present]
    if "urgency_falls" in action.guards and name == "requested_urgency":
        return [one for one in offered if URGENCIES.index(one) > present]
    return offered


def is_pointless(action: Action, hazard: Hazard) -> bool:
    """Whether every choice of the act would be refused: nothing is above A, nothing below C."""
    asked = [need for need in action.needs if need.rule.choices]
    return any(not changes_to(action, hazard, need.field, need.rule.choices) for need in asked)


def is_answer(action: Action) -> bool:
    """Whether this answers somebody else's request; withdrawing one's own and lifting a measure do not."""
    return (
        action.shuts is not None
        and action.shuts not in _MEASURES | {"listing"}
        and action.who[0] != APPLICANT
        and action.who != ("system",)
    )


def is_forward(workflow: Workflow, action: Action, state: str) -> bool:
    """Whether the act leads on: not back, not aside, not to an end that is no rectification."""
    if action.to is None or action.resolution in ("dismissed", "merged") or is_suspended(workflow, action.to):
        return False
    here, there = workflow.states[state], workflow.states[action.to]
    stages = STAGES.index(there.stage) - STAGES.index(here.stage)
    if stages:
        return stages > 0
    order = list(workflow.states)
    resumes = is_suspended(workflow, state) or (here.concealed and not there.concealed)
    return resumes or order.index(action.to) > order.index(state)


def is_suspended(workflow: Workflow, state: str) -> bool:
    """Whether work rests in this state, to be reviewed on a day."""
    return "review" in workflow.states[state].timers


def missing(workflow: Workflow, standing: Standing) -> frozenset[str]:
    """The marks that the step forward asks for, or a running clock waits for, and that are not there yet."""
    asked = {
        guard
        for action in workflow.actions.values()
        if standing.state in (action.from_states or ()) and is_forward(workflow, action, standing.state)
        for guard in action.guards
    }
    there = set(standing.marks) | set(standing.flags)
    for clock in workflow.clocks.values():
        if not clock.only_if or there & set(clock.only_if):
            asked |= set(clock.until)
    return frozenset(asked - set(standing.marks))


def _brings(workflow: Workflow, action: Action) -> frozenset[str]:
    """The marks this act is the ordinary way to: it sets them, or asks for the decision that does."""
    actions = list(workflow.actions.values())
    found = set()
    for mark in action.sets:
        first = next(a for a in actions if mark in a.sets)
        found |= {mark} if first.key == action.key else set()
    if action.opens is not None:
        deciding = [a.approved for a in actions if a.shuts == action.opens and a.approved is not None]
        found |= {mark for approved in deciding for mark in approved.sets}
    return frozenset(found)


def _is_other_outcome(workflow: Workflow, action: Action, state: str) -> bool:
    """Whether whoever takes the step forward may take this one instead: fail beside pass, return beside accept."""
    if action.to is None or is_suspended(workflow, action.to) or action.resolution is not None:
        return False
    steps = [
        a
        for a in workflow.actions.values()
        if state in (a.from_states or ()) and is_forward(workflow, a, state)
    ]
    return any(set(step.who) <= set(action.who) for step in steps)


def _is_duty(workflow: Workflow, action: Action) -> bool:
    """Whether it sets what another act needs to have been done."""
    guards = {name for other in workflow.actions.values() for name in other.guards}
    return bool(set(action.sets) & guards) and action.opens is None


def _moves(action: Action) -> bool:
    return action.to is not None or action.switch is not None
