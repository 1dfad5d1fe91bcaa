"""What the public reports: taken in without a name, looked at in time, then a hazard, a part of one, or put away with a reason."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.errors import NotFound, Refused
from hazard_flow.identity.models import Personal
from hazard_flow.ladders.models import TimeLimit
from hazard_flow.public_reports.models import PublicReport
from hazard_flow.public_reports.operations import ReportSettled
from tests.harness.city import City
from tests.harness.passing_by import accepted, joined, refused, reported, standing
from tests.harness.refusals import said


def limit(city: City) -> TimeLimit:
    [found] = city.all(sa.select(TimeLimit))
    return found


def test_a_smell_of_gas_is_looked_at_within_half_an_hour_or_it_climbs(city: City):
    report, _ = reported(city)

    assert report.due_at == city.now + timedelta(minutes=30)
    assert (limit(city).ladder, limit(city).due_at) == ("first_review", report.due_at)


def test_what_is_not_urgent_waits_a_working_day(city: City):
    report, _ = reported(city, "covered", "调压箱前堆满杂物")

    assert report.due_at > city.now + timedelta(hours=12)


def test_nothing_is_a_hazard_before_somebody_looked(city: City):
    reported(city)

    assert city.all(sa.text("SELECT 1 FROM hazard")) == []


def test_taken_up_it_is_a_hazard_of_the_asset_and_the_public_stays_unnamed(city: City):
    report, code = reported(city, phone="138 0000 1234")

    hazard = accepted(city, report, title="阀井处有燃气味")

    look = city.look(hazard)
    assert (look.source, look.asset_id) == ("public_report", city.founded.assets["VW-1"])
    assert look.reporter_id == city.person("周调度")
    assert "1380000" not in str(city.events(hazard)[0].data)
    assert len(city.evidence(hazard)) == 1
    assert limit(city).outcome == "met"
    told = standing(city, code)
    assert told is not None
    assert (told.report.state, told.stage) == ("accepted", "reported")


def test_a_phone_number_lies_apart_and_can_be_erased(city: City):
    report, _ = reported(city, phone="138 0000 1234")

    [row] = city.all(sa.select(Personal))
    assert (row.value, row.subject_id) == ("138 0000 1234", report.id)
    assert report.phone_digest == row.digest


def test_a_report_of_something_known_joins_it_with_its_photograph(city: City):
    hazard = city.report("阀井漏气，读数高", asset="VW-1")
    report, code = reported(city)

    joined(city, report, hazard)

    assert len(city.evidence(hazard)) == 2
    assert city.events(hazard)[-1].action == "attach"
    told = standing(city, code)
    assert told is not None
    assert (told.report.state, told.report.hazard_id) == ("joined", hazard.id)


def test_put_away_its_reporter_reads_why(city: City):
    report, code = reported(city)

    refused(city, report, answer="经检测浓度为零")

    told = standing(city, code)
    assert told is not None
    assert (told.report.state, told.report.reason, told.report.answer) == (
        "refused",
        "not_found",
        "经检测浓度为零",
    )


def test_two_who_look_at_the_same_time_decide_once(city: City):
    report, _ = reported(city)
    accepted(city, report)

    with pytest.raises(ReportSettled):
        refused(city, report)


def test_another_enterprise_knows_nothing_of_it(city: City):
    report, _ = reported(city)

    with pytest.raises(NotFound):
        refused(city, report, by="马安全")


def test_the_same_form_sent_twice_is_one_report_with_one_code(city: City):
    first, code = reported(city, key="the same form")
    again, same = reported(city, key="the same form")

    assert (again.id, same) == (first.id, code)
    assert len(city.all(sa.select(PublicReport))) == 1


def test_a_code_is_read_however_it_is_typed_and_no_other_opens_anything(city: City):
    report, code = reported(city)

    told = standing(city, f" {code.lower().replace('-', ' ')} ")
    assert told is not None
    assert told.report.id == report.id
    assert standing(city, "2222-2222-2222") is None


def test_without_an_asset_the_regulator_of_the_district_looks_first(city: City):
    report, _ = reported(city, asset=None, place="青梧路与听潮路口")

    hazard = accepted(city, report, by="唐监管", asset="VW-1")

    assert city.look(hazard).asset_id == city.founded.assets["VW-1"]


def test_everything_that_is_wrong_is_said_at_once(city: City):
    with pytest.raises(Refused) as refusal:
        reported(city, "nonsense", "短", asset=None, phone="call me", lon="east", lat="32")

    assert said(refusal) == {
        ("kind", "not_a_choice"),
        ("description", "too_short"),
        ("phone", "bad_phone"),
        ("lon", "out_of_range"),
        ("place", "place_needed"),
    }
    assert city.all(sa.select(PublicReport)) == []


def test_unlooked_at_the_enterprise_and_the_regulator_hear_of_it(city: City):
    reported(city)

    city.fast_forward(hours=30)

    assert limit(city).colour == "red"
