"""What a replay in memory takes and gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hazard_flow.telemetry.rules import AlertClass


@dataclass(frozen=True)
class Spot:
    """Where a device stands: its site, what it reports through and what it is supplied by, and how often it is expected."""

    site: str
    gateway: str | None = None
    upstream: str | None = None
    #: None takes the quantity's own `expect_every`
    expect_every: timedelta | None = None


@dataclass(frozen=True)
class Series:
    """All samples of one quantity of one device; instants are seconds since 1970, `observed` ascending.

    Any sequences of numbers will do (list, array). `received` is needed only for silence and lateness; None: received when observed.
    """

    device: str
    quantity: str
    observed: Sequence[float]
    values: Sequence[float]
    received: Sequence[float] | None = None


@dataclass(frozen=True)
class Opening:
    """A hazard opened: `level` and `alert_class` are those of the alert that opened it, `peak_level` the worst that joined."""

    site: str
    family: str
    at: datetime
    rule: str
    device: str
    level: int
    peak_level: int
    alert_class: AlertClass


@dataclass(frozen=True)
class Joining:
    """A step of an alert that joined the hazard `openings[opening]`."""

    opening: int
    site: str
    family: str
    at: datetime
    rule: str
    device: str
    level: int
    alert_class: AlertClass


@dataclass(frozen=True)
class Episode:
    """One episode of one alert; `subject` is a device's code or, of a rule on the site, the site's."""

    rule: str
    subject: str
    family: str
    alert_class: AlertClass
    started_at: datetime
    normal_at: datetime | None
    level: int
    peak_level: int


@dataclass(frozen=True)
class Replayed:
    """What the rules made of the stream, in the order of what was observed."""

    openings: tuple[Opening, ...]
    joinings: tuple[Joining, ...]
    episodes: tuple[Episode, ...]
