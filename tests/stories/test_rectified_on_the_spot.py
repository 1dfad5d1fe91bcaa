"""A minor hazard mended at once: photographed at two moments, and looked at by a second person before it is cancelled."""

from datetime import timedelta

import pytest

from hazard_flow.errors import NotAllowed, NotFound, Refused, StateConflict
from tests.harness.city import City
from tests.harness.refusals import said


def fixed(city: City, *, by: str = "李巡检", **data):
    hazard = city.report(suspected_urgency="B", by="李巡检", **data)
    city.fast_forward(minutes=5)
    city.fix_on_site(hazard, by=by)
    return city.look(hazard)


def test_two_people_close_it(city: City):
    hazard = fixed(city)
    assert (hazard.state, hazard.stage) == ("fixed", "rectifying")
    assert hazard.responsible_id == city.person("李巡检")
    assert {m.who for m in city.told(hazard, template="task") if m.params["state"] == "fixed"} == {"王班长"}

    city.confirm_fix(hazard, by="王班长")

    closed = city.look(hazard)
    assert (closed.stage, closed.resolution, closed.closed_at) == ("closed", "rectified", city.now)
    assert city.actions(hazard) == ["report", "fix_on_site", "confirm_fix"]
    assert city.timers(hazard) == {}


def test_whoever_fixed_it_does_not_confirm_it(city: City):
    hazard = fixed(city)

    with pytest.raises(Refused) as refusal:
        city.confirm_fix(hazard, by="李巡检")

    assert said(refusal) == {("separation", "own_work")}


def test_whoever_reported_it_does_not_confirm_it_either(city: City):
    hazard = fixed(city, by="王班长")

    with pytest.raises(Refused) as refusal:
        city.confirm_fix(hazard, by="李巡检")

    assert said(refusal) == {("separation", "own_work")}


def test_fixed_by_the_only_team_leader_it_is_the_manager_who_hears(city: City):
    hazard = fixed(city, by="王班长")

    assert {m.who for m in city.told(hazard, template="task") if m.params["state"] == "fixed"} == {"赵经理"}
    city.confirm_fix(hazard, by="赵经理")


def test_photos_a_minute_apart(city: City):
    hazard = city.report(suspected_urgency="C")
    city.fast_forward(seconds=59)

    with pytest.raises(Refused) as refusal:
        city.fix_on_site(hazard)
    assert said(refusal) == {("guard", "photos_a_minute_apart")}

    city.fast_forward(seconds=1)
    city.fix_on_site(hazard)


def test_without_a_photo_after_it_is_not_fixed(city: City):
    hazard = city.report(suspected_urgency="B")
    city.fast_forward(minutes=5)

    with pytest.raises(Refused) as refusal:
        city.fix_on_site(hazard, evidence=[], completed_at=None, measures_done=None)

    assert said(refusal) == {
        ("completed_at", "required"),
        ("measures_done", "required"),
        ("evidence", "evidence_missing"),
        ("evidence", "evidence_pair_missing"),
        ("guard", "photos_a_minute_apart"),
    }


def test_what_the_catalogue_asks_for_is_asked_here_too(city: City):
    hazard = city.report(suspected_urgency="B", catalogue_code="VLV-G04")
    city.fast_forward(minutes=5)

    with pytest.raises(Refused) as refusal:
        city.fix_on_site(hazard, evidence=city.after_photos(hazard))

    assert [e.params["evidence"] for e in refusal.value.fields] == ["TEST_RECORD"]


@pytest.mark.parametrize("report", [{"suspected_urgency": "A"}, {"major": True}], ids=["A", "major"])
def test_nothing_serious_is_settled_this_way(city: City, report):
    hazard = city.report(**report)
    city.fast_forward(minutes=5)

    with pytest.raises(Exception, match="fix_on_site") as refusal:
        city.fix_on_site(hazard)

    assert refusal.value.code in {"refused", "not_found"}  # a major knows no such act
    assert city.look(hazard).state == "reported"


def test_not_accepted_it_is_nobody_s_and_classified_as_usual(city: City):
    hazard = fixed(city)

    city.reject_fix(hazard)

    back = city.look(hazard)
    assert (back.state, back.responsible_id) == ("reported", None)
    assert "classify" in city.timers(hazard)
    city.bring_to(back, "closed")
    assert city.look(hazard).resolution == "rectified"


def test_whoever_fixed_it_does_not_reject_it(city: City):
    hazard = fixed(city)

    with pytest.raises(Refused) as refusal:
        city.reject_fix(hazard, by="李巡检")

    assert said(refusal) == {("separation", "own_work")}


def test_it_may_be_fixed_once_more_after_a_rejection(city: City):
    hazard = fixed(city)
    city.reject_fix(hazard)
    city.fast_forward(minutes=5)

    with pytest.raises(Refused) as refusal:
        city.fix_on_site(hazard, evidence=[])
    assert said(refusal) == {("evidence", "evidence_missing"), ("evidence", "evidence_pair_missing")}

    city.fix_on_site(hazard)
    city.confirm_fix(hazard, by="赵经理")


def test_raised_meanwhile_it_is_not_settled_on_the_spot(city: City):
    hazard = fixed(city)
    city.escalate_to_major(hazard)

    with pytest.raises(Exception, match="confirm_fix"):
        city.confirm_fix(hazard)
    assert (city.look(hazard).state, city.look(hazard).level) == ("reported", "major")


def test_a_guarded_place_is_released_first(city: City):
    hazard = city.report(suspected_urgency="B")
    city.control(hazard)
    city.fast_forward(minutes=5)
    city.fix_on_site(hazard)

    with pytest.raises(Refused) as refusal:
        city.confirm_fix(hazard)
    assert said(refusal) == {("guard", "no_open_control")}

    city.lift_control(hazard)
    city.confirm_fix(hazard)


def test_nobody_confirms_and_that_climbs(city: City):
    hazard = fixed(city)

    assert city.timers(hazard)["confirm"].expires_at - city.now == timedelta(hours=14 + 24, minutes=55)
    city.fast_forward(days=4)
    assert city.firings(hazard, "confirm")[0].told == ("王班长",)
    assert city.firings(hazard, "confirm")[1].told == ("王班长", "赵经理")


@pytest.mark.parametrize("who", ["周调度", "何安全", "孙巡检"])
def test_others_do_not_fix_it(city: City, who: str):
    hazard = city.report(suspected_urgency="B")
    city.fast_forward(minutes=5)

    with pytest.raises((NotAllowed, NotFound)):
        city.fix_on_site(hazard, by=who)


def test_once_assigned_it_takes_the_long_way(city: City):
    hazard = city.bring_to(city.report(suspected_urgency="B"), "assigned")
    city.fast_forward(minutes=5)

    with pytest.raises(StateConflict):
        city.fix_on_site(hazard)
