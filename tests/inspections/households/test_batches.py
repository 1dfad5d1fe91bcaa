"""A batch is one inspector's work with one limit; it ends with the last user of it, however each of them ended."""

from datetime import timedelta

import pytest

from hazard_flow.errors import NotAllowed, NotFound, Refused
from hazard_flow.inspections.households import operations, queries
from hazard_flow.ladders import queries as limits_queries
from hazard_flow.storage.scope import SYSTEM
from tests.harness import owing
from tests.harness.calling import BUILDING, announce, call, household, plan, progress, settle_in, today
from tests.harness.city import City
from tests.harness.refusals import said


def outcome(city: City, batch):
    with city.database.reading(SYSTEM) as session:
        return limits_queries.of_subject(session, operations.BATCH, [batch.id])[batch.id][-1].outcome


def test_it_takes_who_is_due_and_nobody_twice(city: City):
    settle_in(city, "R-1", "R-2")
    settle_in(city, "N-1", entered=city.now)
    settle_in(city, "A-1", building="听潮路 3 号楼")

    batch = plan(city, key="k")

    assert batch.name == BUILDING
    assert progress(city, batch).total == 2
    assert plan(city, key="k").id == batch.id
    with pytest.raises(Refused) as refusal:
        plan(city)
    assert said(refusal) == {("buildings", "nobody_due")}


def test_done_vacant_and_refused_end_it(city: City):
    settle_in(city, "R-1", "R-2", "R-3")
    batch = plan(city, days=10)
    call(city, "R-1")
    city.fast_forward(minutes=20)
    call(city, "R-2", "vacant")
    for _ in range(3):
        assert outcome(city, batch) is None
        city.fast_forward(hours=20)
        call(city, "R-3", "refused")

    how = progress(city, batch)
    assert (how.done, how.away, how.refusal, how.left) == (1, 1, 1, 0)
    assert outcome(city, batch) == "met"
    assert household(city, "R-3").batch_id is None


def test_one_that_is_late_climbs_with_one_timer_for_all(city: City):
    settle_in(city, *(f"R-{n}" for n in range(30)))
    batch = plan(city, days=4)

    city.fast_forward(days=5 + 7)

    assert owing.told(city, batch.id) == [
        (1, ["李巡检"]),
        (2, ["王班长"]),
        (3, ["何安全", "赵经理"]),
    ]


def test_another_inspector_takes_over_by_the_same_day(city: City):
    settle_in(city, "R-1")
    batch = plan(city)
    boss = city.actor("赵经理")
    with city.database.transaction(boss.scope) as session:
        found = queries.batch(session, batch.id)
        operations.hand_over(session, found, to=city.person("王班长"), actor=boss, now=city.now)

    with city.database.reading(SYSTEM) as session:
        [limit] = limits_queries.of_subject(session, operations.BATCH, [batch.id])[batch.id]
    assert (limit.responsible_id, limit.due_at) == (city.person("王班长"), limit.original_due_at)


def test_announced_too_late_it_is_refused(city: City):
    settle_in(city, "R-1", "R-2")
    batch = plan(city)

    with pytest.raises(Refused) as refusal:
        announce(city, batch, hours=3)
    assert said(refusal) == {("visit_at", "too_short_notice")}

    assert announce(city, batch, hours=25) == 2
    assert household(city, "R-1").appointment_at == city.now + timedelta(hours=25)


def test_only_managers_plan_and_only_within_their_reach(city: City):
    settle_in(city, "R-1")

    with pytest.raises(NotAllowed):
        plan(city, by="李巡检")
    with pytest.raises(NotFound):
        plan(city, by="吴班长")
    with pytest.raises(Refused) as refusal:
        plan(city, to="郑巡检")
    assert said(refusal) == {("assignee", "no_inspector_there")}


def test_how_a_class_stands(city: City):
    settle_in(city, "R-1", "R-2", "R-3", "R-4")
    settle_in(city, "B-1", user_type="commercial", building="听潮路 3 号楼")
    call(city, "R-1")
    city.fast_forward(minutes=10)
    call(city, "R-2", "absent")
    city.fast_forward(minutes=10)
    call(city, "R-3", "vacant")

    with city.database.reading(city.actor("唐监管").scope) as session:
        resident, bottled, business = queries.figures(session, today(city))

    assert (resident.total, resident.in_cycle, resident.overdue, resident.away) == (4, 1, 2, 1)
    assert (resident.cycle_rate, resident.entry_rate) == (1 / 3, 1 / 2)
    assert (bottled.total, business.overdue) == (0, 1)
