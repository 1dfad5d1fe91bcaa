"""Kinds of devices as data: what each measures, how long its silence is ordinary, how often it is calibrated. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from hazard_flow.i18n import Label

DEFAULT = "gas_detector"
_HOURS = {"h": 1, "d": 24}


@dataclass(frozen=True)
class DeviceKind:
    """One kind of device."""

    key: str
    label: Label
    #: the one people look at first standing first
    quantities: tuple[str, ...]
    silent_after: timedelta
    #: zero: nothing about it is calibrated
    calibrate_every: timedelta
    #: the hazard once its calibration has run out
    catalogue: str
    urgency: str


@cache
def device_kinds() -> Mapping[str, DeviceKind]:
    """All of them, by key."""
    path = Path(__file__).parent / "kinds.yaml"
    entries = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return {key: _kind(key, entry) for key, entry in entries.items()}


def kind_of(key: str) -> DeviceKind:
    """The kind with this key; one of an older release counts as an ordinary detector, under its own name."""
    found = device_kinds().get(key)
    if found is not None:
        return found
    like = device_kinds()[DEFAULT]
    return DeviceKind(
        key,
        Label(zh=key, en=key),
        like.quantities,
        like.silent_after,
        like.calibrate_every,
        like.catalogue,
        like.urgency,
    )


def _kind(key: str, entry: Mapping[str, Any]) -> DeviceKind:
    return DeviceKind(
        key=key,
        label=Label(**entry["name"]),
        quantities=tuple(entry["quantities"]),
        silent_after=_span(entry["silent_after"]),
        calibrate_every=_span(entry["calibrate_every"]),
        catalogue=entry["catalogue"],
        urgency=entry["urgency"],
    )


def _span(words: str) -> timedelta:
    return timedelta(hours=int(words[:-1]) * _HOURS[words[-1]])
