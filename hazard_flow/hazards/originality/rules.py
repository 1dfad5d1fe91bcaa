"""The rules file of originality: YAML in, frozen values out; whatever is wrong is said with file, line and a mend, all of it at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hazard_flow.assets.models import ASSET_KINDS
from hazard_flow.evidence.fingerprints import DISTANCE_MAX
from hazard_flow.evidence.kinds import KINDS
from hazard_flow.workflow.rule_file import Reader, newest, read
from hazard_flow.workflow.yaml_lines import Node

MARKS = ("V", "V2", "P", "M", "D", "B")
CHECKS = (
    "reused_exact", "reused_near", "before_is_after", "reuse_explained", "recheck_reused", "signature_reused", "photo_before_work",
    "photo_too_old", "photo_in_future", "far_from_asset", "impossible_travel", "two_at_once", "too_fast", "screenshot", "edited",
    "clock_wrong", "copy_differs",
)  # fmt: skip
#: name → lowest and highest value
_LIMITS = {
    "near_bits": (0, DISTANCE_MAX), "likeness_percent": (50, 100), "same_view_percent": (50, 100), "signature_percent": (50, 100),
    "far_m": (10, 100_000), "speed_kmh": (10, 1000), "travel_m": (50, 100_000), "same_minute_s": (1, 3600),
    "photo_early_min": (1, 525_600), "photo_tolerance_min": (0, 1440), "clock_skew_min": (1, 1440),
    "copy_percent": (50, 100),
}  # fmt: skip
_MINUTES_MAX = 10_080
_CODE = re.compile(r"[A-Z]{3}(-[MG]\d\d)?")
_SCREEN = re.compile(r"([1-9]\d{2,4})x([1-9]\d{2,4})")
_LISTS = ("compared_kinds", "shared_kinds", "spread_assets", "screens", "screenshot_words", "editor_words")
_TOP = ("version", "limits", "weights", "minimum_minutes", *_LISTS)


@dataclass(frozen=True)
class Value:
    """A figure and how sure it is."""

    value: int
    mark: str


@dataclass(frozen=True)
class OriginalityRules:
    """What is doubted, from where on, and how much it weighs."""

    version: int
    limits: Mapping[str, Value]
    weights: Mapping[str, Value]
    minimum_minutes: Mapping[str, Value]
    compared_kinds: frozenset[str]
    shared_kinds: frozenset[str]
    spread_assets: frozenset[str]
    #: short side, long side
    screens: frozenset[tuple[int, int]]
    screenshot_words: tuple[str, ...]
    editor_words: tuple[str, ...]

    def limit(self, name: str) -> int:
        """A limit in the unit its name ends with."""
        return self.limits[name].value

    def weight(self, check: str) -> int:
        """How much a doubt weighs, 0–100."""
        return self.weights[check].value

    def minutes(self, code: str) -> Value | None:
        """The least time for hazards of a catalogue code; None where the file names none."""
        fitting = [beginning for beginning in self.minimum_minutes if code.startswith(beginning)]
        return self.minimum_minutes[max(fitting, key=len)] if fitting else None


@cache
def shipped_rules() -> OriginalityRules:
    """The newest rules file of this release."""
    path = newest(Path(__file__).parent.glob("rules.v*.yaml"))
    return load_rules(path.read_text("utf-8"), name=path.name)


def load_rules(text: str, *, name: str) -> OriginalityRules:
    """Read a rules file; raises `RuleFileError` with every mistake."""
    return read(text, name=name, build=_rules)


def _rules(reader: Reader, root: Node) -> OriginalityRules:
    top = reader.entries(root, _TOP)
    return OriginalityRules(
        version=reader.whole(top["version"], 1, 10_000),
        limits={
            name: _value(reader, node, *_LIMITS[name])
            for name, node in reader.entries(top["limits"], _LIMITS).items()
        },
        weights={
            name: _value(reader, node, 0, 100)
            for name, node in reader.entries(top["weights"], CHECKS).items()
        },
        minimum_minutes=_minutes(reader, top["minimum_minutes"]),
        compared_kinds=reader.words(top["compared_kinds"], KINDS),
        shared_kinds=reader.words(top["shared_kinds"], KINDS),
        spread_assets=reader.words(top["spread_assets"], ASSET_KINDS),
        screens=frozenset(_screens(reader, top["screens"])),
        screenshot_words=tuple(reader.text(one).lower() for one in reader.list(top["screenshot_words"])),
        editor_words=tuple(reader.text(one).lower() for one in reader.list(top["editor_words"])),
    )


def _value(reader: Reader, node: Node, low: int, high: int) -> Value:
    parts = reader.entries(node, ("value", "mark"))
    return Value(reader.whole(parts["value"], low, high), reader.word(parts["mark"], MARKS))


def _minutes(reader: Reader, node: Node) -> dict[str, Value]:
    found = {}
    for beginning, one in reader.map(node).items():
        if _CODE.fullmatch(beginning):
            found[beginning] = _value(reader, one, 0, _MINUTES_MAX)
        else:
            reader.wrong(
                node.key_lines[beginning],
                f"{beginning!r} begins no catalogue code.",
                "write PIP or PIP-G03.",
            )
    return found


def _screens(reader: Reader, node: Node) -> Iterator[tuple[int, int]]:
    for one in reader.list(node):
        size = _SCREEN.fullmatch(reader.text(one))
        if size is not None and int(size[1]) <= int(size[2]):
            yield int(size[1]), int(size[2])
        else:
            reader.wrong(
                one.line,
                f"{one.value!r} is no size of a screen.",
                "write the short side first, as 1080x2400.",
            )
