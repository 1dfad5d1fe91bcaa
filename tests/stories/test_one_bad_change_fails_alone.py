"""A batch is judged change by change: the bad ones are answered with their error, the others happen."""

import dataclasses
import uuid

from hazard_flow.errors import NotAllowed, NotFound, Refused, StateConflict
from tests.harness.city import City


def test_the_others_of_the_batch_happen(city: City):
    hazards = [city.report() for _ in range(12)]
    for hazard in hazards[1:]:
        city.assign(hazard)
    changes = [city.change("王班长", hazard, "accept") for hazard in hazards]  # the first was never assigned
    changes[5] = dataclasses.replace(changes[5], hazard_id=uuid.uuid4())
    changes[7] = city.change("郑巡检", hazards[7], "accept")
    changes[9] = city.change("王班长", hazards[9], "return", return_reason="weather")

    outcomes = city.apply(changes)

    errors = {index: type(o.error) for index, o in enumerate(outcomes) if o.error}
    assert errors == {0: StateConflict, 5: NotFound, 7: NotAllowed, 9: Refused}
    states = [city.look(hazard).state for hazard in hazards]
    assert states.count("rectifying") == 8
    assert [states[i] for i in (0, 5, 7, 9)] == ["reported", "assigned", "assigned", "assigned"]


def test_reports_too(city: City):
    good, bad = city.alarm_report(asset="VW-1"), city.alarm_report(asset="VW-9")
    bad = dataclasses.replace(bad, data={"description": ""})

    first, second = city.apply([bad, good])

    assert isinstance(first.error, Refused)
    assert second.hazard is not None
    assert [h.id for h in city.hazards()] == [second.hazard.id]


def test_two_acts_on_one_hazard_follow_each_other(city: City):
    hazard = city.bring_to(city.report(), "assigned")

    accept = city.change("王班长", hazard, "accept")
    progress = city.change("王班长", hazard, "progress", percent=5, note="已到场")

    outcomes = city.apply([accept, progress])

    assert [o.event.seq for o in outcomes] == [3, 4]
