"""The colour of a risk point follows what happens around it, says why, and is the same however often the feed is read."""

import pytest
import sqlalchemy as sa

from hazard_flow.assessment import risk_feed
from hazard_flow.assessment.models import FeedCursor
from hazard_flow.errors import Refused
from hazard_flow.risk import queries
from hazard_flow.storage.scope import SYSTEM
from tests.harness import owing, risks
from tests.harness.city import City


def test_an_open_a_makes_it_orange_until_it_is_closed(city: City):
    risks.point(city)
    assert risks.colour(city) == "yellow"
    hazard = city.report(asset="VW-1", suspected_urgency="A")
    assert risks.colour(city) == "orange"
    city.bring_to(hazard, "closed")
    assert risks.colour(city) == "yellow"


def test_a_b_alone_changes_nothing_but_its_missed_deadline_does(city: City):
    risks.point(city)
    hazard = city.report(asset="VW-1", suspected_urgency="B")
    city.bring_to(hazard, "rectifying")
    assert risks.colour(city) == "yellow"
    city.fast_forward(days=12)
    assert risks.colour(city) == "orange"
    city.submit(hazard)
    assert risks.colour(city) == "orange", "late work is late until it is accepted"
    city.fail(hazard)
    assert risks.colour(city) == "yellow", "the failed re-check gave a new deadline"
    city.submit(hazard)
    city.verify(hazard)
    city.close(hazard)
    assert risks.colour(city) == "yellow"


def test_a_major_makes_it_red_and_calls_for_a_new_rating_once_confirmed(city: City):
    risks.point(city)
    hazard = city.report(asset="VW-1", major=True)
    assert risks.colour(city) == "red"
    assert risks.open_reviews(city) == []
    city.bring_to(hazard, "assigned")
    risks.follow(city)
    [review] = risks.open_reviews(city)
    assert (review.trigger, review.cause) == ("major", hazard.number)
    assert owing.queries is not None


def test_a_hazard_that_names_its_point_leaves_the_others_alone(city: City):
    risks.point(city, "FX-001")
    risks.point(city, "FX-002")
    city.report(asset="VW-1", suspected_urgency="A", risk_point="FX-002")
    risks.follow(city)
    assert risks.colours(city) == {"FX-001": "yellow", "FX-002": "orange"}


def test_the_measure_that_failed_names_the_point_as_well(city: City):
    risks.point(city, "FX-001")
    risks.point(city, "FX-002")
    code = risks.measure(city, "FX-001")
    city.report(asset="VW-1", suspected_urgency="A", failed_measure=code)
    risks.follow(city)
    assert risks.colours(city) == {"FX-001": "orange", "FX-002": "yellow"}


@pytest.mark.parametrize("field", ["risk_point", "failed_measure"])
def test_a_code_nobody_has_is_refused(city: City, field: str):
    with pytest.raises(Refused) as refused:
        city.report(asset="VW-1", **{field: "FX-999"})
    assert [one.field for one in refused.value.fields] == [field]


def test_alarms_press_by_their_level_and_only_those_about_gas(city: City):
    risks.point(city)
    risks.fires(city, level=1)
    assert risks.colour(city) == "orange"
    risks.fires(city, level=2)
    assert risks.colour(city) == "red"
    risks.falls_silent(city)
    assert risks.colour(city) == "yellow"
    risks.fires(city, level=2, name="G-102", klass="sensor_fault")
    assert risks.colour(city) == "yellow"


def test_what_was_open_before_the_point_was_entered_presses_too(city: City):
    city.report(asset="VW-1", suspected_urgency="A")
    risks.follow(city)
    risks.point(city)
    assert risks.colour(city) == "orange"
    assert [one.cause for one in risks.past(city)] == ["entered", "gathered"]


def test_one_reported_past_a_manager_stays_out_of_sight_until_it_is_handed_on(city: City):
    risks.point(city)
    hazard = city.report_protected(asset="VW-1", suspected_urgency="A")
    assert risks.colour(city) == "yellow"
    city.take_up(hazard)
    assert risks.colour(city) == "orange"


def test_the_past_says_what_brought_each_colour(city: City):
    risks.point(city)
    hazard = city.report(asset="VW-1", suspected_urgency="A")
    risks.follow(city)
    city.escalate_to_major(hazard)
    risks.follow(city)
    found = risks.past(city)
    assert [one.colour for one in found] == ["yellow", "orange", "red"]
    assert [one.seq for one in found] == [1, 2, 3]
    assert (found[1].name, found[1].detail["type"]) == (hazard.number, "hazard.reported")
    assert found[2].detail["action"] == "escalate_to_major"


def test_reading_again_changes_nothing_and_from_the_beginning_comes_to_the_same(city: City):
    risks.point(city)
    risks.point(city, "FX-002", asset="VW-9", **risks.BLUE)
    hazard = city.report(asset="VW-1", suspected_urgency="A")
    city.report(asset="VW-9", suspected_urgency="B", unit=None)
    city.bring_to(hazard, "rectifying")
    risks.fires(city, "VW-9", level=1)
    risks.follow(city)
    before, told = risks.colours(city), [one.seq for one in risks.past(city)]
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(FeedCursor).values(next_leaf=0))
    risks.follow(city)
    assert (risks.colours(city), [one.seq for one in risks.past(city)]) == (before, told)
    with city.database.transaction(SYSTEM) as session:
        assert risk_feed.rebuild(session, city.now) == []
    assert risks.colours(city) == before


def test_a_colour_that_was_tampered_with_is_put_right_and_told(city: City):
    risks.point(city)
    city.report(asset="VW-1", suspected_urgency="A")
    risks.follow(city)
    with city.database.transaction(SYSTEM) as session:
        at = queries.by_code(session, "FX-001")
        assert at is not None
        at.dynamic = "blue"
    with city.database.transaction(SYSTEM) as session:
        assert risk_feed.rebuild(session, city.now) == ["FX-001"]
    assert risks.look(city).dynamic == "orange"
    assert risks.past(city)[-1].cause == "rebuilt"


def test_three_hazards_of_one_measure_in_half_a_year_call_for_a_new_rating(city: City):
    risks.point(city)
    code = risks.measure(city)
    for days in (0, 100, 100):
        city.fast_forward(days=days)
        city.dismiss(city.report(asset="VW-1", failed_measure=code))
    risks.follow(city)
    assert [one.trigger for one in risks.open_reviews(city)] == [], "the first lies 200 days back"
    city.report(asset="VW-1", failed_measure=code)
    risks.follow(city)
    assert [one.trigger for one in risks.open_reviews(city)] == ["repeated"]


def test_a_relapse_calls_for_a_new_rating_and_rating_answers_it(city: City):
    risks.point(city)
    first = city.bring_to(city.report(asset="VW-1"), "closed")
    city.relapse(first, asset="VW-1")
    risks.follow(city)
    [review] = risks.open_reviews(city)
    assert review.trigger == "recurrence"
    city.fast_forward(days=30)
    assert risks.owed(city, review.id).colour is not None, "nobody rated it: the ladder climbs"
    risks.rate(city, "FX-001", **risks.RED)
    assert risks.open_reviews(city) == []
    assert risks.owed(city, review.id).outcome == "met_late"
    assert risks.colour(city) == "red"


def test_a_year_later_every_point_is_looked_at_again_once(city: City):
    risks.point(city)
    risks.follow(city)
    city.clock.advance(risks.days(366))
    risks.follow(city)
    risks.follow(city)
    [review] = risks.open_reviews(city)
    assert review.trigger == "periodic"


def test_a_missing_measure_is_proposed_and_made_only_when_somebody_accepts(city: City):
    risks.point(city)
    hazard = city.report(asset="VW-1")
    city.bring_to(hazard, "rectifying")
    city.submit(
        hazard, cause_kind="measure_missing", root_cause="雨季没有抽排安排", prevention="排查同类井室"
    )
    city.verify(hazard)
    city.close(hazard)
    risks.follow(city)
    [proposal] = risks.proposed(city)
    assert (proposal.hazard_number, proposal.state, proposal.root_cause) == (
        hazard.number,
        "open",
        "雨季没有抽排安排",
    )
    assert risks.measures(city) == []
    risks.accept(city, proposal, "VW-9")
    assert risks.measures(city) == ["雨季每周抽排"]
    [(check, asset)] = risks.checks(city)
    assert (asset, check.item, check.done_at) == ("VW-9", "井室有无积水", None)
    assert risks.owed(city, check.id).name == "similar_check"


def test_another_enterprise_sees_nothing_of_it(city: City):
    risks.point(city)
    risks.follow(city)
    with city.database.reading(city.actor("马安全").scope) as session:
        assert queries.by_code(session, "FX-001") is None
        assert queries.colours_of(session, list(city.founded.assets.values())) == {}
    with city.database.reading(city.actor("唐监管").scope) as session:
        assert queries.colours_of(session, list(city.founded.assets.values())) == {
            city.founded.assets["VW-1"]: "yellow"
        }
