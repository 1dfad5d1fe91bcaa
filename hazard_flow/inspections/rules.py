"""Rules of looking after as values, read from the versioned file beside this module and checked whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from hazard_flow.inspections.recurrence import next_day
from hazard_flow.workflow.rule_file import Reader, newest, read
from hazard_flow.workflow.yaml_lines import Node

MARKS = ("V", "V2", "P", "M", "D")
TIERS = ("high", "sub_high", "medium", "low")
_TRACKS = (
    "within_m",
    "covered_percent",
    "speed_min_kmh",
    "speed_max_kmh",
    "gap_max_seconds",
    "accuracy_max_m",
)
_DOUBTS = (
    "fence_m", "between_kmh_max", "a_minute_max", "a_day_max", "near_bits", "signature_uses_max", "same_readings_min",
)  # fmt: skip
_SOME_DAY = date(2024, 1, 1)


@dataclass(frozen=True)
class TrackRules:
    """When a walked line counts."""

    within_m: int = 20
    covered_percent: int = 90
    speed_min_kmh: int = 1
    speed_max_kmh: int = 25
    gap_max_seconds: int = 120
    accuracy_max_m: int = 50


@dataclass(frozen=True)
class DoubtRules:
    """What raises a doubt."""

    fence_m: int = 200
    between_kmh_max: int = 120
    a_minute_max: int = 1
    a_day_max: int = 60
    near_bits: int = 6
    signature_uses_max: int = 1
    same_readings_min: int = 4


@dataclass(frozen=True)
class InspectionRules:
    """The whole file."""

    version: int
    tracks: TrackRules
    doubts: DoubtRules
    #: rule of recurrence proposed for a patrol, by pressure tier
    patrols: Mapping[str, str]
    #: confidence of each number, by `section.name`
    marks: Mapping[str, str]


@cache
def inspection_rules() -> InspectionRules:
    """The newest rules of this release."""
    path = newest(Path(__file__).parent.glob("rules.v*.yaml"))
    return load_rules(path.read_text("utf-8"), name=path.name)


def load_rules(text: str, *, name: str) -> InspectionRules:
    """Read a file of rules; raises `RuleFileError` with every mistake."""
    return read(text, name=name, build=_rules)


def _rules(reader: Reader, root: Node) -> InspectionRules:
    top = reader.entries(root, ("version", "tracks", "doubts", "patrols"))
    marks: dict[str, str] = {}
    return InspectionRules(
        version=reader.whole(top["version"], 1, 10_000),
        tracks=TrackRules(**_numbers(reader, "tracks", top["tracks"], _TRACKS, marks)),
        doubts=DoubtRules(**_numbers(reader, "doubts", top["doubts"], _DOUBTS, marks)),
        patrols=_recurrences(reader, "patrols", top["patrols"], TIERS, marks),
        marks=marks,
    )


def _numbers(
    reader: Reader, section: str, node: Node, names: tuple[str, ...], marks: dict[str, str]
) -> dict[str, int]:
    found = {}
    for name, one in reader.entries(node, names).items():
        both = reader.entries(one, ("value", "mark"))
        found[name] = reader.whole(both["value"], 0, 100_000)
        marks[f"{section}.{name}"] = reader.word(both["mark"], MARKS)
    return found


def _recurrences(
    reader: Reader, section: str, node: Node, names: tuple[str, ...], marks: dict[str, str]
) -> dict[str, str]:
    found = {}
    for name, one in reader.entries(node, names).items():
        both = reader.entries(one, ("rule", "mark"))
        found[name] = reader.text(both["rule"])
        marks[f"{section}.{name}"] = reader.word(both["mark"], MARKS)
        try:
            next_day(found[name], start=_SOME_DAY, after=_SOME_DAY)
        except ValueError as wrong:
            reader.wrong(
                one.line, f"{found[name]!r} is no rule: {wrong}.", "write it as FREQ=WEEKLY;BYDAY=MO."
            )
    return found
