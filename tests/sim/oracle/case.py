"""One hazard as the oracle follows it: what it knows from the events it has read so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.sim.oracle.climbing import Step
from tests.sim.oracle.flows import COLOURS, Flow
from tests.sim.oracle.people import ABOVE, Parts, Place

#: where a hazard lies that its enterprise does not see
CONCEALED = "concealed/"


@dataclass
class Opened:
    """A request or measure that stands open."""

    by: str | None
    at: datetime


@dataclass
class Case:
    """Where a hazard stands."""

    number: str
    flow: Flow
    home: Place
    place: Place
    state: str
    level: str
    source: str
    reported_at: datetime
    #: sequence number of the event that entered the state
    state_seq: int = 1
    urgency: str | None = None
    reporter: str | None = None
    #: who reported past their manager; no event names them
    protected: str | None = None
    responsible: str | None = None
    closer: str | None = None
    classifier: str | None = None
    verifiers: tuple[str, ...] = ()
    #: `found_at`, `due_at`, `review_at` …, and marks by the instant they were set
    instants: dict[str, datetime] = field(default_factory=dict)
    open: dict[str, Opened] = field(default_factory=dict)
    uses: dict[str, list[str]] = field(default_factory=dict)
    signed: dict[str, set[str]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    #: the latest value of every field, as events hold it
    values: dict[str, Any] = field(default_factory=dict)
    steps_up: int = 0
    colour: str | None = None
    alarm_level: int = 0
    closed_at: datetime | None = None
    resolution: str | None = None
    pending: dict[str, Step] = field(default_factory=dict)
    #: limits that ended, and when last: one due in the same look may still be found void
    ended: dict[str, tuple[datetime, Step]] = field(default_factory=dict)
    acknowledged_at: datetime | None = None

    @property
    def stage(self) -> str:
        """What people see."""
        return self.flow.states[self.state].stage

    @property
    def is_open(self) -> bool:
        """Whether somebody owes a step."""
        return self.closed_at is None

    @property
    def holder(self) -> str | None:
        """The word for whoever owes the next step: of the state, or so many levels above as it was given back."""
        word = self.flow.states[self.state].holder
        for _ in range(self.steps_up):
            word = ABOVE.get(word or "", word)
        return word

    def parts(self, holder: str | None = None, *, applicant: str | None = None) -> Parts:
        """Who holds which part, as ladders ask it: never who reported in confidence."""
        return Parts(
            self.place, holder, self.reporter, self.responsible, self.closer, applicant, self.verifiers
        )

    def raise_colour(self, colour: str | None) -> None:
        """Colours never fall."""
        if colour and (self.colour is None or COLOURS.index(colour) > COLOURS.index(self.colour)):
            self.colour = colour

    def values_that_limits_hang_on(self) -> Mapping[str, Any]:
        """Compared before and after an act: what changed may begin, end or move a limit."""
        opened = {request: one.at for request, one in self.open.items()}
        return {**self.instants, **opened, "urgency": self.urgency}

    def drop(self, name: str, at: datetime) -> None:
        """A limit ends."""
        step = self.pending.pop(name, None)
        if step is not None:
            self.ended[name] = (at, step)
