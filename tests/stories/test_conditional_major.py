"""What art. 9 names becomes the operator's own major hazard a day after it was found, unless the user was told in writing."""

from datetime import timedelta

import pytest

from hazard_flow.errors import NotAllowed, Refused
from tests.harness.city import City
from tests.harness.refusals import said

CODES = ["RES-M01", "RES-M02", "RES-M03", "RES-M04"]


def found(city: City, code: str = "RES-M01", **data):
    hazard = city.report("地下室内使用液化气灶具", catalogue_code=code, source="household_check", **data)
    city.control(hazard)
    return hazard


@pytest.mark.parametrize("code", CODES)
def test_at_exactly_24_hours_after_the_finding_it_is_a_major(city: City, code: str):
    hazard = found(city, code)

    city.fast_forward(hours=23, minutes=59, seconds=59)
    assert city.look(hazard).level == "general"

    city.fast_forward(seconds=1)
    raised = city.look(hazard)
    assert (raised.workflow, raised.level, raised.urgency, raised.state) == (
        "major",
        "major",
        "M",
        "reported",
    )
    upgraded = next(e for e in city.events(hazard) if e.action == "upgrade_unnotified")
    assert upgraded.at == hazard.found_at + timedelta(hours=24)
    assert upgraded.who == "system:timers"
    assert upgraded.data["silent"]["timer"] == "written_notice"
    assert upgraded.data["silent"]["late_ms"] == 0


def test_the_operator_and_the_regulator_hear_at_once(city: City):
    hazard = found(city)

    city.fast_forward(hours=24)

    told = {m.who for m in city.told(hazard) if m.params.get("action") == "upgrade_unnotified"}
    assert told >= {"何安全", "韩总", "唐监管"} - {m.who for m in city.told(hazard, template="task")} | {
        "唐监管",
        "韩总",
    }


def test_with_written_notice_it_stays_the_user_s(city: City):
    hazard = found(city)
    city.fast_forward(hours=20)

    city.serve_notice(hazard)
    assert "written_notice" not in city.timers(hazard)
    city.fast_forward(days=3)

    assert city.look(hazard).level == "general"
    assert "upgrade_unnotified" not in city.actions(hazard)


def test_notice_says_what_was_done_and_is_proved(city: City):
    hazard = found(city)

    with pytest.raises(Refused) as refusal:
        city.serve_notice(hazard, evidence=[], prescribed_measures=None, delivery=None, measures="改")

    assert said(refusal) == {
        ("prescribed_measures", "required"),
        ("delivery", "required"),
        ("measures", "too_short"),
        ("evidence", "evidence_missing"),
    }


@pytest.mark.parametrize("kind", ["NOTICE_SIGNED", "DELIVERY_RECEIPT"])
def test_signed_or_delivered(city: City, kind: str):
    hazard = found(city)

    city.serve_notice(hazard, evidence=[city.photo(kind, stage="control")])

    assert "user_notified" in city.look(hazard).marks


def test_late_notice_does_not_lower_it(city: City):
    hazard = found(city)
    city.fast_forward(hours=25)

    city.serve_notice(hazard)
    city.fast_forward(hours=1)

    assert city.look(hazard).level == "major"


def test_notice_a_minute_late_is_late_though_no_worker_has_looked_yet(city: City):
    hazard = found(city)
    city.clock.advance(timedelta(hours=24, minutes=1))

    city.serve_notice(hazard)

    assert city.actions(hazard)[-2:] == ["upgrade_unnotified", "serve_notice"]
    raised = city.events(hazard)[-2]
    assert raised.data["silent"]["late_ms"] == 60_000
    assert city.look(hazard).level == "major"


def test_found_offline_the_time_of_the_finding_counts(city: City):
    hazard = found(city, found_at=(city.now - timedelta(hours=20)).isoformat())

    city.fast_forward(hours=4)

    upgraded = next(e for e in city.events(hazard) if e.action == "upgrade_unnotified")
    assert upgraded.at == hazard.reported_at + timedelta(hours=4)
    assert city.look(hazard).level == "major"


def test_found_longer_ago_than_a_day_it_is_a_major_at_once(city: City):
    hazard = found(city, found_at=(city.now - timedelta(hours=30)).isoformat())

    city.tick()

    upgraded = next(e for e in city.events(hazard) if e.action == "upgrade_unnotified")
    assert upgraded.data["silent"]["late_ms"] == timedelta(hours=6).total_seconds() * 1000


def test_seen_only_at_the_classification_that_no_notice_was_given(city: City):
    hazard = city.report("地下室内使用液化气灶具", source="household_check")
    city.control(hazard)
    city.fast_forward(hours=30)
    assert "written_notice" not in city.timers(hazard)

    city.assign(hazard, basis=["RES-M01"])
    city.tick()

    raised = city.look(hazard)
    assert (raised.level, raised.state) == ("major", "assigned")


def test_classified_so_in_time_it_still_has_what_is_left_of_the_day(city: City):
    hazard = city.report("地下室内使用液化气灶具", source="household_check")
    city.control(hazard)
    city.fast_forward(hours=3)
    city.assign(hazard, basis=["RES-M01"])

    assert city.timers(hazard)["written_notice"].expires_at == hazard.found_at + timedelta(hours=24)
    city.serve_notice(hazard)
    city.fast_forward(days=2)
    assert city.look(hazard).level == "general"


@pytest.mark.parametrize(
    ("state", "then"), [("rectifying", "rectifying"), ("submitted", "rectifying"), ("verified", "rectifying")]
)
def test_work_already_done_does_not_stop_it(city: City, state: str, then: str):
    hazard = found(city)
    city.assign(hazard, basis=["RES-M01"], urgency="A", due_at=city.day(5))
    for step in (city.accept, city.submit, city.verify):
        step(hazard)
        if city.look(hazard).state == state:
            break

    city.fast_forward(hours=24)

    assert (city.look(hazard).level, city.look(hazard).state) == ("major", then)


def test_in_the_household_s_own_workflow_too(city: City):
    hazard = found(city)
    city.act("李巡检", hazard, "to_household")
    before = city.timers(hazard)["written_notice"]

    assert before.expires_at == hazard.found_at + timedelta(hours=24)
    city.fast_forward(hours=24)
    assert (city.look(hazard).workflow, city.look(hazard).level) == ("major", "major")


def test_once_a_major_the_duties_are_owed_from_that_moment(city: City):
    hazard = found(city)

    city.fast_forward(hours=24)

    assert city.timers(hazard)["report_regulator"].expires_at == city.now + timedelta(hours=24)
    with pytest.raises(NotAllowed):
        city.dismiss(hazard, by="何安全")


def test_half_way_the_field_and_its_managers_are_reminded(city: City):
    hazard = found(city)

    city.fast_forward(hours=12)

    [reminder] = [e for e in city.events(hazard, "timer.reminded") if e.data["timer"] == "written_notice"]
    assert {city.name(p) for p in reminder.data["told"]} == {"王班长", "赵经理", "何安全"}


def test_an_ordinary_one_knows_no_such_clock(city: City):
    hazard = city.report(catalogue_code="VLV-G03")
    city.control(hazard)

    city.fast_forward(days=2)

    assert city.look(hazard).level == "general"


def test_closed_before_the_day_is_over_it_stays_what_it_was(city: City):
    hazard = found(city)
    city.lift_control(hazard)
    city.dismiss(hazard)

    city.fast_forward(days=2)

    assert (city.look(hazard).level, city.look(hazard).resolution) == ("general", "dismissed")


def test_nobody_else_upgrades_by_hand(city: City):
    hazard = found(city)

    for who in ("何安全", "唐监管"):
        with pytest.raises(NotAllowed):
            city.act(who, hazard, "upgrade_unnotified")
