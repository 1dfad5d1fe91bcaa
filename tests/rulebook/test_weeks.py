"""The chart of weeks: every week has its place, bars are as high as their numbers, nothing stands outside."""

import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from hazard_flow.hazards.past import Fired
from hazard_flow.rulebook.comparing import Difference
from hazard_flow.rulebook.replay import Period
from hazard_flow.rulebook.weeks import FOOT, HEIGHT, LEFT, TOP, WIDTH, chart

ZONE = ZoneInfo("Asia/Shanghai")
#: a Sunday, 23:30 in the city: already Monday nowhere, still the week before
SUNDAY = datetime(2026, 11, 8, 15, 30, tzinfo=UTC)
PERIOD = Period(datetime(2026, 11, 1, 16, 0, tzinfo=UTC), datetime(2026, 11, 22, 15, 59, tzinfo=UTC))


def fired(at: datetime, colour: str | None) -> Fired:
    return Fired(at, "classify", 0, 0, colour, (uuid.UUID(int=1),), (), at)


def moved(was: datetime, now: datetime, colour: str | None = "blue") -> Difference:
    return Difference("later", fired(was, colour), fired(was, colour), fired(now, colour))


def test_a_firing_belongs_to_the_week_it_is_there():
    found = chart([moved(SUNDAY, SUNDAY + timedelta(hours=1))], PERIOD, ZONE)

    assert [(week.monday, week.before, week.after) for week in found.weeks] == [
        ("2026-11-02", 1, 0),
        ("2026-11-09", 0, 1),
        ("2026-11-16", 0, 0),
    ]


def test_colours_stand_on_each_other_and_the_heights_are_the_numbers():
    firings = [moved(SUNDAY, SUNDAY, colour) for colour in ("red", "blue", "blue", None)]

    found = chart(firings, PERIOD, ZONE)

    before = [bar for bar in found.bars if not bar.is_draft]
    assert [bar.tone for bar in before] == ["plain", "blue", "red"]
    unit = (HEIGHT - TOP - FOOT) / 4  # four is the top of the scale
    assert [bar.height for bar in before] == pytest.approx([unit, 2 * unit, unit], abs=0.2)
    assert before[0].y + before[0].height == pytest.approx(HEIGHT - FOOT, abs=0.2)
    assert before[1].y + before[1].height == pytest.approx(before[0].y, abs=0.2)
    assert [words for _, _, words, kind in found.labels if kind == "sum"] == ["4", "4"]
    assert found.grid[-1] == (TOP, "4")


def test_what_moved_out_of_the_period_is_not_in_it():
    after = PERIOD.until + timedelta(days=1)

    found = chart([moved(SUNDAY, after)], PERIOD, ZONE)

    assert sum(week.after for week in found.weeks) == 0


@pytest.mark.parametrize("weeks", [1, 13, 14, 53])
def test_any_number_of_weeks_fits(weeks: int):
    period = Period(PERIOD.since, PERIOD.since + timedelta(days=7 * weeks, minutes=-1))
    firings = [
        moved(PERIOD.since + timedelta(days=7 * n), PERIOD.since + timedelta(days=7 * n))
        for n in range(weeks)
    ] * 37

    found = chart(firings, period, ZONE)

    assert len(found.weeks) == weeks
    assert all(bar.x >= LEFT and bar.x + bar.width <= WIDTH for bar in found.bars)
    assert all(bar.y >= TOP - 1 and bar.y + bar.height <= HEIGHT - FOOT + 1 for bar in found.bars)
    places = sorted(x for x, _, _, kind in found.labels if kind == "week")
    assert len(places) <= 14
    assert all(later - earlier > 34 for earlier, later in pairwise(places))


def test_nothing_at_all_is_an_empty_chart():
    found = chart([], PERIOD, ZONE)

    assert (found.bars, len(found.weeks)) == ((), 3)
