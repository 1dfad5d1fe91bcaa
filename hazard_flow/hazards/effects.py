"""What an accepted action does to the hazard's row: fields to columns, marks, counters, parts, proceedings. Runs inside the door only."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from hazard_flow.hazards import proceedings
from hazard_flow.hazards.chain import instant_text
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.proceedings import CONTROL, Control, Opened
from hazard_flow.hazards.standing import HazardLike
from hazard_flow.workflow.definition import COLOURS, Action, Workflow
from hazard_flow.workflow.guards import STOPPED

#: fields of forms that have a column of their own; all others are kept in `details`
_PLAIN = (
    "title",
    "description",
    "urgency",
    "due_at",
    "completed_at",
    "catalogue_code",
    "place",
    "lon",
    "lat",
    "crs",
    "accuracy_m",
)
#: of these, what only the report says: where somebody stood who looked again later is not where the hazard lies
_POSITION = ("lon", "lat", "crs", "accuracy_m")
#: of these, what describes the hazard a split opens, not the one it is split from
_SPAWNED = ("title", "description", "catalogue_code", "suspected_urgency")
#: somebody looked and found that nothing need be controlled: ends the make-safe clock, leaves nothing open
NO_CONTROL = "NONE"
#: controls that stop something, which experts must judge before it runs again
_STOPS = ("STOP_WORK", "STOP_DEVICE", "STOP_LOADING", "STOP_OPERATION")
_STATE_INSTANTS = {"verified": "verified_at"}
#: where a hazard lies that the enterprise does not see
CONCEALED_PATH = "concealed/"
#: the request to classify it lower, which a change of the legal level answers
LOWERING = "lowering"


def enter(hazard: Hazard, workflow: Workflow, state: str, *, resolution: str | None, now: datetime) -> None:
    """Move to a state (perhaps of another workflow); the event that did it is the one about to be appended."""
    definition = workflow.states[state]
    hazard.workflow, hazard.workflow_version = workflow.key, workflow.version
    hazard.level = workflow.applies_to.get("level", hazard.level)
    hazard.state, hazard.stage = state, definition.stage
    hazard.state_entered_at, hazard.state_seq = now, hazard.seq + 1
    found = proceedings.read(hazard.proceedings)
    hazard.proceedings = proceedings.write(
        replace(found, signed={}, steps_up=found.steps_up if definition.stage == "reported" else 0)
    )
    if definition.stage == "reported":
        hazard.responsible_id = None  # given back: it is nobody's until it is assigned anew
    if definition.stage in _STATE_INSTANTS:
        setattr(hazard, _STATE_INSTANTS[definition.stage], now)
    if definition.final:
        hazard.closed_at = now
        hazard.resolution = resolution or "rectified"


def conceal(hazard: Hazard, workflow: Workflow, path: str) -> None:
    """Show the hazard to its organisation, or hide it, as its state says. What ends before it was handed on stays hidden for good."""
    state = workflow.states[hazard.state]
    stays = state.final and hazard.path == CONCEALED_PATH
    hazard.path = CONCEALED_PATH if state.concealed or stays else path


def take_fields(
    hazard: Hazard,
    clean: Mapping[str, Any],
    event_values: Mapping[str, Any],
    *,
    workflow: Workflow,
    action: Action | None = None,
) -> None:
    """Put the form's values where they belong; the latest value of every field stays readable in `details`."""
    skipped = _SPAWNED if action is not None and action.spawns else ()
    fixed = () if action is None else _POSITION
    for name in _PLAIN:
        if name in clean and name not in skipped and name not in fixed:
            setattr(hazard, name, _number(name, clean[name]))
    if clean.get("due_at") is not None and hazard.original_due_at is None:
        hazard.original_due_at = clean["due_at"]
    for part in ("responsible", "closer"):
        if part in clean:
            setattr(hazard, f"{part}_id", _person(clean[part]))
    if "verifiers" in clean:
        hazard.verifier_ids = [str(_person(v)) for v in clean["verifiers"]]
        _unsign(hazard)
    if "suspected_urgency" in clean and hazard.urgency is None and not skipped:
        hazard.urgency = clean["suspected_urgency"]
    kept = {name: value for name, value in event_values.items() if name not in skipped}
    hazard.details = {**hazard.details, **kept}
    anchors = {
        name: instant_text(clean[name]) for name in workflow.anchors & clean.keys() if name not in _PLAIN
    }
    if anchors:
        hazard.marks = {**hazard.marks, **anchors}
    note_parties(hazard)


def _unsign(hazard: Hazard) -> None:
    """Other people are to judge it: what their predecessors signed does not count with theirs."""
    found = replace(proceedings.read(hazard.proceedings), signed={})
    hazard.proceedings = proceedings.write(found)


def note_parties(hazard: Hazard) -> None:
    """Everybody who holds a part sees the hazard, and so do whoever reported it in confidence and whoever gave it back.

    A person who loses sight of a row by their own act may not write it: PostgreSQL asks its policy of the new row too.
    """
    people = {person for _, person in parts(hazard)} | {p for p in (hazard.protected_reporter_id,) if p}
    people |= {
        uuid.UUID(who) for users in proceedings.read(hazard.proceedings).uses.values() for who in users
    }
    hazard.parties = "," + "".join(f"{person.hex}," for person in sorted(people))


def adopt(hazard: Hazard, action: Action, clean: Mapping[str, Any]) -> dict[str, Any]:
    """What an approval changes: the asked for becomes the hazard's own. Returns the changes as events hold them."""
    if not is_approved(action, clean):
        return {}
    assert action.approved is not None
    changed: dict[str, Any] = {}
    for goal, source in action.approved.adopts.items():
        asked = hazard.details.get(source)
        value = clean.get(source, datetime.fromisoformat(asked) if goal == "due_at" and asked else asked)
        if value is not None:
            setattr(hazard, goal, value)
            changed[goal] = instant_text(value) if isinstance(value, datetime) else value
    return changed


def is_approved(action: Action, clean: Mapping[str, Any]) -> bool:
    """Whether this act is a decision, and says yes."""
    return action.approved is not None and clean.get("decision") == "approved"


def own_instants(hazard: Hazard, workflow: Workflow, done_at: datetime | None) -> Mapping[str, datetime]:
    """The marks an act handed in later sets at its own time: those that end a clock which runs from the finding.

    Such a clock measures what was done on site, not when the office heard of it; never before the finding.
    """
    if done_at is None:
        return {}
    clocks = [rule for rule in workflow.clocks.values() if rule.starts_from == "found_at"]
    return {mark: max(done_at, hazard.found_at) for rule in clocks for mark in rule.until}


def take_marks(
    hazard: Hazard,
    action: Action,
    clean: Mapping[str, Any],
    now: datetime,
    *,
    own: Mapping[str, datetime] = MappingProxyType({}),
) -> None:
    """Marks and counters an action sets or clears; `own`: marks whose instant is not now."""
    approved = action.approved if is_approved(action, clean) else None
    marks = {name: at for name, at in hazard.marks.items() if name not in action.clears}
    for mark in (*action.sets, *(approved.sets if approved else ())):
        marks.setdefault(mark, instant_text(own.get(mark, now)))
    if clean.get("control") in _STOPS:
        marks.setdefault(STOPPED, instant_text(now))
    hazard.marks = marks
    for counted in (action.counts, approved.counts if approved else None):
        if counted:
            hazard.counters = {**hazard.counters, counted: int(hazard.counters.get(counted, 0)) + 1}


def take_proceedings(
    hazard: Hazard, action: Action, clean: Mapping[str, Any], who: uuid.UUID | None, now: datetime
) -> None:
    """What the action opens, settles, signs or uses up; the event about to be appended is the one that did it."""
    found = proceedings.read(hazard.proceedings)
    by, at, seq = str(who) if who else None, instant_text(now), hazard.seq + 1
    if action.opens == CONTROL:
        if clean.get("control") != NO_CONTROL:
            found = replace(found, controls=(*found.controls, Control(str(clean["control"]), by, at, seq)))
            found = found.opening(CONTROL, Opened(by, at, seq))
    elif action.opens is not None:
        found = found.opening(action.opens, Opened(by, at, seq))
    if action.shuts is not None:
        found = found.shutting(action.shuts)
    if action.at_most is not None and by is not None:
        found = found.using(action.key, by)
        if action.at_most.then_above and len(found.uses[action.key]) > 1:
            found = replace(found, steps_up=found.steps_up + 1)
    if action.evidence is not None and action.to is None and action.switch is None:
        found = replace(found, last={**found.last, action.key: seq})
    hazard.proceedings = proceedings.write(found)
    hazard.control_open = bool(found.controls)
    if action.at_most is not None:
        note_parties(hazard)


@dataclass(frozen=True)
class Signatures:
    """How many have signed an act that needs several, this one included."""

    have: int
    complete: bool


def sign(hazard: Hazard, action: Action, who: uuid.UUID | None) -> Signatures:
    """Count this signature; the act is complete when enough different people have signed. Until then it is nothing but a signature."""
    if action.quorum < 2 or who is None:
        return Signatures(1, complete=True)
    found = proceedings.read(hazard.proceedings).signing(action.key, str(who))
    hazard.proceedings = proceedings.write(found)
    have = len(set(found.signed[action.key]))
    return Signatures(have, complete=have >= action.quorum)


def signature_of(action: Action) -> Action:
    """What an act amounts to that still lacks signatures: form and evidence are kept, nothing follows."""
    return replace(
        action, sets=(), clears=(), starts={}, ends=(), opens=None, shuts=None, counts=None, climbs={}, approved=None, tell=(),
    )  # fmt: skip


def take_signal(hazard: Hazard, signal: Mapping[str, Any]) -> None:
    """What telemetry knows: the alarm level only rises, blindness and incompleteness stay until a person closes."""
    level = signal.get("alarm_level")
    if level is not None:
        hazard.alarm_level = max(int(level), hazard.alarm_level or 0)
    hazard.blind = hazard.blind or bool(signal.get("blind"))
    hazard.incomplete = hazard.incomplete or bool(signal.get("incomplete"))


def raise_colour(hazard: HazardLike, colour: str | None) -> None:
    """Colours never go down while the hazard is open."""
    if colour is None:
        return
    present = COLOURS.index(hazard.colour) if hazard.colour in COLOURS else -1
    if COLOURS.index(colour) > present:
        hazard.colour = colour


def void_requests(
    hazard: Hazard, left: Workflow, target: Workflow
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a change of workflow leaves without meaning, and ends: (requests, the timers they began).

    A request nobody could settle under the new workflow; and the one to classify it lower, which asked for something else before.
    """
    found = proceedings.read(hazard.proceedings)
    settled = {action.shuts for action in target.actions.values()}
    void = tuple(flag for flag in found.open if flag not in settled or flag == LOWERING)
    for flag in void:
        found = found.shutting(flag)
    hazard.proceedings = proceedings.write(found)
    begun = {name for action in left.actions.values() if action.opens in void for name in action.starts}
    return void, tuple(sorted(begun))


def parts(hazard: HazardLike) -> list[tuple[str, uuid.UUID]]:
    """Everybody who holds a part: (relation, person)."""
    single = (
        ("reporter", hazard.reporter_id),
        ("responsible", hazard.responsible_id),
        ("closer", hazard.closer_id),
    )
    found = [(relation, person) for relation, person in single if person is not None]
    return found + [("verifiers", uuid.UUID(v)) for v in hazard.verifier_ids]


def _person(value: Any) -> uuid.UUID | None:
    return None if value is None else value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))


def _number(name: str, value: Any) -> Any:
    return float(value) if name in ("lon", "lat", "accuracy_m") and value is not None else value
