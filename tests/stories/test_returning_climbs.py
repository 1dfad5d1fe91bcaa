"""Each person returns a hazard once; from the second return on, whoever stands above decides, and is told."""

import pytest

from hazard_flow.errors import NotAllowed, Refused
from tests.harness.city import City
from tests.harness.refusals import said


def twice_returned(city: City):
    hazard = city.bring_to(city.report(), "assigned")
    city.give_back(hazard, by="王班长")
    city.assign(hazard, responsible=city._id("吴班长"))
    city.give_back(hazard, by="吴班长")
    return hazard


def test_the_first_return_goes_back_to_whoever_classifies(city: City):
    hazard = city.bring_to(city.report(), "assigned")

    city.give_back(hazard)

    assert {m.who for m in city.told(hazard, template="returned")} == {"何安全"}
    city.assign(hazard, by="赵经理", responsible=city._id("吴班长"))


def test_the_second_goes_one_level_up(city: City):
    hazard = twice_returned(city)

    assert city.told(hazard, template="returned")[-1].who == "韩总"
    assert city.look(hazard).state == "reported"


def test_below_that_level_nobody_assigns_it_any_more(city: City):
    hazard = twice_returned(city)

    for who in ("赵经理", "何安全"):
        with pytest.raises(Refused) as refusal:
            city.assign(hazard, by=who, responsible=city._id("郑巡检"))
        assert said(refusal) == {("guard", "level_above_decides")}, who

    city.assign(hazard, by="韩总", responsible=city._id("郑巡检"))
    assert city.look(hazard).state == "assigned"


def test_the_regulator_stands_above_as_well(city: City):
    hazard = twice_returned(city)

    city.assign(hazard, by="唐监管", responsible=city._id("郑巡检"))

    assert city.look(hazard).state == "assigned"


def test_the_reminder_and_the_ladder_begin_one_level_up(city: City):
    hazard = twice_returned(city)
    city.control(hazard)

    city.fast_forward(days=3)

    told = {city.name(p) for e in city.events(hazard, "timer.reminded") for p in e.data["told"]}
    assert told == {"韩总"}
    assert city.firings(hazard, "classify")[0].told == ("韩总",)


def test_it_is_his_work_now(city: City):
    from hazard_flow.hazards.working import owed

    hazard = twice_returned(city)

    for who, has_it in (("韩总", True), ("何安全", False)):
        with city.database.reading(city.actor(who).scope) as session:
            mine, _ = owed(session, city.actor(who), now=city.now)
        assert (hazard.number in {one.hazard.number for one in mine}) is has_it, who


def test_nobody_returns_it_a_second_time(city: City):
    hazard = city.bring_to(city.report(), "assigned")
    city.give_back(hazard, by="王班长")
    city.assign(hazard)  # to 王班长 again

    with pytest.raises(Refused) as refusal:
        city.give_back(hazard, by="王班长")

    assert said(refusal) == {("guard", "used_up_person")}


def test_once_assigned_the_ordinary_level_is_back(city: City):
    hazard = twice_returned(city)
    city.assign(hazard, by="韩总", responsible=city._id("郑巡检"))
    city.accept(hazard)
    city.submit(hazard)

    assert city.look(hazard).proceedings["steps_up"] == 0


def test_only_the_responsible_person_returns_it_and_says_why(city: City):
    hazard = city.bring_to(city.report(), "assigned")

    with pytest.raises(NotAllowed):
        city.give_back(hazard, by="何安全")
    with pytest.raises(Refused) as refusal:
        city.give_back(hazard, return_reason="weather", note="忙")
    assert said(refusal) == {("return_reason", "not_a_choice"), ("note", "too_short")}


def test_assigned_anew_it_has_a_new_term_and_keeps_its_first_deadline(city: City):
    hazard = city.bring_to(city.report(), "assigned")
    city.fast_forward(days=8)
    city.give_back(hazard)

    city.assign(hazard, responsible=city._id("吴班长"), due_at=city.day(20))

    again = city.look(hazard)
    assert again.original_due_at == hazard.original_due_at  # the figures count this one
    city.accept(hazard)
    city.request_extension(hazard, days=38)  # twenty days were given, so up to twenty more may be asked for
