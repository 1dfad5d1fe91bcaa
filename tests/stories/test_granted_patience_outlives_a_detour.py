"""A major's deadline has passed and its ladder is climbed; lowered to general by mistake and raised again the same hour."""

from datetime import timedelta

from tests.harness.city import City


def test_the_next_rung_comes_when_its_people_were_told_it_would(city: City):
    hazard = city.report()
    city.control(hazard)
    city.escalate_to_major(hazard)
    city.bring_to(hazard, "assigned")
    while city.timers(hazard)["rectify"].level < 2:
        city.fast_forward(hours=6)
    granted = city.timers(hazard)["rectify"]

    city.request_lowering(hazard)
    city.lower_to_general(hazard, urgency="B")
    city.clock.advance(timedelta(minutes=5))
    city.escalate_to_major(hazard)

    kept = city.timers(hazard)["rectify"]
    assert (kept.level, kept.due_at) == (granted.level, granted.due_at)
