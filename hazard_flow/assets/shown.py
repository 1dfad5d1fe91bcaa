"""An asset as its page shows it: words instead of keys, a sketch of its shape, its corrections as sentences. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hazard_flow.assets.kinds import AssetKind, Attribute, kind_book, kind_of
from hazard_flow.assets.merging import read_personal
from hazard_flow.assets.models import Asset, AssetChange
from hazard_flow.assets.shapes import Shape
from hazard_flow.i18n import known, text

_WIDTH, _HEIGHT, _MARGIN = 320, 180, 12
_LONG = 60


@dataclass(frozen=True)
class Fact:
    """One line about an asset."""

    label: str
    text: str


@dataclass(frozen=True)
class Sketch:
    """The shape without a map: north is up, the scale is the same both ways."""

    path: str
    is_area: bool
    width: int = _WIDTH
    height: int = _HEIGHT


@dataclass(frozen=True)
class Correction:
    """One correction in words."""

    at: datetime
    who: str
    source: str
    lines: Sequence[str]


def facts(asset: Asset, locale: str) -> list[Fact]:
    """What is entered about it, in the order of its kind; what is not entered is not listed."""
    kind = kind_of(asset.kind)
    return [
        Fact(one.label.in_(locale), value_text(one, asset.details[name], locale))
        for name, one in kind.attributes.items()
        if name in asset.details
    ]


def personal_facts(kind: AssetKind, personal: str | None, locale: str) -> list[Fact]:
    """What is kept apart, for who may see it."""
    values = read_personal(personal)
    return [
        Fact(one.label.in_(locale), values[name])
        for name, one in (kind.personal or {}).items()
        if name in values
    ]


def subtitle(asset: Asset, locale: str) -> str:
    """The few things a list says of it beside its kind."""
    kind = kind_of(asset.kind)
    told = [
        value_text(one, asset.details[name], locale)
        for name, one in kind.attributes.items()
        if name in asset.details and (one.type == "choice" or name in ("diameter_mm", "built_year"))
    ]
    return " · ".join(told[:3])


def value_text(one: Attribute, value: Any, locale: str) -> str:
    """A value with its unit."""
    if one.type == "choice" and one.choices and value in one.choices:
        return one.choices[value].in_(locale)
    if one.type == "flag":
        return text(f"assets.flag.{'yes' if value else 'no'}", locale)
    if one.type == "number":
        return f"{value:,} {one.unit}".strip()
    return f"{value} {one.unit}".strip()


def sketch(asset: Asset) -> Sketch | None:
    """Its shape as one path; None of a point."""
    if asset.geometry is None or asset.west is None:
        return None
    shape = Shape.stored(asset.geometry)
    parts = _parts(shape)
    points = [point for part in parts for point in part]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    narrow = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * narrow, 1e-9), max(north - south, 1e-9)
    scale = min((_WIDTH - 2 * _MARGIN) / wide, (_HEIGHT - 2 * _MARGIN) / high)
    left, top = (_WIDTH - wide * scale) / 2, (_HEIGHT - high * scale) / 2
    drawn = []
    for part in parts:
        steps = [f"{left + (x - west) * narrow * scale:.1f} {top + (north - y) * scale:.1f}" for x, y in part]
        drawn.append("M" + "L".join(steps))
    return Sketch("".join(drawn), is_area=not shape.is_line)


def corrections(
    found: Sequence[AssetChange], names: Mapping[Any, str], units: Mapping[str, str], locale: str
) -> list[Correction]:
    """The history in words."""
    return [
        Correction(
            one.at,
            names.get(one.person_id, text("assets.history.system", locale)),
            one.source,
            [_line(name, pair, units, locale) for name, pair in one.changes.items()],
        )
        for one in found
    ]


def _line(name: str, pair: Sequence[Any], units: Mapping[str, str], locale: str) -> str:
    if name == "entered":
        return text("assets.history.entered", locale)
    if name == "in_use":
        return text("assets.history.in_use" if pair[1] else "assets.history.out_of_use", locale)
    book = kind_book()
    one = book.attributes.get(name) or book.personal.get(name)
    label = one.label.in_(locale) if one else name
    if known(f"assets.field.{name}"):
        label = text(f"assets.field.{name}", locale)
    if not pair:
        return text("assets.history.personal", locale, field=label)
    before, after = (_value(name, value, one, units, locale) for value in pair)
    return text("assets.history.changed", locale, field=label, before=before, after=after)


def _value(name: str, value: Any, one: Attribute | None, units: Mapping[str, str], locale: str) -> str:
    if value is None or value == "":
        return "–"
    if name == "kind":
        return kind_of(value).label.in_(locale)
    if name == "organisation_id":
        return units.get(value, str(value))
    said = value_text(one, value, locale) if one else str(value)
    return said if len(said) <= _LONG else f"{said[: _LONG - 1]}…"


def _parts(shape: Shape) -> list[list[tuple[float, float]]]:
    nested = shape.coordinates
    depth = {"LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}[shape.type]
    while depth > 2:
        nested = [part for group in nested for part in group]
        depth -= 1
    return [[(x, y) for x, y in part] for part in ([nested] if depth == 1 else nested)]
