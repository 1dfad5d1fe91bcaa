"""A general hazard that proves worse goes on as a major: same record, stricter clocks, time already passed counts."""

from datetime import timedelta

import pytest

from hazard_flow.errors import NotAllowed, NotFound, Refused
from tests.harness.city import City
from tests.harness.refusals import said


def test_raised_before_classification_it_takes_the_majors_clocks_from_the_report_on(city: City):
    hazard = city.report()
    city.control(hazard)
    city.fast_forward(hours=1)

    city.escalate_to_major(hazard)

    raised = city.look(hazard)
    assert (raised.workflow, raised.level, raised.urgency, raised.state) == (
        "major",
        "major",
        "M",
        "reported",
    )
    classify = city.timers(hazard)["classify"]
    assert classify.expires_at - hazard.reported_at == timedelta(hours=2)

    city.fast_forward(hours=4)
    assert [(f.after, f.told) for f in city.firings(hazard, "classify")] == [
        (timedelta(hours=4), ("何安全",))
    ]


@pytest.mark.parametrize(
    ("state", "then"),
    [
        ("assigned", "assigned"),
        ("rectifying", "rectifying"),
        ("submitted", "rectifying"),
        ("verified", "rectifying"),
    ],
)
def test_from_every_state_it_lands_where_the_file_says(city: City, state: str, then: str):
    hazard = city.bring_to(city.report(), state)

    city.escalate_to_major(hazard, by="唐监管")

    raised = city.look(hazard)
    assert (raised.level, raised.state) == ("major", then)
    assert raised.due_at == hazard.due_at
    event = city.events(hazard)[-1]
    assert (event.data["from"], event.data["state"], event.data["workflow"]) == (state, then, "major.v1")


def test_a_raised_one_needs_officers_to_recheck(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.escalate_to_major(hazard, by="唐监管")

    city.act(
        "唐监管", hazard, "reassign", reason="升为重大，改由监管复查",
        verifiers=[str(city.person("唐监管")), str(city.person("梁处长"))], closer=str(city.person("陈处长")),
    )  # fmt: skip
    city.approve_plan(hazard)
    city.sign_completion(hazard)
    city.submit(hazard)
    city.verify(hazard)
    city.report_regulator(hazard)
    city.report_staff(hazard)
    city.notify_staff(hazard)
    city.close(hazard, by="陈处长")

    assert city.look(hazard).resolution == "rectified"


def test_the_clocks_of_the_duties_start_with_the_raising_not_with_the_report(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.control(hazard)
    city.fast_forward(hours=30)

    city.escalate_to_major(hazard)

    timers = city.timers(hazard)
    assert timers["report_regulator"].expires_at == city.now + timedelta(hours=24)
    assert timers["report_staff"].expires_at == city.now + timedelta(hours=24)
    assert {"韩总", "唐监管"} <= {m.who for m in city.told(hazard, template="told")}


def test_deadline_and_term_stay(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    before = city.timers(hazard)["rectify"]
    city.fast_forward(days=2)

    city.escalate_to_major(hazard)

    raised = city.look(hazard)
    assert (raised.due_at, raised.original_due_at) == (hazard.due_at, hazard.original_due_at)
    assert raised.marks["assigned_at"] == hazard.marks["assigned_at"]
    after = city.timers(hazard)["rectify"]
    assert (after.expires_at, after.started_at) == (before.expires_at, before.started_at)


def test_whoever_raised_it_does_not_cancel_it(city: City):
    city.hire("秦监管", "城东区燃气管理局", "county_officer")
    hazard = city.bring_to(city.report(), "rectifying")
    city.escalate_to_major(hazard, by="秦监管")
    city.name_officers(hazard)
    city.approve_plan(hazard)
    city.sign_completion(hazard)
    city.submit(hazard)
    city.verify(hazard)
    city.report_regulator(hazard)
    city.report_staff(hazard)
    city.notify_staff(hazard)

    with pytest.raises(Refused) as refusal:
        city.close(hazard, by="秦监管")
    assert said(refusal) == {("separation", "own_work")}

    city.close(hazard)


def test_handed_in_before_it_was_raised_it_waits_for_officers_to_be_named(city: City):
    hazard = city.bring_to(city.report(major=True), "submitted")
    signed = city.verify(hazard, by="唐监管")
    assert signed.hazard.state == "submitted"
    city.hire("秦监管", "城东区燃气管理局", "county_officer")

    city.name_officers(hazard, verifiers=[city._id("秦监管"), city._id("梁处长")], closer=None)

    # what the one who left had signed does not count with theirs
    city.verify(hazard, by="梁处长")
    assert city.look(hazard).state == "submitted"
    city.verify(hazard, by="秦监管")
    assert city.look(hazard).state == "verified"


@pytest.mark.parametrize("who", ["王班长", "赵经理", "李巡检", "卢主任"])
def test_others_do_not_raise_it(city: City, who: str):
    hazard = city.bring_to(city.report(), "rectifying")

    with pytest.raises((NotAllowed, NotFound)):
        city.escalate_to_major(hazard, by=who)


def test_a_general_clause_does_not_raise_it(city: City):
    hazard = city.bring_to(city.report(), "rectifying")

    with pytest.raises(Refused) as refusal:
        city.escalate_to_major(hazard, clause=["VLV-G03"], reason="更重")

    assert said(refusal) == {("clause", "clause_unknown"), ("reason", "too_short")}
