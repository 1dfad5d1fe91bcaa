"""Others dig near a pipe: found, stopped, registered, agreed, guarded, missed for a day, hit, mended, closed, accepted."""

import pytest

from hazard_flow.errors import Conflict, NotAllowed, Refused
from tests.harness import owing
from tests.harness.city import City
from tests.harness.digging import (
    come_upon,
    days_of,
    guard,
    hit,
    lay_pipe,
    limits,
    register_after_all,
    register_site,
    sign,
    site,
)
from tests.harness.refusals import said


def test_from_unregistered_digging_to_joint_acceptance(city: City):
    lay_pipe(city)
    unregistered = come_upon(city, days=6)
    assert (unregistered.catalogue_code, site(city).state) == ("TPC-G07", "found")
    assert site(city).in_zone is False  # 1 m from a medium-pressure pipe; the national zone is 0.5 m
    city.act("李巡检", unregistered, "start_control", control="STOP_WORK")

    register_after_all(city)
    sign(city, "agreement")
    sign(city, "briefing")
    assert site(city).state == "briefed"
    guard(city)
    assert [one.outcome for one in limits(city)] == ["met", None]

    # Tuesday nobody comes: the guard is reminded, then his team leader hears, a day later the manager
    city.fast_forward(days=2)
    assert owing.told(city, site(city).asset_id)[:2] == [(1, ["李巡检"]), (2, ["李巡检", "王班长"])]
    assert [day.day for day in days_of(city).missed] == [3]

    damage = hit(city)
    assert damage.catalogue_code == "TPC-G04"
    guard(city)
    assert [one.outcome for one in limits(city)] == ["met", "met_late", None]
    with pytest.raises(Refused) as refusal:
        sign(city, "acceptance")
    assert ("hazards", "hazards_open") in said(refusal)

    for one in (unregistered, damage):
        city.bring_to(one, "verified")
        if one is unregistered:
            city.lift_control(one)
        city.close(one)
    sign(city, "acceptance")

    assert site(city).state == "accepted"
    assert limits(city)[-1].outcome == "dropped"
    with pytest.raises(Conflict):
        guard(city)


@pytest.mark.parametrize(
    ("tier", "metres", "zone_m", "in_zone"),
    [
        ("medium_a", 0.4, 0.5, True),
        ("medium_a", 0.7, 0.5, False),
        ("high_a", 4.5, 5.0, True),
        ("sub_high_b", 1.6, 1.5, False),
    ],
)
def test_how_far_the_pipe_is_and_how_far_its_zone_reaches(
    city: City, tier: str, metres: float, zone_m: float, in_zone: bool
):
    lay_pipe(city, tier=tier)
    register_site(city, metres=metres)

    found = site(city)
    assert found.pipe_distance_m == pytest.approx(metres, abs=0.06)
    assert (found.zone_m, found.in_zone) == (zone_m, in_zone)


def test_where_no_pipe_lies_there_is_none_named(city: City):
    register_site(city)

    assert (site(city).pipe_id, site(city).in_zone) == (None, False)


def test_before_the_agreement_no_day_is_owed_and_none_is_taken(city: City):
    register_site(city)

    assert limits(city) == []
    with pytest.raises(Conflict):
        guard(city)


def test_a_guard_who_stands_elsewhere_does_not_count(city: City):
    lay_pipe(city)
    register_site(city)
    sign(city, "agreement")

    day = guard(city, metres=400)

    assert day.invalid_because == "far_away"
    assert days_of(city).kept == []
    assert [one.outcome for one in limits(city)] == [None]


def test_what_the_guard_finds_is_one_hazard_however_many_days_it_lasts(city: City):
    lay_pipe(city)
    register_site(city)
    sign(city, "agreement")
    first = guard(city, answers={"hand_dug": "no"})
    city.fast_forward(days=1)

    again = guard(city, answers={"hand_dug": "no"})

    assert first.hazards == again.hazards
    assert len(first.hazards) == 1


def test_works_on_workdays_are_guarded_on_those(city: City):
    register_site(city, days=13, guard_rule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")
    sign(city, "agreement")
    city.fast_forward(days=13)

    assert [day.day for day in days_of(city).owed] == [2, 3, 4, 5, 6, 9, 10, 11, 12, 13]


def test_a_day_is_entered_once_and_the_same_request_is_the_same_day(city: City):
    register_site(city)
    sign(city, "agreement")
    day = guard(city, key="k")

    assert guard(city, key="k").came_at == day.came_at
    with pytest.raises(Conflict):
        guard(city)


def test_papers_are_brought_in_their_order(city: City):
    register_site(city)

    with pytest.raises(Refused) as refusal:
        sign(city, "agreement", evidence=[])
    assert said(refusal) == {("files", "paper_needed")}
    with pytest.raises(Conflict):
        sign(city, "briefing")
    with pytest.raises(NotAllowed):
        sign(city, "agreement", by="唐监管")


def test_everything_wrong_with_a_registration_is_said_at_once(city: City):
    with pytest.raises(Refused) as refusal:
        register_site(
            city,
            project="",
            builder="",
            days=-1,
            works=("magic",),
            guard_rule="daily",
            guard_id=city.person("孙巡检"),
        )

    assert said(refusal) == {
        ("project", "required"),
        ("builder", "required"),
        ("ends_on", "bad_period"),
        ("works", "unknown_choice"),
        ("guard_rule", "no_rule"),
        ("guard", "nobody_there"),
    }
