"""Who mends does not re-check, who re-checks does not cancel, who reported does not re-check alone."""

import pytest

from hazard_flow.errors import NotAllowed, Refused
from tests.harness.city import City
from tests.harness.refusals import said


@pytest.mark.parametrize(
    ("parts", "wrong"),
    [
        ({"responsible": "徐复查"}, {("verifiers", "same_person_as")}),
        ({"responsible": "孟安全"}, {("closer", "same_person_as")}),
        ({"verifiers": ["孟安全"]}, {("closer", "same_person_as")}),
        ({"verifiers": ["李巡检"]}, {("verifiers", "reporter_alone")}),
        ({"closer": "徐复查"}, {("closer", "person_lacks_role"), ("closer", "same_person_as")}),
        ({"responsible": "孙巡检"}, {("responsible", "person_unknown")}),
    ],
)
def test_an_order_that_mixes_the_parts_is_refused(city: City, parts, wrong):
    hazard = city.report(by="李巡检")
    given = {
        part: [str(city.person(n)) for n in name] if isinstance(name, list) else str(city.person(name))
        for part, name in parts.items()
    }

    with pytest.raises(Refused) as refusal:
        city.assign(hazard, **given)

    assert said(refusal) == wrong


def test_the_reporter_may_recheck_with_somebody_else(city: City):
    hazard = city.report(by="李巡检")
    city.assign(hazard, verifiers=[str(city.person("李巡检")), str(city.person("徐复查"))])

    assert len(city.look(hazard).verifier_ids) == 2


def test_who_mends_neither_rechecks_nor_cancels(city: City):
    hazard = city.bring_to(city.report(), "submitted")
    with pytest.raises(NotAllowed):
        city.verify(hazard, by="王班长")

    city.verify(hazard)
    with pytest.raises(NotAllowed):
        city.close(hazard, by="王班长")


def test_who_rechecks_does_not_cancel(city: City):
    hazard = city.bring_to(city.report(), "verified")

    with pytest.raises(NotAllowed):
        city.close(hazard, by="徐复查")


def test_a_closer_who_is_also_the_rechecker_of_a_major_is_refused(city: City):
    hazard = city.bring_to(
        city.report(major=True), "verified"
    )  # 唐监管 re-checked and is a county officer: the role alone would do

    with pytest.raises(Refused) as refusal:
        city.close(hazard, by="唐监管")

    assert ("separation", "own_work") in said(refusal)


def test_a_major_needs_two_officers_to_recheck(city: City):
    hazard = city.report(major=True)

    with pytest.raises(Refused) as refusal:
        city.assign(hazard, verifiers=[str(city.person("唐监管"))])

    assert said(refusal) == {("verifiers", "too_few")}


def test_a_general_hazards_own_people_cannot_recheck_a_major(city: City):
    hazard = city.report(major=True)

    with pytest.raises(Refused) as refusal:
        city.assign(hazard, verifiers=[str(city.person("徐复查")), str(city.person("唐监管"))])

    assert said(refusal) == {("verifiers", "person_lacks_role")}
