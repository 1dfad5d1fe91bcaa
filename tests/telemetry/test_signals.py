"""A doubtful clock never costs a sample, and every remark about it is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from hazard_flow.telemetry.signals import fingerprint, observed_instant

RECEIVED = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        (None, (RECEIVED, "")),
        ("", (RECEIVED, "")),
        (1795420500, (datetime(2026, 11, 23, 7, 55, tzinfo=UTC), "")),
        (1795420500000, (datetime(2026, 11, 23, 7, 55, tzinfo=UTC), "")),
        ("1795420500", (datetime(2026, 11, 23, 7, 55, tzinfo=UTC), "")),
        (1795420500.25, (datetime(2026, 11, 23, 7, 55, 0, 250000, tzinfo=UTC), "")),
        ("2026-11-23T15:55:00+08:00", (datetime(2026, 11, 23, 7, 55, tzinfo=UTC), "")),
        ("2026-11-23T08:02:00Z", (RECEIVED + timedelta(minutes=2), "")),
        ("2026-11-23T08:02:01Z", (RECEIVED, "skew")),
        ("2026-11-23T15:55:00", (RECEIVED, "clock")),  # no zone
        ("yesterday", (RECEIVED, "clock")),
        (12, (RECEIVED, "clock")),  # uptime, not time
        (-1, (RECEIVED, "clock")),
        (float("nan"), (RECEIVED, "clock")),
        (1e300, (RECEIVED, "clock")),
        ("1" * 400, (RECEIVED, "clock")),
        (True, (RECEIVED, "clock")),
        ([1], (RECEIVED, "clock")),
    ],
)
def test_observed_time_is_the_devices_own_where_it_can_be_believed(
    stamp: object, expected: tuple[datetime, str]
) -> None:
    assert observed_instant(stamp, RECEIVED) == expected


def test_a_fingerprint_keeps_its_parts_apart() -> None:
    assert len(fingerprint("gas_level", "G-101")) == 16
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
