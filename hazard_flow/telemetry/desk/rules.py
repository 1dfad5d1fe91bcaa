"""The desk's limits, causes and targets as one value, read from the versioned file beside this module and checked whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from hazard_flow.i18n import Label
from hazard_flow.workflow.definition import URGENCIES
from hazard_flow.workflow.rule_file import Reader, newest, read
from hazard_flow.workflow.yaml_lines import Node

#: ways to take an alert off the active list: for a while, by design, while the device is being worked on
HIDINGS = ("shelved", "suppressed", "out_of_service")
VERDICTS = ("true_alarm", "false_alarm", "undecided")
#: from this level on an alert is never hidden and never folded into a group
LOUD = 2
_TOP = (
    "version", "operators", "acknowledge_minutes", "missed", "hide_hours_max", "reason_at_least", "grouped_from", "causes",
    "targets",
)  # fmt: skip
_MIX = ("low", "medium", "high")


@dataclass(frozen=True)
class Cause:
    """Something an alarm can turn out to have been."""

    code: str
    verdict: str
    #: whether it takes a reading on site to say so of an alarm of the process
    needs_reading: bool
    label: Label


@dataclass(frozen=True)
class Missed:
    """The hazard of the operator that an alert nobody acknowledged opens or joins."""

    family: str
    catalogue: str
    urgency: str
    label: Label


@dataclass(frozen=True)
class Targets:
    """What the figures are measured against; the source of each stands in the file."""

    flood_above: int
    flood_below: int
    day_acceptable: int
    day_max: int
    flood_percent_max: int
    chatter_changes: int
    stale_after: timedelta
    stale_max: int
    top: int
    top_percent_max: int
    #: priority → percent of the alarms
    mix: Mapping[str, int]


@dataclass(frozen=True)
class DeskRules:
    """One version of the rules."""

    version: int
    operators: int
    #: `level_2`, `level_1`, `fault` → how long the acknowledgement may take
    acknowledge_within: Mapping[str, timedelta]
    missed: Missed
    hide_max: Mapping[str, timedelta]
    reason_at_least: int
    grouped_from: int
    causes: Mapping[str, Cause]
    targets: Targets

    def limit(self, *, level: int, alert_class: str) -> timedelta:
        """How long the acknowledgement of an alert may take."""
        if level >= LOUD:
            return self.acknowledge_within["level_2"]
        return self.acknowledge_within["level_1" if alert_class == "process" else "fault"]


@cache
def desk_rules() -> DeskRules:
    """The newest rules of this release."""
    path = newest(Path(__file__).parent.glob("desk.v*.yaml"))
    return load_rules(path.read_text("utf-8"), name=path.name)


def load_rules(text: str, *, name: str) -> DeskRules:
    """Read a file of rules; raises `RuleFileError` with every mistake."""
    return read(text, name=name, build=_rules)


def _rules(reader: Reader, root: Node) -> DeskRules:
    top = reader.entries(root, _TOP)
    limits = reader.entries(top["acknowledge_minutes"], ("level_2", "level_1", "fault"))
    hours = reader.entries(top["hide_hours_max"], HIDINGS)
    causes = [_cause(reader, one) for one in reader.list(top["causes"])]
    return DeskRules(
        version=reader.whole(top["version"], 1, 10_000),
        operators=reader.whole(top["operators"], 1, 100),
        acknowledge_within={
            key: timedelta(minutes=reader.whole(one, 1, 1_440)) for key, one in limits.items()
        },
        missed=_missed(reader, top["missed"]),
        # eight hours is the most that gas may be shelved for
        hide_max={
            key: timedelta(hours=reader.whole(one, 1, 8 if key == "shelved" else 8_760))
            for key, one in hours.items()
        },
        reason_at_least=reader.whole(top["reason_at_least"], 1, 100),
        grouped_from=reader.whole(top["grouped_from"], 2, 1_000),
        causes={one.code: one for one in causes},
        targets=_targets(reader, top["targets"]),
    )


def _cause(reader: Reader, node: Node) -> Cause:
    said = reader.entries(node, ("code", "verdict", "reading", "name"))
    if said["reading"].value not in (True, False):
        reader.wrong(said["reading"].line, "true or false is expected here.", "write true or false.")
    return Cause(
        code=reader.text(said["code"]),
        verdict=reader.word(said["verdict"], VERDICTS),
        needs_reading=said["reading"].value is True,
        label=reader.label(said["name"]),
    )


def _missed(reader: Reader, node: Node) -> Missed:
    said = reader.entries(node, ("family", "catalogue", "urgency", "name"))
    return Missed(
        family=reader.text(said["family"]),
        catalogue=reader.text(said["catalogue"]),
        urgency=reader.word(said["urgency"], URGENCIES),
        label=reader.label(said["name"]),
    )


def _targets(reader: Reader, node: Node) -> Targets:
    whole = {
        "flood_above": 1_000, "flood_below": 1_000, "day_acceptable": 100_000, "day_max": 100_000, "flood_percent_max": 100,
        "chatter_changes": 100, "stale_hours": 8_760, "stale_max": 10_000, "top": 100, "top_percent_max": 100,
    }  # fmt: skip
    said = reader.entries(node, (*whole, "mix_percent"))
    found = {key: reader.whole(said[key], 1, most) for key, most in whole.items()}
    hours = found.pop("stale_hours")
    mix = reader.entries(said["mix_percent"], _MIX)
    return Targets(
        **found,
        stale_after=timedelta(hours=hours),
        mix={key: reader.whole(one, 0, 100) for key, one in mix.items()},
    )
