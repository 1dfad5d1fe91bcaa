"""The canonical form equals RFC 8785 byte for byte, and refuses what it cannot promise."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from hazard_flow.ledger.canonical import MAX_DEPTH, MAX_INTEGER, NotCanonical, canonical, leaf_hash, opened

_texts = st.text(st.characters(exclude_categories=("Cs",)))
_leaves = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | _texts
_keys = st.text(st.characters(max_codepoint=127))
_values = st.recursive(_leaves, lambda inner: st.lists(inner) | st.dictionaries(_keys, inner), max_leaves=25)


#: what JSON may hold and the canonical form may not, and texts that look like it
_strange = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.sampled_from(["1.5}", "e-7,", ".0]", "e+16}", "\U0001f525", "\uffff"])
)
_strange_values = st.recursive(
    _leaves | _strange, lambda inner: st.lists(inner) | st.dictionaries(_keys | _texts, inner), max_leaves=25
)


def _by_python(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _by_orjson(value: object) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer of more than 64 bits
        return _by_python(value)


def _with_one_byte_changed(stored: bytes, place: int, byte: int) -> bytes:
    place %= len(stored)
    return stored[:place] + bytes([byte]) + stored[place + 1 :]


_written = st.builds(_by_python, _strange_values) | st.builds(_by_orjson, _strange_values)
_stored = _written | st.builds(_with_one_byte_changed, _written, st.integers(0, 10_000), st.integers(0, 255))


@settings(max_examples=200, deadline=None)
@given(_values)
def test_equals_the_reference_implementation(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_an_event_as_bytes() -> None:
    event = {
        "v": 1,
        "type": "report",
        "seq": 1,
        "data": {"title": "法兰渗漏 \u2028 \x7f \x01", "ok": True, "n": None},
    }
    assert canonical(event) == rfc8785.dumps(event)
    assert canonical(event).startswith('{"data":{"n":null,"ok":true,"title":"法兰渗漏'.encode())


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": 1.0}, r"\$\.a"),
        ({"a": [0, float("nan")]}, r"\$\.a\[1\]"),
        ({"键": 1}, "键"),
        ({1: 1}, "key 1"),
        ({"a": 2**53}, "2\\^53"),
        ({"a": -(2**53)}, "2\\^53"),
        ({"a": "\ud800"}, "surrogate"),
        ({"a": b"bytes"}, "bytes"),
        ({"a": {1, 2}}, "set"),
    ],
)
def test_refuses_what_it_cannot_promise(value: object, place: str) -> None:
    with pytest.raises(NotCanonical, match=place):
        canonical(value)


def test_refuses_bottomless_nesting() -> None:
    value: object = 1
    for _ in range(MAX_DEPTH + 1):
        value = [value]
    with pytest.raises(NotCanonical, match="deeper"):
        canonical(value)


def test_leaf_hash_is_the_rfc_9162_leaf() -> None:
    assert leaf_hash(b"abc") == hashlib.sha256(b"\x00abc").digest()
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@given(_values)
def test_its_own_form_opens(value: object) -> None:
    assert opened(canonical(value)) == value


@given(_stored)
@settings(max_examples=1000)
def test_opens_what_is_canonical_and_nothing_outside_rfc_8785(stored: bytes) -> None:
    """Judged the long way: by Python's own reader, and by two writers."""
    try:
        value = opened(stored)
    except NotCanonical:
        assert not _is_written_by(canonical, stored)
    else:
        assert value == json.loads(stored)
        assert _is_written_by(rfc8785.dumps, stored)
        assert not _holds_float(value)


def _is_written_by(write: Callable[[Any], bytes], stored: bytes) -> bool:
    try:
        return write(json.loads(stored.decode())) == stored
    except ValueError:
        return False


def _holds_float(value: object) -> bool:
    if isinstance(value, dict):
        return any(_holds_float(inner) for inner in value.values())
    return (
        any(_holds_float(inner) for inner in value) if isinstance(value, list) else isinstance(value, float)
    )
