"""From a report to the cancellation, through six pairs of hands."""

from tests.harness.city import City


def test_six_people_close_a_general_hazard(city: City):
    hazard = city.report("阀井内有燃气味，读数偏高", by="李巡检")
    city.control(hazard, by="周调度")
    city.assign(hazard, by="何安全")
    city.fast_forward(hours=2)
    city.accept(hazard, by="王班长")
    city.fast_forward(days=3)
    city.submit(hazard, by="王班长")
    city.verify(hazard, by="徐复查")
    city.lift_control(hazard, by="何安全")
    city.close(hazard, by="孟安全")

    closed = city.look(hazard)
    assert (closed.stage, closed.state, closed.resolution) == ("closed", "closed", "rectified")
    assert closed.closed_at == city.now
    assert city.actions(hazard) == [
        "report", "start_control", "assign", "accept", "submit", "pass", "lift_control", "close",
    ]  # fmt: skip
    hands = {event.who for event in city.events(hazard) if event.action}
    assert hands == {"李巡检", "周调度", "何安全", "王班长", "徐复查", "孟安全"}
    assert city.timers(hazard) == {}


def test_the_stages_people_see_come_in_order(city: City):
    hazard = city.bring_to(city.report(), "closed")

    stages = [event.data["stage"] for event in city.events(hazard) if event.action]
    assert stages == ["reported", "assigned", "rectifying", "rectifying", "verified", "closed"]


def test_whoever_has_the_next_step_is_told(city: City):
    hazard = city.report(by="李巡检")
    city.bring_to(hazard, "closed")

    tasks = [(m.who, m.params["state"]) for m in city.told(hazard, template="task") if m.channel == "inbox"]
    assert tasks == [
        ("何安全", "reported"), ("王班长", "assigned"), ("徐复查", "submitted"), ("孟安全", "verified"),
    ]  # fmt: skip
    assert {m.who for m in city.told(hazard, template="closed")} == {"李巡检", "王班长"}


def test_a_major_is_rechecked_and_cancelled_by_officers(city: City):
    hazard = city.report("中压管线占压，违章建筑", by="李巡检", major=True)
    city.control(hazard)
    city.assign(hazard, by="何安全")
    city.report_regulator(hazard, by="何安全")
    city.report_staff(hazard, by="韩总")
    city.notify_staff(hazard, by="赵经理")
    city.submit_plan(hazard, by="赵经理")
    city.decide_plan(hazard, by="韩总")
    city.accept(hazard)
    city.sign_completion(hazard, by="韩总")
    city.submit(hazard)
    city.verify(hazard, by="唐监管")
    city.verify(hazard, by="梁处长")
    city.lift_control(hazard)
    city.close(hazard, by="陈处长")

    closed = city.look(hazard)
    assert (closed.stage, closed.resolution, closed.level, closed.urgency) == (
        "closed",
        "rectified",
        "major",
        "M",
    )
