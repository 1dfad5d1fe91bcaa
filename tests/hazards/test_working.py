"""My work: the step that is mine, the answers I owe before it, the signature that alone is missing; and what I wait for."""

from hazard_flow.hazards.working import owed
from tests.harness.city import City


def work(city: City, name: str):
    """(number, what is asked, whether others wait for it), and the numbers waited for."""
    actor = city.actor(name)
    with city.database.reading(actor.scope) as session:
        mine, waiting = owed(session, actor, now=city.now)
        return (
            [(one.hazard.number, one.label.zh, one.is_decision) for one in mine],
            [hazard.number for hazard in waiting],
        )


def test_the_step_that_is_mine_is_asked_of_me_and_of_nobody_else(city: City):
    hazard = city.report()
    assert work(city, "何安全")[0] == [(hazard.number, "待定级交办", False)]
    city.assign(hazard)
    assert work(city, "何安全")[0] == []
    assert work(city, "王班长")[0] == [(hazard.number, "待签收", False)]
    assert work(city, "徐复查") == ([], [hazard.number])


def test_an_extension_is_asked_of_whoever_decides_and_stands_before_other_work(city: City):
    urgent = city.report(suspected_urgency="A")
    hazard = city.bring_to(city.report(), "rectifying")
    city.request_extension(hazard)

    mine, _ = work(city, "何安全")

    assert mine[0] == (hazard.number, "批复延期", True)
    assert (urgent.number, "待定级交办", False) in mine
    assert hazard.number not in {number for number, _, _ in work(city, "韩总")[0]}
    city.decide_extension(hazard)
    assert hazard.number not in {number for number, _, _ in work(city, "何安全")[0]}


def test_whoever_asked_does_not_decide(city: City):
    hazard = city.bring_to(city.report(), "assigned")
    city.request_lowering(hazard, by="何安全")

    assert "批复降级申请" not in {label for _, label, _ in work(city, "何安全")[0]}
    deciders = [name for name in ("孟安全", "韩总") if work(city, name)[0]]
    assert deciders


def test_a_plan_waits_for_the_principal(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    assert work(city, "韩总")[0] == []
    city.submit_plan(hazard)

    [(number, _, is_decision)] = work(city, "韩总")[0]

    assert (number, is_decision) == (hazard.number, True)


def test_the_second_officer_is_asked_for_their_signature_the_first_no_longer(city: City):
    hazard = city.bring_to(city.report(major=True), "submitted")
    assert {work(city, name)[0][0][0] for name in ("唐监管", "梁处长")} == {hazard.number}
    city.verify(hazard, by="唐监管")

    assert work(city, "唐监管")[0] == []
    [(number, _, is_decision)] = work(city, "梁处长")[0]
    assert (number, is_decision) == (hazard.number, True)


def test_finished_work_that_lacks_only_the_principal_s_signature_is_theirs(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    city.approve_plan(hazard)
    city.progress(hazard, percent=80, note="迁改过半")
    assert work(city, "韩总")[0] == []
    city.progress(hazard, percent=100, note="已全部完成")

    [(number, label, is_decision)] = work(city, "韩总")[0]

    assert (number, is_decision) == (hazard.number, True)
    assert "签署" in label
    city.sign_completion(hazard)
    assert work(city, "韩总")[0] == []


def test_a_transfer_waits_for_whoever_receives_it(city: City):
    officer = city.hire("袁执法", "城东区燃气管理局", "enforcement")
    hazard = city.bring_to(city.report(), "rectifying")
    city.request_transfer(hazard)

    [(number, _, is_decision)] = work(city, officer)[0]

    assert (number, is_decision) == (hazard.number, True)
    city.accept_transfer(hazard, by=officer)
    assert work(city, officer)[0] == []
