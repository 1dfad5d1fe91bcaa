"""The figures of the gas city, read from `parameters.yaml`: typed, complete, each with its source or marked assumed."""

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import yaml

FILE = Path(__file__).with_name("parameters.yaml")

#: drawn evenly between the two
Range = tuple[float, float]


class ParametersWrong(ValueError):
    """The file is not what this release reads; the message names the figure."""


@dataclass(frozen=True)
class Topology:
    """How many of each stand under one of the level above."""

    districts: int
    regulators: int
    segments: int
    sites: int
    detectors: int
    gateways: int


@dataclass(frozen=True)
class Time:
    """How long, how often."""

    days: int
    sample_seconds: int


@dataclass(frozen=True)
class Head:
    """The detector's head."""

    span_lel: float
    resolution_lel: float
    noise_lel: float
    baseline_mean_lel: Range
    baseline_shape: float
    zero_suppressed: float
    suppressed_below_lel: float


@dataclass(frozen=True)
class Air:
    """Temperature in the wells."""

    temperature_c: float
    temperature_daily_c: float
    temperature_weather_c: float
    temperature_noise_c: float


@dataclass(frozen=True)
class Pressure:
    """The mains at the sites."""

    mean_kpa: float
    daily_share: Range
    peaks_hour: Range
    noise_share: float
    leak_drop_share: float


@dataclass(frozen=True)
class Leak:
    """What is looked for."""

    per_site_month: float
    size_median: float
    size_sigma: float
    saturation: float
    hours_median: float
    hours_sigma: float
    hours_min: float
    rise_minutes: Range
    vent_minutes: Range
    neighbour_share: Range
    neighbour_lag_minutes: Range
    daily_modulation: float


@dataclass(frozen=True)
class Biogas:
    """Flammable gas that is nobody's leak."""

    share_of_sites: float
    plateau_lel: float
    plateau_spread_lel: float
    per_degree: float
    active_share: float
    active_hours: float
    onset_minutes: Range
    chatter_lel: float
    chatter_minutes: float
    gradient_share: Range


@dataclass(frozen=True)
class Fault:
    """What ails detectors."""

    drift_share: float
    drift_lel_month: Range
    spikes_month: float
    spike_samples: Range
    spike_lel: Range
    stuck_share: float
    stuck_at_last: float
    stuck_hours: float
    failed_high_share: float
    failed_high_hours: float
    failed_high_reading_lel: float


@dataclass(frozen=True)
class Delivery:
    """What happens between a detector and us."""

    dropouts_month: float
    dropout_minutes: float
    gateway_outages_month: float
    gateway_outage_hours: float
    duplicates_share: float
    skewed_share: float
    skew_minutes: Range
    late_batches_month: float
    late_minutes: float
    firmware_share: float
    firmware_resolution_lel: float
    firmware_offset_lel: Range


@dataclass(frozen=True)
class Labelling:
    """From where on something counts."""

    leak_peak_lel: float
    gas_present_lel: float


@dataclass(frozen=True)
class Parameters:
    """All of them."""

    version: int
    topology: Topology
    time: Time
    head: Head
    air: Air
    pressure: Pressure
    leak: Leak
    biogas: Biogas
    fault: Fault
    delivery: Delivery
    label: Labelling

    @property
    def samples(self) -> int:
        """How many samples a detector takes."""
        return self.time.days * 86_400 // self.time.sample_seconds


@dataclass(frozen=True)
class Scale:
    """The same city with stronger or weaker signals and noise: 1 is as the file says, 0.5 half, 1.5 half as much again."""

    amplitude: float = 1.0
    noise: float = 1.0


@cache
def shipped_parameters() -> Parameters:
    """The frozen figures of this release."""
    return read(FILE.read_bytes(), name=FILE.name)


def read(data: bytes, *, name: str) -> Parameters:
    """The figures in a file's bytes; raises `ParametersWrong` where one is missing, unknown, or without its origin."""
    entries = yaml.safe_load(data)
    sections = {key: kind for key, kind in get_type_hints(Parameters).items() if key != "version"}
    _same(set(entries), {"version", *sections}, name)
    found = {key: _section(kind, entries[key], f"{name}: {key}") for key, kind in sections.items()}
    return Parameters(version=int(entries["version"]), **found)


def _section(kind: Any, entries: dict[str, dict[str, Any]], name: str) -> Any:
    _same(set(entries), {field.name for field in fields(kind)}, name)
    hints = get_type_hints(kind)
    return kind(**{key: _figure(entry, hints[key], f"{name}.{key}") for key, entry in entries.items()})


def _figure(entry: dict[str, Any], kind: Any, name: str) -> Any:
    origins = [str(entry[key]).strip() for key in ("source", "assumed") if key in entry]
    if len(origins) != 1 or not origins[0] or set(entry) - {"value", "source", "assumed"}:
        raise ParametersWrong(f"{name}: a value and one of `source`, `assumed`")
    value = entry.get("value")
    if kind == Range:
        if not (isinstance(value, list) and len(value) == 2 and value[0] <= value[1]):
            raise ParametersWrong(f"{name}: a range is [low, high]")
        return (float(value[0]), float(value[1]))
    if isinstance(value, bool) or not isinstance(value, int | float) or (kind is int and value != int(value)):
        raise ParametersWrong(f"{name}: a number is expected")
    return kind(value)


def _same(found: set[str], wanted: set[str], name: str) -> None:
    if found != wanted:
        raise ParametersWrong(f"{name}: {', '.join(sorted(found ^ wanted))}")
