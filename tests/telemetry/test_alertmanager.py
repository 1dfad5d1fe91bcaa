"""Recorded webhooks become the right signals; whatever else arrives becomes a reason, never an exception."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hazard_flow.telemetry.signals import Parsed, Raw, Status
from hazard_flow.telemetry.sources.alertmanager import parse
from tests.telemetry.payloads import bodies

RECEIVED = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def parsed(body: bytes) -> Parsed:
    return parse(Raw("alertmanager", body, RECEIVED))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("01", [("G-101", "VW-1", "firing", 1)]),
        ("02", [("G-101", "VW-1", "firing", 2)]),
        (
            "03",
            [("G-102", "VW-1", "firing", 1), ("G-103", "VW-1", "firing", 1), ("G-101", "VW-1", "firing", 2)],
        ),
        (
            "04",
            [
                ("G-102", "VW-1", "resolved", 1),
                ("G-103", "VW-1", "firing", 1),
                ("G-101", "VW-1", "firing", 2),
            ],
        ),
        ("06", [("G-101", None, "firing", None)]),
        ("07", [("G-103", "VW-1", "resolved", 1)]),
        ("08", [("G-101", "VW-1", "firing", 2)]),
        ("10", [("G-101", "VW-1", "firing", 2)]),
        ("11", [("G-900", "VW-9", "firing", 2), ("G-901", "VW-9", "firing", 2)]),
    ],
)
def test_recorded_payload_says(number: str, expected: list[tuple[str, str | None, str, int | None]]) -> None:
    for body in bodies(number):
        result = parsed(body)
        assert result.problems == ()
        assert [(s.device, s.site, s.status, s.level) for s in result.signals] == expected


def test_receipt_is_the_observed_time_and_startsAt_only_names_the_episode() -> None:
    [signal] = parsed(bodies("01")[0]).signals
    assert signal.observed_at == RECEIVED
    assert signal.episode == "2026-11-22T07:20:43.674Z"
    assert signal.identity == "d98df70f3ccd19a8"
    assert signal.status is Status.FIRING


def test_a_group_cut_short_says_how_many_are_missing() -> None:
    assert {signal.truncated for signal in parsed(bodies("11")[0]).signals} == {3}


def test_a_repeated_statement_has_the_same_key_and_another_end_another_one() -> None:
    first, again = parsed(bodies("03")[0]).signals, parsed(bodies("04")[0]).signals
    assert first[1].delivery_key == again[1].delivery_key  # G-103 firing, in both groups
    assert first[0].delivery_key != again[0].delivery_key  # G-102 firing, then resolved


def alert(**changed: Any) -> dict[str, Any]:
    return {"status": "firing", "fingerprint": "f", "startsAt": "s", "labels": {"device": "G-1"}} | changed


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (b"", ["not_json"]),
        (b"\xff\xfe", ["not_json"]),
        (b"[" * 100_000, ["not_json"]),
        (b"[]", ["no_alerts"]),
        (b'{"alerts": {}}', ["no_alerts"]),
        (json.dumps({"alerts": [1]}).encode(), ["alert_shape"]),
        (json.dumps({"alerts": [alert(status="odd")]}).encode(), ["alert_status"]),
        (json.dumps({"alerts": [alert(fingerprint=None)]}).encode(), ["alert_identity"]),
        (json.dumps({"alerts": [alert(startsAt="\x00")]}).encode(), ["alert_identity"]),
        (json.dumps({"alerts": [alert()] * 5001}).encode(), ["too_many_alerts"]),
    ],
)
def test_what_cannot_be_read_has_a_reason(body: bytes, codes: list[str]) -> None:
    assert [problem.code for problem in parsed(body).problems] == codes


def test_one_bad_alert_does_not_silence_its_neighbours() -> None:
    result = parsed(json.dumps({"alerts": [alert(status=3), alert(fingerprint="good")]}).encode())
    assert [s.identity for s in result.signals] == ["good"]
    assert [str(p) for p in result.problems] == ["alert_status: alert 1"]


def test_an_endless_identity_is_hashed_not_refused() -> None:
    [signal] = parsed(json.dumps({"alerts": [alert(fingerprint="x" * 5000)]}).encode()).signals
    assert len(signal.identity) == 64


def test_labels_that_no_database_takes_are_left_out() -> None:
    labels = {"device": "G-1", "nul": "a\x00", "half": "\ud800", "number": 3}
    [signal] = parsed(json.dumps({"alerts": [alert(labels=labels)]}).encode()).signals
    assert signal.labels == {"device": "G-1", "number": "3"}


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
odd_alert = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("status", "fingerprint", "startsAt", "endsAt", "labels", "annotations"), anything
    ),
)


@given(
    st.fixed_dictionaries({"alerts": st.lists(odd_alert | anything, max_size=4), "truncatedAlerts": anything})
)
def test_no_shape_of_json_raises(body: dict[str, Any]) -> None:
    result = parsed(json.dumps(body).encode())
    assert len(result.signals) + len(result.problems) == len(body["alerts"])
