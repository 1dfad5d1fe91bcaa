"""The alarm rules as frozen values, and the questions they answer about one signal. Read from YAML by `rulefile`; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Literal

from hazard_flow.i18n import Label
from hazard_flow.telemetry.signals import Problem, Signal

AlertClass = Literal["process", "sensor_fault"]


@dataclass(frozen=True)
class Quantity:
    """A physical quantity: its unit and the span a detector can show."""

    name: str
    unit: str
    low: float
    high: float
    #: readings above the span up to here count as the top of the span (a saturated head may well be real gas); beyond is nonsense
    over_range_to: float


@dataclass(frozen=True)
class Family:
    """What an alarm's hazard is about; at most one hazard of a family is open at a site."""

    key: str
    label: Label
    #: code in the hazard catalogue and the urgency proposed to the person who classifies
    catalogue: str
    urgency: str


@dataclass(frozen=True)
class Level:
    """One level of a threshold: reached when `k` of the last `n` samples are at or above; left below `clear_below`."""

    level: int
    above: float
    clear_below: float
    k: int
    n: int


@dataclass(frozen=True)
class Threshold:
    """A rule on one quantity of one device, with one or two levels, the lower first."""

    id: str
    quantity: str
    levels: tuple[Level, ...]
    family: str
    workflow: Literal["general"] = "general"

    @property
    def lowest(self) -> Level:
        """The level an alert starts and ends with."""
        return self.levels[0]

    @property
    def window(self) -> int:
        """How many samples the longest `n` looks back."""
        return max(level.n for level in self.levels)


@dataclass(frozen=True)
class Line:
    """One line of an external rule: the labels it asks for, and what the alert then is."""

    where: Mapping[str, str]
    family: str
    alert_class: AlertClass


@dataclass(frozen=True)
class Meaning:
    """What an external statement is about."""

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

    def threshold_for(self, quantity: str) -> Threshold | None:
        """The rule on a quantity, if there is one."""
        return next((rule for rule in self.thresholds if rule.quantity == quantity), None)

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
