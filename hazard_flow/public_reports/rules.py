"""What the public may report and within which limits, read from the versioned file beside this module."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hazard_flow.i18n import Label
from hazard_flow.workflow.definition import Duration
from hazard_flow.workflow.durations import FORM, parse_duration
from hazard_flow.workflow.rule_file import Reader, newest, read
from hazard_flow.workflow.yaml_lines import Node

MARKS = ("V", "V2", "P", "M", "D")
URGENCIES = ("A", "B", "C")
_KIND = ("name", "urgency", "review_within", "family", "mark", "danger")


@dataclass(frozen=True)
class Kind:
    """One thing the public may report."""

    key: str
    label: Label
    #: proposed to whoever accepts it
    urgency: str
    #: somebody looks at it within
    review_within: Duration
    #: hazard family, where alarms speak of the same thing
    family: str
    #: confidence of its figures
    mark: str
    #: whoever sees it should first of all get away and call
    is_danger: bool


@dataclass(frozen=True)
class PublicRules:
    """The file."""

    kinds: Mapping[str, Kind]
    #: why a report may be refused, as its reporter reads it
    refusals: Mapping[str, Label]
    #: reports an hour
    from_one_address: int
    about_one_asset: int
    everywhere: int
    photos_most: int
    photo_bytes_most: int


@cache
def public_rules() -> PublicRules:
    """The newest rules of this release."""
    path = newest(Path(__file__).parent.glob("rules.v*.yaml"))
    return load_rules(path.read_text("utf-8"), name=path.name)


def load_rules(text: str, *, name: str) -> PublicRules:
    """Read a file of rules; raises `RuleFileError` with every mistake, each with its line and a mend."""
    return read(text, name=name, build=_rules)


def _rules(reader: Reader, root: Node) -> PublicRules:
    top = reader.entries(root, ("version", "kinds", "refusals", "an_hour", "mark_of_limits", "photos"))
    reader.whole(top["version"], 1, 10_000)
    reader.word(top["mark_of_limits"], MARKS)
    hour = reader.entries(top["an_hour"], ("from_one_address", "about_one_asset", "everywhere"))
    photos = reader.entries(top["photos"], ("most", "bytes_each"))
    return PublicRules(
        kinds={key: _kind(reader, key, node) for key, node in reader.map(top["kinds"]).items()},
        refusals={key: reader.label(node) for key, node in reader.map(top["refusals"]).items()},
        from_one_address=reader.whole(hour["from_one_address"], 1, 1_000),
        about_one_asset=reader.whole(hour["about_one_asset"], 1, 10_000),
        everywhere=reader.whole(hour["everywhere"], 1, 1_000_000),
        photos_most=reader.whole(photos["most"], 1, 10),
        photo_bytes_most=reader.whole(photos["bytes_each"], 100_000, 20_000_000),
    )


def _kind(reader: Reader, key: str, node: Node) -> Kind:
    found = reader.map(node)
    for name in found.keys() - set(_KIND):
        reader.wrong(node.key_lines[name], f"{name!r} is not known here.", f"one of: {', '.join(_KIND)}.")
    for name in ("name", "urgency", "review_within", "mark"):
        if name not in found:
            reader.wrong(node.line, f"{name!r} is missing.", f"add `{name}: …`.")
            return Kind(key, Label("", ""), "C", Duration(1, "day"), "", "D", is_danger=False)
    within = parse_duration(found["review_within"].value)
    if within is None:
        reader.wrong(found["review_within"].line, "a span is expected here.", f"{FORM}.")
    return Kind(
        key=key,
        label=reader.label(found["name"]),
        urgency=reader.word(found["urgency"], URGENCIES),
        review_within=within or Duration(1, "day"),
        family=str(found["family"].value) if "family" in found else "",
        mark=reader.word(found["mark"], MARKS),
        is_danger="danger" in found and found["danger"].value is True,
    )
