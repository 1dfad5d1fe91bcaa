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
    city.submit(hazard)
    city.verify(hazard, by="梁处长")
    city.close(hazard, by="陈处长")

    assert city.look(hazard).resolution == "rectified"


def test_rungs_that_spoke_before_it_was_raised_do_not_speak_again(city: City):
    """The make-safe ladder is at its end and repeats every four hours; raising the hazard does not start it over."""
    hazard = city.report()
    city.fast_forward(hours=14)
    before = [(f.level, f.cycle) for f in city.firings(hazard, "control")]
    assert before == [(0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (3, 2), (3, 3)]

    city.escalate_to_major(hazard)
    city.fast_forward(hours=4)

    assert [(f.level, f.cycle) for f in city.firings(hazard, "control")] == [*before, (3, 4)]
