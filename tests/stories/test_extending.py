"""More time is asked for early, decided by somebody else, and granted at most so often; the first deadline stays for the figures."""

from datetime import timedelta

import pytest

from hazard_flow.errors import NotAllowed, NotFound, Refused, StateConflict
from tests.harness.city import City
from tests.harness.refusals import said
from tests.harness.together import together

#: reported and assigned on Monday the 2nd for ten days: until Thursday the 12th, 24:00
TERM = timedelta(days=10, hours=15)


def working(city: City, **order):
    hazard = city.report()
    city.assign(hazard, **order)
    city.accept(hazard)
    city.control(hazard)
    return city.look(hazard)


def test_approved_it_moves_the_deadline_and_plans_the_timer_anew(city: City):
    hazard = working(city)
    city.request_extension(hazard, days=15)
    assert city.look(hazard).due_at == hazard.due_at  # asking moves nothing

    city.decide_extension(hazard)

    extended = city.look(hazard)
    assert extended.due_at - hazard.due_at == timedelta(days=5)
    assert extended.original_due_at == hazard.due_at
    assert extended.counters == {"extended": 1}
    rectify = city.timers(hazard)["rectify"]
    assert rectify.expires_at == extended.due_at
    assert city.events(hazard)[-1].data["adopted"] == {
        "due_at": extended.due_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    }
    city.fast_forward(days=12)
    assert city.firings(hazard, "rectify") == []


def test_who_hears_of_the_request_and_of_the_decision(city: City):
    hazard = working(city)

    city.request_extension(hazard)
    assert {m.who for m in city.told(hazard, template="told")} == {"何安全"}

    city.decide_extension(hazard, by="韩总")
    assert [m.who for m in city.told(hazard, template="told") if m.channel == "inbox"] == ["何安全", "王班长"]


def test_rejected_everything_stays(city: City):
    hazard = working(city)
    city.request_extension(hazard)

    city.decide_extension(hazard, decision="rejected", opinion="理由不充分")

    after = city.look(hazard)
    assert (after.due_at, after.counters) == (hazard.due_at, {})
    assert "extension" not in after.proceedings["open"]
    assert "extension_decision" not in city.timers(hazard)
    city.request_extension(hazard)  # a refused one does not count


def test_past_the_deadline_nobody_asks_any_more(city: City):
    hazard = working(city)
    city.fast_forward(days=10, hours=15)
    assert city.now == hazard.due_at

    with pytest.raises(Refused) as refusal:
        city.request_extension(hazard)

    assert {("guard", "before_due"), ("guard", "asked_in_time")} <= said(refusal)


def test_three_working_days_before_are_the_last_moment(city: City):
    hazard = working(city)
    city.fast_forward(days=7, hours=14, minutes=59)  # Monday 23:59; the 12th is a Thursday
    city.request_extension(hazard, days=10)
    city.decide_extension(hazard, decision="rejected", opinion="不同意")

    city.fast_forward(minutes=1)

    with pytest.raises(Refused) as refusal:
        city.request_extension(hazard, days=10)
    assert said(refusal) == {("guard", "asked_in_time")}


def test_weekends_do_not_count_as_notice(city: City):
    hazard = working(
        city, due_at="2026-11-16"
    )  # a Monday: three working days before is Wednesday the 11th, 24:00
    city.fast_forward(days=9, hours=15)

    with pytest.raises(Refused) as refusal:
        city.request_extension(hazard, requested_due_at="2026-11-20")

    assert said(refusal) == {("guard", "asked_in_time")}


def test_silence_refuses_at_the_exact_instant(city: City):
    hazard = working(city)
    city.request_extension(hazard)
    expires_at = city.timers(hazard)["extension_decision"].expires_at
    assert expires_at - city.now == timedelta(days=2, hours=15)  # the end of the second working day

    city.fast_forward(days=2, hours=14, minutes=59)
    assert "extension" in city.look(hazard).proceedings["open"]

    city.fast_forward(minutes=1)
    [lapsed] = [e for e in city.events(hazard) if e.action == "lapse_extension"]
    assert (lapsed.at, lapsed.who, lapsed.data["silent"]["late_ms"]) == (expires_at, "system:timers", 0)
    assert city.look(hazard).due_at == hazard.due_at
    assert {m.who for m in city.told(hazard) if m.params.get("action") == "lapse_extension"} == {
        "王班长", "何安全",
    }  # fmt: skip


def test_an_answer_after_that_instant_finds_nothing_though_no_worker_has_looked_yet(city: City):
    hazard = working(city)
    city.request_extension(hazard)
    city.clock.advance(timedelta(days=2, hours=15))  # the workers stand still

    with pytest.raises(Refused) as refusal:
        city.decide_extension(hazard)

    assert said(refusal) == {("guard", "nothing_open")}
    city.tick()
    assert city.look(hazard).due_at == hazard.due_at


def test_other_work_meanwhile_lets_it_lapse_first_and_goes_on(city: City):
    hazard = working(city)
    city.request_extension(hazard)
    seen = city.look(hazard).seq
    city.clock.advance(timedelta(days=3))

    city.progress(hazard, expected_version=seen)

    assert city.actions(hazard)[-2:] == ["lapse_extension", "progress"]
    lapsed = city.events(hazard)[-2]
    assert lapsed.data["silent"]["late_ms"] == timedelta(hours=9).total_seconds() * 1000


def test_who_asked_and_who_mends_do_not_decide(city: City):
    hazard = working(city, responsible=str(city.person("何安全")))
    city.request_extension(hazard)

    with pytest.raises(Refused) as refusal:
        city.decide_extension(hazard, by="何安全")
    assert said(refusal) == {("separation", "own_work")}
    assert {m.who for m in city.told(hazard, template="told")} == {"韩总"}  # the next who may

    city.decide_extension(hazard, by="韩总")


@pytest.mark.parametrize("who", ["赵经理", "王班长", "徐复查", "唐监管"])
def test_nobody_else_decides(city: City, who: str):
    hazard = working(city)
    city.request_extension(hazard)

    with pytest.raises((NotAllowed, NotFound)):
        city.decide_extension(hazard, by=who)

    assert city.look(hazard).due_at == hazard.due_at


def test_only_whoever_mends_asks(city: City):
    hazard = working(city)

    with pytest.raises(NotAllowed):
        city.request_extension(hazard, by="赵经理")


def test_a_general_one_is_extended_once(city: City):
    hazard = working(city, due_at=city.day(20))
    city.request_extension(hazard, days=25)
    city.decide_extension(hazard)

    with pytest.raises(Refused) as refusal:
        city.request_extension(hazard, days=28)

    assert said(refusal) == {("guard", "extension_left")}


def test_at_most_the_term_once_more(city: City):
    hazard = working(city)

    with pytest.raises(Refused) as refusal:
        city.request_extension(hazard, days=22)
    assert said(refusal) == {("requested_due_at", "too_late")}

    city.request_extension(hazard, days=21)  # 24:00 of the day the same term ends again


def test_all_that_is_missing_is_said_at_once(city: City):
    hazard = working(city, basis=["VLV-G01"])
    city.fast_forward(days=9)

    with pytest.raises(Refused) as refusal:
        city.request_extension(hazard, extension_reason=None, safety_during="有", requested_due_at=None)

    assert said(refusal) == {
        ("requested_due_at", "required"),
        ("extension_reason", "required"),
        ("safety_during", "too_short"),
        ("guard", "asked_in_time"),
        ("guard", "extension_possible"),
    }


def test_a_leak_is_not_extended(city: City):
    hazard = working(city, basis=["PIP-G02"])

    with pytest.raises(Refused) as refusal:
        city.request_extension(hazard)

    assert said(refusal) == {("guard", "extension_possible")}


def test_an_alarm_of_gas_is_not_extended(city: City):
    [opened] = city.apply([city.alarm_report()])
    city.assign(opened.hazard, basis=["VLV-G04"])
    city.accept(opened.hazard)

    with pytest.raises(Refused) as refusal:
        city.request_extension(opened.hazard)

    assert said(refusal) == {("guard", "extension_possible")}


def test_nor_while_the_gas_is_stopped(city: City):
    hazard = working(city)
    city.stop_gas(hazard)

    with pytest.raises(Refused) as refusal:
        city.request_extension(hazard)

    assert said(refusal) == {("guard", "extension_possible")}


@pytest.mark.parametrize(("days", "possible"), [(2, False), (6, True)])
def test_an_urgent_one_with_a_short_term_is_not_extended(city: City, days: int, possible: bool):
    hazard = working(city, urgency="A", due_at=city.day(days))

    if possible:
        city.request_extension(hazard, days=8)
        return
    with pytest.raises(Refused) as refusal:
        city.request_extension(hazard, days=3)
    assert {("guard", "extension_possible"), ("guard", "asked_in_time")} == said(refusal)


def test_asked_twice_it_is_refused(city: City):
    hazard = working(city)
    city.request_extension(hazard)

    with pytest.raises(Refused) as refusal:
        city.request_extension(hazard)

    assert said(refusal) == {("guard", "already_open")}


def test_not_before_it_is_accepted_nor_after_it_is_handed_in(city: City):
    hazard = city.bring_to(city.report(), "assigned")
    with pytest.raises(StateConflict):
        city.request_extension(hazard)

    city.accept(hazard)
    city.submit(hazard)
    with pytest.raises(StateConflict):
        city.request_extension(hazard)


def test_an_open_request_keeps_it_from_closing(city: City):
    hazard = working(city)
    city.request_extension(hazard)
    city.submit(hazard)
    city.verify(hazard)
    city.lift_control(hazard)

    with pytest.raises(Refused) as refusal:
        city.close(hazard)
    assert said(refusal) == {("guard", "no_open_extension")}

    city.decide_extension(hazard, decision="rejected", opinion="已办结")
    city.close(hazard)


def test_half_way_whoever_decides_is_reminded(city: City):
    hazard = working(city)
    city.request_extension(hazard)

    city.fast_forward(days=1, hours=12)

    [reminder] = [e for e in city.events(hazard, "timer.reminded") if e.data["timer"] == "extension_decision"]
    assert {city.name(p) for p in reminder.data["told"]} == {"何安全"}


def test_two_decisions_at_once_and_one_wins(city: City):
    hazard = working(city)
    city.request_extension(hazard)
    yes = city.change("何安全", hazard, "decide_extension", decision="approved", opinion="同意")
    no = city.change("韩总", hazard, "decide_extension", decision="rejected", opinion="不同意")

    answers = together(2, lambda n: city.act_as(yes if n == 0 else no))

    refused = [a for a in answers if isinstance(a, Exception)]
    assert [r.code for r in refused] == ["refused"], answers
    assert city.actions(hazard).count("decide_extension") == 1
    won = next(e for e in city.events(hazard) if e.action == "decide_extension").data["fields"]["decision"]
    moved = city.look(hazard).due_at != hazard.due_at
    assert moved is (won == "approved")
    assert city.look(hazard).counters.get("extended", 0) == (1 if won == "approved" else 0)


def major_working(city: City, days: int = 60):
    hazard = city.report(major=True)
    city.assign(hazard, due_at=city.day(days))
    city.accept(hazard)
    return city.look(hazard)


def test_a_major_is_asked_for_ten_working_days_before_and_decided_by_the_regulator(city: City):
    hazard = major_working(city)
    city.request_extension(hazard, by="韩总", days=90)
    assert {"唐监管"} <= {m.who for m in city.told(hazard, template="told")}
    assert city.timers(hazard)["extension_decision"].expires_at - city.now == timedelta(days=14, hours=15)

    with pytest.raises(NotAllowed):
        city.decide_extension(hazard, by="何安全")
    city.decide_extension(hazard, by="唐监管")

    assert city.look(hazard).due_at - hazard.due_at == timedelta(days=30)


def test_a_major_late_with_its_request_is_refused(city: City):
    hazard = major_working(
        city, days=14
    )  # until Monday the 16th; ten working days before is this very Monday, 24:00
    city.fast_forward(hours=15)

    with pytest.raises(Refused) as refusal:
        city.request_extension(hazard, days=20)

    assert said(refusal) == {("guard", "asked_in_time")}


def test_a_major_is_extended_twice_and_within_a_year_of_its_assignment(city: City):
    hazard = major_working(city)
    for days in (90, 120):
        city.request_extension(hazard, days=days)
        city.decide_extension(hazard)

    with pytest.raises(Refused) as refusal:
        city.request_extension(hazard, days=370)

    assert said(refusal) == {("guard", "extension_left"), ("requested_due_at", "too_late")}
