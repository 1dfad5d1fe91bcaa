"""Named conditions an action may ask for; pure questions over what the door has gathered.

A guard answers True where nothing is in the way. Its refusal and mend stand in messages.yaml as `guard.<name>`.
When a page only asks what it may offer, `data` is None: a guard over the form's answers then lets pass.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: codes of evidence that prove somebody measured on the spot
ON_SITE_READINGS = ("LEAK_READING_BEFORE", "LEAK_READING_AFTER")
REGULATOR_ROLES = frozenset({"county_officer", "city_officer", "provincial_officer"})


@dataclass(frozen=True)
class GuardView:
    """What a guard may look at: the hazard as it stands, who acts, what they bring."""

    state: str | None
    stage: str | None
    level: str | None
    urgency: str | None
    source: str | None
    now: datetime
    actor_roles: frozenset[str] = frozenset()
    #: clean values of the act's form; None while a page only asks what to offer
    data: Mapping[str, Any] | None = None
    #: pieces by evidence code, those brought with the act included
    evidence: Mapping[str, int] = field(default_factory=dict)
    #: answers of other features: `sensor_live`, `sensor_normal_since`, `sensor_fresh_at`, …
    facts: Mapping[str, Any] = field(default_factory=dict)
    found_at: datetime | None = None
    due_at: datetime | None = None
    #: when the last submission says the work was finished
    completed_at: datetime | None = None
    open_controls: int = 0
    open_extension: bool = False
    open_transfer: bool = False


Guard = Callable[[GuardView], bool]
REGISTRY: dict[str, Guard] = {}


def guard(name: str) -> Callable[[Guard], Guard]:
    """Register a guard under the name files use; a second one of the same name is our own mistake."""

    def register(question: Guard) -> Guard:
        assert name not in REGISTRY, f"guard {name!r} is registered twice"
        REGISTRY[name] = question
        return question

    return register


@guard("no_open_control")
def no_open_control(view: GuardView) -> bool:
    """Every interim control has been lifted."""
    return view.open_controls == 0


@guard("control_open")
def control_open(view: GuardView) -> bool:
    """At least one interim control stands."""
    return view.open_controls > 0


@guard("no_open_extension")
def no_open_extension(view: GuardView) -> bool:
    """No extension request waits for its decision."""
    return not view.open_extension


@guard("no_open_transfer")
def no_open_transfer(view: GuardView) -> bool:
    """No transfer to another authority is under way."""
    return not view.open_transfer


@guard("before_due")
def before_due(view: GuardView) -> bool:
    """The deadline has not yet passed."""
    return view.due_at is not None and view.now < view.due_at


@guard("reading_taken_on_site_if_alarm")
def reading_taken_on_site_if_alarm(view: GuardView) -> bool:
    """A hazard opened by an alarm is only dismissed on a reading somebody took on the spot."""
    if view.source != "telemetry":
        return True
    measured = any(view.evidence.get(code, 0) for code in ON_SITE_READINGS)
    return measured or view.data is None or view.data.get("leak_reading") is not None


@guard("sensor_normal_since_repair")
def sensor_normal_since_repair(view: GuardView) -> bool:
    """Where a live sensor watches the place, it reads normal now and has reported since the work was finished. No data is never normal."""
    if not view.facts.get("sensor_live", False):
        return True
    normal_since, fresh_at = view.facts.get("sensor_normal_since"), view.facts.get("sensor_fresh_at")
    if normal_since is None or fresh_at is None:
        return False
    return view.completed_at is None or bool(fresh_at >= view.completed_at)


@guard("on_site_unless_c")
def on_site_unless_c(view: GuardView) -> bool:
    """Only an urgency C hazard may be re-checked without going there."""
    return view.data is None or bool(view.data.get("on_site")) or view.urgency == "C"


@guard("officer_acts")
def officer_acts(view: GuardView) -> bool:
    """A major hazard is re-checked and cancelled by the regulator's officers, also one that was raised on the way."""
    return bool(view.actor_roles & REGULATOR_ROLES)
