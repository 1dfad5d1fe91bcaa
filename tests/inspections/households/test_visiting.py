"""A visit is taken whole or refused whole; what fails is a hazard at once; what speaks against it is said."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.errors import KeyReused, NotAllowed, Refused
from hazard_flow.identity.models import Personal
from hazard_flow.inspections.households.given import NOTICE, SIGNATURE, Picture
from hazard_flow.inspections.households.visiting import sheet_of
from tests.harness.calling import LAT, LON, brought, call, hazard, household, settle_in, today
from tests.harness.city import City
from tests.harness.refusals import said


def test_a_check_moves_the_user_on_by_the_interval_of_the_place(city: City):
    settle_in(city, "R-1")
    settle_in(city, "B-1", building="听潮路 3 号", user_type="commercial")

    call(city, "R-1")
    call(city, "B-1", at=city.now - timedelta(minutes=30))

    day = today(city)
    assert household(city, "R-1").due_on == day.replace(year=day.year + 2)
    assert household(city, "B-1").due_on == day.replace(year=day.year + 1)
    assert household(city, "R-1").checked_on == day


def test_every_failed_item_is_a_hazard_with_its_picture(city: City):
    settle_in(city, "R-1")

    visit = call(
        city,
        "R-1",
        answers={"hose_length": "2.6", "flame_failure": "no", "leak_hose": "12"},
        instrument="JC-07",
    )

    found = [hazard(city, number) for number in visit.hazards]
    assert [(one.catalogue_code, one.workflow) for one in found] == [
        ("RES-G03", "household"),
        ("RES-G01", "household"),
        ("RES-G05", "household"),
    ]
    assert found[1].urgency is None or found[1].urgency == "A"
    assert all(city.evidence(one) for one in found)
    assert "2.6 m" in found[0].description


def test_what_article_nine_names_has_its_24_hours_from_the_visit(city: City):
    settle_in(city, "R-1")
    visit = call(city, "R-1", answers={"no_pipe_in_bathroom": "no"}, at=city.now - timedelta(hours=2))
    [number] = visit.hazards
    found = hazard(city, number)
    assert (found.catalogue_code, found.level) == ("RES-M02", "general")
    city.control(found)

    city.fast_forward(hours=22)

    assert (city.look(found).level, city.look(found).workflow) == ("major", "major")


def test_everything_missing_is_said_at_once(city: City):
    settle_in(city, "R-1")

    with pytest.raises(Refused) as refusal:
        call(
            city,
            "R-1",
            answers={"hose_fit": "", "hose_length": "long", "meter_state": "new", "other": "1"},
            pictures=[],
        )

    assert said(refusal) == {
        ("signature", "signature_needed"),
        ("answers.hose_fit", "required"),
        ("answers.hose_length", "not_a_number"),
        ("answers.meter_state", "unknown_choice"),
        ("answers.other", "unknown_item"),
        ("answers.meter_reading", "photo_needed"),
    }
    assert household(city, "R-1").last_result is None


def test_a_leak_is_read_off_an_instrument_that_has_a_number(city: City):
    settle_in(city, "R-1")

    with pytest.raises(Refused) as refusal:
        call(city, "R-1", answers={"leak_meter": "8"})

    assert said(refusal) == {("instrument", "required")}


def test_a_refusal_to_sign_needs_two_who_saw_it_and_their_names_can_be_erased(city: City):
    settle_in(city, "R-1")
    unsigned = [one for one in brought(city, sheet_of("resident"), "done", {}) if one.item.kind != SIGNATURE]
    with pytest.raises(Refused) as refusal:
        call(city, "R-1", pictures=unsigned, refused_to_sign=True, witnesses="张三")
    assert said(refusal) == {("witnesses", "two_witnesses")}

    visit = call(city, "R-1", pictures=unsigned, refused_to_sign=True, witnesses="张三、李四")

    assert city.all(sa.select(Personal.value).where(Personal.digest == visit.witnesses_digest)) == [
        "张三、李四"
    ]


def test_the_same_request_again_is_the_same_visit(city: City):
    settle_in(city, "R-1", "R-2")
    first = call(city, "R-1", "absent", key="one")

    assert call(city, "R-1", "absent", key="one").id == first.id
    assert household(city, "R-1").in_vain == 1
    with pytest.raises(KeyReused):
        call(city, "R-2", "absent", key="one")


@pytest.mark.parametrize("who", ["赵经理", "何安全", "唐监管"])
def test_only_who_goes_there_records_it(city: City, who: str):
    settle_in(city, "R-1")

    with pytest.raises(NotAllowed):
        call(city, "R-1", by=who)


def test_another_team_and_another_enterprise_do_not_see_the_user(city: City):
    settle_in(city, "R-1")

    for who in ("郑巡检", "孙巡检"):
        with pytest.raises(AssertionError, match="does not see"):
            call(city, "R-1", by=who)


def test_two_visits_within_a_minute_and_far_from_home(city: City):
    settle_in(city, "R-1", "R-2", "R-3")
    assert call(city, "R-1").doubts == []

    assert call(city, "R-2").doubts == ["same_minute"]
    city.fast_forward(minutes=30)
    assert call(city, "R-3", where=(LON + 0.004, LAT)).doubts == ["outside_fence"]


def test_one_signature_for_two_users_and_one_notice_for_two_doors(city: City):
    settle_in(city, "R-1", "R-2", "R-3", "R-4")
    signed = brought(city, sheet_of("resident"), "done", {})
    signature = next(one for one in signed if one.item.kind == SIGNATURE)
    call(city, "R-1", pictures=signed)
    city.fast_forward(minutes=20)
    others = [one for one in brought(city, sheet_of("resident"), "done", {}) if one.item.kind != SIGNATURE]
    assert call(city, "R-2", pictures=[*others, signature]).doubts == ["same_signature"]

    notice = Picture(city.photo(NOTICE, stage="control"))
    city.fast_forward(minutes=20)
    assert call(city, "R-3", "absent", pictures=[notice]).doubts == []
    city.fast_forward(minutes=20)
    assert call(city, "R-4", "absent", pictures=[notice]).doubts == ["same_photo", "faked_absence"]


def test_more_visits_than_a_day_holds(city: City):
    flats = [f"R-{n}" for n in range(62)]
    settle_in(city, *flats)

    doubts = [
        call(city, flat, "vacant", at=city.now - timedelta(minutes=5 * (62 - n))).doubts
        for n, flat in enumerate(flats)
    ]

    assert doubts[:60] == [[]] * 60
    assert doubts[60:] == [["too_many"], ["too_many"]]
