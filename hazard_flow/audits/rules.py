"""The rules of auditing as one value, read from the versioned file beside this module and checked whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from hazard_flow.catalogue.policy import MARKS
from hazard_flow.i18n import Label

#: what the machine may say of a point: `open` leaves it to the person, `na` says that it does not apply
RESULTS = ("pass", "remark", "fail", "open", "na")
#: what a person may say
VERDICTS = ("pass", "remark", "fail", "na")
JUDGES = ("machine", "person")


@dataclass(frozen=True)
class Point:
    """One of the twenty points."""

    number: int
    key: str
    name: Label
    #: what is asked
    asks: Label
    basis: Label
    #: one of `MARKS`: how surely the basis was read
    mark: str
    #: who judges first
    judge: str
    weight: int
    #: policy key of how long what it rests on is kept
    kept: str


@dataclass(frozen=True)
class Sampling:
    """How closed files are sampled."""

    percent_min: int
    percent_max: int
    #: files drawn at least, where there are any
    least: int
    #: by urgency: how much likelier than others
    weights: Mapping[str, int]


@dataclass(frozen=True)
class AuditRules:
    """One version of the rules."""

    version: int
    points: Mapping[str, Point]
    no_measure: tuple[str, ...]
    measure_left_min: int
    national_wording_percent: int
    reading_after_max: Mapping[str, Decimal]
    #: hours of the local day: from, to
    night: tuple[int, int]
    answer_within: Mapping[str, timedelta]
    answer_fails: frozenset[str]
    resume_within: timedelta
    release_after: timedelta
    sampling: Sampling


@cache
def audit_rules() -> AuditRules:
    """The rules in force. A file that does not fit is our own mistake and raises ValueError."""
    raw: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("rules.v1.yaml").read_text("utf-8"))
    points = [_point(number, one) for number, one in enumerate(raw["points"], start=1)]
    sampling = raw["sampling"]
    return AuditRules(
        version=int(raw["version"]),
        points={point.key: point for point in points},
        # the longest first, so that a word inside another is not taken out of it
        no_measure=tuple(sorted(map(str, raw["no_measure"]), key=len, reverse=True)),
        measure_left_min=int(raw["measure_left_min"]),
        national_wording_percent=int(raw["national_wording_percent"]),
        reading_after_max={unit: Decimal(limit) for unit, limit in raw["reading_after_max"].items()},
        night=(int(raw["night"]["from"]), int(raw["night"]["to"])),
        answer_within={
            colour: timedelta(hours=hours) for colour, hours in raw["answer_within_hours"].items()
        },
        answer_fails=frozenset(raw["answer_fails"]),
        resume_within=timedelta(hours=raw["resume_within_hours"]),
        release_after=timedelta(hours=raw["release_after_hours"]),
        sampling=Sampling(
            sampling["percent_min"], sampling["percent_max"], sampling["least"], dict(sampling["weights"])
        ),
    )


def _point(number: int, raw: Mapping[str, Any]) -> Point:
    if raw["mark"] not in MARKS or raw["judge"] not in JUDGES:
        raise ValueError(f"point {raw['key']}: mark {raw['mark']!r}, judge {raw['judge']!r}")
    return Point(
        number=number,
        key=str(raw["key"]),
        name=Label(**raw["name"]),
        asks=Label(**raw["asks"]),
        basis=Label(**raw["basis"]),
        mark=str(raw["mark"]),
        judge=str(raw["judge"]),
        weight=int(raw["weight"]),
        kept=str(raw["kept"]),
    )
