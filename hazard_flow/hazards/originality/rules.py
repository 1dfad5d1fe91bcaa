"""The rules file of originality: YAML in, frozen values out; whatever is wrong is said with file, line and a mend, all of it at once."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hazard_flow.assets.models import ASSET_KINDS
from hazard_flow.evidence.fingerprints import DISTANCE_MAX
from hazard_flow.evidence.kinds import KINDS
from hazard_flow.workflow.yaml_lines import Node, YamlFault, parse

MARKS = ("V", "V2", "P", "M", "D", "B")
CHECKS = (
    "reused_exact", "reused_near", "before_is_after", "reuse_explained", "recheck_reused", "signature_reused", "photo_before_work",
    "photo_too_old", "photo_in_future", "far_from_asset", "impossible_travel", "two_at_once", "too_fast", "screenshot", "edited",
    "clock_wrong",
)  # fmt: skip
#: name → lowest and highest value
_LIMITS = {
    "near_bits": (0, DISTANCE_MAX), "likeness_percent": (50, 100), "same_view_percent": (50, 100), "signature_percent": (50, 100),
    "far_m": (10, 100_000), "speed_kmh": (10, 1000), "travel_m": (50, 100_000), "same_minute_s": (1, 3600),
    "photo_early_min": (1, 525_600), "photo_tolerance_min": (0, 1440), "clock_skew_min": (1, 1440),
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


@dataclass(frozen=True)
class Mistake:
    """One thing wrong with a rules file."""

    file: str
    line: int
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message} Mend: {self.mend}"


class RulesRefused(ValueError):
    """The rules file may not load; `mistakes` lists every reason."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = sorted(mistakes, key=lambda one: one.line)
        super().__init__("\n".join(map(str, self.mistakes)))


@cache
def shipped_rules() -> OriginalityRules:
    """The newest rules file of this release."""
    files = Path(__file__).parent.glob("rules.v*.yaml")
    path = max(files, key=lambda one: int(one.name.split(".")[1][1:]))
    return load_rules(path.read_text("utf-8"), name=path.name)


def load_rules(text: str, *, name: str) -> OriginalityRules:
    """Read a rules file; raises `RulesRefused` with every mistake."""
    try:
        root, refused = parse(text)
    except YamlFault as fault:
        raise RulesRefused([Mistake(name, fault.line, fault.message, "write plain YAML")]) from fault
    reader = _Reader(name)
    reader.mistakes += [Mistake(name, line, message, mend) for line, message, mend in refused]
    found = reader.rules(root)
    if reader.mistakes:
        raise RulesRefused(reader.mistakes)
    return found


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file
        self.mistakes: list[Mistake] = []

    def rules(self, root: Node) -> OriginalityRules:
        top = self._entries(root, _TOP)
        return OriginalityRules(
            version=self._whole(top.get("version", root), 1, 10_000),
            limits={
                name: self._value(node, *_LIMITS[name])
                for name, node in self._entries(top.get("limits", root), tuple(_LIMITS)).items()
            },
            weights={
                name: self._value(node, 0, 100)
                for name, node in self._entries(top.get("weights", root), CHECKS).items()
            },
            minimum_minutes=self._minutes(top.get("minimum_minutes", root)),
            compared_kinds=self._words(top.get("compared_kinds", root), KINDS),
            shared_kinds=self._words(top.get("shared_kinds", root), KINDS),
            spread_assets=self._words(top.get("spread_assets", root), ASSET_KINDS),
            screens=frozenset(self._screens(top.get("screens", root))),
            screenshot_words=tuple(
                text.lower() for _, text in self._texts(top.get("screenshot_words", root))
            ),
            editor_words=tuple(text.lower() for _, text in self._texts(top.get("editor_words", root))),
        )

    def _wrong(self, line: int, message: str, mend: str) -> None:
        self.mistakes.append(Mistake(self._file, line, message, mend))

    def _entries(self, node: Node, wanted: tuple[str, ...]) -> dict[str, Node]:
        """The entries of a map that has exactly the wanted keys."""
        if not isinstance(node.value, dict):
            self._wrong(node.line, "a map is expected here.", "write `key: value` lines.")
            return {}
        for name in node.entries.keys() - set(wanted):
            self._wrong(node.key_lines[name], f"{name!r} is not known here.", f"one of: {', '.join(wanted)}.")
        for name in wanted:
            if name not in node.entries:
                self._wrong(node.line, f"{name!r} is missing.", f"add `{name}: …`.")
        return {name: one for name, one in node.entries.items() if name in wanted}

    def _value(self, node: Node, low: int, high: int) -> Value:
        parts = self._entries(node, ("value", "mark"))
        value = self._whole(parts["value"], low, high) if "value" in parts else low
        mark = str(parts["mark"].value) if "mark" in parts else MARKS[0]
        if mark not in MARKS:
            self._wrong(node.line, f"{mark!r} does not say how sure it is.", f"one of: {', '.join(MARKS)}.")
        return Value(value, mark)

    def _whole(self, node: Node, low: int, high: int) -> int:
        if isinstance(node.value, int) and not isinstance(node.value, bool) and low <= node.value <= high:
            return node.value
        self._wrong(
            node.line, f"a whole number from {low} to {high} is expected here.", f"write {low} … {high}."
        )
        return low

    def _minutes(self, node: Node) -> dict[str, Value]:
        found = {}
        for beginning, one in node.entries.items():
            if not _CODE.fullmatch(beginning):
                self._wrong(
                    node.key_lines[beginning],
                    f"{beginning!r} begins no catalogue code.",
                    "write PIP or PIP-G03.",
                )
            else:
                found[beginning] = self._value(one, 0, _MINUTES_MAX)
        if not found:
            self._wrong(node.line, "no category has a least time.", "write `PIP: {value: 5, mark: D}`.")
        return found

    def _texts(self, node: Node) -> list[tuple[int, str]]:
        if not node.items:
            self._wrong(node.line, "a list of words is expected here.", "write `[one, two]`.")
        return [(item.line, str(item.value)) for item in node.items]

    def _words(self, node: Node, known: Collection[str]) -> frozenset[str]:
        found = self._texts(node)
        for line, word in found:
            if word not in known:
                self._wrong(line, f"{word!r} is not known here.", f"one of: {', '.join(known)}.")
        return frozenset(word for _, word in found)

    def _screens(self, node: Node) -> list[tuple[int, int]]:
        sizes = []
        for line, text in self._texts(node):
            size = _SCREEN.fullmatch(text)
            if size is None or int(size[1]) > int(size[2]):
                self._wrong(
                    line, f"{text!r} is no size of a screen.", "write the short side first, as 1080x2400."
                )
            else:
                sizes.append((int(size[1]), int(size[2])))
        return sizes
