"""A loaded workflow as frozen values: states, actions, timers, clocks, ladders. Built by `loader`, read by everyone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    #: span from entering the state (or from the clock's start)
    within: Keyed[Duration] | None = None
    #: name of the hazard's instant field the timer expires at (`due_at`, `review_at`)
    at: str | None = None
    #: span after which the timer expires again unless one of `reset_by` happened
    every: Keyed[Duration] | None = None
    reset_by: tuple[str, ...] = ()
    remind: tuple[Remind, ...] = ()
    if_silent: str | None = None
    #: for clocks only: the field or mark it starts from, and the marks/states that end it
    starts_from: str | None = None
    until: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True)
class Rung:
    """One step of a ladder; `after` counts from the timer's expiry."""

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
    when: Mapping[str, Any] = field(default_factory=dict)


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
    sets: tuple[str, ...] = ()
    starts: Mapping[str, TimerRule] = field(default_factory=dict)
    resolution: str | None = None
    issues: str | None = None
    counts: str | None = None
    at_most: Mapping[str, Any] = field(default_factory=dict)
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

    @property
    def id(self) -> str:
        """`general.v1`: what a hazard is pinned to."""
        return f"{self.key}.v{self.version}"
