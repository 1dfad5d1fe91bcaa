"""Instants, days and spans as people say them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hazard_flow.web import formats

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def test_an_instant_is_told_in_the_organisations_zone():
    assert formats.instant_text(datetime(2026, 11, 23, 20, 30, tzinfo=UTC), ZONE) == "2026-11-24 04:30"


@pytest.mark.parametrize(
    ("at", "zh", "en"),
    [
        (
            datetime(2026, 11, 25, 16, 0, tzinfo=UTC),
            "11月25日 24:00",
            "25 Nov 24:00",
        ),  # midnight belongs to the day that ends
        (datetime(2026, 11, 25, 6, 5, tzinfo=UTC), "11月25日 14:05", "25 Nov 14:05"),
        (datetime(2027, 1, 2, 16, 0, tzinfo=UTC), "2027年1月2日 24:00", "2 Jan 2027 24:00"),
    ],
)
def test_a_deadline_is_said_as_deadlines_are(at, zh, en):
    assert formats.deadline_text(at, "zh", ZONE, NOW) == zh
    assert formats.deadline_text(at, "en", ZONE, NOW) == en


@pytest.mark.parametrize(
    ("span", "zh", "en"),
    [
        (timedelta(0), "0 分", "0 min"),
        (timedelta(minutes=59, seconds=59), "59 分", "59 min"),
        (timedelta(hours=4), "4 小时", "4 h"),
        (timedelta(days=3, hours=4, minutes=5), "3 天 4 小时", "3 d 4 h"),
        (-timedelta(days=1, minutes=5), "1 天", "1 d"),
    ],
)
def test_a_span_is_told_by_its_two_largest_units(span, zh, en):
    assert formats.duration_text(span, "zh") == zh
    assert formats.duration_text(span, "en") == en


def test_a_day_bears_its_weekday():
    assert formats.weekday_text(NOW, "zh", ZONE) == "11月23日星期一"
    assert formats.weekday_text(NOW, "en", ZONE) == "Monday, 23 November"
