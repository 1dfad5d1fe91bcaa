"""What keeps a place safe meanwhile: who started it and when is kept, and nothing closes while it stands."""

import pytest

from hazard_flow.errors import NotAllowed, Refused
from tests.harness.city import City
from tests.harness.refusals import said


def test_each_is_kept_with_who_and_when(city: City):
    hazard = city.report()
    city.control(hazard, by="周调度", control="GUARD")
    first = city.now
    city.fast_forward(minutes=20)
    city.control(hazard, by="李巡检", control="ISOLATE_VENTILATE", note="通风半小时")

    standing = city.look(hazard).proceedings["controls"]

    assert [(c["code"], city.name(c["by"]), c["seq"]) for c in standing] == [
        ("GUARD", "周调度", 2), ("ISOLATE_VENTILATE", "李巡检", 3),
    ]  # fmt: skip
    assert [c["at"] for c in standing] == [
        first.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        city.now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    ]
    assert city.look(hazard).control_open


def test_lifting_lifts_them_all_and_is_kept_with_who_and_when(city: City):
    hazard = city.report()
    city.control(hazard)
    city.control(hazard, control="INCREASED_PATROL")
    city.fast_forward(hours=2)

    city.lift_control(hazard)

    lifted = city.events(hazard)[-1]
    assert (lifted.action, lifted.who, lifted.at) == ("lift_control", "何安全", city.now)
    assert city.look(hazard).proceedings["controls"] == []
    assert not city.look(hazard).control_open


def test_nothing_closes_while_one_stands(city: City):
    hazard = city.report()
    city.control(hazard)
    city.bring_to(hazard, "verified")

    with pytest.raises(Refused) as refusal:
        city.close(hazard)
    assert said(refusal) == {("guard", "no_open_control")}

    city.lift_control(hazard)
    city.close(hazard)


def test_nobody_lifts_what_does_not_stand_nor_without_a_photo(city: City):
    hazard = city.report()

    with pytest.raises(Refused) as refusal:
        city.act("何安全", hazard, "lift_control")

    assert said(refusal) == {("guard", "nothing_open"), ("evidence", "evidence_missing")}


def test_none_needed_ends_the_clock_and_leaves_nothing_standing(city: City):
    hazard = city.report()

    city.control(hazard, control="NONE", note="现场无人，无需管控")

    assert "control" not in city.timers(hazard)
    assert city.look(hazard).proceedings["open"] == {}
    city.bring_to(hazard, "closed")


@pytest.mark.parametrize("control", ["GAS_STOP", "GAS_RESUME"])
def test_gas_is_not_stopped_or_resumed_this_way(city: City, control: str):
    hazard = city.report()

    with pytest.raises(Refused) as refusal:
        city.control(hazard, control=control)

    assert said(refusal) == {("control", "not_a_choice")}


def test_officers_and_workers_do_not_control(city: City):
    hazard = city.report()

    for who in ("唐监管", "陈处长"):
        with pytest.raises(NotAllowed):
            city.control(hazard, by=who)


def test_whoever_guards_does_not_release(city: City):
    hazard = city.report()
    city.control(hazard, by="周调度")

    for who in ("周调度", "李巡检"):
        with pytest.raises(NotAllowed):
            city.lift_control(hazard, by=who)


def test_it_goes_along_when_the_hazard_is_raised(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.control(hazard)

    city.escalate_to_major(hazard)

    assert [c["code"] for c in city.look(hazard).proceedings["controls"]] == ["GUARD"]
    assert "control" not in city.timers(hazard)
