"""A loaded workflow as frozen values: states, actions, timers, clocks, ladders. Built by `loader`, read by everyone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from hazard_flow.i18n import Label

T = TypeVar("T")

STAGES = ("reported", "assigned", "rectifying", "verified", "closed")
URGENCIES = ("M", "A", "B", "C")
COLOURS = ("blue", "yellow", "orange", "red")
RESOLUTIONS = ("rectified", "dismissed", "merged")


@dataclass(frozen=True)
class Duration:
    """A span as a person says it: `30 min`, `4 h`, `3 days` (natural, to 24:00 of the last day), `5 workdays`."""

    amount: int
    unit: Literal["min", "h", "day", "workday"]


@dataclass(frozen=True)
class Keyed(Generic[T]):
    """One value for all, or one for each urgency (`{A: …, B: …}`)."""

    by_urgency: Mapping[str, T] = field(default_factory=dict)
    default: T | None = None

    def for_(self, urgency: str | None) -> T | None:
        """The value for an urgency; the strictest given (M, A, B, C in that order) where the urgency is not yet known."""
        if urgency is not None and urgency in self.by_urgency:
            return self.by_urgency[urgency]
        if self.default is not None:
            return self.default
        return next((self.by_urgency[u] for u in URGENCIES if u in self.by_urgency), None)


@dataclass(frozen=True)
class Remind:
    """A reminder before a timer's expiry: `half way`, or a span before it."""

    half_way: bool = False
    before: Duration | None = None


@dataclass(frozen=True)
class TimerRule:
    """A named time limit of a state or clock. Exactly one of `within`, `at`, `every` is set."""

    name: str
    ladder: str
    #: what people call it; None where the pages have a word of their own for it
    label: Label | None = None
    #: span from entering the state (or from the clock's start)
    within: Keyed[Duration] | None = None
    #: name of the hazard's instant field the timer expires at (`due_at`, `review_at`)
    at: str | None = None
    #: span after which the timer expires again unless one of `reset_by` happened
    every: Keyed[Duration] | None = None
    reset_by: tuple[str, ...] = ()
    remind: tuple[Remind, ...] = ()
    #: the action the system takes at the expiry if nobody has acted; the timer then ends
    if_silent: str | None = None
    #: runs only for a hazard with one of these marks, or with one of these requests open
    only_if: tuple[str, ...] = ()
    #: for clocks only: the field or mark it starts from, and the marks/states that end it
    starts_from: str | None = None
    until: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, eq=False)
class Rung:
    """One step of a ladder; `after` counts from the timer's expiry. Known by its identity, so that its due times can be remembered."""

    after: Keyed[Duration]
    tell: tuple[str, ...]
    by: tuple[str, ...]
    colour: str | None = None
    acknowledge_within: Duration | None = None
    repeat: Duration | None = None
    line: int = 0


@dataclass(frozen=True)
class State:
    """What the machine knows; `stage` is what people see."""

    key: str
    stage: str
    label: Label
    holder: str | None = None
    timers: Mapping[str, TimerRule] = field(default_factory=dict)
    final: bool = False
    #: while the hazard is here the enterprise does not see it: what was reported past a manager stays with the regulator
    concealed: bool = False
    issues: str | None = None
    line: int = 0


@dataclass(frozen=True)
class Need:
    """A field an action asks for; `rule` is the parsed constraint as in the file (a type word or a mapping)."""

    field: str
    rule: Any
    required: bool = True
    line: int = 0


@dataclass(frozen=True)
class EvidenceRule:
    """How many pieces of which kind (`before_photo: 1`), when it does not apply, and whether after-photos pair with before-photos."""

    at_least: Mapping[str, int] = field(default_factory=dict)
    unless: Mapping[str, str] = field(default_factory=dict)
    pair_each: str | None = None
    also: str | None = None


@dataclass(frozen=True)
class Switch:
    """Re-pin the hazard to the newest release of another workflow in the same event."""

    to_workflow: str
    map: Mapping[str, str]
    #: only for hazards with this source, urgency or level
    when: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AtMost:
    """How often an act may be done, over the hazard's whole life or by the same person; the hazard may then go one level up."""

    times: int
    per: Literal["hazard", "person"] = "hazard"
    #: from the second time on, whoever owes the next step is one level higher
    then_above: bool = False


@dataclass(frozen=True)
class Climb:
    """What the n-th count of something brings at once, beside all timers."""

    tell: tuple[str, ...]
    by: tuple[str, ...]
    colour: str | None = None


@dataclass(frozen=True)
class Approved:
    """What follows from a decision only if it is `approved`."""

    #: field of the hazard → field it takes its value from, of this form or of the request
    adopts: Mapping[str, str] = field(default_factory=dict)
    sets: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    counts: str | None = None


@dataclass(frozen=True)
class Action:
    """What somebody may do. `from_states` None creates the hazard; `to` None is an act without a change of state."""

    key: str
    label: Label
    from_states: tuple[str, ...] | None
    to: str | None
    who: tuple[str, ...]
    needs: tuple[Need, ...] = ()
    evidence: EvidenceRule | None = None
    guards: tuple[str, ...] = ()
    other_than: tuple[str, ...] = ()
    #: marks it sets, and marks that lose their meaning by it
    sets: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    #: the request (extension, transfer, …) it opens, or settles
    opens: str | None = None
    shuts: str | None = None
    starts: Mapping[str, TimerRule] = field(default_factory=dict)
    #: timers begun by an earlier action that end with this one
    ends: tuple[str, ...] = ()
    resolution: str | None = None
    issues: str | None = None
    counts: str | None = None
    #: count → what it brings
    climbs: Mapping[int, Climb] = field(default_factory=dict)
    at_most: AtMost | None = None
    approved: Approved | None = None
    #: the part whoever acts takes on: `responsible`
    takes: str | None = None
    #: so many different people must act before it counts
    quorum: int = 1
    #: addressees that hear of it, beside whoever owes the next step
    tell: tuple[str, ...] = ()
    #: opens a second hazard with the form's values and this one's evidence
    spawns: bool = False
    #: whoever reports this way is shown to nobody but the regulator
    protects: bool = False
    #: says that bytes of declared evidence will never come: nothing waits for them any longer
    writes_off: bool = False
    switch: Switch | None = None
    line: int = 0
    #: where each key of the action stands, for problems that can say it exactly
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    def line_of(self, *keys: str) -> int:
        """The line of the first of these keys that is written, else of the action's name."""
        return next((self.lines[key] for key in keys if key in self.lines), self.line)


@dataclass(frozen=True)
class Workflow:
    """One released version of one workflow."""

    key: str
    version: int
    label: Label
    source: str
    applies_to: Mapping[str, str]
    initial: str
    states: Mapping[str, State]
    actions: Mapping[str, Action]
    ladders: Mapping[str, tuple[Rung, ...]]
    clocks: Mapping[str, TimerRule] = field(default_factory=dict)
    #: hex SHA-256 of the file's bytes; a released version is frozen by it
    sha256: str = ""
    #: where each key of the file stands
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    @cached_property
    def id(self) -> str:
        """`general.v1`: what a hazard is pinned to."""
        return f"{self.key}.v{self.version}"

    @cached_property
    def open_states(self) -> tuple[str, ...]:
        """The states a hazard can still move on from, in the file's order."""
        return tuple(state.key for state in self.states.values() if not state.final)

    @property
    def creating(self) -> tuple[Action, ...]:
        """The actions that open a hazard; the first is the ordinary report."""
        return tuple(action for action in self.actions.values() if action.from_states is None)

    @cached_property
    def anchors(self) -> frozenset[str]:
        """The instants its timers hang on or start from."""
        return frozenset(name for rule in self.rules for name in (rule.at, rule.starts_from) if name)

    def started(self) -> Mapping[str, TimerRule]:
        """The timers that actions begin, by name."""
        return self._started

    @cached_property
    def _started(self) -> Mapping[str, TimerRule]:
        return {name: rule for action in self.actions.values() for name, rule in action.starts.items()}

    @cached_property
    def rules(self) -> tuple[TimerRule, ...]:
        """Every timer rule: of states, clocks and actions."""
        states = (rule for state in self.states.values() for rule in state.timers.values())
        return (*states, *self.clocks.values(), *self._started.values())

    def timer_label(self, name: str) -> Label | None:
        """What this workflow calls one of its time limits; None where it gives it no name of its own."""
        return next((rule.label for rule in self.rules if rule.name == name and rule.label is not None), None)

    @cached_property
    def from_state(self) -> Mapping[str, tuple[Action, ...]]:
        """The actions that start from each state, in the file's order."""
        return {
            key: tuple(a for a in self.actions.values() if key in (a.from_states or ()))
            for key in self.states
        }
