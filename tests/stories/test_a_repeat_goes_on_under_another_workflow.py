"""The top of a ladder has spoken and will speak again; raised to major, and then the year's working days change."""

from datetime import timedelta

from hazard_flow.hazards.settling import settle
from tests.harness.city import City
from tests.harness.notices import announce, notice


def test_a_new_calendar_does_not_make_it_speak_anew(city: City):
    """What fired stays fired: the repeat that came along keeps its beat, whatever the days before it are now."""
    city.clock.advance(timedelta(days=44))
    hazard = city.report()
    city.control(hazard)
    city.assign(hazard, due_at=city.day(3))
    city.fast_forward(days=15)
    city.escalate_to_major(hazard)
    pending = city.timers(hazard)["rectify"]
    assert pending.cycle > 0
    announce(city.database, notice(holidays=["01-04..01-06"]), city.now)

    settle(city.database, lambda: city.now)

    kept = city.timers(hazard)["rectify"]
    assert (kept.level, kept.cycle, kept.due_at) == (pending.level, pending.cycle, pending.due_at)
