"""JSON as it is stored: written and read thousands of times a second when timers fire, so by a compiled library."""

import json
from typing import Any, NoReturn

import orjson

_EMPTY: dict[str | bytes, type[dict[str, Any]] | type[list[Any]]] = {
    "{}": dict,
    b"{}": dict,
    "[]": list,
    b"[]": list,
}


def sorted_bytes(value: object) -> bytes:
    """UTF-8 with sorted keys and no white space; TypeError for lone surrogates and integers beyond 53 bits.

    What may be written at all, the caller has looked at.
    """
    return orjson.dumps(value, None, orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)


def parsed(stored: bytes) -> Any:
    """The value of UTF-8 JSON, strictly; ValueError for anything else."""
    return orjson.loads(stored)


def from_outside(raw: str | bytes, *, depth_max: int) -> Any:
    """What somebody sent us, if it can be kept.

    ValueError or RecursionError for what is no JSON, and for what JSON allows and no database can hold: NUL, lone surrogates, NaN, nesting
    beyond `depth_max`.
    """
    value = json.loads(raw, parse_constant=_refuse_constant)
    _demand_keepable(value, depth_max)
    return value


def to_json(value: object) -> str:
    """For a JSON column. TypeError for what JSON cannot hold: an instant or an id is written as text by who knows its form."""
    return orjson.dumps(value, _refuse, _AS_THE_CALLER_MEANT).decode()


def from_json(text: str | bytes | int | float) -> Any:
    """From a JSON column."""
    if isinstance(text, int | float):
        return text  # SQLite gives a bare number of a JSON column as the number it is
    # most JSON columns of most rows are empty
    empty = _EMPTY.get(text)
    if empty is not None:
        return empty()
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)  # NaN and lone surrogates, from before the columns were written here


_AS_THE_CALLER_MEANT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def _refuse(value: object) -> Any:
    if isinstance(value, tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _demand_keepable(value: object, depth_left: int) -> None:
    if depth_left < 0:
        raise ValueError("too deep")
    if isinstance(value, str):
        value.encode("utf-8")
        if "\0" in value:
            raise ValueError("NUL")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _demand_keepable(name, depth_left)
            _demand_keepable(inner, depth_left - 1)
    elif isinstance(value, list):
        for inner in value:
            _demand_keepable(inner, depth_left - 1)
