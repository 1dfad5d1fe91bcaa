"""The figures of the desk on cases counted by hand, and floods against their definition, taken literally."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hazard_flow.telemetry.desk import kpis
from hazard_flow.telemetry.desk.kpis import Occurrence
from hazard_flow.telemetry.desk.rules import desk_rules

DAY = datetime(2026, 11, 23, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def alarm(
    at: float, *, lasts: float | None = None, heard: float | None = None, **given: object
) -> Occurrence:
    """An alarm so many minutes into the day; it lasts so long, and is heard so long after."""
    raised = DAY + at * MINUTE
    plain = {
        "source": "G-1", "site_zh": "甲", "site_en": "A", "alert": "a", "priority": "medium", "misses": 0,
        "is_live": lasts is None, "raised_at": raised, "ended_at": raised + lasts * MINUTE if lasts is not None else None,
        "acknowledged_at": raised + heard * MINUTE if heard is not None else None,
    }  # fmt: skip
    return Occurrence(**{**plain, **given})  # type: ignore[arg-type]


def of(*occurrences: Occurrence, hours: float = 24, operators: int = 1) -> kpis.Figures:
    targets = desk_rules().targets
    return kpis.figures(
        occurrences, since=DAY, until=DAY + timedelta(hours=hours), operators=operators, flood_above=targets.flood_above,
        flood_below=targets.flood_below, chatter_changes=targets.chatter_changes, stale_after=targets.stale_after,
        top=targets.top,
    )  # fmt: skip


def test_an_empty_day_has_no_shares_and_no_alarms() -> None:
    found = of()
    assert (found.alarms, found.peak, found.floods, found.flood_percent) == (0, 0, (), 0)
    assert (found.top.percent, found.in_time.percent) == (None, None)


def test_rates_are_a_desks_share() -> None:
    alone, two = (
        of(*[alarm(n * 10) for n in range(144)]),
        of(*[alarm(n * 10) for n in range(144)], operators=2),
    )
    assert (alone.per_ten_minutes, alone.per_hour, alone.per_day) == pytest.approx((1, 6, 144))
    assert (two.per_ten_minutes, two.per_hour, two.per_day) == pytest.approx((0.5, 3, 72))


def test_a_flood_begins_above_ten_and_ends_below_five() -> None:
    eleven = of(*[alarm(n * 0.5) for n in range(11)])
    [flood] = eleven.floods
    assert (flood.began_at, flood.alarms, flood.worst) == (DAY + 5 * MINUTE, 11, 11)
    # the eleventh came at minute 5; the last five leave from 13, so four are left when the seventh leaves
    assert flood.ended_at == DAY + 13 * MINUTE
    assert eleven.flood_percent == pytest.approx(100 * 8 / 1440)
    assert of(*[alarm(n * 0.5) for n in range(10)]).floods == ()


def test_a_flood_that_is_not_over_has_no_end() -> None:
    [flood] = of(*[alarm(52 + n * 0.1) for n in range(20)], hours=1).floods
    assert (flood.ended_at, flood.alarms) == (None, 20)


@given(st.lists(st.integers(0, 5_400), max_size=80))
def test_floods_keep_to_their_definition(seconds: list[int]) -> None:
    """Second by second: count what was raised in the last ten minutes, and switch above ten and below five."""
    raised = sorted(DAY + one * SECOND for one in seconds)
    end = 6_000
    literal, inside, began = [], False, 0
    for tick in range(end + 1):
        at = DAY + tick * SECOND
        count = sum(at - kpis.WINDOW < one <= at for one in raised)
        if not inside and count > 10:
            inside, began = True, tick
        elif inside and count < 5:
            literal.append((began, tick))
            inside = False
    if inside:
        literal.append((began, None))
    found = kpis.floods(raised, above=10, below=5, until=DAY + end * SECOND)
    spans = [
        ((f.began_at - DAY) // SECOND, (f.ended_at - DAY) // SECOND if f.ended_at else None) for f in found
    ]
    assert spans == literal
    assert all(f.worst > 10 and f.alarms >= f.worst for f in found)


def test_chattering_is_three_changes_within_a_minute() -> None:
    chatters = [alarm(1, lasts=0.2, alert="x", source="G-7"), alarm(1.5, lasts=9, alert="x", source="G-7")]
    calm = [alarm(1, lasts=0.5, alert="y", source="G-8"), alarm(2.5, lasts=9, alert="y", source="G-8")]
    apart = [alarm(1, lasts=0.1, alert="p"), alarm(1, lasts=0.1, alert="q")]
    assert of(*chatters, *calm, *apart).chattering == ("G-7",)


def test_fleeting_is_over_before_anybody_acted() -> None:
    assert (
        of(alarm(0, lasts=1), alarm(5, lasts=3, heard=4), alarm(9, lasts=3, heard=2), alarm(20)).fleeting == 2
    )


def test_stale_stands_for_more_than_a_day_and_may_have_begun_before() -> None:
    old = alarm(-1_500, source="G-9")
    found = of(old, alarm(1, lasts=2), alarm(0.5))
    assert [one.source for one in found.stale] == ["G-9"]
    assert found.alarms == 2  # it was raised before this day


def test_the_top_ten_and_their_share() -> None:
    found = of(
        *[alarm(n, source=f"G-{n % 20}") for n in range(40)], *[alarm(n, source="G-0") for n in range(60)]
    )
    assert [(one.source, one.alarms) for one in found.frequent[:2]] == [("G-0", 62), ("G-1", 2)]
    assert (len(found.frequent), found.top.part, found.top.whole) == (10, 62 + 9 * 2, 100)


def test_priorities_as_announced() -> None:
    found = of(
        *[alarm(n, priority="low") for n in range(16)],
        alarm(1),
        alarm(2),
        alarm(3),
        alarm(4, priority="high"),
    )
    assert {key: share.percent for key, share in found.mix.items()} == {"low": 80, "medium": 15, "high": 5}


def test_in_time_counts_what_was_heard_and_what_was_missed_and_nothing_still_waiting() -> None:
    found = of(alarm(1, heard=3), alarm(2, heard=40, misses=1), alarm(3, misses=1), alarm(4))
    assert (found.in_time.part, found.in_time.whole) == (1, 3)


def test_buckets_hold_every_alarm_once() -> None:
    raised = [DAY, DAY + 10 * MINUTE - SECOND, DAY + 10 * MINUTE, DAY + 25 * MINUTE, DAY + 31 * MINUTE]
    assert kpis.buckets(raised, since=DAY, until=DAY + 30 * MINUTE) == [2, 1, 1]
