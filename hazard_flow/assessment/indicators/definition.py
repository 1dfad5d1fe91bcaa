"""What an indicator is: words, source, how it is counted, its rows, an example that is executed, and how it could be gamed."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.assessment.indicators.periods import Period
from hazard_flow.assessment.indicators.policy import Policy
from hazard_flow.i18n import Label
from hazard_flow.supervision.lines import Lines

Unit = Literal["percent", "ratio"]


@dataclass(frozen=True)
class Frame:
    """What everything is counted within: a period as far as it is over, the rules, and who speaks of the lines of work."""

    period: Period
    begins_at: datetime
    #: the end of the period, or now where that lies ahead
    until_at: datetime
    zone: ZoneInfo
    policy: Policy
    lines: Lines

    @property
    def first_on(self) -> date:
        """The first day."""
        return self.period.first

    @property
    def until_on(self) -> date:
        """The last day that is over."""
        return (self.until_at.astimezone(self.zone) - timedelta(days=1)).date()


def frame_of(period: Period, now: datetime, zone: ZoneInfo, policy: Policy, lines: Lines) -> Frame:
    """A period as seen now."""
    return Frame(period, period.begins_at(zone), min(now, period.ends_at(zone)), zone, policy, lines)


class Ratio(NamedTuple):
    """What stands above and below the line. `value` where the figure is no plain share (I05); `is_bound`: the true value is no less."""

    above: float
    below: float
    value: float | None = None
    is_bound: bool = False


class Case(NamedTuple):
    """One row behind a figure."""

    home_id: uuid.UUID
    #: the hazard; None where the row is of another feature
    hazard_id: uuid.UUID | None
    name: str
    #: whether it counts above the line too
    is_counted: bool
    #: when what counts happened, or did not
    at: datetime | None = None
    weight: float = 1.0


class Counter(Protocol):
    """How an indicator is counted; set-based, for some enterprises or for all in sight."""

    def count(self, session: Session, frame: Frame, homes: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Ratio]:
        """By enterprise; one with nothing to count may be left out."""

    def cases(
        self, session: Session, frame: Frame, home: uuid.UUID, *, limit: int, after: uuid.UUID | None = None
    ) -> Sequence[Case]:
        """The rows behind the figure of one enterprise, from one on; empty where `href` says where they stand."""

    def href(self, frame: Frame, home: uuid.UUID) -> str:
        """The page of another feature that lists the rows; empty where `cases` does."""


class Example(NamedTuple):
    """A case worked by hand: these rows make this figure. The tests execute it."""

    words: Label
    above: float
    below: float
    #: columns of facts: instants as days or ISO texts, by the zone of the organisation
    facts: tuple[Mapping[str, Any], ...] = ()
    #: line of work → (due, done, on time)
    lines: Mapping[str, tuple[float, float, float]] = {}
    #: what the counter's own pure part is given
    given: Any = None
    value: float | None = None


@dataclass(frozen=True)
class Indicator:
    """One indicator. Its file says where it comes from; its weight, target and floor stand in the policy."""

    id: str
    #: as in addresses and files: closing_rate
    key: str
    label: Label
    #: what stands above and below the line, in a sentence
    formula: Label
    unit: Unit
    better: Literal["more", "less"]
    source: Label
    #: V read in the source, V2 secondary, P partly, M from memory, D our own default
    mark: str
    #: how the figure could be made to look good, and what gives that away
    gamed: Label
    counter: Counter
    examples: tuple[Example, ...]
    #: printed beside it, always
    companions: tuple[str, ...] = ()

    def value(self, ratio: Ratio) -> float | None:
        """Percent, or the figure itself where it is no share; None where nothing stands below the line."""
        if ratio.value is not None or not ratio.below:
            return ratio.value
        return 100 * ratio.above / ratio.below if self.unit == "percent" else ratio.above / ratio.below


def summed(cases: Iterable[Case]) -> Mapping[uuid.UUID, Ratio]:
    """Rows as figures by enterprise."""
    above: dict[uuid.UUID, float] = {}
    below: dict[uuid.UUID, float] = {}
    for case in cases:
        below[case.home_id] = below.get(case.home_id, 0) + case.weight
        above[case.home_id] = above.get(case.home_id, 0) + case.weight * case.is_counted
    return {home: Ratio(above[home], whole) for home, whole in below.items()}


#: all rows of an indicator, for some enterprises
CasesOf = Callable[[Session, Frame, Sequence[uuid.UUID]], Iterable[Case]]
