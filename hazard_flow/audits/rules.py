"""The rules of auditing as one value, read from the versioned file beside this module and checked whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from hazard_flow.catalogue.policy import MARKS
from hazard_flow.i18n import Label
from hazard_flow.workflow.definition import COLOURS, URGENCIES
from hazard_flow.workflow.rule_file import Reader, newest, read
from hazard_flow.workflow.yaml_lines import Node

#: what the machine may say of a point: `open` leaves it to the person, `na` says that it does not apply
RESULTS = ("pass", "remark", "fail", "open", "na")
#: what a person may say
VERDICTS = ("pass", "remark", "fail", "na")
JUDGES = ("machine", "person")
_POINT = ("key", "judge", "weight", "mark", "kept", "basis", "name", "asks")
_TOP = (
    "version", "points", "no_measure", "measure_left_min", "national_wording_percent", "reading_after_max", "night",
    "answer_within_hours", "answer_fails", "resume_within_hours", "release_after_hours", "sampling",
)  # fmt: skip
_HOURS_MAX = 8_760


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
    """The newest rules of this release."""
    path = newest(Path(__file__).parent.glob("rules.v*.yaml"))
    return load_rules(path.read_text("utf-8"), name=path.name)


def load_rules(text: str, *, name: str) -> AuditRules:
    """Read a file of rules; raises `RuleFileError` with every mistake."""
    return read(text, name=name, build=_rules)


def _rules(reader: Reader, root: Node) -> AuditRules:
    top = reader.entries(root, _TOP)
    points = [_point(reader, number, one) for number, one in enumerate(reader.list(top["points"]), start=1)]
    night = reader.entries(top["night"], ("from", "to"))
    return AuditRules(
        version=reader.whole(top["version"], 1, 10_000),
        points={point.key: point for point in points},
        # the longest first, so that a word inside another is not taken out of it
        no_measure=tuple(
            sorted((reader.text(one) for one in reader.list(top["no_measure"])), key=len, reverse=True)
        ),
        measure_left_min=reader.whole(top["measure_left_min"], 1, 100),
        national_wording_percent=reader.whole(top["national_wording_percent"], 1, 100),
        reading_after_max={
            unit: reader.decimal(limit) for unit, limit in reader.map(top["reading_after_max"]).items()
        },
        night=(reader.whole(night["from"], 0, 23), reader.whole(night["to"], 0, 23)),
        answer_within={
            colour: timedelta(hours=reader.whole(hours, 1, _HOURS_MAX))
            for colour, hours in reader.entries(top["answer_within_hours"], COLOURS).items()
        },
        answer_fails=reader.words(top["answer_fails"], COLOURS),
        resume_within=timedelta(hours=reader.whole(top["resume_within_hours"], 1, _HOURS_MAX)),
        release_after=timedelta(hours=reader.whole(top["release_after_hours"], 1, _HOURS_MAX)),
        sampling=_sampling(reader, top["sampling"]),
    )


def _point(reader: Reader, number: int, node: Node) -> Point:
    said = reader.entries(node, _POINT)
    return Point(
        number=number,
        key=reader.text(said["key"]),
        name=reader.label(said["name"]),
        asks=reader.label(said["asks"]),
        basis=reader.label(said["basis"]),
        mark=reader.word(said["mark"], MARKS),
        judge=reader.word(said["judge"], JUDGES),
        weight=reader.whole(said["weight"], 1, 10),
        kept=reader.text(said["kept"]),
    )


def _sampling(reader: Reader, node: Node) -> Sampling:
    said = reader.entries(node, ("percent_min", "percent_max", "least", "weights"))
    least = reader.whole(said["percent_min"], 0, 100)
    return Sampling(
        least,
        reader.whole(said["percent_max"], least, 100),
        reader.whole(said["least"], 0, 1_000),
        {
            urgency: reader.whole(weight, 1, 1_000)
            for urgency, weight in reader.entries(said["weights"], URGENCIES).items()
        },
    )
