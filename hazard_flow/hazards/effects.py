"""What an accepted action does to the hazard's row: fields to columns, marks, counters, parts. Runs inside the door only."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hazard_flow.hazards.chain import instant_text
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.standing import HazardLike
from hazard_flow.workflow.definition import COLOURS, Action, Workflow

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
#: somebody looked and found that nothing need be controlled: ends the make-safe clock, leaves nothing open
NO_CONTROL = "NONE"
_STATE_INSTANTS = {"verified": "verified_at"}


def enter(hazard: Hazard, workflow: Workflow, state: str, *, resolution: str | None, now: datetime) -> None:
    """Move to a state (perhaps of another workflow); the event that did it is the one about to be appended."""
    definition = workflow.states[state]
    hazard.workflow, hazard.workflow_version = workflow.key, workflow.version
    hazard.level = workflow.applies_to.get("level", hazard.level)
    hazard.state, hazard.stage = state, definition.stage
    hazard.state_entered_at, hazard.state_seq = now, hazard.seq + 1
    if definition.stage == "reported":
        hazard.responsible_id = None  # given back: it is nobody's until it is assigned anew
    if definition.stage in _STATE_INSTANTS:
        setattr(hazard, _STATE_INSTANTS[definition.stage], now)
    if definition.final:
        hazard.closed_at = now
        hazard.resolution = resolution or "rectified"


def take_fields(hazard: Hazard, clean: Mapping[str, Any], event_values: Mapping[str, Any]) -> None:
    """Put the form's values where they belong; the latest value of every field stays readable in `details`."""
    for name in _PLAIN:
        if name in clean:
            setattr(hazard, name, _number(name, clean[name]))
    if clean.get("due_at") is not None and hazard.original_due_at is None:
        hazard.original_due_at = clean["due_at"]
    for part in ("responsible", "closer"):
        if part in clean:
            setattr(hazard, f"{part}_id", _person(clean[part]))
    if "verifiers" in clean:
        hazard.verifier_ids = [str(_person(v)) for v in clean["verifiers"]]
    if "suspected_urgency" in clean and hazard.urgency is None:
        hazard.urgency = clean["suspected_urgency"]
    hazard.details = {**hazard.details, **event_values}
    hazard.parties = "," + "".join(f"{person.hex}," for _, person in sorted(parts(hazard)))


def take_marks(hazard: Hazard, action: Action, clean: Mapping[str, Any], now: datetime) -> None:
    """Marks, counters and interim controls an action sets."""
    marks = dict(hazard.marks)
    for mark in action.sets:
        marks.setdefault(mark, instant_text(now))
    controls = [str(c) for c in marks.get("controls", [])]
    if "control" in clean and action.key == "start_control" and clean["control"] != NO_CONTROL:
        controls = [*controls, str(clean["control"])]
    if action.key == "lift_control":
        controls = []
    marks["controls"] = controls
    hazard.marks = marks
    hazard.control_open = bool(controls)
    if action.counts:
        hazard.counters = {**hazard.counters, action.counts: int(hazard.counters.get(action.counts, 0)) + 1}


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
