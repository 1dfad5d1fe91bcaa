"""A suspected major nobody classifies is told upward, rung by rung, and at the top again every day until a person moves."""

from datetime import timedelta

import pytest

from tests.harness.city import City
from tests.harness.sights import Firing


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def ladder(days: int) -> list[Firing]:
    """What must fire within so many days: the classification runs out 2 h after the report, offsets count from there."""
    rungs = [
        Firing(hours(2 + 2), 0, 0, ("何安全",)),
        Firing(hours(2 + 24), 1, 0, ("唐监管",)),
    ]
    top, cycle = hours(2 + 72), 0
    while top <= timedelta(days=days):
        rungs.append(Firing(top, 2, cycle, ("梁处长", "陈处长")))
        top, cycle = top + hours(24), cycle + 1
    return rungs


def test_for_thirty_days_each_rung_fires_once_at_its_own_time_and_reaches_the_right_person(city: City):
    hazard = city.report("中压管线占压，违章建筑", major=True)
    city.control(hazard)

    city.fast_forward(days=30)

    assert city.timers(hazard).keys() == {"classify"}
    assert city.firings(hazard, "classify") == ladder(30)
    assert len(ladder(30)) == 29  # 4 h, 26 h, then 74 h + 0…26 days


def test_half_way_the_one_who_owes_the_step_is_reminded(city: City):
    hazard = city.report(major=True)
    city.control(hazard)

    city.fast_forward(hours=2)

    [reminder] = city.events(hazard, "timer.reminded")
    assert reminder.at - hazard.reported_at == hours(1)
    assert [city.name(p) for p in reminder.data["told"]] == ["何安全"]


def test_it_goes_on_for_ever(city: City):
    hazard = city.report(major=True)
    city.control(hazard)

    city.fast_forward(days=30)

    [next_one] = city.timers(hazard).values()
    assert (next_one.level, next_one.cycle) == (2, 27)
    assert next_one.due_at - hazard.reported_at == hours(74 + 27 * 24)


def test_the_notice_turns_yellow_orange_red_and_goes_out_on_every_channel_of_its_rung(city: City):
    hazard = city.report(major=True)
    city.control(hazard)

    colours = []
    for span in (4, 22, 48):
        city.fast_forward(hours=span)
        colours.append(city.look(hazard).colour)

    assert colours == ["yellow", "orange", "red"]
    sent = {(m.who, m.channel) for m in city.told(hazard, template="escalation")}
    assert {c for who, c in sent if who == "唐监管"} == {"inbox", "message", "phone"}
    assert {c for who, c in sent if who == "陈处长"} == {"inbox", "message", "phone", "letter"}


@pytest.mark.parametrize("workers", [2, 4])
def test_many_workers_fire_nothing_twice(city: City, workers: int):
    hazards = [city.report(major=True) for _ in range(4)]
    for hazard in hazards:
        city.control(hazard)
    city.workers = workers

    city.fast_forward(days=6)

    for hazard in hazards:
        assert city.firings(hazard, "classify") == ladder(6)


def test_it_ends_when_a_person_classifies(city: City):
    hazard = city.report(major=True)
    city.control(hazard)
    city.fast_forward(hours=30)

    city.assign(hazard)
    city.accept(hazard)
    city.fast_forward(days=5)

    assert city.firings(hazard, "classify") == ladder(1)
