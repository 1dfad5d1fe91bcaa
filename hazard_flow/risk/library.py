"""The seed library: risks a gas enterprise meets everywhere, the grade they were found at, measures to begin with. Only proposals."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hazard_flow.i18n import Label
from hazard_flow.risk.colours import COLOURS
from hazard_flow.workflow.rule_file import Reader, newest, read
from hazard_flow.workflow.yaml_lines import Node

CATEGORIES = (
    "management", "station", "pipeline", "regulator", "valve_well", "residential", "commercial", "lpg_cylinder",
    "third_party_construction", "monitoring_emergency",
)  # fmt: skip
MEASURE_KINDS = ("engineering", "management", "training", "ppe", "emergency")
ACCIDENTS = ("leak", "fire", "explosion", "poisoning", "burst", "electric_shock", "mechanical", "traffic")
#: how well a statement is founded: read in an official text, second-hand, from memory, our design
MARKS = ("V", "V2", "P", "M", "D")


@dataclass(frozen=True)
class LibraryMeasure:
    """A measure and the item it is checked by."""

    kind: str
    label: Label
    check: Label


@dataclass(frozen=True)
class LibraryRisk:
    """One risk of the library."""

    key: str
    category: str
    colour: str
    mark: str
    unit: Label
    label: Label
    accidents: tuple[str, ...]
    measures: tuple[LibraryMeasure, ...]


@dataclass(frozen=True)
class Library:
    """One version of it."""

    version: int
    source: str
    risks: Mapping[str, LibraryRisk]


@cache
def library() -> Library:
    """The newest of this release."""
    path = newest(Path(__file__).parent.glob("library.v*.yaml"))
    return load(path.read_text("utf-8"), name=path.name)


def load(text: str, *, name: str) -> Library:
    """Read a library file; raises `RuleFileError` with every mistake."""
    return read(text, name=name, build=_library)


def _library(reader: Reader, root: Node) -> Library:
    top = reader.entries(root, ("version", "source", "risks"))
    risks = [_risk(reader, one) for one in reader.list(top["risks"])]
    keys = [one.key for one in risks]
    if len(set(keys)) != len(keys):
        reader.wrong(top["risks"].line, "two risks have one key.", "give each a key of its own.")
    return Library(
        reader.whole(top["version"], 1, 10_000), reader.text(top["source"]), {one.key: one for one in risks}
    )


def _risk(reader: Reader, node: Node) -> LibraryRisk:
    said = reader.entries(
        node, ("key", "category", "colour", "mark", "unit", "name", "accidents", "measures")
    )
    return LibraryRisk(
        key=reader.text(said["key"]),
        category=reader.word(said["category"], CATEGORIES),
        colour=reader.word(said["colour"], COLOURS),
        mark=reader.word(said["mark"], MARKS),
        unit=reader.label(said["unit"]),
        label=reader.label(said["name"]),
        accidents=tuple(reader.word(one, ACCIDENTS) for one in reader.list(said["accidents"])),
        measures=tuple(_measure(reader, one) for one in reader.list(said["measures"])),
    )


def _measure(reader: Reader, node: Node) -> LibraryMeasure:
    said = reader.entries(node, ("kind", "text", "check"))
    return LibraryMeasure(
        reader.word(said["kind"], MEASURE_KINDS), reader.label(said["text"]), reader.label(said["check"])
    )
