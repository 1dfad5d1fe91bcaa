"""Firings per week as a small chart: rules in force beside the draft, by the colour of the notice. Pure arithmetic of boxes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hazard_flow.rulebook.comparing import Difference
from hazard_flow.rulebook.replay import Period
from hazard_flow.rulebook.views import Bar, Chart, Week
from hazard_flow.workflow.definition import COLOURS

#: from the foot of a bar upwards; `plain` are reminders and rungs without a colour
TONES = ("plain", *COLOURS)
WIDTH, HEIGHT = 760, 216
LEFT, RIGHT, TOP, FOOT = 34, 6, 20, 24
#: more weeks than this get a label only here and there, and no sums above the bars
LABELS_MAX = 13
_NICE = (1, 2, 5)

Counted = Counter[tuple[date, str]]


def chart(differences: Iterable[Difference], period: Period, zone: ZoneInfo) -> Chart:
    """The bars of every week of the period, those without any firing too."""
    before, after = _counted(differences, period, zone)
    mondays = _mondays(period, zone)
    weeks = tuple(_week(monday, before, after) for monday in mondays)
    top = _ceiling(max((max(week.before, week.after) for week in weeks), default=0))
    scale = (HEIGHT - TOP - FOOT) / top
    slot = (WIDTH - LEFT - RIGHT) / len(weeks)
    bars: list[Bar] = []
    labels: list[tuple[float, float, str, str]] = []
    every = -(-len(weeks) // LABELS_MAX)
    for number, week in enumerate(weeks):
        x = LEFT + number * slot
        wide = min(slot * 0.4, 26)
        middle = x + slot / 2
        for is_draft, total in ((False, week.before), (True, week.after)):
            left = middle + 1 if is_draft else middle - wide - 1
            bars += _bar(week, left, wide, scale, is_draft=is_draft)
            if total and every == 1:
                labels.append((_r(left + wide / 2), _r(HEIGHT - FOOT - total * scale - 5), str(total), "sum"))
        if number % every == 0:
            labels.append((_r(middle), HEIGHT - 7, week.monday[5:], "week"))
    return Chart(WIDTH, HEIGHT, tuple(bars), tuple(labels), _grid(top, scale), weeks)


def _counted(differences: Iterable[Difference], period: Period, zone: ZoneInfo) -> tuple[Counted, Counted]:
    before: Counted = Counter()
    after: Counted = Counter()
    for one in differences:
        for side, counted in ((one.was, before), (one.replayed, after)):
            if side is not None and period.since <= side.at <= period.until:
                counted[_monday(side.at, zone), side.colour or "plain"] += 1
    return before, after


def _mondays(period: Period, zone: ZoneInfo) -> Sequence[date]:
    day, last = _monday(period.since, zone), _monday(period.until, zone)
    found = [day]
    while day < last:
        day += timedelta(days=7)
        found.append(day)
    return found


def _monday(at: datetime, zone: ZoneInfo) -> date:
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def _week(monday: date, before: Counted, after: Counted) -> Week:
    tones = tuple((tone, before[monday, tone], after[monday, tone]) for tone in TONES)
    return Week(monday.isoformat(), sum(t[1] for t in tones), sum(t[2] for t in tones), tones)


def _bar(week: Week, left: float, wide: float, scale: float, *, is_draft: bool) -> list[Bar]:
    found, foot = [], float(HEIGHT - FOOT)
    for tone, was, now in week.tones:
        count = now if is_draft else was
        if count:
            foot -= count * scale
            found.append(Bar(_r(left), _r(foot), _r(wide), _r(count * scale), tone, is_draft))
    return found


def _ceiling(most: int) -> int:
    """The next of 4, 8, 20, 40, 80, … : four steps of a round number."""
    power = 1
    while True:
        for nice in _NICE:
            if most <= 4 * nice * power:
                return 4 * nice * power
        power *= 10


def _grid(top: int, scale: float) -> tuple[tuple[float, str], ...]:
    return tuple((_r(HEIGHT - FOOT - top * n / 4 * scale), str(top * n // 4)) for n in range(5))


def _r(value: float) -> float:
    return round(value, 1)
