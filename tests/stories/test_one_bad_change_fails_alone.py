"""A batch is judged change by change: the bad ones are answered with their error, the others happen."""

import dataclasses
import uuid

from hazard_flow.errors import NotAllowed, NotFound, Refused, StateConflict
from tests.harness.city import City


def test_the_others_of_the_batch_happen(city: City):
    hazards = [city.report() for _ in range(12)]
    for hazard in hazards[1:]:
        city.assign(hazard)
    changes = [city.change("王班长", hazard, "accept") for hazard in hazards]  # the first was never assigned
    changes[5] = dataclasses.replace(changes[5], hazard_id=uuid.uuid4())
    changes[7] = city.change("郑巡检", hazards[7], "accept")
    changes[9] = city.change("王班长", hazards[9], "return", return_reason="weather")

    outcomes = city.apply(changes)

    errors = {index: type(o.error) for index, o in enumerate(outcomes) if o.error}
    assert errors == {0: StateConflict, 5: NotFound, 7: NotAllowed, 9: Refused}
    states = [city.look(hazard).state for hazard in hazards]
    assert states.count("rectifying") == 8
    assert [states[i] for i in (0, 5, 7, 9)] == ["reported", "assigned", "assigned", "assigned"]


def test_reports_too(city: City):
    good, bad = city.alarm_report(asset="VW-1"), city.alarm_report(asset="VW-9")
    bad = dataclasses.replace(bad, data={"description": ""})

    first, second = city.apply([bad, good])

    assert isinstance(first.error, Refused)
    assert second.hazard is not None
    assert [h.id for h in city.hazards()] == [second.hazard.id]


def test_two_acts_on_one_hazard_follow_each_other(city: City):
    hazard = city.bring_to(city.report(), "assigned")

    accept = city.change("王班长", hazard, "accept")
    progress = city.change("王班长", hazard, "progress", percent=5, note="已到场")

    outcomes = city.apply([accept, progress])

    assert [o.event.seq for o in outcomes] == [3, 4]


def test_acts_beside_the_steps_too(city: City):
    hazards = [city.bring_to(city.report(), "rectifying") for _ in range(6)]
    for hazard in hazards:
        city.control(hazard)
    ask = {
        "requested_due_at": city.day(15), "extension_reason": "materials", "safety_during": "围挡警示，每日两次巡查",
    }  # fmt: skip
    wait = {"reason": "须待道路管理单位批准占道", "monitoring": "每日巡查并拍照", "review_at": city.day(10)}
    lower = {"requested_urgency": "C", "reason": "现场复核，影响范围小于原判断"}
    changes = [
        city.change("王班长", hazards[0], "request_extension", **ask),
        city.change("王班长", hazards[1], "request_extension", **{**ask, "requested_due_at": city.day(60)}),
        city.change("何安全", hazards[2], "suspend", **wait),
        city.change("何安全", hazards[3], "suspend", **{**wait, "review_at": city.day(90)}),
        city.change("何安全", hazards[4], "request_lowering", **lower),
        city.change("何安全", hazards[4], "decide_lowering", decision="approved", opinion="同意调整等级"),
        city.change("韩总", hazards[4], "decide_lowering", decision="approved", opinion="同意调整等级"),
        city.change("何安全", hazards[5], "decide_extension", decision="approved", opinion="同意"),
    ]
    before = {h.id: city.look(h).seq for h in hazards}

    outcomes = city.apply(changes)

    codes = [o.error.code if o.error else None for o in outcomes]
    assert codes == [None, "refused", None, "refused", None, "refused", None, "refused"]
    grown = [city.look(h).seq - before[h.id] for h in hazards]
    assert grown == [1, 0, 1, 0, 2, 0]
    assert [city.look(h).urgency for h in hazards] == ["B", "B", "B", "B", "C", "B"]
    assert "extension_decision" not in city.timers(hazards[1])
    assert city.look(hazards[3]).state == "rectifying"


def test_a_split_that_is_refused_leaves_the_first_hazard_as_it_was(city: City):
    origin = city.bring_to(city.report(), "rectifying")
    city.control(origin)
    seen = city.look(origin)
    changes = [
        city.change("何安全", origin, "split", title="井内积水", description="短"),
        city.change("王班长", origin, "progress", percent=10, note="已到场"),
    ]

    outcomes = city.apply(changes)

    assert [o.error.code if o.error else None for o in outcomes] == ["refused", None]
    after = city.look(origin)
    assert (after.seq, after.details["percent"]) == (seen.seq + 1, 10)
    assert {k: v for k, v in after.details.items() if k not in ("percent", "note")} == {
        k: v for k, v in seen.details.items() if k not in ("percent", "note")
    }
    assert len(city.hazards()) == 1
