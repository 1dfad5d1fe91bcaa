"""When nothing ran for a while, lower rungs collapse into the highest due one, which says so and how late it is."""

from datetime import timedelta

from tests.harness.city import City


def test_the_lower_rungs_collapse_into_the_highest_due(city: City):
    hazard = city.report(major=True)
    city.control(hazard)

    city.outage(hours=80)  # rungs at 4 h, 26 h and 74 h

    [fired] = city.events(hazard, "timer.escalated")
    assert fired.firing == ("classify", 2, 0)
    assert fired.data["collapsed"] == [
        {"level": -1, "cycle": 0}, {"level": 0, "cycle": 0}, {"level": 1, "cycle": 0},
    ]  # fmt: skip
    assert fired.data["late_ms"] == 6 * 3600 * 1000
    assert sorted(city.name(p) for p in fired.data["told"]) == ["梁处长", "陈处长"]


def test_missed_repetitions_collapse_too_and_the_cadence_stays(city: City):
    hazard = city.report(major=True)
    city.control(hazard)

    city.outage(hours=130)  # 74 h, 98 h, 122 h are past

    [fired] = city.events(hazard, "timer.escalated")
    assert fired.firing == ("classify", 2, 2)
    assert fired.data["collapsed"][-2:] == [{"level": 2, "cycle": 0}, {"level": 2, "cycle": 1}]
    [pending] = city.timers(hazard).values()
    assert pending.due_at - hazard.reported_at == timedelta(hours=146)


def test_nobody_is_told_of_a_rung_left_out(city: City):
    hazard = city.report(major=True)
    city.control(hazard)

    city.outage(hours=80)

    assert {m.who for m in city.told(hazard, template="escalation")} == {"陈处长", "梁处长"}
    assert "唐监管" not in {m.who for m in city.told(hazard)}


def test_a_short_delay_fires_the_rung_itself_and_says_how_late(city: City):
    hazard = city.report(major=True)
    city.control(hazard)
    city.fast_forward(hours=3)

    city.outage(hours=1, seconds=90)

    [fired] = city.events(hazard, "timer.escalated")
    assert fired.firing == ("classify", 0, 0)
    assert (fired.data["late_ms"], fired.data["collapsed"]) == (90_000, [])
