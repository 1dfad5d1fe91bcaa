"""What somebody says of an asset, judged: a form's texts, a row of a file or an API body become columns, details and personal values.

Pure. Only what is named counts: a name that is not there leaves what is stored, an empty value clears it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from hazard_flow.assets.frames import FRAMES, frame_of, to_wgs84
from hazard_flow.assets.kinds import AssetKind, Attribute
from hazard_flow.assets.shapes import BadShape, Shape
from hazard_flow.errors import FieldError

CODE_LENGTH_MAX = 80
NAME_LENGTH_MAX = 120
ADDRESS_LENGTH_MAX = 200
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
PLACE = ("lon", "lat", "crs", "accuracy_m", "geometry")
#: what any asset has, beside the attributes of its kind
COMMON = ("code", "kind", "organisation", "division", "name_zh", "name_en", "address", *PLACE)
DECIMALS = 9
_SHOWN_MAX = 60
_ACCURACY_MAX_M = 100_000
_TEXTS = {"name_zh": NAME_LENGTH_MAX, "name_en": NAME_LENGTH_MAX, "address": ADDRESS_LENGTH_MAX}
_FLAGS = {
    "yes": True, "true": True, "1": True, "是": True, "有": True, "y": True,
    "no": False, "false": False, "0": False, "否": False, "无": False, "n": False,
}  # fmt: skip


@dataclass(frozen=True)
class Particulars:
    """Judged and ready to be stored; only what was said."""

    #: columns of the asset
    columns: dict[str, Any] = field(default_factory=dict)
    #: attributes; None clears one
    details: dict[str, Any] = field(default_factory=dict)
    #: personal values; empty clears one
    personal: dict[str, str] = field(default_factory=dict)
    #: of the shape that was given, where the length was not
    length_m: float | None = None


class Wrong(ValueError):
    """A value that does not fit."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def judge(
    given: Mapping[str, Any], kind: AssetKind, *, crs: str = ""
) -> tuple[Particulars, list[FieldError]]:
    """What the values mean for an asset of this kind, and everything wrong with them.

    `crs` is the frame of places that name none; without either, a place is refused: nobody may guess hundreds of metres.
    """
    said, faults = Particulars(), []
    parsers = _parsers(kind)
    for name, value in given.items():
        if name in PLACE:
            continue
        try:
            if name in _TEXTS:
                said.columns[name] = text_of(value, _TEXTS[name])
            elif name in parsers:
                said.details[name] = parsers[name](value)
            elif kind.personal and name in kind.personal:
                said.personal[name] = text_of(value, kind.personal[name].most)
            elif name not in COMMON and not is_empty(value):
                raise Wrong("not_of_this_kind", kind=kind.key)
        except Wrong as wrong:
            faults.append(FieldError(name, wrong.code, wrong.params))
    columns, length_m, wrong_places = _place(given, kind, crs)
    said.columns.update(columns)
    return Particulars(said.columns, said.details, said.personal, length_m), [*faults, *wrong_places]


def code_of(value: Any) -> str:
    """The enterprise's own key; raises Wrong."""
    code = text_of(value, CODE_LENGTH_MAX)
    if not code:
        raise Wrong("required")
    return code


def text_of(value: Any, most: int) -> str:
    """One line of text; raises Wrong."""
    if type(value) is str:  # what rows of a file are: told apart first because there are millions of them
        text = value.strip()
    elif value is None:
        return ""
    elif isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Wrong("not_text")
    else:
        text = str(value).strip()
    if len(text) > most:
        raise Wrong("too_long", at_most=most)
    if not text.isprintable():
        raise Wrong("bad_characters")
    return text


def number_of(value: Any, low: float | None, high: float | None) -> float | int:
    """A number between two limits, without unit or thousands separators; whole ones stay whole. Raises Wrong."""
    try:
        if isinstance(value, bool) or (isinstance(value, str) and ("_" in value or not value.isascii())):
            raise ValueError("no number")
        number = float(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise Wrong("not_a_number", value=str(value)[:_SHOWN_MAX]) from error
    if (low is not None and not number >= low) or (high is not None and not number <= high):
        raise Wrong("out_of_range", minimum=low, maximum=high)
    if number - number != 0:  # infinity, or no number at all
        raise Wrong("not_a_number", value=str(value)[:_SHOWN_MAX])
    # nine decimals are a tenth of a millimetre of a degree; beyond them spreadsheets and databases no longer agree
    return int(number) if number == int(number) else round(number, DECIMALS)


def is_empty(value: Any) -> bool:
    """Whether nothing was said."""
    return value is None or value == "" or (isinstance(value, str) and value.isspace())


@cache
def _parsers(kind: AssetKind) -> Mapping[str, Callable[[Any], Any]]:
    return {name: _parser(attribute) for name, attribute in kind.attributes.items()}


def _parser(attribute: Attribute) -> Callable[[Any], Any]:
    of = {"text": _text, "number": _number, "whole": _whole, "day": _day, "choice": _choice, "flag": _flag}
    read = of[attribute.type](attribute)

    def parse(value: Any) -> Any:
        return None if is_empty(value) else read(value)

    return parse


def _text(attribute: Attribute) -> Callable[[Any], Any]:
    return lambda value: text_of(value, attribute.most)


def _number(attribute: Attribute) -> Callable[[Any], Any]:
    return lambda value: number_of(value, attribute.minimum, attribute.maximum)


def _whole(attribute: Attribute) -> Callable[[Any], Any]:
    def parse(value: Any) -> int:
        number = number_of(value, attribute.minimum, attribute.maximum)
        if not isinstance(number, int):
            raise Wrong("not_an_integer")
        return number

    return parse


def _day(_attribute: Attribute) -> Callable[[Any], Any]:
    def parse(value: Any) -> str:
        try:
            day = date.fromisoformat(str(value).strip())
        except ValueError as error:
            raise Wrong("not_a_date", value=str(value)[:_SHOWN_MAX]) from error
        if not FIRST_DAY <= day <= LAST_DAY:
            raise Wrong("year_out_of_range", minimum=FIRST_DAY.year, maximum=LAST_DAY.year)
        return day.isoformat()

    return parse


def _choice(attribute: Attribute) -> Callable[[Any], Any]:
    choices = attribute.choices or {}
    # the words a spreadsheet of an enterprise holds are taken beside our own
    known = {_folded(said): word for word, label in choices.items() for said in (label.zh, label.en, word)}

    def parse(value: Any) -> str:
        word = known.get(_folded(str(value)))
        if word is None:
            raise Wrong("not_one_of", value=str(value)[:_SHOWN_MAX], choices=tuple(choices))
        return word

    return parse


def _flag(_attribute: Attribute) -> Callable[[Any], Any]:
    def parse(value: Any) -> bool:
        said = value if isinstance(value, bool) else _FLAGS.get(str(value).strip().lower())
        if said is None:
            raise Wrong("not_a_flag", value=str(value)[:_SHOWN_MAX])
        return said

    return parse


def _folded(words: str) -> str:
    return "".join(words.lower().split())


def _place(
    given: Mapping[str, Any], kind: AssetKind, crs: str
) -> tuple[dict[str, Any], float | None, Sequence[FieldError]]:
    if not any(name in given for name in PLACE):
        return {}, None, ()
    lon, lat, shape = given.get("lon"), given.get("lat"), given.get("geometry")
    if is_empty(lon) and is_empty(lat) and is_empty(shape):
        if not any(name in given for name in ("lon", "lat", "geometry")):
            return {}, None, ()
        return _nowhere(), None, ()
    faults: list[FieldError] = []
    frame = _frame(given.get("crs"), crs, faults)
    accuracy = _accuracy(given.get("accuracy_m"), faults)
    columns: dict[str, Any] = {**_nowhere(), "crs": frame, "accuracy_m": accuracy}
    length = None
    try:
        drawn = None if is_empty(shape) else _shape(shape, kind)
    except BadShape as bad:
        return {}, None, [*faults, FieldError("geometry", str(bad))]
    if drawn is None or drawn.type == "Point":
        point = _point(lon, lat, faults) if drawn is None else (drawn.coordinates[0], drawn.coordinates[1])
        if point and not faults:
            west, south = to_wgs84(point[0], point[1], frame)
            columns |= {
                "lon": point[0],
                "lat": point[1],
                "west": west,
                "east": west,
                "south": south,
                "north": south,
            }
    elif not faults:
        west, south, east, north = drawn.box(frame)
        columns |= {"geometry": drawn.text(), "west": west, "south": south, "east": east, "north": north}
        if "length_m" in kind.attributes and is_empty(given.get("length_m")):
            metres = drawn.length_m()
            length = None if metres is None else round(metres, 1)
    return columns, length, faults


def _nowhere() -> dict[str, Any]:
    return dict.fromkeys(("lon", "lat", "accuracy_m", "geometry", "west", "south", "east", "north"))


def _shape(given: Any, kind: AssetKind) -> Shape:
    shape = Shape.read(given)
    if shape.is_line != (kind.shape == "line"):
        raise BadShape("wrong_shape")
    return shape


def _frame(said: Any, otherwise: str, faults: list[FieldError]) -> str:
    words = otherwise if is_empty(said) else str(said)
    if not words:
        faults.append(FieldError("crs", "frame_needed"))
        return FRAMES[0]
    found = frame_of(words)
    if found is None:
        faults.append(FieldError("crs", "not_one_of", {"value": words[:_SHOWN_MAX], "choices": FRAMES}))
    return found or FRAMES[0]


def _accuracy(said: Any, faults: list[FieldError]) -> float | None:
    if is_empty(said):
        return None
    try:
        return float(number_of(said, 0, _ACCURACY_MAX_M))
    except Wrong as wrong:
        faults.append(FieldError("accuracy_m", wrong.code, wrong.params))
        return None


def _point(lon: Any, lat: Any, faults: list[FieldError]) -> tuple[float, float] | None:
    found = []
    for name, value, most in (("lon", lon, 180), ("lat", lat, 90)):
        if is_empty(value):
            faults.append(FieldError(name, "required"))
            continue
        try:
            found.append(float(number_of(value, -most, most)))
        except Wrong as wrong:
            faults.append(FieldError(name, wrong.code, wrong.params))
    return (found[0], found[1]) if len(found) == 2 else None
