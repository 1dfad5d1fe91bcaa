"""From a span to an instant: the arithmetic is spelt out beside each case. Local time is Asia/Shanghai."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hazard_flow.workflow.calendar import china
from hazard_flow.workflow.deadlines import add, after_expiry, before, is_provisional
from hazard_flow.workflow.durations import parse_duration, write_duration

ZONE = ZoneInfo("Asia/Shanghai")
#: three years of minutes from 2024
MINUTES_MAX = 3 * 365 * 24 * 60


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("span", "start", "end"),
    [
        ("30 min", "2026-04-30T23:45", "2026-05-01T00:15"),
        ("4 h", "2026-05-01T22:00", "2026-05-02T02:00"),
        # the day of the start is not counted, the last day is full
        ("1 day", "2026-04-30T08:00", "2026-05-02T00:00"),
        ("30 days", "2026-11-23T09:00", "2026-12-24T00:00"),
        # Thursday 30 April; 1–5 May holiday; Wednesday 6 May is the first working day, to 24:00
        ("1 workday", "2026-04-30T08:00", "2026-05-07T00:00"),
        # … 6, 7, 8, then Saturday 9 (make-up), Monday 11
        ("5 workdays", "2026-04-30T08:00", "2026-05-12T00:00"),
        # asked on a holiday: the first working day after it counts
        ("1 workday", "2026-05-03T10:00", "2026-05-07T00:00"),
        # year-end: 31 December 2026 is Thursday, 1 January 2027 a holiday, Monday 4 the next working day
        ("1 workday", "2026-12-31T10:00", "2027-01-05T00:00"),
        ("0 h", "2026-05-03T10:00", "2026-05-03T10:00"),
    ],
)
def test_spans(span: str, start: str, end: str) -> None:
    duration = parse_duration(span)
    assert duration is not None
    assert add(duration, at(start), zone=ZONE, calendar=china()) == at(end)
    assert add(duration, at(start), zone=ZONE, calendar=china()).tzinfo is UTC


@pytest.mark.parametrize(
    ("span", "expiry", "end"),
    [
        # due "Monday 8 June, that day included" is Tuesday 00:00; one working day late ends on Tuesday 24:00
        ("1 workday", "2026-06-09T00:00", "2026-06-10T00:00"),
        ("1 day", "2026-06-09T00:00", "2026-06-10T00:00"),
        # an expiry in the middle of Monday: Tuesday 24:00 as well
        ("1 workday", "2026-06-08T14:00", "2026-06-10T00:00"),
        ("4 h", "2026-06-09T00:00", "2026-06-09T04:00"),
        ("0 workdays", "2026-06-08T14:00", "2026-06-08T14:00"),
    ],
)
def test_spans_after_an_expiry(span: str, expiry: str, end: str) -> None:
    duration = parse_duration(span)
    assert duration is not None
    assert after_expiry(duration, at(expiry), zone=ZONE, calendar=china()) == at(end)


@pytest.mark.parametrize(
    ("span", "deadline", "instant"),
    [
        ("24 h", "2026-06-09T00:00", "2026-06-08T00:00"),
        ("3 days", "2026-06-09T00:00", "2026-06-06T00:00"),
        # one working day before "Monday, that day included" is Friday 24:00
        ("1 workday", "2026-06-09T00:00", "2026-06-06T00:00"),
    ],
)
def test_spans_before_a_deadline(span: str, deadline: str, instant: str) -> None:
    duration = parse_duration(span)
    assert duration is not None
    assert before(duration, at(deadline), zone=ZONE, calendar=china()) == at(instant)


def test_working_days_across_the_year_end_are_provisional_natural_days_are_not() -> None:
    start, end = at("2026-12-30T10:00"), at("2027-01-07T00:00")
    workdays, days = parse_duration("4 workdays"), parse_duration("7 days")
    assert workdays is not None
    assert days is not None
    assert is_provisional(workdays, start, end, zone=ZONE, calendar=china())
    assert not is_provisional(days, start, end, zone=ZONE, calendar=china())
    assert not is_provisional(workdays, start, at("2027-01-01T00:00"), zone=ZONE, calendar=china())


@pytest.mark.parametrize(
    "text", ["", "3", "3d", "3 weeks", "-1 h", "1.5 h", "30min", "99999 h", "03 h", 30, None, ["1 h"]]
)
def test_what_is_no_duration(text: object) -> None:
    assert parse_duration(text) is None


@given(st.integers(0, 9999), st.sampled_from(["min", "h", "day", "days", "workday", "workdays"]))
def test_durations_are_written_as_they_are_read(amount: int, unit: str) -> None:
    duration = parse_duration(f"{amount} {unit}")
    assert duration is not None
    assert parse_duration(write_duration(duration)) == duration


@given(
    st.integers(0, MINUTES_MAX),
    st.integers(1, 30),
    st.sampled_from(["min", "h", "day", "workday"]),
)
def test_a_longer_span_never_ends_earlier(minutes: int, amount: int, unit: str) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    short, long = parse_duration(f"{amount} {unit}"), parse_duration(f"{amount + 1} {unit}")
    assert short is not None
    assert long is not None
    first, second = (add(d, start, zone=ZONE, calendar=china()) for d in (short, long))
    assert start < first < second
    if unit == "day":
        assert first - start > timedelta(days=amount) - timedelta(seconds=1)
