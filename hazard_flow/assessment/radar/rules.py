"""The thresholds of the radar as one value, read from the versioned file beside this module and checked whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hazard_flow.catalogue.policy import MARKS
from hazard_flow.workflow.rule_file import Reader, newest, read
from hazard_flow.workflow.yaml_lines import Node

#: signal → the thresholds its entry holds, in the order they are shown
THRESHOLDS: Mapping[str, tuple[str, ...]] = {
    "contradicted_closings": ("weight", "days"),
    "reused_photos": ("weight",),
    "closed_too_fast": ("weight", "minutes_m", "minutes_a", "minutes_b", "minutes_c"),
    "last_day_closing": ("weight", "percent", "least"),
    "moved_deadlines": ("weight", "days", "times"),
    "recurring_assets": ("weight", "days", "times"),
    "silent_teams": ("weight", "days", "peers_least", "peer_median"),
}
SIGNALS = tuple(THRESHOLDS)
_MOST = {"weight": 100, "percent": 100}
_WHOLE_MAX = 100_000


@dataclass(frozen=True)
class Threshold:
    """A figure in the unit its name ends with, and how sure it is (one of `MARKS`)."""

    value: int
    mark: str


@dataclass(frozen=True)
class RadarRules:
    """One version of the thresholds."""

    version: int
    window_days: int
    signals: Mapping[str, Mapping[str, Threshold]]

    def limits(self, signal: str) -> Mapping[str, int]:
        """The plain figures of a signal."""
        return {name: one.value for name, one in self.signals[signal].items()}


@cache
def radar_rules() -> RadarRules:
    """The newest rules of this release."""
    path = newest(Path(__file__).parent.glob("rules.v*.yaml"))
    return load_rules(path.read_text("utf-8"), name=path.name)


def load_rules(text: str, *, name: str) -> RadarRules:
    """Read a file of thresholds; raises `RuleFileError` with every mistake, its line and a mend."""
    return read(text, name=name, build=_rules)


def _rules(reader: Reader, root: Node) -> RadarRules:
    top = reader.entries(root, ("version", "window_days", "signals"))
    signals = reader.entries(top["signals"], SIGNALS)
    return RadarRules(
        version=reader.whole(top["version"], 1, 10_000),
        window_days=_threshold(reader, top["window_days"], 400).value,
        signals={
            signal: {
                name: _threshold(reader, one, _MOST.get(name, _WHOLE_MAX))
                for name, one in reader.entries(signals[signal], names).items()
            }
            for signal, names in THRESHOLDS.items()
        },
    )


def _threshold(reader: Reader, node: Node, most: int) -> Threshold:
    said = reader.entries(node, ("value", "mark"))
    return Threshold(reader.whole(said["value"], 1, most), reader.word(said["mark"], MARKS))
