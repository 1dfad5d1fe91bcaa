"""Which days an import moved, seen at a count: those of every import since the last one that was counted through."""

import copy
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.sim.log import Log
from tests.sim.oracle.ground import Ground
from tests.sim.oracle.told_city import city_in, told

FIRST, SECOND = datetime(2031, 1, 5, 8, tzinfo=UTC), datetime(2031, 1, 8, 8, tzinfo=UTC)
OFFICIAL_BEFORE = datetime(2030, 12, 1, 8, tzinfo=UTC)
#: two Wednesdays
SOONER, LATER = date(2031, 3, 5), date(2031, 5, 7)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """The log of a city that was told, its calendar untouched."""
    with city_in(tmp_path_factory.mktemp("ground")) as city:
        return told(city)


def test_two_imports_without_a_count_between_are_counted_together(kept: Log) -> None:
    ground = _ground(kept, counted=[SECOND + timedelta(hours=1)])

    assert ground.changed_day(SECOND + timedelta(hours=1)) == SOONER


def test_what_was_counted_through_is_not_counted_again(kept: Log) -> None:
    twice = [FIRST + timedelta(minutes=1), FIRST + timedelta(minutes=3)]
    ground = _ground(kept, counted=[*twice, SECOND + timedelta(hours=1)])

    assert ground.changed_day(twice[1]) == SOONER
    assert ground.changed_day(SECOND + timedelta(hours=1)) == LATER


def test_one_count_alone_settles_nothing(kept: Log) -> None:
    ground = _ground(kept, counted=[FIRST + timedelta(minutes=1), SECOND + timedelta(hours=1)])

    assert ground.changed_day(SECOND + timedelta(hours=1)) == SOONER


def _ground(kept: Log, *, counted: list[datetime]) -> Ground:
    """A year official since December; `FIRST` makes one day of it free, `SECOND` another."""
    log = copy.deepcopy(kept)
    days = [date(2031, 1, 1)]
    log["calendar_days"] = _edition(1, OFFICIAL_BEFORE, days)
    log["calendar_days"] += _edition(2, FIRST, [*days, SOONER])
    log["calendar_days"] += _edition(3, SECOND, [*days, SOONER, LATER])
    settled = [OFFICIAL_BEFORE + timedelta(minutes=1), OFFICIAL_BEFORE + timedelta(minutes=3), *counted]
    log["diary"] = [*log["diary"], *({"at": _text(at), "kind": "settle", "whole": True} for at in settled)]
    return Ground(log)


def _edition(number: int, at: datetime, free: list[date]) -> list[dict[str, object]]:
    said = {"division": "", "is_workday": False, "status": "official", "edition": number}
    return [{**said, "day": day.isoformat(), "entered_at": _text(at)} for day in free]


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
