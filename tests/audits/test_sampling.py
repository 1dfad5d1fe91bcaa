"""Samples: reproducible from the seed, weighted by risk, drawn once for a period; how far they are and what they found."""

import hashlib
import math
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.audits.models import AuditSample
from hazard_flow.audits.samples import drawing, planning
from hazard_flow.audits.samples.planning import AlreadyDrawn
from hazard_flow.errors import NotFound, Refused, VersionConflict
from hazard_flow.hazards.models import Hazard
from tests.audits.bench import Bench

FIRST = date(2026, 11, 2)


def closed_month(bench: Bench, count: int = 3) -> list[Hazard]:
    """Hazards closed on the first day, without files; then the month is over."""
    found = [bench.city.bring_to(bench.city.report(f"第 {n} 处井盖松动异响"), "closed") for n in range(count)]
    bench.city.fast_forward(days=2)
    return found


def numbers(bench: Bench, plan: planning.AuditPlan) -> list[str]:
    with bench.city.database.reading(bench.city.actor("陈处长").scope) as session:
        return [hazard.number for _, hazard, _ in planning.samples(session, plan)]


# the draw


def test_the_order_follows_from_the_seed_alone():
    weights = {f"YH-{n}": 1 for n in range(50)}
    once, again = drawing.ranked(weights, "ab"), drawing.ranked(dict(reversed(weights.items())), "ab")

    assert once == again
    assert sorted(once) == sorted(weights)
    assert drawing.ranked(weights, "cd") != once


def test_a_stranger_repeats_the_draw_in_three_lines():
    """The figure is written down, so that no later version draws otherwise."""
    keys = {
        number: -math.log((int.from_bytes(hashlib.sha256(f"seed:{number}".encode()).digest()) + 0.5) / 2**256)
        / weight
        for number, weight in {"YH-1": 1, "YH-2": 5, "YH-3": 10, "YH-4": 1}.items()
    }

    assert sorted(keys, key=lambda number: keys[number]) == ["YH-3", "YH-2", "YH-1", "YH-4"]
    assert list(drawing.ranked({"YH-1": 1, "YH-2": 5, "YH-3": 10, "YH-4": 1}, "seed")) == [
        "YH-3",
        "YH-2",
        "YH-1",
        "YH-4",
    ]


def test_weightier_files_are_drawn_more_often():
    """Of 1 000 draws of one in eleven, the ten-fold weight comes about ten times as often as each of the ten others."""
    weights = {"heavy": 10} | {f"light-{n}": 1 for n in range(10)}
    first = [drawing.ranked(weights, f"{n}")[0] for n in range(1000)]

    assert 430 <= first.count("heavy") <= 570  # expected 500, four standard deviations


def test_so_many_in_a_hundred_rounded_up():
    assert [drawing.size(n, 8, 1) for n in (0, 1, 12, 13, 100, 101)] == [0, 1, 1, 2, 8, 9]


# plans


def test_a_plan_is_drawn_once_and_can_be_repeated(bench: Bench):
    hazards = closed_month(bench)
    plan = bench.draw(FIRST, FIRST, key="one")
    same = bench.draw(FIRST, FIRST, key="one")
    with pytest.raises(AlreadyDrawn):
        bench.draw(FIRST, FIRST)

    assert same.id == plan.id
    assert (plan.population, plan.size, plan.percent) == (3, 1, 8)
    assert plan.population_sha256 == drawing.population_digest([h.number for h in hazards])
    repeated = drawing.ranked({h.number: plan.weights["B"] for h in hazards}, plan.seed)
    assert numbers(bench, plan) == list(repeated[:1])


def test_drawing_more_goes_on_in_the_same_order(bench: Bench):
    hazards = closed_month(bench)
    plan = bench.draw(FIRST, FIRST)
    actor = bench.city.actor("唐监管")

    def more(count: int, seen: int | None = None) -> None:
        with bench.city.database.transaction(actor.scope) as session:
            planning.draw_more(
                session, actor=actor, number=plan.number, count=count, now=bench.city.now, expected_drawn=seen
            )

    more(1, 1)
    with pytest.raises(VersionConflict):
        more(1, 1)
    more(50)
    with pytest.raises(Refused):
        more(1)

    assert numbers(bench, plan) == list(
        drawing.ranked({h.number: plan.weights["B"] for h in hazards}, plan.seed)
    )
    positions = bench.city.all(sa.select(AuditSample.position).order_by(AuditSample.position))
    assert positions == [1, 2, 3]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"last": FIRST + timedelta(days=30)}, "period_not_over"),
        ({"last": FIRST - timedelta(days=1)}, "period_backwards"),
        ({"percent": 50}, "out_of_range"),
        ({"first": FIRST - timedelta(days=9), "last": FIRST - timedelta(days=8)}, "nothing_to_draw"),
    ],
)
def test_what_is_no_sample_is_refused(bench: Bench, given: dict[str, object], code: str):
    closed_month(bench, 1)
    with pytest.raises(Refused) as refused:
        bench.draw(given.get("first", FIRST), given.get("last", FIRST), percent=given.get("percent"))

    assert [one.code for one in refused.value.fields] == [code]


def test_another_district_sees_neither_plan_nor_hazards(bench: Bench):
    closed_month(bench, 1)
    plan = bench.draw(FIRST, FIRST)
    with pytest.raises(Refused):
        bench.draw(FIRST, FIRST, by="方监管")
    with (
        bench.city.database.reading(bench.city.actor("方监管").scope) as session,
        pytest.raises(NotFound),
    ):
        planning.by_number(session, plan.number)


def test_progress_and_what_samples_found_by_enterprise(bench: Bench):
    hazards = closed_month(bench, 2)
    plan = bench.draw(FIRST, FIRST)
    actor = bench.city.actor("唐监管")
    with bench.city.database.transaction(actor.scope) as session:
        planning.draw_more(session, actor=actor, number=plan.number, count=1, now=bench.city.now)
    for hazard in hazards:
        bench.issue(hazard)
    assert set(bench.queue(plan=plan.number)) == {h.number for h in hazards}
    fine, wrong = (bench.take(hazard) for hazard in hazards)
    bench.agree(fine)
    bench.decide(fine, "pass")
    bench.agree(wrong, photos=("fail", "整改后照片不是这口井"))
    bench.decide(wrong, "return", "照片与现场不符，须重新整改")

    with bench.city.database.reading(actor.scope) as session:
        done = planning.progress(session, [plan])[plan.id]
        year = {"since": bench.city.now - timedelta(days=9), "until": bench.city.now + timedelta(days=1)}
        [rate] = planning.mismatches(session, **year)
        assert (
            planning.mismatches(session, since=year["until"], until=year["until"] + timedelta(days=1)) == []
        )

    assert (done.sampled, done.audited, done.passed, done.returned, done.left) == (2, 2, 1, 1, 0)
    assert (rate.organisation_id, rate.audited, rate.mismatched) == (hazards[0].home_id, 2, 1)
