"""The second failed re-check climbs at once and turns orange, the third goes to the top and turns red; each further one is told as well."""

import pytest

from hazard_flow.errors import NotAllowed, Refused
from tests.harness.city import City
from tests.harness.refusals import said


def failed(city: City, times: int, *, major: bool = False):
    hazard = city.bring_to(city.report(major=major), "submitted")
    city.fail(hazard)
    for _ in range(times - 1):
        if major:
            city.sign_completion(hazard)
        city.submit(hazard)
        city.fail(hazard)
    return hazard


def counted(city: City, hazard):
    return [(m.who, m.channel) for m in city.told(hazard, template="counted")]


def test_the_first_stays_between_the_two(city: City):
    hazard = failed(city, 1)

    assert counted(city, hazard) == []
    assert city.look(hazard).colour is None


def test_the_second_is_told_at_once(city: City):
    hazard = failed(city, 2)

    event = city.events(hazard)[-1]
    assert event.data["climbed"] == {
        "count": 2,
        "colour": "orange",
        "told": [f"person:{city.person(n)}" for n in ("何安全", "唐监管")],
        "unreachable": [],
    }
    assert set(counted(city, hazard)) == {
        (who, channel) for who in ("何安全", "唐监管") for channel in ("inbox", "message")
    }
    assert city.look(hazard).colour == "orange"
    assert {m.at for m in city.told(hazard, template="counted")} == {event.at}


def test_the_third_goes_to_the_top(city: City):
    hazard = failed(city, 3)

    event = city.events(hazard)[-1]
    assert (event.data["climbed"]["count"], event.data["climbed"]["colour"]) == (3, "red")
    assert {city.name(p) for p in event.data["climbed"]["told"]} == {"韩总", "唐监管", "陈处长", "梁处长"}
    letters = {m.who for m in city.told(hazard, template="counted") if m.channel == "letter"}
    assert letters == {"韩总", "唐监管", "陈处长", "梁处长"}
    assert city.look(hazard).colour == "red"


def test_the_fourth_is_told_like_the_third(city: City):
    hazard = failed(city, 4)

    assert city.events(hazard)[-1].data["climbed"]["count"] == 4
    assert {m.params["count"] for m in city.told(hazard, template="counted")} == {2, 3, 4}


def test_whoever_mends_hears_each_time_that_it_failed(city: City):
    hazard = failed(city, 3)

    told = [m.who for m in city.told(hazard, template="failed") if m.channel == "inbox"]
    assert told == ["王班长"] * 3


def test_of_a_major_the_principal_and_the_city_hear_of_the_second(city: City):
    hazard = failed(city, 2, major=True)

    assert {who for who, _ in counted(city, hazard)} == {"韩总", "陈处长", "梁处长"}
    assert city.look(hazard).colour == "orange"


def test_a_major_s_failure_takes_the_principal_s_signature_back(city: City):
    hazard = failed(city, 1, major=True)

    with pytest.raises(Refused) as refusal:
        city.submit(hazard)

    assert said(refusal) == {("guard", "mark_missing")}


def test_one_officer_is_enough_to_fail_it(city: City):
    hazard = city.bring_to(city.report(major=True), "submitted")
    city.verify(hazard, by="唐监管")

    city.fail(hazard, by="梁处长")

    assert city.look(hazard).state == "rectifying"
    assert city.look(hazard).proceedings["signed"] == {}


def test_who_mends_does_not_fail_it_nor_anybody_else(city: City):
    hazard = city.bring_to(city.report(), "submitted")

    for who in ("王班长", "何安全", "唐监管"):
        with pytest.raises(NotAllowed):
            city.fail(hazard, by=who)
