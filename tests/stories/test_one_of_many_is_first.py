"""When several act at the same moment, one succeeds; the others learn how things stand now."""

from collections import Counter

import pytest

from hazard_flow.errors import StateConflict, VersionConflict
from hazard_flow.hazards.changes import Outcome
from tests.harness.city import City
from tests.harness.together import together


def test_of_eight_acceptances_one_succeeds_and_seven_are_told_the_present_state(city: City):
    hazard = city.bring_to(city.report(), "assigned")

    answers = together(8, lambda _: city.accept(hazard, by="王班长"))

    assert Counter(type(answer) for answer in answers) == {Outcome: 1, StateConflict: 7}
    refused = [answer for answer in answers if isinstance(answer, StateConflict)]
    assert {answer.params["state"] for answer in refused} == {"rectifying"}
    assert {answer.params["number"] for answer in refused} == {hazard.number}
    assert city.actions(hazard) == ["report", "assign", "accept"]


def test_different_acts_at_the_same_moment_leave_one_unbroken_chain(city: City):
    hazard = city.bring_to(city.report(), "rectifying")

    answers = together(8, lambda n: city.act("王班长", hazard, "progress", percent=n, note=f"第 {n} 次填报"))

    assert all(isinstance(answer, Outcome) for answer in answers), answers
    assert [event.seq for event in city.events(hazard)] == list(range(1, 12))


def test_a_client_that_looked_at_an_older_version_is_refused(city: City):
    hazard = city.bring_to(city.report(), "assigned")
    seen = hazard.seq
    city.control(hazard)

    with pytest.raises(VersionConflict) as refusal:
        city.accept(hazard, expected_version=seen)

    assert refusal.value.params == {"expected": seen, "version": seen + 1}
    city.accept(hazard, expected_version=seen + 1)


def test_a_timer_and_a_person_at_the_same_moment_both_come_through(city: City):
    hazards = [city.report(major=True) for _ in range(6)]
    for hazard in hazards:
        city.control(hazard)
    city.clock.advance(city.now - city.now + (city.timers(hazards[0])["classify"].expires_at - city.now) * 2)

    answers = together(7, lambda n: city.tick() if n == 6 else city.assign(hazards[n]))
    city.tick()

    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    assert {city.look(hazard).state for hazard in hazards} == {"assigned"}
    assert all(len(city.firings(hazard, "classify")) <= 1 for hazard in hazards)
