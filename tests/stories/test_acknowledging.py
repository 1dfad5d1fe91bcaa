"""Somebody who says "seen" gets the time the ladder grants; who stays silent is passed over sooner; nothing is ever switched off."""

from datetime import timedelta

from tests.harness.city import City


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def test_unacknowledged_the_next_rung_comes_when_patience_ends(city: City):
    hazard = city.report()  # suspected A: first control within 30 min

    city.fast_forward(minutes=60)

    assert [(f.after, f.level, f.told) for f in city.firings(hazard, "control")][:2] == [
        (minutes(30), 0, ("周调度", "王班长")),
        (minutes(40), 1, ("何安全",)),  # 10 min to acknowledge
    ]


def test_acknowledged_the_next_rung_waits_for_its_own_time(city: City):
    hazard = city.report()
    city.fast_forward(minutes=35)

    city.acknowledge(hazard, by="周调度")
    city.fast_forward(minutes=40)

    assert [(f.after, f.level) for f in city.firings(hazard, "control")] == [
        (minutes(30), 0),
        (minutes(60), 1),  # 30 min after the expiry, its own offset
        (minutes(75), 2),  # nobody acknowledged that one: 15 min
    ]


def test_an_acknowledged_but_idle_notice_climbs_to_the_top(city: City):
    hazard = city.report()
    city.fast_forward(minutes=31)
    city.acknowledge(hazard, by="周调度")

    city.fast_forward(hours=12)

    fired = city.firings(hazard, "control")
    assert [f.level for f in fired[:4]] == [0, 1, 2, 3]
    assert fired[-1].told == ("梁处长", "陈处长")
    assert fired[-1].cycle >= 1


def test_it_changes_no_state_and_no_deadline(city: City):
    hazard = city.report()
    city.fast_forward(minutes=31)

    city.acknowledge(hazard, by="王班长")

    after = city.look(hazard)
    assert (after.state, after.due_at) == ("reported", None)
    assert {t.expires_at for t in city.timers(hazard).values() if t.name == "control"} == {
        hazard.found_at + minutes(30)
    }
