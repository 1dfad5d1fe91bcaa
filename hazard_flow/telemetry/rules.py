"""The alarm rules as frozen values, and the questions they answer about one signal. Read from YAML by `rulefile`; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Literal

from hazard_flow.i18n import Label
from hazard_flow.telemetry.signals import Problem, Signal

#: `process` speaks of what is measured, `suspect` may be either that or a broken detector, `sensor_fault` of the detector alone
AlertClass = Literal["process", "suspect", "sensor_fault"]
ALERT_CLASSES: tuple[AlertClass, ...] = ("suspect", "process", "sensor_fault")
Scope = Literal["device", "site"]
UNNAMED = Label(zh="", en="")


def speaks_of_gas(alert_class: str) -> bool:
    """Whether people must go and look at the place, not only at the detector."""
    return alert_class != "sensor_fault"


@dataclass(frozen=True)
class Quantity:
    """A physical quantity: its unit and the span a detector can show."""

    name: str
    unit: str
    low: float
    high: float
    #: readings above the span up to here count as the top of the span (a saturated head may well be real gas); beyond is nonsense
    over_range_to: float
    #: how often a detector of it is heard when nothing is said of the device itself; None: not said
    expect_every: timedelta | None = None
    label: Label = UNNAMED


@dataclass(frozen=True)
class Family:
    """What an alarm's hazard is about; at most one hazard of a family is open at a site."""

    key: str
    label: Label
    #: code in the hazard catalogue and the urgency proposed to the person who classifies
    catalogue: str
    urgency: str
    #: other codes at other kinds of asset
    by_kind: Mapping[str, str] = field(default_factory=dict)

    def code_at(self, asset_kind: str) -> str:
        """The catalogue's code at this kind of asset."""
        return self.by_kind.get(asset_kind, self.catalogue)


@dataclass(frozen=True)
class Level:
    """One level: reached by the k-th sample at or above (below, of a falling rule) within `n` expected intervals; left at `clear_below`.

    Of a rule on falling values `above` is the value to fall to and `clear_below` the one to rise over again.
    """

    level: int
    above: float
    clear_below: float
    k: int
    n: int
    #: the window itself where the file gives one
    within: timedelta | None = None


@dataclass(frozen=True)
class Move:
    """A change of the value: by so much (or so many per cent of the earlier value), within a span of time."""

    amount: float
    within: timedelta
    percent: bool = False


@dataclass(frozen=True)
class Threshold:
    """A rule on the samples of one quantity with one or two levels, the lower first: threshold, rate of change, end of the span.

    A sample counts towards a level when its value reaches `above` and, where there is a `move`, it also moved so far so fast.
    """

    id: str
    quantity: str
    levels: tuple[Level, ...]
    family: str
    workflow: Literal["general"] = "general"
    scope: Scope = "device"
    alert_class: AlertClass = "process"
    #: +1: high values alarm, -1: low values do
    sign: int = 1
    move: Move | None = None
    label: Label = UNNAMED

    @property
    def lowest(self) -> Level:
        """The level an alert starts and ends with."""
        return self.levels[0]

    def keeps(self, value: float) -> bool:
        """Whether a value keeps a firing alert firing."""
        return self.sign * value >= self.sign * self.lowest.clear_below

    def counts(self, value: float) -> bool:
        """Whether a value reaches the lowest level, whatever it moved."""
        return self.sign * value >= self.sign * self.lowest.above


@dataclass(frozen=True)
class Part:
    """One half of a combination: so many devices of the site with a value beyond `above`, or with a move, or with both."""

    quantity: str
    above: float | None
    sign: int = 1
    move: Move | None = None
    devices: int = 1


@dataclass(frozen=True)
class Combination:
    """A rule on a site: all its parts (or any of them) within a span of observed time."""

    id: str
    parts: tuple[Part, ...]
    all_of: bool
    within: timedelta
    family: str
    level: int
    alert_class: AlertClass = "process"
    label: Label = UNNAMED


@dataclass(frozen=True)
class Stuck:
    """A rule on a device whose value does not move: `samples` of them over as many expected intervals, none off by more than `change`.

    A flat value under `min_value` is a clean well, not a stuck head.
    """

    id: str
    quantity: str
    samples: int
    min_value: float
    change: float
    family: str
    alert_class: AlertClass = "sensor_fault"
    label: Label = UNNAMED


@dataclass(frozen=True)
class NoData:
    """A rule on a device that is not heard for `missed` expected intervals of our own clock.

    Silent devices behind one gateway are one hazard of `grouped_family` there, once `group_min` of them are.
    """

    id: str
    missed: int
    family: str
    group_min: int
    grouped_family: str
    alert_class: AlertClass = "sensor_fault"
    label: Label = UNNAMED


@dataclass(frozen=True)
class Storm:
    """When alerts of one upstream become one event: `min_alerts` newly firing within `window`; over when fewer than `below` are."""

    id: str
    min_alerts: int
    window: timedelta
    below: int
    family: str
    level: int
    label: Label = UNNAMED


@dataclass(frozen=True)
class Hides:
    """While `source` fires at a device, `hidden` of the same device opens nothing of its own: both speak of the same hazard."""

    source: str
    hidden: str


@dataclass(frozen=True)
class Line:
    """One line of an external rule: the labels it asks for, and what the alert then is."""

    where: Mapping[str, str]
    family: str
    alert_class: AlertClass


@dataclass(frozen=True)
class Meaning:
    """What an alert is about: by the line of an external rule, or by the rule that raised it."""

    rule: str
    family: str
    alert_class: AlertClass
    level: int


@dataclass(frozen=True)
class Rules:
    """All rules of one file."""

    version: int
    #: of the file's bytes: alerts remember which rules they were judged by
    sha256: str
    off_delay: timedelta
    window: timedelta
    late_window: timedelta
    quantities: Mapping[str, Quantity]
    families: Mapping[str, Family]
    thresholds: tuple[Threshold, ...]
    external: Mapping[str, tuple[str, tuple[Line, ...]]] = field(default_factory=dict)
    combinations: tuple[Combination, ...] = ()
    stuck: tuple[Stuck, ...] = ()
    no_data: tuple[NoData, ...] = ()
    storms: tuple[Storm, ...] = ()
    hides: tuple[Hides, ...] = ()
    #: received so much later than observed, a sample is marked `late`
    late_after: timedelta = timedelta(minutes=10)
    #: universal conditions (stuck) are judged this long after the samples they speak of
    settle: timedelta = timedelta(hours=1)

    def label_of(self, rule: str) -> Label | None:
        """The name of a rule of any kind; None of one that is not in this file or has no name."""
        every: tuple[Threshold | Combination | Stuck | NoData | Storm, ...] = (
            *self.thresholds,
            *self.combinations,
            *self.stuck,
            *self.no_data,
            *self.storms,
        )
        return next((one.label for one in every if one.id == rule and one.label != UNNAMED), None)

    def threshold_for(self, quantity: str) -> Threshold | None:
        """The plain threshold on a quantity, if there is one."""
        plain = (rule for rule in self.thresholds if rule.quantity == quantity)
        return next((rule for rule in plain if rule.move is None), None)

    def on(self, quantity: str) -> tuple[Threshold, ...]:
        """Every rule on the samples of a quantity."""
        return tuple(rule for rule in self.thresholds if rule.quantity == quantity)

    def watch_of(self, family: str) -> Threshold | None:
        """The plain threshold that watches over a family: what a curve is drawn against and a repair is proved by."""
        return next((rule for rule in self.thresholds if rule.family == family and rule.move is None), None)

    def interval(self, quantity: str, device: timedelta | None = None) -> timedelta | None:
        """How often a device's samples of the quantity are expected: what is said of the device, else of the quantity."""
        kind = self.quantities.get(quantity)
        return device or (kind.expect_every if kind else None)

    def window_of(self, level: Level, interval: timedelta | None) -> timedelta:
        """The span the k samples of a level must lie in; `window` where no interval is known, and never longer."""
        if level.within is not None:
            return level.within
        return min(level.n * interval, self.window) if interval else self.window

    def reading(self, quantity: str, value: float) -> tuple[float, str] | Problem:
        """The value within its span and a remark (`over_range`), or why it cannot be a reading of this quantity."""
        kind = self.quantities.get(quantity)
        if kind is None:
            return Problem("unknown_quantity", quantity[:80])
        if kind.low <= value <= kind.high:
            return value, ""
        if kind.high < value <= kind.over_range_to:
            return kind.high, "over_range"
        return Problem("outside_span", f"{quantity} {value:g} {kind.unit}")

    def meaning(self, source_kind: str, signal: Signal) -> Meaning | Problem:
        """What an external alert is about, by the first line that matches its labels; a level not said is 1."""
        rule, lines = self.external.get(source_kind, ("", ()))
        for line in lines:
            if all(fnmatchcase(signal.labels.get(label, ""), wanted) for label, wanted in line.where.items()):
                return Meaning(rule, line.family, line.alert_class, signal.level or 1)
        return Problem("no_mapping", signal.labels.get("alertname", "")[:80])


#: a rule that samples or the clock can meet
Ruling = Threshold | Combination | Stuck | NoData | Storm


def all_rules(rules: Rules) -> list[Ruling]:
    """Every rule of a file that samples and the clock can meet, in its order."""
    return [*rules.thresholds, *rules.combinations, *rules.stuck, *rules.no_data, *rules.storms]
