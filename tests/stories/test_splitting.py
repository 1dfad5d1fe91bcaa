"""Two faults in one finding become two hazards, linked, both with the photos of the finding and each with its own way."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.errors import NotAllowed, Refused, StateConflict
from hazard_flow.hazards.models import Hazard
from tests.harness.city import City
from tests.harness.refusals import said


def test_the_second_opens_linked_with_the_finding_s_photos(city: City):
    origin = city.bring_to(
        city.report("井盖破损，井内有积水", evidence=[city.photo(), city.photo()]), "rectifying"
    )

    second = city.split(origin, catalogue_code="VLV-G02", suspected_urgency="C")

    assert (second.split_from_id, second.state, second.level) == (origin.id, "reported", "general")
    assert (second.title, second.urgency, second.catalogue_code) == ("井内爬梯锈断", "C", "VLV-G02")
    assert (second.found_at, second.place, second.source) == (origin.found_at, origin.place, origin.source)
    assert [e.sha256 for e in city.evidence(second)] == [e.sha256 for e in city.evidence(origin)]
    assert city.events(second)[0].data["split_from"] == str(origin.id)
    assert city.events(second)[0].who == "何安全"
    assert city.events(origin)[-1].data["spawned"] == second.number


def test_the_first_stays_as_it_was(city: City):
    origin = city.bring_to(city.report("阀井井盖破损", catalogue_code="VLV-G03"), "rectifying")
    before = city.timers(origin)

    city.split(origin, catalogue_code="VLV-G02", suspected_urgency="C")

    after = city.look(origin)
    assert (after.title, after.description, after.catalogue_code, after.urgency, after.state) == (
        origin.title, origin.description, origin.catalogue_code, origin.urgency, "rectifying",
    )  # fmt: skip
    assert after.details == origin.details
    assert {n: t.id for n, t in city.timers(origin).items()} == {n: t.id for n, t in before.items()}


def test_whoever_classifies_hears_of_the_second(city: City):
    origin = city.bring_to(city.report(), "rectifying")

    second = city.split(origin, by="赵经理")

    assert {m.who for m in city.told(second, template="task")} == {"何安全"}
    assert "classify" in city.timers(second)


def test_both_may_be_closed_apart(city: City):
    origin = city.bring_to(city.report(), "rectifying")
    second = city.split(origin)

    city.bring_to(second, "closed")
    assert city.look(origin).state == "rectifying"
    city.submit(origin)
    city.verify(origin)
    city.close(origin)


def test_one_at_a_known_place_is_split_at_that_place(city: City):
    origin = city.report(asset="VW-1")

    second = city.split(origin)

    assert (second.asset_id, second.division, second.lon) == (origin.asset_id, origin.division, origin.lon)


def test_an_alarm_s_hazard_without_any_photo_can_be_split(city: City):
    [opened] = city.apply([city.alarm_report()])

    second = city.split(opened.hazard)

    assert (second.source, city.evidence(second)) == ("telemetry", [])


def test_more_photos_than_one_form_takes_come_along(city: City):
    origin = city.report(evidence=[city.photo() for _ in range(15)])
    city.act("李巡检", origin, "attach", evidence=[city.photo(stage="control") for _ in range(15)])

    second = city.split(origin)

    assert len(city.evidence(second)) == 30


def test_what_keeps_the_place_safe_keeps_it_safe_from_both(city: City):
    origin = city.bring_to(city.report(), "rectifying")
    city.control(origin)
    city.fast_forward(days=2)

    second = city.split(origin)

    assert "control" not in city.timers(second)
    assert [c["code"] for c in second.proceedings["controls"]] == ["GUARD"]
    assert city.events(second)[0].data["standing"] == ["GUARD"]
    city.lift_control(origin)  # lifted there, it still stands here
    city.bring_to(second, "verified")
    with pytest.raises(Refused) as refusal:
        city.close(second)
    assert said(refusal) == {("guard", "no_open_control")}


def test_at_an_unguarded_place_the_clock_runs_from_the_finding(city: City):
    origin = city.bring_to(city.report(), "rectifying")
    city.clock.advance(timedelta(hours=20))

    second = city.split(origin, suspected_urgency="B")

    assert city.timers(second)["control"].expires_at == origin.found_at + timedelta(hours=24)


def test_a_conditional_fault_split_off_has_its_day_from_the_finding(city: City):
    origin = city.report(source="household_check", suspected_urgency="B")
    city.control(origin)
    city.fast_forward(hours=23)

    second = city.split(origin, catalogue_code="RES-M01", suspected_urgency="A")
    city.fast_forward(hours=1)

    assert city.look(second).level == "major"


def test_the_same_request_again_is_the_same_second_hazard(city: City):
    origin = city.report()

    first = city.split(origin, key="split-1")
    again = city.split(origin, key="split-1")

    assert again.id == first.id
    assert len(city.hazards()) == 2
    assert city.actions(origin).count("split") == 1


def test_all_that_is_missing_is_said_and_nothing_happens(city: City):
    origin = city.report()

    with pytest.raises(Refused) as refusal:
        city.split(origin, title="", description="短", suspected_urgency="M")

    assert said(refusal) == {
        ("title", "required"), ("description", "too_short"), ("suspected_urgency", "not_a_choice"),
    }  # fmt: skip
    assert len(city.hazards()) == 1
    assert city.look(origin).seq == 1


def test_a_major_may_be_split_too(city: City):
    origin = city.bring_to(city.report(major=True), "rectifying")

    second = city.split(origin)

    assert (second.level, city.look(origin).level) == ("general", "major")


def test_an_officer_may_and_stays_who_did_it(city: City):
    origin = city.bring_to(city.report(), "rectifying")

    second = city.split(origin, by="唐监管")

    assert second.reporter_id == city.person("唐监管")
    assert city.events(origin)[-1].who == "唐监管"


@pytest.mark.parametrize("who", ["李巡检", "王班长"])
def test_others_do_not(city: City, who: str):
    origin = city.bring_to(city.report(), "rectifying")

    with pytest.raises(NotAllowed):
        city.split(origin, by=who)
    assert len(city.hazards()) == 1


def test_handed_in_it_is_too_late(city: City):
    origin = city.bring_to(city.report(), "submitted")

    with pytest.raises(StateConflict):
        city.split(origin)


def test_in_a_batch_the_bad_one_fails_alone(city: City):
    origins = [city.report() for _ in range(3)]
    form = {"title": "井内积水", "description": "井内积水淹没阀门", "suspected_urgency": "C"}
    changes = [city.change("何安全", o, "split", **form) for o in origins]
    changes[1] = city.change("何安全", origins[1], "split", **{**form, "title": ""})

    outcomes = city.apply(changes)

    assert [o.error.code if o.error else None for o in outcomes] == [None, "refused", None]
    split_from = {h.split_from_id for h in city.all(sa.select(Hazard)) if h.split_from_id}
    assert split_from == {origins[0].id, origins[2].id}
    numbers = [h.number for h in city.hazards()]
    assert len(set(numbers)) == len(numbers) == 5
