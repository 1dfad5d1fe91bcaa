"""Rule files: YAML in, `Rules` out; whatever is wrong is said with file, line and a mend, all of it at once."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import cast

import yaml

from hazard_flow.i18n import Label
from hazard_flow.telemetry.quantities import shipped_quantities
from hazard_flow.telemetry.rule_lines import AnyRule, Known, read_rule
from hazard_flow.telemetry.rules import (
    ALERT_CLASSES,
    AlertClass,
    Combination,
    Family,
    Hides,
    Line,
    NoData,
    Quantity,
    Rules,
    Storm,
    Stuck,
    Threshold,
)
from hazard_flow.telemetry.yaml_places import Place, Reader
from hazard_flow.workflow.rule_file import Mistake, RuleFileError, newest

_SPANS = ("off_delay", "window", "late_window", "late_after", "settle")
#: those every file gives
_SPANS_NEEDED = ("off_delay", "window", "late_window")


@cache
def shipped_rules() -> Rules:
    """The newest rule file of this release."""
    return load_rules(newest(_shipped()))


@cache
def released_rules() -> Mapping[int, Rules]:
    """Every rule file of this release by version: an open alert keeps the rules it was raised under."""
    found = [load_rules(path) for path in _shipped()]
    return {rules.version: rules for rules in found}


def _shipped() -> list[Path]:
    return list(Path(__file__).parent.glob("rules.v*.yaml"))


def load_rules(path: Path) -> Rules:
    """The rules of a file; raises `RuleFileError` with every mistake in it."""
    return read_rules(path.read_bytes(), name=path.name)


def read_rules(data: bytes, *, name: str) -> Rules:
    """The rules in a file's bytes; raises `RuleFileError`."""
    reader = Reader(name)
    try:
        node = yaml.compose(data, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise RuleFileError(
            [Mistake(name, mark.line + 1 if mark else 1, "not YAML", str(error).splitlines()[0])]
        ) from error
    rules = _rules(reader, Place(reader, node), hashlib.sha256(data).hexdigest())
    if reader.mistakes or rules is None:
        raise RuleFileError(reader.mistakes)
    return rules


def _rules(reader: Reader, root: Place, sha256: str) -> Rules | None:
    keys = ("version", "defaults", "kinds", "families", "rules", "external", "storms", "suppress")
    top = root.map(*keys, needed=("version", "defaults", "kinds", "families", "rules"))
    if reader.mistakes:
        return None
    defaults = top["defaults"].map(*_SPANS, needed=_SPANS_NEEDED)
    # what a file does not name counts as shipped: a device may say more than any rule asks
    quantities = dict(shipped_quantities())
    quantities |= {key: _quantity(key, place) for key, place in top["kinds"].map().items()}
    families = {key: _family(key, place) for key, place in top["families"].map().items()}
    known = Known(quantities, families)
    rules = [rule for place in top["rules"].items() if (rule := read_rule(place, known)) is not None]
    storms = [_storm(place, known) for place in top["storms"].items()] if "storms" in top else []
    hides = [_hides(place, rules) for place in top["suppress"].items()] if "suppress" in top else []
    external = _external(top["external"], known) if "external" in top else {}
    _once(top["rules"], [rule.id for rule in rules], "rule")
    plain = [rule.quantity for rule in rules if isinstance(rule, Threshold) and _is_plain(rule)]
    _once(top["rules"], plain, "plain threshold on the quantity")
    version = top["version"].whole(1, 10_000)
    spans = {key: place.span() for key, place in defaults.items()}
    if reader.mistakes:
        return None
    return Rules(
        version=version,
        sha256=sha256,
        quantities=quantities,
        families=families,
        thresholds=tuple(rule for rule in rules if isinstance(rule, Threshold)),
        combinations=tuple(rule for rule in rules if isinstance(rule, Combination)),
        stuck=tuple(rule for rule in rules if isinstance(rule, Stuck)),
        no_data=tuple(rule for rule in rules if isinstance(rule, NoData)),
        storms=tuple(storms),
        hides=tuple(one for one in hides if one is not None),
        external=external,
        **spans,
    )


def _is_plain(rule: Threshold) -> bool:
    return rule.move is None and rule.scope == "device" and rule.alert_class == "process"


def _once(place: Place, names: list[str], what: str) -> None:
    for name in sorted({name for name in names if names.count(name) > 1}):
        place.wrong(f"there are two {what}s {name!r}", "keep one of them")


def _quantity(key: str, place: Place) -> Quantity:
    entry = place.map("unit", "span", "over_range_to", "expect_every", "name", needed=("unit", "span"))
    unit = entry["unit"].text() if "unit" in entry else ""
    bounds = [bound.number() for bound in entry["span"].items()] if "span" in entry else []
    if len(bounds) != 2 or not bounds[0] < bounds[1]:
        place.wrong("a span has a low and a high end", "write e.g. span: [0, 100]")
        bounds = [0.0, 1.0]
    beyond = entry["over_range_to"].number() if "over_range_to" in entry else bounds[1]
    if not beyond >= bounds[1]:
        place.wrong("over_range_to lies inside the span", f"write {bounds[1]:g} or more")
    every = entry["expect_every"].span() if "expect_every" in entry else None
    if every is not None and not every:
        entry["expect_every"].wrong("an interval is more than nothing", "write e.g. 1m or 30m")
    label = entry["name"].label() if "name" in entry else Label(zh=key, en=key)
    return Quantity(key, unit, bounds[0], bounds[1], beyond, every, label)


def _family(key: str, place: Place) -> Family:
    entry = place.map("name", "catalogue", "urgency", "by_kind", needed=("name", "catalogue", "urgency"))
    if not {"name", "catalogue", "urgency"} <= entry.keys():
        return Family(key, Label(zh="", en=""), "", "")
    by_kind = (
        {kind: code.text() for kind, code in entry["by_kind"].map().items()} if "by_kind" in entry else {}
    )
    urgency = entry["urgency"].choice("A", "B", "C")
    return Family(key, entry["name"].label(), entry["catalogue"].text(), urgency, by_kind)


def _storm(place: Place, known: Known) -> Storm:
    keys = ("id", "name", "group_by", "min_alerts", "window", "below", "opens")
    entry = place.map(*keys, needed=("id", "group_by", "min_alerts", "window", "below", "opens"))
    opens = (
        entry["opens"].map("family", "hazard", "level", needed=("family", "hazard"))
        if "opens" in entry
        else {}
    )
    if "group_by" in entry:
        entry["group_by"].choice("upstream")
    if "hazard" in opens:
        opens["hazard"].choice("general")
    least = entry["min_alerts"].whole(2, 10_000) if "min_alerts" in entry else 2
    below = entry["below"].whole(1, 10_000) if "below" in entry else 1
    if not below <= least:
        entry["below"].wrong("the storm would end before it begins", f"write {least} or less")
    name = entry["id"].text() if "id" in entry else ""
    return Storm(
        id=name,
        min_alerts=least,
        window=entry["window"].span() if "window" in entry else timedelta(0),
        below=below,
        family=opens["family"].choice(*known.families) if "family" in opens else "",
        level=opens["level"].whole(1, 2) if "level" in opens else 1,
        label=entry["name"].label() if "name" in entry else Label(zh=name, en=name),
    )


def _hides(place: Place, rules: Sequence[AnyRule]) -> Hides | None:
    """A rule may hide another only behind a hazard of the same family and at least its level: nothing is lost by it."""
    entry = place.map("source", "hides", "equal", needed=("source", "hides", "equal"))
    if not {"source", "hides", "equal"} <= entry.keys():
        return None
    by_id = {rule.id: rule for rule in rules}
    source, hidden = (by_id.get(entry[key].choice(*by_id)) for key in ("source", "hides"))
    entry["equal"].choice("device")
    if source is None or hidden is None or source.id == hidden.id:
        return None
    if source.family != hidden.family:
        place.wrong(
            f"{source.id} opens {source.family}, {hidden.id} opens {hidden.family}: hiding would lose a hazard",
            "hide only a rule of the same family",
        )
    if level_max(source) < level_max(hidden):
        place.wrong(
            f"{hidden.id} can reach a worse level than {source.id}",
            "give the hiding rule `opens: {level: 2}`",
        )
    return Hides(source.id, hidden.id)


def level_max(rule: AnyRule) -> int:
    """The worst level the rule can reach."""
    if isinstance(rule, Threshold):
        return rule.levels[-1].level
    return rule.level if isinstance(rule, Combination) else 1


def _external(place: Place, known: Known) -> dict[str, tuple[str, tuple[Line, ...]]]:
    found: dict[str, tuple[str, tuple[Line, ...]]] = {}
    for one in place.items():
        entry = one.map("id", "source", "map", needed=("id", "source", "map"))
        if {"id", "source", "map"} <= entry.keys():
            lines = tuple(_line(line, known) for line in entry["map"].items())
            found[entry["source"].text()] = (entry["id"].text(), lines)
    return found


def _line(place: Place, known: Known) -> Line:
    entry = place.map("where", "family", "class", needed=("where", "family", "class"))
    if not {"where", "family", "class"} <= entry.keys():
        return Line({}, "", "process")
    where = {label: wanted.text() for label, wanted in entry["where"].map().items()}
    if not where:
        entry["where"].wrong("a line without labels would match every alert", "name at least one label")
    kind = cast(AlertClass, entry["class"].choice(*ALERT_CLASSES))
    return Line(where, entry["family"].choice(*known.families), kind)
