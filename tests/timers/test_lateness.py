"""Lateness in buckets: each firing in the first bound it stays within, cumulative as Prometheus wants it."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from hazard_flow.timers.lateness import BOUNDS, buckets, lateness

NOW = datetime(2026, 5, 11, 8, 0, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("late_s", "bound"),
    [
        (0, "0.25"),
        (0.25, "0.25"),
        (0.26, "1"),
        (1, "1"),
        (60, "60"),
        (61, "600"),
        (86_400, "86400"),
        (90_000, "+Inf"),
    ],
)
def test_a_firing_counts_from_its_own_bound_upward(late_s, bound):
    pairs, total = buckets(lateness([ago(late_s)], NOW))

    assert next(at for at, count in pairs if count == 1) == bound
    assert [count for _, count in pairs] == sorted(count for _, count in pairs)
    assert total == pytest.approx(late_s)


def test_counts_of_many_workers_add_up():
    one, other = lateness([ago(0.1), ago(5)], NOW), lateness([ago(5), ago(100_000)], NOW)

    pairs, total = buckets(Counter(one) + Counter(other))

    assert dict(pairs)["+Inf"] == 4
    assert dict(pairs)["10"] == 3
    assert total == pytest.approx(100_010.1)
    assert len(pairs) == len(BOUNDS) + 1


def test_a_timer_fired_before_its_instant_is_not_late():
    assert lateness([NOW + timedelta(seconds=3)], NOW)["late.le_0.25"] == 1
