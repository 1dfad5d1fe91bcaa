"""Anybody who classifies may raise the urgency, alone and at once; clocks that hang on it count anew from their old start."""

from datetime import timedelta

import pytest

from hazard_flow.errors import NotAllowed, Refused, StateConflict
from tests.harness.city import City
from tests.harness.refusals import said


@pytest.mark.parametrize("who", ["王班长", "赵经理", "何安全", "唐监管"])
def test_whoever_classifies_raises_alone(city: City, who: str):
    hazard = city.bring_to(city.report(), "rectifying")

    city.raise_urgency(hazard, by=who)

    raised = city.look(hazard)
    assert (raised.urgency, raised.state, raised.level) == ("A", "rectifying", "general")
    assert raised.due_at == hazard.due_at


def test_the_reporter_does_not(city: City):
    hazard = city.bring_to(city.report(by="李巡检"), "rectifying")

    with pytest.raises(NotAllowed):
        city.raise_urgency(hazard, by="李巡检")


@pytest.mark.parametrize(("before", "to"), [("A", "A"), ("A", "B"), ("B", "B")])
def test_it_only_rises(city: City, before: str, to: str):
    hazard = city.report()
    city.assign(hazard, urgency=before, due_at=city.day(5))

    with pytest.raises(Refused) as refusal:
        city.raise_urgency(hazard, urgency=to)

    assert said(refusal) == {("guard", "urgency_rises")}


def test_without_a_reason_it_is_refused(city: City):
    hazard = city.bring_to(city.report(), "assigned")

    with pytest.raises(Refused) as refusal:
        city.raise_urgency(hazard, reason="急")

    assert said(refusal) == {("reason", "too_short")}


def test_major_is_no_urgency_one_raises_to(city: City):
    hazard = city.bring_to(city.report(), "assigned")

    with pytest.raises(Refused) as refusal:
        city.raise_urgency(hazard, urgency="M")

    assert ("urgency", "not_a_choice") in said(refusal)


def test_time_already_passed_counts_in_the_shorter_span(city: City):
    hazard = city.report(suspected_urgency="B")
    city.control(hazard)
    city.fast_forward(hours=3)

    city.raise_urgency(hazard)

    classify = city.timers(hazard)["classify"]
    assert classify.expires_at - hazard.reported_at == timedelta(hours=4)


def test_what_is_already_past_in_the_shorter_span_fires_at_once(city: City):
    hazard = city.report(suspected_urgency="B")
    city.control(hazard)
    city.fast_forward(hours=5)
    assert city.firings(hazard, "classify") == []

    city.raise_urgency(hazard)
    city.tick()

    assert [f.level for f in city.firings(hazard, "classify")] == [0]


def test_handed_in_it_is_too_late(city: City):
    hazard = city.bring_to(city.report(), "submitted")

    with pytest.raises(StateConflict):
        city.raise_urgency(hazard)
