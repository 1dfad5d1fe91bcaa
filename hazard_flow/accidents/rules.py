"""The rules of accidents as values, read whole from the versioned file beside this module."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

from hazard_flow.workflow.durations import parse_duration
from hazard_flow.workflow.rule_file import Reader, newest, read
from hazard_flow.workflow.yaml_lines import Node

MARKS = ("V", "V2", "P", "M", "D")
#: the worst first; `ordinary` is everything below
CLASSES = ("particularly_major", "major", "larger", "ordinary")
LEVELS = ("county", "city", "province", "state")
_COUNTS = ("dead", "seriously_injured", "loss_million_yuan")
_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True)
class Threshold:
    """The least of each count that belongs to a class."""

    key: str
    dead: int
    seriously_injured: int
    loss_yuan: Decimal


@dataclass(frozen=True)
class AccidentRules:
    """One version of the rules, with the confidence marks of their parts."""

    version: int
    thresholds: tuple[Threshold, ...]
    principal_within: timedelta
    level_within: timedelta
    levels: Mapping[str, tuple[str, ...]]
    supplement_days: int
    supplement_days_fire: int
    similar_places_max: int
    #: part → mark
    marks: Mapping[str, str]


@cache
def accident_rules() -> AccidentRules:
    """The newest rules of this release."""
    path = newest(Path(__file__).parent.glob("rules.v*.yaml"))
    return load_rules(path.read_text("utf-8"), name=path.name)


def load_rules(text: str, *, name: str) -> AccidentRules:
    """Read a file of rules; raises `RuleFileError` with every mistake, its line and a mend."""
    return read(text, name=name, build=_rules)


def _rules(reader: Reader, root: Node) -> AccidentRules:
    top = reader.entries(root, ("version", "classes", "reports", "levels", "supplements", "similar_places"))
    classes = reader.entries(top["classes"], ("mark", *CLASSES[:-1]))
    reports = reader.entries(top["reports"], ("mark", "principal", "each_level"))
    levels = reader.entries(top["levels"], ("mark", *CLASSES))
    supplements = reader.entries(top["supplements"], ("mark", "days", "days_fire"))
    places = reader.entries(top["similar_places"], ("mark", "at_most"))
    thresholds = tuple(_threshold(reader, key, classes[key]) for key in CLASSES[:-1])
    for worse, milder in pairwise(thresholds):
        if any(
            getattr(worse, name) <= getattr(milder, name)
            for name in ("dead", "seriously_injured", "loss_yuan")
        ):
            reader.wrong(
                classes[milder.key].line,
                f"{milder.key!r} is no milder than {worse.key!r}.",
                "give the worse class the larger numbers.",
            )
    return AccidentRules(
        version=reader.whole(top["version"], 1, 10_000),
        thresholds=thresholds,
        principal_within=_span(reader, reports["principal"]),
        level_within=_span(reader, reports["each_level"]),
        levels={key: _levels(reader, levels[key]) for key in CLASSES},
        supplement_days=reader.whole(supplements["days"], 1, 366),
        supplement_days_fire=reader.whole(supplements["days_fire"], 1, 366),
        similar_places_max=reader.whole(places["at_most"], 1, 500),
        marks={key: reader.word(node["mark"], MARKS) for key, node in (
            ("classes", classes), ("reports", reports), ("levels", levels), ("supplements", supplements), ("similar_places", places),
        )},
    )  # fmt: skip


def _threshold(reader: Reader, key: str, node: Node) -> Threshold:
    found = reader.entries(node, _COUNTS)
    return Threshold(
        key,
        reader.whole(found["dead"], 1, 10_000),
        reader.whole(found["seriously_injured"], 1, 10_000),
        reader.decimal(found["loss_million_yuan"]) * 1_000_000,
    )


def _levels(reader: Reader, node: Node) -> tuple[str, ...]:
    found = tuple(reader.word(item, LEVELS) for item in reader.list(node))
    if list(found) != sorted(set(found), key=LEVELS.index):
        reader.wrong(node.line, "levels stand from the lowest up, each once.", f"order: {', '.join(LEVELS)}.")
    return found


def _span(reader: Reader, node: Node) -> timedelta:
    parsed = parse_duration(node.value)
    if parsed is None or parsed.unit not in _UNITS:
        reader.wrong(node.line, "a span by the clock is expected here.", "write `1 h` or `30 min`.")
        return timedelta(hours=1)
    return parsed.amount * _UNITS[parsed.unit]
