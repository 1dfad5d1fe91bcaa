"""A general hazard that proves worse goes on as a major: same record, stricter clocks, time already passed counts."""

from datetime import timedelta

import pytest

from tests.harness.city import City


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
