"""A hazard's row of facts says what its events say, however often they are read."""

from datetime import timedelta

import sqlalchemy as sa

from hazard_flow.assessment.facts import following
from hazard_flow.assessment.facts.models import HazardFact
from hazard_flow.storage.scope import SYSTEM
from tests.harness import figures
from tests.harness.city import City

LEAK = "阀井内燃气浓度偏高，法兰漏气"


def test_it_tells_when_each_step_was(city: City):
    found_at = city.now
    hazard = city.report(LEAK, asset="VW-1", suspected_urgency="B")
    city.bring_to(hazard, "rectifying")
    city.fast_forward(hours=5)
    city.submit(hazard)
    city.fast_forward(hours=1)
    city.fail(hazard)
    city.fast_forward(hours=20)
    city.submit(hazard)
    city.fast_forward(hours=2)
    city.verify(hazard)
    city.close(hazard)

    row = figures.facts(city)[hazard.number]
    assert (row.reported_at, row.assigned_at) == (found_at, found_at)
    assert row.first_recheck_at == found_at + timedelta(hours=6)
    assert row.first_recheck_passed is False
    assert row.submitted_at == found_at + timedelta(hours=26), "the hand-in that passed counts"
    assert row.passed_at == row.closed_at == found_at + timedelta(hours=28)
    assert (row.resolution, row.stage) == ("rectified", "closed")
    assert row.original_due_at is not None
    assert row.due_at != row.original_due_at, "the failed re-check gave a new deadline, the first stays"


def test_a_failed_hand_in_is_none(city: City):
    hazard = city.report(LEAK, asset="VW-1")
    city.bring_to(hazard, "rectifying")
    city.submit(hazard)
    assert figures.facts(city)[hazard.number].submitted_at is not None
    city.fail(hazard)
    row = figures.facts(city)[hazard.number]
    assert row.submitted_at is None
    assert row.passed_at is None


def test_control_is_owed_by_the_catalogue_row_and_done_by_the_first_of_control_and_passing(city: City):
    hazard = city.report(LEAK, asset="VW-1", suspected_urgency="B")
    assert figures.facts(city)[hazard.number].control_due_at is None, "a B nobody classified owes none yet"
    city.bring_to(hazard, "rectifying")
    row = figures.facts(city)[hazard.number]
    # VLV-G03: GUARD within one hour
    assert row.control_due_at == row.found_at + timedelta(hours=1)
    assert row.controlled_at is None
    city.fast_forward(minutes=30)
    city.act("李巡检", hazard, "start_control", control="GUARD")
    assert figures.facts(city)[hazard.number].controlled_at == row.found_at + timedelta(minutes=30)


def test_notices_that_reached_orange_and_red_are_dated(city: City):
    hazard = city.report(LEAK, asset="VW-1", suspected_urgency="A")
    assert figures.facts(city)[hazard.number].orange_at is None
    city.fast_forward(days=2)
    row = figures.facts(city)[hazard.number]
    assert row.orange_at is not None
    assert row.red_at is not None
    assert row.orange_at < row.red_at


def test_one_reported_past_a_manager_is_hidden(city: City):
    hazard = city.report_protected(asset="VW-1")
    assert figures.facts(city)[hazard.number].is_hidden


def test_the_same_events_again_change_nothing(city: City):
    hazard = city.report(LEAK, asset="VW-1")
    city.bring_to(hazard, "closed")
    before = figures.facts(city)[hazard.number]
    with city.database.transaction(SYSTEM) as session:
        following.keep(session, [before.hazard_id, before.hazard_id])
    after = figures.facts(city)[hazard.number]
    assert all(getattr(before, c.key) == getattr(after, c.key) for c in sa.inspect(HazardFact).columns)


def test_an_enterprise_sees_its_own_rows_only(city: City):
    city.report(LEAK, asset="VW-1")
    city.report(LEAK, asset="AP-1", by="孙巡检")
    figures.follow(city)
    for who, homes in (("何安全", 1), ("陈处长", 2)):
        with city.database.reading(city.actor(who).scope) as session:
            seen = sa.select(sa.func.count(HazardFact.home_id.distinct()))
            if city.database.engine.dialect.name == "postgresql":
                assert session.scalar(seen) == homes
