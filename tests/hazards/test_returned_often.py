"""However often a hazard is returned, somebody may assign it: it climbs as far as the county officer decides, and no further."""

from tests.harness.city import City

HANDS = ("王班长", "吴班长", "郑巡检", "李巡检", "周调度")


def test_after_many_returns_the_regulator_still_assigns_it(city: City):
    hazard = city.bring_to(city.report(), "assigned")
    for now, following in zip(HANDS, (*HANDS[1:], "钱管理"), strict=True):
        city.give_back(hazard, by=now)
        city.assign(hazard, by="唐监管", responsible=city._id(following))

    assert city.look(hazard).proceedings["steps_up"] == len(HANDS) - 1
    assert city.look(hazard).state == "assigned"
