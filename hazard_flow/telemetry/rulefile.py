"""Rule files: YAML in, `Rules` out; whatever is wrong is said with file, line and a mend, all of it at once."""

import hashlib
import math
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from hazard_flow.i18n import Label
from hazard_flow.telemetry.quantities import shipped_quantities
from hazard_flow.telemetry.rules import AlertClass, Family, Level, Line, Quantity, Rules, Threshold
from hazard_flow.workflow.rule_file import Mistake, RuleFileError, newest

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
#: k of n looks back at most this many samples
WINDOW_MAX = 60


@cache
def shipped_rules() -> Rules:
    """The newest rule file of this release."""
    return load_rules(newest(Path(__file__).parent.glob("rules.v*.yaml")))


def load_rules(path: Path) -> Rules:
    """The rules of a file; raises `RuleFileError` with every mistake in it."""
    return read_rules(path.read_bytes(), name=path.name)


def read_rules(data: bytes, *, name: str) -> Rules:
    """The rules in a file's bytes; raises `RuleFileError`."""
    reader = _Reader(name)
    try:
        node = yaml.compose(data, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise RuleFileError(
            [Mistake(name, mark.line + 1 if mark else 1, "not YAML", str(error).splitlines()[0])]
        ) from error
    rules = _rules(reader, _Place(reader, node), hashlib.sha256(data).hexdigest())
    if reader.mistakes or rules is None:
        raise RuleFileError(reader.mistakes)
    return rules


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.mistakes: list[Mistake] = []

    def wrong(self, node: Any, message: str, mend: str) -> None:
        line = node.start_mark.line + 1 if node is not None else 1
        self.mistakes.append(Mistake(self.name, line, message, mend))


class _Place:
    """A YAML node with the reader that notes what is wrong with it."""

    def __init__(self, reader: _Reader, node: Any) -> None:
        self.reader, self.node = reader, node

    def wrong(self, message: str, mend: str) -> None:
        self.reader.wrong(self.node, message, mend)

    def map(self, *known: str, needed: tuple[str, ...] = ()) -> dict[str, "_Place"]:
        """The entries of a mapping; `known` empty allows any key."""
        if not isinstance(self.node, yaml.MappingNode):
            self.wrong("a mapping is expected here", "write `key: value` lines")
            return {}
        found: dict[str, _Place] = {}
        for key, value in self.node.value:
            if known and key.value not in known:
                self.reader.wrong(key, f"unknown key {key.value!r}", f"one of: {', '.join(known)}")
            elif key.value in found:
                self.reader.wrong(key, f"the key {key.value!r} stands twice", "keep one of them")
            else:
                found[str(key.value)] = _Place(self.reader, value)
        for key in needed:
            if key not in found:
                self.wrong(f"{key!r} is missing", f"add `{key}: …`")
        return found

    def items(self) -> Iterator["_Place"]:
        """The entries of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.wrong("a list is expected here", "write `- …` lines or `[…]`")
            return
        yield from (_Place(self.reader, node) for node in self.node.value)

    def text(self) -> str:
        """A word or sentence; empty (and noted) if it is not one."""
        if not isinstance(self.node, yaml.ScalarNode) or not self.node.value:
            self.wrong("a text is expected here", "write a word or a quoted sentence")
            return ""
        return str(self.node.value)

    def number(self) -> float:
        """A number; nan (and noted) if it is not one."""
        try:
            return float(self.text())
        except ValueError:
            self.wrong(f"{self.node.value!r} is not a number", "write digits, e.g. 25 or 0.5")
            return float("nan")

    def whole(self, low: int, high: int) -> int:
        """A whole number within bounds."""
        value = self.number()
        if math.isnan(value) or not (value.is_integer() and low <= value <= high):
            self.wrong(f"a whole number from {low} to {high} is expected here", f"write {low} … {high}")
            return low
        return int(value)

    def span(self) -> timedelta:
        """A duration such as 10m."""
        found = re.fullmatch(r"(\d+) ?([smhd])", self.text())
        if found is None:
            self.wrong("a duration with its unit is expected here", "write e.g. 30s, 10m, 6h or 3d")
            return timedelta(0)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})

    def choice(self, *words: str) -> str:
        """One of a few words."""
        word = self.text()
        if word not in words:
            self.wrong(f"{word!r} is not known here", f"one of: {', '.join(words)}")
        return word


def _rules(reader: _Reader, root: _Place, sha256: str) -> Rules | None:
    keys = ("version", "defaults", "kinds", "families", "rules", "external")
    top = root.map(*keys, needed=("version", "defaults", "kinds", "families", "rules"))
    if reader.mistakes:
        return None
    spans = ("off_delay", "window", "late_window")
    defaults = top["defaults"].map(*spans, needed=spans)
    # what a file does not name counts as shipped: a device may say more than any rule asks
    quantities = dict(shipped_quantities())
    quantities |= {key: _quantity(key, place) for key, place in top["kinds"].map().items()}
    families = {key: _family(key, place) for key, place in top["families"].map().items()}

    def family(place: _Place) -> str:
        return place.choice(*families)

    thresholds = tuple(_threshold(place, quantities, family) for place in top["rules"].items())
    external: dict[str, tuple[str, tuple[Line, ...]]] = {}
    for place in top["external"].items() if "external" in top else ():
        entry = place.map("id", "source", "map", needed=("id", "source", "map"))
        if {"id", "source", "map"} <= entry.keys():
            lines = tuple(_line(line, family) for line in entry["map"].items())
            external[entry["source"].text()] = (entry["id"].text(), lines)
    _once(top["rules"], [rule.id for rule in thresholds], "rule")
    _once(top["rules"], [rule.quantity for rule in thresholds], "rule on the quantity")
    version = top["version"].whole(1, 10_000)
    if reader.mistakes:
        return None
    return Rules(
        version=version,
        sha256=sha256,
        off_delay=defaults["off_delay"].span(),
        window=defaults["window"].span(),
        late_window=defaults["late_window"].span(),
        quantities=quantities,
        families=families,
        thresholds=thresholds,
        external=external,
    )


def _once(place: _Place, names: list[str], what: str) -> None:
    for name in sorted({name for name in names if names.count(name) > 1}):
        place.wrong(f"there are two {what}s {name!r}", "keep one of them")


def _quantity(key: str, place: _Place) -> Quantity:
    entry = place.map("unit", "span", "over_range_to", needed=("unit", "span"))
    unit = entry["unit"].text() if "unit" in entry else ""
    bounds = [bound.number() for bound in entry["span"].items()] if "span" in entry else []
    if len(bounds) != 2 or not bounds[0] < bounds[1]:
        place.wrong("a span has a low and a high end", "write e.g. span: [0, 100]")
        bounds = [0.0, 1.0]
    beyond = entry["over_range_to"].number() if "over_range_to" in entry else bounds[1]
    if not beyond >= bounds[1]:
        place.wrong("over_range_to lies inside the span", f"write {bounds[1]:g} or more")
    return Quantity(key, unit, bounds[0], bounds[1], beyond)


def _family(key: str, place: _Place) -> Family:
    entry = place.map("name", "catalogue", "urgency", needed=("name", "catalogue", "urgency"))
    if not {"name", "catalogue", "urgency"} <= entry.keys():
        return Family(key, Label(zh="", en=""), "", "")
    names = {
        locale: word.text() for locale, word in entry["name"].map("zh", "en", needed=("zh", "en")).items()
    }
    label = Label(zh=names.get("zh", ""), en=names.get("en", ""))
    return Family(key, label, entry["catalogue"].text(), entry["urgency"].choice("A", "B", "C"))


def _threshold(place: _Place, quantities: dict[str, Quantity], family: Callable[[_Place], str]) -> Threshold:
    keys = ("id", "when", "scope", "levels", "opens")
    entry = place.map(*keys, needed=keys)
    if not set(keys) <= entry.keys():
        return Threshold("", "", (Level(1, 0, 0, 1, 1),), "")
    when = entry["when"].map("kind", needed=("kind",))
    quantity = when["kind"].choice(*quantities) if "kind" in when else ""
    entry["scope"].choice("device")
    levels = _levels(entry["levels"], quantities.get(quantity))
    opens = entry["opens"].map("family", "hazard", needed=("family", "hazard"))
    if "hazard" in opens:
        opens["hazard"].choice("general")  # only a person makes a hazard major
    return Threshold(
        entry["id"].text(), quantity, levels, family(opens["family"]) if "family" in opens else ""
    )


def _levels(place: _Place, quantity: Quantity | None) -> tuple[Level, ...]:
    levels: list[Level] = []
    for name, entry in place.map("1", "2").items():
        fields = entry.map("above", "clear_below", "hold", needed=("above", "clear_below", "hold"))
        if not {"above", "clear_below", "hold"} <= fields.keys():
            continue
        hold = fields["hold"].map("k", "n", needed=("k", "n"))
        k, n = (hold[key].whole(1, WINDOW_MAX) if key in hold else 1 for key in ("k", "n"))
        if k > n:
            fields["hold"].wrong(f"{k} of the last {n} samples can never be", f"make n at least {k}")
        above, clear = fields["above"].number(), fields["clear_below"].number()
        if not clear <= above:
            fields["clear_below"].wrong(
                "the deadband is upside down", f"clear_below must not exceed {above:g}"
            )
        if quantity and not quantity.low <= above <= quantity.high:
            fields["above"].wrong(
                f"{above:g} {quantity.unit} is outside the span", f"{quantity.low:g} … {quantity.high:g}"
            )
        levels.append(Level(int(name), above, clear, k, n))
    levels.sort(key=lambda level: level.level)
    if not levels:
        place.wrong("a threshold needs a level", "write level 1, and level 2 for the worse")
    if len(levels) == 2 and not (
        levels[0].above < levels[1].above and levels[0].clear_below <= levels[1].clear_below
    ):
        place.wrong("level 2 must be the worse", "give level 2 the higher `above` and `clear_below`")
    return tuple(levels) or (Level(1, 0, 0, 1, 1),)


def _line(place: _Place, family: Callable[[_Place], str]) -> Line:
    entry = place.map("where", "family", "class", needed=("where", "family", "class"))
    if not {"where", "family", "class"} <= entry.keys():
        return Line({}, "", "process")
    where = {label: wanted.text() for label, wanted in entry["where"].map().items()}
    if not where:
        entry["where"].wrong("a line without labels would match every alert", "name at least one label")
    kind = cast(AlertClass, entry["class"].choice("process", "sensor_fault"))
    return Line(where, family(entry["family"]), kind)
