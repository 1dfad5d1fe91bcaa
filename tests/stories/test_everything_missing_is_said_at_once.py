"""A refusal lists all that is missing, and leaves no trace."""

import pytest
import sqlalchemy as sa

from hazard_flow.errors import NotAllowed, Refused, StateConflict
from hazard_flow.hazards.models import RequestKey
from tests.harness.city import City
from tests.harness.refusals import said


def test_an_empty_submission(city: City):
    hazard = city.bring_to(city.report(), "rectifying")

    with pytest.raises(Refused) as refusal:
        city.act("王班长", hazard, "submit")

    assert said(refusal) == {
        ("completed_at", "required"),
        ("measures_done", "required"),
        ("funds_used", "required"),
        ("evidence", "evidence_missing"),
        ("evidence", "evidence_pair_missing"),
    }


def test_fields_and_guards_together(city: City):
    hazard = city.bring_to(city.report(), "submitted")

    with pytest.raises(Refused) as refusal:
        city.act("徐复查", hazard, "pass", on_site=False)

    assert said(refusal) == {
        ("remote_reason", "required"),
        ("opinion", "required"),
        ("guard", "on_site_unless_c"),
        ("evidence", "evidence_missing"),
    }


def test_an_empty_order(city: City):
    hazard = city.report()

    with pytest.raises(Refused) as refusal:
        city.act("何安全", hazard, "assign")

    missing = {field for field, _ in said(refusal)}
    assert {"urgency", "basis", "responsible", "verifiers", "closer", "measures"} <= missing


def test_a_report_without_photo_and_words(city: City):
    with pytest.raises(Refused) as refusal:
        city.report("短", evidence=[], place="")

    assert said(refusal) == {
        ("description", "too_short"), ("place", "place_or_asset"), ("evidence", "evidence_missing"),
    }  # fmt: skip


def test_a_refused_act_leaves_no_trace(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    before = (hazard.seq, city.timers(hazard).keys(), len(city.told(hazard)))

    with pytest.raises(Refused):
        city.act("王班长", hazard, "submit", key="refused")

    after = city.look(hazard)
    assert (after.seq, city.timers(hazard).keys(), len(city.told(hazard))) == before
    assert city.all(sa.select(RequestKey).where(RequestKey.key == "refused")) == []


def test_the_state_comes_before_the_role_and_the_role_before_the_form(city: City):
    hazard = city.report()

    with pytest.raises(StateConflict):
        city.act("李巡检", hazard, "submit")
    with pytest.raises(NotAllowed):
        city.act("李巡检", hazard, "assign")


def test_guards_over_what_stands_open_and_what_was_done(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.control(hazard)
    city.request_extension(hazard)
    city.request_lowering(hazard)
    city.submit(hazard)
    city.verify(hazard)
    city.stop_gas(hazard)
    city.request_transfer(hazard)

    with pytest.raises(Refused) as refusal:
        city.close(hazard)

    assert said(refusal) == {
        ("guard", f"no_open_{flag}") for flag in ("control", "gas_stop", "extension", "lowering", "transfer")
    }


def test_fields_separation_and_standing_together(city: City):
    hazard = city.report()
    city.assign(hazard, responsible=str(city.person("何安全")))
    city.accept(hazard)

    with pytest.raises(Refused) as refusal:
        city.act("何安全", hazard, "decide_extension", decision="maybe")

    assert said(refusal) == {
        ("decision", "not_a_choice"),
        ("opinion", "required"),
        ("separation", "own_work"),
        ("guard", "nothing_open"),
    }


def test_adding_evidence_adds_some(city: City):
    hazard = city.report()
    city.act("李巡检", hazard, "attach", evidence=[city.photo(stage="control")])

    with pytest.raises(Refused) as refusal:
        city.act("李巡检", hazard, "attach", note="见上")

    assert said(refusal) == {("evidence", "evidence_missing")}
