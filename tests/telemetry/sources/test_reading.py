"""Reading what strange hands wrote: packed bodies, nesting without end, words and codes that fit the tables."""

import gzip
import json
import zlib

import pytest

from hazard_flow.telemetry.sources.reading import code, key_of, level_of, number, texts, word
from tests.telemetry.sources.reading import parsed, recorded

BODY = json.dumps(recorded("docs_grafana")["body"]).encode()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", gzip.compress(BODY)), ("deflate", zlib.compress(BODY)), ("", BODY)],
    ids=["gzip", "deflate", "plain"],
)
def test_a_packed_body_is_unpacked(encoding: str, packed: bytes) -> None:
    result = parsed("grafana", packed, headers={"Content-Encoding": encoding})
    assert result.signals == parsed("grafana", BODY).signals != ()


@pytest.mark.parametrize(
    "packed",
    [b"not packed", gzip.compress(BODY)[:-20], gzip.compress(b" " * 9_000_000)],
    ids=["plain", "cut", "bomb"],
)
def test_what_does_not_unpack_is_refused(packed: bytes) -> None:
    result = parsed("grafana", packed, headers={"Content-Encoding": "gzip"})
    assert [p.code for p in result.problems] == ["not_json"]
    assert "not unpacked" in result.problems[0].detail


def test_nesting_without_end_is_refused() -> None:
    assert [p.code for p in parsed("grafana", b'{"a":' * 60 + b"1" + b"}" * 60).problems] == ["too_deep"]
    assert [p.code for p in parsed("grafana", b"[" * 100_000).problems] == ["not_json"]


def test_words_are_what_both_databases_take() -> None:
    assert [word(v) for v in (" a ", 7, 2.50, True, None, "a\x00", "\ud800", float("nan"), 2**200)] == [
        "a", "7", "2.5", "", "", "", "", "", "",
    ]  # fmt: skip
    assert code("", None, 101) == "101"
    assert len(code("x" * 500) or "") == 64
    assert level_of("3", "2") == 2
    assert [number(v) for v in ("6e1", True, "x", 10**400, [])] == [60.0, None, None, None, None]
    assert len(key_of("x" * 5_000, "\ud800")) == 65
    assert len(texts({str(n): "y" * 900 for n in range(200)})) == 60
