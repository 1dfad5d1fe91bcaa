"""A major under listed supervision: listed, published, visited, lifted, that published too, and cancelled at the level that listed it."""

from datetime import timedelta

import pytest

from hazard_flow.errors import NotAllowed, Refused, StateConflict
from tests.harness.city import City
from tests.harness.refusals import said


def listed(city: City, state: str = "rectifying", **given):
    hazard = city.bring_to(city.report(major=True), state)
    city.control(hazard)
    city.list_(hazard, **given)
    return city.look(hazard)


def test_the_whole_way(city: City):
    hazard = city.bring_to(city.report(major=True), "assigned")
    city.act("唐监管", hazard, "propose_listing", reason="企业整改进度严重滞后")
    assert {m.who for m in city.told(hazard, template="told")} == {"卢主任"}
    city.list_(hazard)
    city.publish_listing(hazard)
    city.accept(hazard)
    city.report_regulator(hazard)
    city.report_staff(hazard)
    city.notify_staff(hazard)
    city.approve_plan(hazard)
    city.inspect(hazard)
    city.sign_completion(hazard)
    city.submit(hazard)
    city.verify(hazard)
    city.lift_listing(hazard)
    city.publish_lifting(hazard)
    city.close(hazard)

    closed = city.look(hazard)
    assert (closed.stage, closed.resolution, closed.proceedings["open"]) == ("closed", "rectified", {})
    assert city.timers(hazard) == {}


def test_listing_is_told_and_starts_its_own_clocks(city: City):
    hazard = listed(city)

    timers = city.timers(hazard)
    assert timers["publish_listing"].expires_at - city.now == timedelta(days=7, hours=15)  # five working days
    assert timers["visit_listed"].expires_at - city.now == timedelta(days=30, hours=15)
    assert {m.who for m in city.told(hazard) if m.params.get("action") == "list"} == {
        "韩总",
        "何安全",
        "唐监管",
    }


def test_published_its_clock_ends(city: City):
    hazard = listed(city)

    city.publish_listing(hazard, by="唐监管")

    assert "publish_listing" not in city.timers(hazard)
    assert "visit_listed" in city.timers(hazard)


def test_not_published_the_committee_hears_not_the_enterprise(city: City):
    hazard = listed(city)

    city.fast_forward(days=8)

    [reminder] = [e for e in city.events(hazard, "timer.reminded") if e.data["timer"] == "publish_listing"]
    assert {city.name(p) for p in reminder.data["told"]} == {"卢主任", "唐监管"}
    assert city.firings(hazard, "publish_listing")[0].told == ("卢主任", "唐监管")


def test_each_inspection_begins_the_month_anew(city: City):
    hazard = listed(city)
    city.fast_forward(days=25)

    city.inspect(hazard)

    visit = city.timers(hazard)["visit_listed"]
    assert (visit.started_at, visit.expires_at - city.now) == (city.now, timedelta(days=30, hours=15))
    city.fast_forward(days=28)
    assert city.firings(hazard, "visit_listed") == []


def test_a_month_without_a_visit_the_officers_hear(city: City):
    hazard = listed(city)

    city.fast_forward(days=31)

    assert city.firings(hazard, "visit_listed")[0].told == ("唐监管",)


def test_it_may_be_extended_like_any_major(city: City):
    hazard = city.report(major=True)
    city.assign(hazard, due_at=city.day(60))
    city.accept(hazard)
    city.list_(hazard)

    city.request_extension(hazard, days=90)
    city.decide_extension(hazard, by="梁处长")

    assert city.look(hazard).due_at - city.look(hazard).original_due_at == timedelta(days=30)


def test_listed_it_does_not_close(city: City):
    hazard = city.bring_to(city.report(major=True), "verified")
    city.report_regulator(hazard)
    city.report_staff(hazard)
    city.notify_staff(hazard)
    city.list_(hazard)

    with pytest.raises(Refused) as refusal:
        city.close(hazard)
    assert said(refusal) == {("guard", "no_open_listing"), ("guard", "lifting_published")}

    city.lift_listing(hazard)
    with pytest.raises(Refused) as refusal:
        city.close(hazard)
    assert said(refusal) == {("guard", "lifting_published")}

    city.publish_lifting(hazard)
    city.close(hazard)


def test_lifting_ends_the_visits_and_starts_the_clock_of_its_publication(city: City):
    hazard = listed(city, "verified")

    city.lift_listing(hazard)

    timers = city.timers(hazard)
    assert not {"visit_listed", "publish_listing"} & timers.keys()
    assert timers["publish_lifting"].expires_at - city.now == timedelta(days=7, hours=15)
    assert {m.who for m in city.told(hazard) if m.params.get("action") == "lift_listing"} == {
        "韩总", "何安全", "唐监管",
    }  # fmt: skip


def test_it_is_lifted_on_the_acceptance_report_only(city: City):
    hazard = listed(city, "verified")

    with pytest.raises(Refused) as refusal:
        city.lift_listing(hazard, evidence=[], acceptance_opinion="可")

    assert said(refusal) == {("acceptance_opinion", "too_short"), ("evidence", "evidence_missing")}


def test_listed_once_more_its_lifting_is_published_once_more(city: City):
    hazard = listed(city, "verified")
    city.lift_listing(hazard)
    city.publish_lifting(hazard)

    city.list_(hazard, listing_number="云安办督〔2026〕8号")
    city.lift_listing(hazard)

    for duty in (city.report_regulator, city.report_staff, city.notify_staff, city.lift_control):
        duty(hazard)
    with pytest.raises(Refused) as refusal:
        city.close(hazard)
    assert said(refusal) == {("guard", "lifting_published")}


def lifted(city: City, level: str):
    hazard = listed(city, "verified", listing_level=level)
    city.lift_listing(hazard)
    city.publish_lifting(hazard)
    for duty in (city.report_regulator, city.report_staff, city.notify_staff, city.lift_control):
        duty(hazard)
    return hazard


def test_listed_by_the_county_its_officer_may_cancel_it(city: City):
    city.hire("秦监管", "城东区燃气管理局", "county_officer")
    hazard = lifted(city, "county")

    city.close(hazard, by="秦监管")


def test_listed_by_the_city_the_county_does_not_cancel_it(city: City):
    city.hire("秦监管", "城东区燃气管理局", "county_officer")
    hazard = lifted(city, "city")

    with pytest.raises(Refused) as refusal:
        city.close(hazard, by="秦监管")
    assert said(refusal) == {("guard", "listing_level_acts")}

    city.close(hazard, by="陈处长")


@pytest.mark.parametrize("level", ["province", "national"])
def test_listed_above_the_city_it_takes_an_officer_of_the_province(city: City, level: str):
    city.hire("江厅长", "云泽市燃气管理局", "provincial_officer")
    hazard = lifted(city, level)

    with pytest.raises(Refused) as refusal:
        city.close(hazard, by="陈处长")
    assert said(refusal) == {("guard", "listing_level_acts")}

    city.close(hazard, by="江厅长")


@pytest.mark.parametrize("who", ["唐监管", "陈处长", "何安全"])
def test_only_the_committee_lists_and_lifts(city: City, who: str):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    with pytest.raises(NotAllowed):
        city.list_(hazard, by=who)

    city.list_(hazard)
    with pytest.raises(NotAllowed):
        city.lift_listing(hazard, by=who)


def test_listed_twice_or_lifted_unlisted_is_refused(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    with pytest.raises(Refused) as refusal:
        city.lift_listing(hazard)
    assert said(refusal) == {("guard", "nothing_open")}
    with pytest.raises(Refused) as refusal:
        city.publish_listing(hazard)
    assert said(refusal) == {("guard", "mark_missing")}

    city.list_(hazard)
    with pytest.raises(Refused) as refusal:
        city.list_(hazard)
    assert said(refusal) == {("guard", "already_open")}


def test_a_suspected_one_is_not_listed_before_it_is_confirmed(city: City):
    hazard = city.report(major=True)

    with pytest.raises(StateConflict):
        city.list_(hazard)


def test_a_general_hazard_is_not_listed(city: City):
    hazard = city.bring_to(city.report(), "rectifying")

    with pytest.raises(Exception, match="list") as refusal:
        city.list_(hazard)

    assert refusal.value.code == "not_found"


def test_an_inspection_is_in_writing_by_two_officers(city: City):
    hazard = listed(city)

    with pytest.raises(Refused) as refusal:
        city.inspect(
            hazard, officers=[city._id("唐监管")], officer_certificates=None, identity_shown=None,
            problems=None, refused_to_sign=True,
        )  # fmt: skip

    assert said(refusal) == {
        ("officers", "too_few"),
        ("officer_certificates", "required"),
        ("identity_shown", "not_confirmed"),
        ("problems", "required"),
        ("refusal_reason", "required"),
        ("refusal_witnesses", "required"),
    }
