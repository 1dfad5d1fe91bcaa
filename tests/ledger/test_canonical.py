"""The canonical form equals RFC 8785 byte for byte, and refuses what it cannot promise."""

import hashlib

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from hazard_flow.ledger.canonical import MAX_DEPTH, MAX_INTEGER, NotCanonical, canonical, leaf_hash

_texts = st.text(st.characters(exclude_categories=("Cs",)))
_leaves = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | _texts
_keys = st.text(st.characters(max_codepoint=127))
_values = st.recursive(_leaves, lambda inner: st.lists(inner) | st.dictionaries(_keys, inner), max_leaves=25)


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
