"""The one byte form of an event, and its hash: RFC 8785 canonical JSON and the RFC 9162 leaf hash.

Narrower than RFC 8785 on purpose. Numbers are integers a double holds exactly, so no two languages print them differently;
keys are ASCII, so that sorting by code point and by UTF-16 unit agree. Within that, sorted JSON without white space *is* the canonical
form (`tests/ledger` proves the bytes equal to a general canonicaliser's, and to those of Python's own encoder).
"""

import hashlib
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from hazard_flow.storage.json_text import parsed, sorted_bytes

#: how a fraction ends, and an exponent as our writer puts it; a text may look like one, a number that is one always does
_FRACTION = re.compile(rb"\.\d+[,}\]e]")
_EXPONENT = re.compile(rb"e[+-]\d+[,}\]]")
MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 64
FIRST_PREV = "0" * 64


class NotCanonical(ValueError):
    """The value has no canonical form here; the message names the place."""


def canonical(value: object) -> bytes:
    """The RFC 8785 bytes of `value`: dicts, lists, strings, integers, booleans and None.

    Refused with NotCanonical: floats (write decimal strings), integers beyond ±(2^53 - 1), keys that are not ASCII strings,
    lone surrogates, nesting deeper than 64, any other type.
    """
    if not _is_plain(value):
        _check(value, "$", 0)
    try:
        return sorted_bytes(value)
    except TypeError:
        _check(value, "$", 0)
        raise


def opened(stored: bytes) -> Any:
    """The value of bytes that are their own canonical form. Raises NotCanonical for any others, save that a key need not be ASCII.

    Said twice as fast as by `canonical`: bytes that come back the same from sorted JSON with integers of 53 bits differ from RFC 8785
    only in fractions, exponents, and the order of keys with characters beyond U+FFFF. Where there may be one of these, or a text that
    looks like one, the long way is taken.
    """
    try:
        value = parsed(stored)
        is_same = sorted_bytes(value) == stored
    except (TypeError, ValueError) as error:
        raise NotCanonical(f"not canonical JSON: {error}") from error
    if is_same and (_may_hold_float(stored) or not (stored.isascii() or _is_below_ffff(stored))):
        is_same = canonical(value) == stored
    if not is_same:
        raise NotCanonical("not in canonical form")
    return value


def _may_hold_float(stored: bytes) -> bool:
    return bool(
        _FRACTION.search(stored)
        or ((b"e-" in stored or b"e+" in stored) and _EXPONENT.search(stored))
        or not stored.endswith((b"}", b"]"))
    )


def leaf_hash(stored: bytes) -> bytes:
    """SHA-256(0x00 || bytes): the hash of an event and its leaf in the Merkle tree (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + stored).digest()


def _is_below_ffff(stored: bytes) -> bool:
    """Whether no character needs four bytes of UTF-8; those begin with F0 to F4."""
    # written out: a loop costs more than the five looks
    return (
        b"\xf0" not in stored
        and b"\xf1" not in stored
        and b"\xf2" not in stored
        and b"\xf3" not in stored
        and b"\xf4" not in stored
    )


@lru_cache(maxsize=1024)
def instant_text(instant: datetime) -> str:
    """`YYYY-MM-DDThh:mm:ss.ffffffZ`, the only way an instant is written in what is hashed or signed."""
    return f"{instant.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"


def _is_plain(value: object) -> bool:
    """Whether there is nothing to refuse, said four times as fast as `_check` says what. Lone surrogates show in the encoding."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is str or item is None or kind is bool:
                continue
            if kind is dict:
                if not _has_plain_keys(item):
                    return False
                inner += item.values()
            elif kind is list or kind is tuple:
                inner += item
            elif kind is not int or not -MAX_INTEGER <= item <= MAX_INTEGER:
                return False
        if not inner:
            return True
        level = inner
    return False


def _has_plain_keys(item: dict[Any, Any]) -> bool:
    try:
        return "".join(item).isascii()
    except TypeError:
        return False


def _check(value: object, place: str, depth: int) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _check_text(value, place)
    elif isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise NotCanonical(f"{place}: {value} is beyond 2^53 - 1; write it as a string")
    elif isinstance(value, float):
        raise NotCanonical(f"{place}: floats are refused; write a decimal string")
    elif depth >= MAX_DEPTH:
        raise NotCanonical(f"{place}: nested deeper than {MAX_DEPTH}")
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not (isinstance(key, str) and key.isascii()):
                raise NotCanonical(f"{place}: the key {key!r} is not an ASCII string")
            _check(inner, f"{place}.{key}", depth + 1)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            _check(inner, f"{place}[{number}]", depth + 1)
    else:
        raise NotCanonical(f"{place}: {type(value).__name__} has no canonical form")


def _check_text(value: str, place: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise NotCanonical(f"{place}: a lone surrogate cannot be written as UTF-8") from None
