"""One rule of a rule file into a value: threshold, rate of change, end of the span, combination, stuck, no data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from hazard_flow.i18n import Label
from hazard_flow.telemetry.rules import (
    ALERT_CLASSES,
    AlertClass,
    Combination,
    Family,
    Level,
    Move,
    NoData,
    Part,
    Quantity,
    Scope,
    Stuck,
    Threshold,
)
from hazard_flow.telemetry.yaml_places import Place

#: k of n looks back at most this many expected intervals
WINDOW_MAX = 60
SAMPLES_MAX = 1_000
DEVICES_MAX = 20
#: the key that says what kind of condition a rule is
CONDITIONS = ("levels", "rate", "at_span", "all", "any", "stuck", "no_data")
AnyRule = Threshold | Combination | Stuck | NoData


@dataclass(frozen=True)
class Known:
    """What the rules of a file may speak of."""

    quantities: Mapping[str, Quantity]
    families: Mapping[str, Family]


@dataclass(frozen=True)
class _Head:
    """What every rule has."""

    id: str
    label: Label
    family: str
    level: int
    alert_class: AlertClass


def read_rule(place: Place, known: Known) -> AnyRule | None:
    """The rule of one entry; None where it is too wrong to be one."""
    entry = place.map(
        "id", "name", "when", "scope", "class", "within", "opens", *CONDITIONS, needed=("id", "opens")
    )
    named = [key for key in CONDITIONS if key in entry]
    if len(named) != 1:
        place.wrong("a rule has exactly one condition", f"give it one of: {', '.join(CONDITIONS)}")
        return None
    if not {"id", "opens"} <= entry.keys():
        return None
    kind = named[0]
    found = _READERS[kind](place, entry, _head(entry, kind, known), known)
    _scope(place, entry, kind)
    return found


def _head(entry: Mapping[str, Place], kind: str, known: Known) -> _Head:
    opens = entry["opens"].map(
        "family", "hazard", "level", "group_by", "group_min", "grouped", needed=("family", "hazard")
    )
    if "hazard" in opens:
        opens["hazard"].choice("general")  # only a person makes a hazard major
    usual = "sensor_fault" if kind in ("stuck", "no_data") else "suspect" if kind == "at_span" else "process"
    said = entry["class"].choice(*ALERT_CLASSES) if "class" in entry else usual
    if kind == "at_span" and said == "sensor_fault":
        entry["class"].wrong("a full scale may be real gas", "write suspect: people go and look")
    return _Head(
        id=entry["id"].text(),
        label=entry["name"].label()
        if "name" in entry
        else Label(zh=entry["id"].text(), en=entry["id"].text()),
        family=opens["family"].choice(*known.families) if "family" in opens else "",
        level=opens["level"].whole(1, 2) if "level" in opens else 1,
        alert_class=cast(AlertClass, said),
    )


def _scope(place: Place, entry: Mapping[str, Place], kind: str) -> Scope:
    if "scope" not in entry:
        place.wrong("'scope' is missing", "add `scope: device` or `scope: site`")
        return "device"
    allowed = {"all": ("site",), "any": ("site",), "levels": ("device", "site")}.get(kind, ("device",))
    return cast(Scope, entry["scope"].choice(*allowed))


def _quantity(place: Place, entry: Mapping[str, Place], known: Known) -> str:
    if "when" not in entry:
        place.wrong("'when' is missing", "add `when: {kind: …}`")
        return ""
    when = entry["when"].map("kind", needed=("kind",))
    return when["kind"].choice(*known.quantities) if "kind" in when else ""


# on the samples of one quantity


def _threshold(place: Place, entry: Mapping[str, Place], head: _Head, known: Known) -> Threshold:
    quantity = _quantity(place, entry, known)
    levels, sign = read_levels(entry["levels"], known.quantities.get(quantity))
    scope: Scope = "site" if "scope" in entry and entry["scope"].node.value == "site" else "device"
    return _on_samples(head, quantity, levels, sign=sign, scope=scope)


def _rate(place: Place, entry: Mapping[str, Place], head: _Head, known: Known) -> Threshold:
    quantity = _quantity(place, entry, known)
    fields = entry["rate"].map(
        "rise", "drop", "unit", "within", "and_above", "and_below", "hold", needed=("within",)
    )
    sign, move = _move(entry["rate"], fields)
    bound = _bound(entry["rate"], fields, sign, known.quantities.get(quantity))
    k, n, within = _hold(fields["hold"]) if "hold" in fields else (1, 1, None)
    return _on_samples(head, quantity, (Level(head.level, bound, bound, k, n, within),), sign=sign, move=move)


def _at_span(place: Place, entry: Mapping[str, Place], head: _Head, known: Known) -> Threshold:
    quantity = _quantity(place, entry, known)
    fields = entry["at_span"].map("high", "samples", needed=("high", "samples"))
    samples = fields["samples"].whole(1, WINDOW_MAX) if "samples" in fields else 1
    high = "high" not in fields or fields["high"].choice("true", "false") == "true"
    span = known.quantities.get(quantity)
    end = (span.high if high else span.low) if span else 0.0
    return _on_samples(
        head, quantity, (Level(head.level, end, end, samples, samples),), sign=1 if high else -1
    )


def _on_samples(
    head: _Head,
    quantity: str,
    levels: tuple[Level, ...],
    *,
    sign: int,
    move: Move | None = None,
    scope: Scope = "device",
) -> Threshold:
    return Threshold(
        id=head.id,
        quantity=quantity,
        levels=levels,
        family=head.family,
        scope=scope,
        alert_class=head.alert_class,
        sign=sign,
        move=move,
        label=head.label,
    )


def read_levels(place: Place, quantity: Quantity | None) -> tuple[tuple[Level, ...], int]:
    """The levels of a threshold, the lower first, and +1 or -1: which way they look."""
    levels: list[Level] = []
    signs: set[int] = set()
    for name, entry in place.map("1", "2").items():
        fields = entry.map("above", "clear_below", "below", "clear_above", "hold", needed=("hold",))
        falling = "below" in fields
        limit, clear = ("below", "clear_above") if falling else ("above", "clear_below")
        for key in (limit, clear):
            if key not in fields:
                entry.wrong(f"{key!r} is missing", f"add `{key}: …`")
        if not {limit, clear, "hold"} <= fields.keys():
            continue
        signs.add(-1 if falling else 1)
        levels.append(_level(int(name), fields, limit, clear, quantity))
    levels.sort(key=lambda level: level.level)
    if not levels:
        place.wrong("a threshold needs a level", "write level 1, and level 2 for the worse")
    if len(signs) > 1:
        place.wrong("one level looks up and the other down", "write two rules")
    sign = min(signs, default=1)
    if len(levels) == 2 and not (
        sign * levels[0].above < sign * levels[1].above
        and sign * levels[0].clear_below <= sign * levels[1].clear_below
    ):
        worse = "higher `above` and `clear_below`" if sign > 0 else "lower `below` and `clear_above`"
        place.wrong("level 2 must be the worse", f"give level 2 the {worse}")
    return tuple(levels) or (Level(1, 0, 0, 1, 1),), sign


def _level(
    level: int, fields: Mapping[str, Place], limit: str, clear: str, quantity: Quantity | None
) -> Level:
    sign = -1 if limit == "below" else 1
    k, n, within = _hold(fields["hold"])
    above, back = fields[limit].number(), fields[clear].number()
    if not sign * back <= sign * above:
        asked = "must not exceed" if sign > 0 else "must not be under"
        fields[clear].wrong("the deadband is upside down", f"{clear} {asked} {above:g}")
    _in_span(fields[limit], above, quantity)
    return Level(level, above, back, k, n, within)


def _hold(place: Place) -> tuple[int, int, timedelta | None]:
    hold = place.map("k", "n", "within", needed=("k",))
    k, n = (hold[key].whole(1, WINDOW_MAX) if key in hold else 1 for key in ("k", "n"))
    if ("n" in hold) == ("within" in hold):
        place.wrong("a hold looks back one way", "give either n (expected intervals) or within (a duration)")
    if "n" in hold and k > n:
        place.wrong(f"{k} of the last {n} samples can never be", f"make n at least {k}")
    return k, n, hold["within"].span() if "within" in hold else None


def _in_span(place: Place, value: float, quantity: Quantity | None) -> None:
    if quantity and not quantity.low <= value <= quantity.high:
        place.wrong(f"{value:g} {quantity.unit} is outside the span", f"{quantity.low:g} … {quantity.high:g}")


def _move(place: Place, fields: Mapping[str, Place]) -> tuple[int, Move]:
    """+1 or -1, and how far it moves."""
    ways = [way for way in ("rise", "drop") if way in fields]
    if len(ways) != 1:
        place.wrong("a change goes one way", "give either rise or drop")
        return 1, Move(1.0, timedelta(minutes=1))
    amount = fields[ways[0]].number()
    if not amount > 0:
        fields[ways[0]].wrong("a change is more than nothing", "write a number above 0")
    percent = "unit" in fields and fields["unit"].choice("percent", "absolute") == "percent"
    within = fields["within"].span() if "within" in fields else timedelta(minutes=1)
    return (1 if ways[0] == "rise" else -1), Move(amount, within, percent)


def _bound(place: Place, fields: Mapping[str, Place], sign: int, quantity: Quantity | None) -> float:
    """The value a moving sample must also have reached."""
    wanted, other = ("and_above", "and_below") if sign > 0 else ("and_below", "and_above")
    if other in fields:
        fields[other].wrong(f"{other} looks the other way", f"write {wanted}")
    if wanted not in fields:
        place.wrong(f"{wanted!r} is missing", f"add `{wanted}: …`; it is also where the alert ends")
        return 0.0
    bound = fields[wanted].number()
    _in_span(fields[wanted], bound, quantity)
    return bound


# on a site, and on the clock


def _combination(place: Place, entry: Mapping[str, Place], head: _Head, known: Known) -> Combination | None:
    all_of = "all" in entry
    parts = tuple(_part(one, known) for one in entry["all" if all_of else "any"].items())
    if "within" not in entry:
        place.wrong("'within' is missing", "add `within: 10m`")
        return None
    if len(parts) < 2 and all(part.devices < 2 for part in parts):
        place.wrong("a combination has at least two parts", "add a part, or ask one of several devices")
    return Combination(
        id=head.id,
        parts=parts,
        all_of=all_of,
        within=entry["within"].span(),
        family=head.family,
        level=head.level,
        alert_class=head.alert_class,
        label=head.label,
    )


def _part(place: Place, known: Known) -> Part:
    keys = ("kind", "above", "below", "rise", "drop", "unit", "within", "devices")
    fields = place.map(*keys, needed=("kind",))
    kind = fields["kind"].choice(*known.quantities) if "kind" in fields else ""
    moves = "rise" in fields or "drop" in fields
    limits = [key for key in ("above", "below") if key in fields]
    if len(limits) > 1 or not (moves or limits):
        place.wrong("a part says one thing", "give above or below, rise or drop, or one of each")
    sign, move = _move(place, fields) if moves else (1, None)
    if moves and "within" not in fields:
        place.wrong("'within' is missing", "add `within: 10m`")
    if limits:
        looks = 1 if limits[0] == "above" else -1
        if moves and looks != sign:
            place.wrong(
                "the limit and the change look different ways", "write above with rise, below with drop"
            )
        sign = looks
        _in_span(fields[limits[0]], fields[limits[0]].number(), known.quantities.get(kind))
    above = fields[limits[0]].number() if limits else None
    devices = fields["devices"].whole(1, DEVICES_MAX) if "devices" in fields else 1
    return Part(kind, above, sign, move, devices)


def _stuck(place: Place, entry: Mapping[str, Place], head: _Head, known: Known) -> Stuck:
    quantity = _quantity(place, entry, known)
    keys = ("samples", "min_value", "max_change")
    fields = entry["stuck"].map(*keys, needed=keys)
    return Stuck(
        id=head.id,
        quantity=quantity,
        samples=fields["samples"].whole(3, SAMPLES_MAX) if "samples" in fields else 3,
        min_value=fields["min_value"].number() if "min_value" in fields else 0.0,
        change=fields["max_change"].number() if "max_change" in fields else 0.0,
        family=head.family,
        alert_class=head.alert_class,
        label=head.label,
    )


def _no_data(_place: Place, entry: Mapping[str, Place], head: _Head, known: Known) -> NoData:
    fields = entry["no_data"].map("missed", needed=("missed",))
    opens = entry["opens"].map()
    if "group_by" in opens:
        opens["group_by"].choice("gateway")
    return NoData(
        id=head.id,
        missed=fields["missed"].whole(1, WINDOW_MAX) if "missed" in fields else 1,
        family=head.family,
        group_min=opens["group_min"].whole(2, SAMPLES_MAX) if "group_min" in opens else SAMPLES_MAX,
        grouped_family=opens["grouped"].choice(*known.families) if "grouped" in opens else head.family,
        alert_class=head.alert_class,
        label=head.label,
    )


_READERS: Mapping[str, Callable[[Place, Mapping[str, Place], _Head, Known], AnyRule | None]] = {
    "levels": _threshold,
    "rate": _rate,
    "at_span": _at_span,
    "all": _combination,
    "any": _combination,
    "stuck": _stuck,
    "no_data": _no_data,
}
