"""Rounds come of plans by themselves, are owed until somebody has gone, and what failed on them is a hazard."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.errors import Conflict, NotAllowed, NotFound, Refused
from hazard_flow.hazards.models import Hazard
from hazard_flow.inspections import operations
from hazard_flow.inspections.models import RoundPhoto
from hazard_flow.inspections.papers import Answer
from hazard_flow.ladders import queries as limits
from hazard_flow.ladders.models import TimeLimit
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.rounds import (
    answers_of,
    flags_of,
    hand_in,
    of_today,
    paper,
    photo,
    plan,
    rounds,
    today,
    work,
)


def limit(city: City, id_: uuid.UUID) -> TimeLimit:
    with city.database.reading(SYSTEM) as session:
        return limits.of_subject(session, "round", [id_])[id_][-1]


def test_a_week_ahead_stands_in_the_calendar_and_is_made_once(city: City):
    plan(city)
    assert work(city) == 8
    assert work(city) == 0
    assert [one.planned_on for one in rounds(city)] == [today(city) + timedelta(days=n) for n in range(8)]
    city.clock.advance(timedelta(days=1))
    assert work(city) == 1


def test_what_a_worker_that_stood_still_left_out_is_made_and_owed(city: City):
    plan(city)
    city.clock.advance(timedelta(days=90))
    work(city)
    states = [one.state for one in rounds(city)]
    assert (states.count("missed"), states.count("planned")) == (90, 8)


def test_an_ended_plan_makes_no_more_and_what_is_made_stays_owed(city: City):
    from hazard_flow.inspections.planning import end_plan

    made = plan(city)
    work(city)
    with city.database.transaction(city.actor("王班长").scope) as session:
        end_plan(session, made.id, actor=city.actor("王班长"), now=city.now)
    city.clock.advance(timedelta(days=20))
    work(city)
    assert {one.state for one in rounds(city)} == {"missed"}
    assert len(rounds(city)) == 8


def test_done_in_time_meets_the_limit(city: City):
    plan(city)
    work(city)
    done = hand_in(city, of_today(city))
    assert (done.state, done.is_late, done.is_valid, done.findings, done.flags) == ("done", False, True, 0, 0)
    assert limit(city, done.id).outcome == "met"


def test_not_done_it_is_missed_and_climbs(city: City):
    plan(city)
    work(city)
    first = of_today(city)
    city.fast_forward(hours=20)
    work(city)
    [found] = [one for one in rounds(city) if one.id == first.id]
    assert found.state == "missed"
    assert limit(city, first.id).colour == "blue"


def test_missed_and_done_after_all_is_done_late(city: City):
    plan(city, rule="FREQ=WEEKLY")
    work(city)
    first = of_today(city)
    city.fast_forward(hours=40)
    work(city)
    done = hand_in(city, first)
    assert (done.state, done.is_late) == ("done", True)
    assert limit(city, first.id).outcome == "met_late"


def test_a_later_round_of_the_same_places_ends_what_was_owed_and_missed_it_stays(city: City):
    plan(city)
    work(city)
    first = of_today(city)
    city.fast_forward(hours=24)
    work(city)
    done = hand_in(city, of_today(city))
    [found] = [one for one in rounds(city) if one.id == first.id]
    assert (found.state, found.made_up_by) == ("missed", done.id)
    assert limit(city, first.id).outcome == "dropped"
    with pytest.raises(Conflict):
        hand_in(city, found)


def test_what_failed_is_a_hazard_at_the_asset_with_its_photo(city: City):
    plan(city)
    work(city)
    done = hand_in(city, of_today(city), failed=["cover"])
    row = answers_of(city, done)["cover"]
    [hazard] = city.all(sa.select(Hazard))
    assert (row.is_failed, row.hazard_id, done.findings) == (True, hazard.id, 1)
    assert (hazard.catalogue_code, hazard.source, hazard.asset_id) == (
        "VLV-G03",
        "patrol",
        city.founded.assets["VW-1"],
    )
    kept = city.all(sa.select(RoundPhoto).filter_by(round_id=done.id, item="cover"))
    assert [one.sha256 for one in city.evidence(hazard)] == [one.sha256 for one in kept]


def test_a_reading_over_its_limit_fails(city: City):
    plan(city)
    work(city)
    done = hand_in(city, of_today(city), failed={"gas": "35"})
    [hazard] = city.all(sa.select(Hazard))
    assert hazard.catalogue_code == "VLV-G01"
    assert "35 %LEL" in hazard.description
    assert answers_of(city, done)["gas"].value == "35"


def test_what_is_found_every_day_is_one_hazard(city: City):
    plan(city)
    work(city)
    hand_in(city, of_today(city), failed=["cover"])
    city.fast_forward(hours=24)
    work(city)
    second = hand_in(city, of_today(city), failed=["cover"])
    [hazard] = city.all(sa.select(Hazard))
    assert answers_of(city, second)["cover"].hazard_id == hazard.id


def test_mended_on_the_spot_goes_the_workflows_own_way(city: City):
    plan(city)
    work(city)
    found = of_today(city)
    given = paper(city, found, failed=["water"])
    [visit] = given.visits
    before = photo(city)
    city.clock.advance(timedelta(minutes=5))
    fixed = Answer("no", "已抽干井内积水", is_fixed=True, photos=(before,), after=(photo(city),))
    given = replace(
        given,
        ended_at=city.now,
        visits=[replace(visit, visited_at=city.now, answers={**visit.answers, "water": fixed})],
    )
    done = hand_in(city, found, given)
    [hazard] = city.all(sa.select(Hazard))
    assert hazard.state == "fixed"
    assert answers_of(city, done)["water"].is_fixed


def test_everything_wrong_is_said_at_once_and_nothing_is_kept(city: City):
    plan(city)
    work(city)
    found = of_today(city)
    given = paper(city, found)
    [visit] = given.visits
    worse = {**visit.answers, "cover": Answer("perhaps"), "gas": Answer("viel"), "unheard": Answer("yes")}
    worse.pop("water")
    worse["sign"] = Answer("no")
    with pytest.raises(Refused) as refused:
        hand_in(city, found, replace(given, visits=[replace(visit, answers=worse)]))
    assert {(one.field, one.code) for one in refused.value.fields} == {
        ("VW-1.unheard", "unknown_item"),
        ("VW-1.cover", "unknown_choice"),
        ("VW-1.gas", "not_a_number"),
        ("VW-1.water", "required"),
        ("VW-1.sign", "photo_needed"),
    }
    assert of_today(city).state == "planned"
    assert answers_of(city, found) == {}


def test_handed_in_twice_under_one_key_is_once(city: City):
    plan(city)
    work(city)
    found = of_today(city)
    given = paper(city, found, failed=["cover"])
    first, second = (hand_in(city, found, given, key="one paper") for _ in range(2))
    assert first.id == second.id
    assert len(city.all(sa.select(Hazard))) == 1
    with pytest.raises(Conflict):
        hand_in(city, found, given, key="another paper")


def test_somebody_elses_round_is_theirs_or_their_leaders(city: City):
    city.hire("钟巡检", "运行一班", "inspector")
    plan(city)
    work(city)
    found = of_today(city)
    with pytest.raises(NotAllowed):
        hand_in(city, found, by="钟巡检")
    with pytest.raises(NotFound):
        hand_in(city, found, by="郑巡检")
    with pytest.raises(NotAllowed):
        hand_in(city, found, by="唐监管")
    assert hand_in(city, found, by="王班长").done_by == city.person("王班长")


def test_a_leader_signs_off_and_not_whoever_did_it(city: City):
    plan(city, needs_sign_off=True)
    work(city)
    done = hand_in(city, of_today(city))
    for who, refusal in (("李巡检", NotAllowed), ("郑巡检", NotAllowed), ("唐监管", NotAllowed)):
        with pytest.raises(refusal), city.database.transaction(city.actor(who).scope) as session:
            operations.sign_off(session, done.id, actor=city.actor(who), now=city.now)
    with city.database.transaction(city.actor("王班长").scope) as session:
        signed = operations.sign_off(session, done.id, actor=city.actor("王班长"), now=city.now)
    assert signed.signed_off_by == city.person("王班长")


def test_a_place_nobody_could_reach_is_said_and_the_round_is_not_valid(city: City):
    plan(city)
    work(city)
    found = of_today(city)
    given = paper(city, found)
    [visit] = given.visits
    done = hand_in(city, found, replace(given, visits=[replace(visit, answers={}, skipped="道路封闭")]))
    assert (done.state, done.is_valid) == ("done", False)


def test_doubts_are_noted_and_the_round_stands(city: City):
    plan(city)
    work(city)
    found = of_today(city)
    far = paper(city, found, places=[(city.founded.assets["VW-1"], 119.41, 32.4)])
    done = hand_in(city, found, far)
    assert (flags_of(city, done), done.state) == (["outside_fence"], "done")


def test_the_same_photo_on_two_days_is_a_doubt(city: City):
    plan(city)
    work(city)
    same = Answer("yes", photos=(photo(city),))
    hand_in(city, of_today(city), cover=same)
    city.fast_forward(hours=24)
    work(city)
    assert flags_of(city, hand_in(city, of_today(city), cover=same)) == ["same_photo"]
