"""Nobody opens: three calls, each with its notice, written notice, gas stopped after local rule, checked after all, gas within a day."""

from datetime import timedelta

import pytest

from hazard_flow.errors import Refused
from hazard_flow.hazards.models import Hazard
from tests.harness import owing
from tests.harness.calling import (
    announce,
    ask_for_a_check,
    call,
    hazard,
    household,
    limit,
    plan,
    progress,
    settle_in,
)
from tests.harness.city import City
from tests.harness.refusals import said

FLAT = "YH-501"


def called_three_times(city: City, result: str = "absent") -> Hazard:
    """The third call in vain opens the hazard."""
    for _ in range(2):
        assert call(city, FLAT, result).hazards == []
        city.fast_forward(days=2)
    visit = call(city, FLAT, result)
    return hazard(city, visit.hazards[0])


def test_from_three_closed_doors_to_gas_again(city: City):
    settle_in(city, FLAT, "YH-502")
    batch = plan(city)
    assert announce(city, batch) == 2
    city.fast_forward(days=3)

    refusal = called_three_times(city, "refused")
    assert (refusal.catalogue_code, refusal.workflow, refusal.source) == (
        "RES-G15",
        "household",
        "household_check",
    )
    assert city.look(refusal).counters == {"visits": 3}
    assert [e.kind for e in city.evidence(refusal)].count("ABSENCE_NOTICE_PHOTO") == 3
    assert {m.who for m in city.told(refusal, template="counted")} == {"赵经理", "何安全"}

    # before written notice nobody stops the gas
    with pytest.raises(Refused) as early:
        city.stop_gas(refusal, gas_ground="refused_entry")
    assert said(early) == {("guard", "gas_stop_lawful")}
    city.serve_notice(refusal, delivery="posted")
    city.stop_gas(refusal, gas_ground="refused_entry", reported_to_authority=True)

    # the user rings up: somebody is there within the time, and what is found is in order
    ask_for_a_check(city, FLAT)
    city.fast_forward(hours=20)
    checked = call(city, FLAT)
    assert checked.hazards == [refusal.number]
    assert city.actions(refusal)[-1] == "record_visit"

    city.bring_to(refusal, "verified")
    assert city.timers(refusal)["resume_gas"].expires_at - city.now == timedelta(hours=24)
    city.fast_forward(hours=23)
    city.resume_gas(refusal)
    city.close(refusal)
    assert city.firings(refusal, "resume_gas") == []
    user = household(city, FLAT)
    assert (user.in_vain, user.last_result, user.requested_at) == (0, "done", None)
    assert progress(city, batch).left == 1


def test_gas_not_back_in_time_climbs_to_the_regulator(city: City):
    settle_in(city, FLAT)
    refusal = called_three_times(city)
    city.serve_notice(refusal, delivery="posted")
    city.stop_gas(refusal, gas_ground="refused_entry")
    call(city, FLAT)
    city.bring_to(refusal, "verified")

    city.fast_forward(hours=24 + 25)

    assert [f.told for f in city.firings(refusal, "resume_gas")] == [
        ("周调度", "赵经理"),
        ("何安全",),
        ("唐监管",),
    ]
    city.resume_gas(refusal)
    assert "resume_gas" not in city.timers(refusal)


def test_a_check_asked_for_and_not_made_climbs(city: City):
    settle_in(city, FLAT)
    ask_for_a_check(city, FLAT)
    subject = household(city, FLAT).asset_id
    assert limit(city, FLAT).due_at == city.now + timedelta(hours=48)

    city.fast_forward(hours=49)
    assert owing.told(city, subject)[-1] == (2, ["何安全", "赵经理"])
    call(city, FLAT)

    assert limit(city, FLAT).outcome == "met_late"


def test_every_call_in_vain_leaves_its_notice(city: City):
    settle_in(city, FLAT)

    with pytest.raises(Refused) as refusal:
        call(city, FLAT, "absent", pictures=[])

    assert said(refusal) == {("notice", "notice_photo_needed")}
    assert household(city, FLAT).in_vain == 0


def test_a_fourth_call_is_told_on_the_same_hazard(city: City):
    settle_in(city, FLAT)
    refusal = called_three_times(city)
    city.fast_forward(days=1)

    again = call(city, FLAT, "absent")

    assert again.hazards == [refusal.number]
    assert city.look(refusal).counters == {"visits": 4}


def test_a_check_in_between_begins_the_count_anew(city: City):
    settle_in(city, FLAT)
    call(city, FLAT, "absent")
    call(city, FLAT, "absent")
    city.fast_forward(hours=1)
    call(city, FLAT)
    city.fast_forward(days=600)

    assert call(city, FLAT, "absent").hazards == []
    assert household(city, FLAT).in_vain == 1
