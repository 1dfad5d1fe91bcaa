"""A hazard's page on its whole way: the next step first, why not, what stands open and until when, duties, links, the record in words."""

from datetime import timedelta

import pytest

from tests.harness.city import City
from tests.harness.founding import ZONE
from tests.hazards.reading import entry, keys, page


def reasons(drawn, action):
    """Why an act is not open: (still in the way, there already)."""
    [one] = [a for a in drawn.refused if a.action == action]
    return [r.text for r in one.refused_because if not r.is_met], [
        r.text for r in one.refused_because if r.is_met
    ]


def matter(drawn, key):
    return next(one for one in drawn.matters if one.key == key)


def duty(drawn, key):
    return next(one for one in drawn.duties if one.key == key)


# the next step, and what stands beside it


def test_the_next_step_is_first_and_open_and_the_rest_folded_under_headings(city: City):
    hazard = city.bring_to(city.report(), "rectifying")

    drawn = page(city, "王班长", hazard)

    assert keys(drawn.next_steps)[0] == "submit"
    assert [one.action for one in drawn.actions if one.is_open] == ["submit"]
    assert {group.key for group in drawn.groups} >= {"requests", "controls", "records"}
    assert not any(group.is_open for group in drawn.groups)
    shown = keys(drawn.next_steps) + [a for group in drawn.groups for a in keys(group.forms)]
    assert sorted(shown) == sorted(keys(drawn.allowed))


def test_nothing_is_offered_that_the_door_would_refuse(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    for name in ("王班长", "何安全", "徐复查", "李巡检", "唐监管", "韩总", "周调度"):
        drawn = page(city, name, hazard)
        assert not {"decide_extension", "pass", "close", "assign", "lift_listing"} & set(
            keys(drawn.allowed)
        ), name


def test_whoever_waits_is_told_for_whom(city: City):
    hazard = city.bring_to(city.report(), "submitted")

    assert "徐复查" in page(city, "王班长", hazard).waits_for
    assert page(city, "徐复查", hazard).waits_for == ""
    still_missing, _ = reasons(page(city, "王班长", hazard), "pass")
    assert any("徐复查" in text for text in still_missing)


def test_a_major_says_whose_signature_is_missing(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    city.approve_plan(hazard)

    missing, there = reasons(page(city, "赵经理", hazard), "submit")

    assert any("主要负责人" in text for text in missing)
    plan = page(city, "赵经理", hazard).duties
    assert there == [one.label for one in plan if one.key == "plan_approved"]
    english, _ = reasons(page(city, "赵经理", hazard, "en"), "submit")
    assert any("rincipal" in text for text in english)
    city.sign_completion(hazard)
    assert "submit" in keys(page(city, "赵经理", hazard).next_steps)


def test_a_way_out_on_the_page_is_linked_where_it_is_the_reader_s(city: City):
    hazard = city.report()
    city.assign(hazard, by="赵经理", closer=str(city.person("何安全")))
    for step in (city.accept, city.submit, city.verify, city.control):
        step(hazard)

    [one] = [a for a in page(city, "何安全", hazard).refused if a.action == "close"]

    [why] = [r for r in one.refused_because if r.href]
    assert why.href == "#action-lift_control"
    assert why.link_label


def test_acts_of_strangers_are_not_listed_as_refused(city: City):
    hazard = city.bring_to(city.report(), "rectifying")

    refused = set(keys(page(city, "李巡检", hazard).refused))

    assert "record_penalty" not in refused
    assert "reassign" not in refused
    assert "submit" in refused, "everybody waits for it"


# what stands open


def test_an_extension_asked_for_is_told_with_until_when_by_whom_and_when_it_is_decided(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.request_extension(hazard, days=15)

    drawn = page(city, "何安全", hazard)

    asked = matter(drawn, "extension")
    assert (asked.by, asked.since) == ("王班长", city.now)
    assert any("2026-11-17 24:00" in line for line in asked.lines)
    assert asked.clock is not None
    assert asked.clock.due_at == city.timers(hazard)["extension_decision"].expires_at
    assert [way.action for way in asked.ways] == ["decide_extension"]
    assert "decide_extension" in keys(drawn.next_steps)
    assert any("11-17" in mark for mark in drawn.marks)
    own = matter(page(city, "王班长", hazard), "extension")
    assert own.ways == ()
    assert own.waits


def test_the_clock_draws_the_asked_end_then_the_first_one(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    first_due = city.look(hazard).due_at
    city.request_extension(hazard, days=15)

    [asked] = [c for c in page(city, "王班长", hazard).clocks if c.asked_from_percent is not None]
    # ten of fifteen days, counted from the assignment to the end of each day
    assert asked.asked_from_percent == pytest.approx(67, abs=3)
    assert asked.original_due_at is None
    city.decide_extension(hazard)
    [granted] = [c for c in page(city, "王班长", hazard).clocks if c.original_due_at is not None]
    assert granted.original_due_at == first_due
    assert granted.original_percent == pytest.approx(67, abs=3)
    assert granted.asked_from_percent is None


def test_both_clocks_stand_first_and_the_met_one_says_how_fast(city: City):
    hazard = city.report(suspected_urgency="A")
    assert [c.is_make_safe for c in page(city, "何安全", hazard).clocks][:1] == [True]
    city.fast_forward(minutes=12)
    city.control(hazard)
    city.bring_to(hazard, "assigned")

    clocks = page(city, "何安全", hazard).clocks

    assert clocks[0].ended_at is not None
    assert "12" in clocks[0].note
    assert clocks[1].countdown is not None
    assert clocks[1].countdown.due_at == city.look(hazard).due_at


def test_controls_are_told_each_with_who_and_when(city: City):
    hazard = city.bring_to(city.report(), "assigned")
    city.control(hazard)
    city.fast_forward(hours=1)
    city.control(hazard, by="王班长", control="INCREASED_PATROL")

    controls = matter(page(city, "何安全", hazard), "control")

    assert len(controls.lines) == 2
    assert "周调度" in controls.lines[0]
    assert "11-02 09:00" in controls.lines[0]
    assert "王班长" in controls.lines[1]
    assert [way.action for way in controls.ways] == ["lift_control"]


def test_a_suspension_says_why_and_when_it_is_looked_at_again(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.control(hazard)
    city.suspend(hazard, days=14)

    blocked = matter(page(city, "何安全", hazard), "blocked")

    assert blocked.by == "何安全"
    assert any("占道施工" in line for line in blocked.lines)
    assert blocked.clock is not None
    assert {"resume", "review"} <= {way.action for way in blocked.ways}


def test_one_of_two_signatures_names_who_signed_and_who_has_not(city: City):
    hazard = city.bring_to(city.report(major=True), "submitted")
    city.verify(hazard, by="唐监管")

    drawn = page(city, "梁处长", hazard)

    signed = matter(drawn, "signed:pass")
    assert any("唐监管" in line for line in signed.lines)
    assert any("梁处长" in line for line in signed.lines)
    assert [way.action for way in signed.ways] == ["pass"]
    assert keys(drawn.next_steps)[0] == "pass"
    assert matter(page(city, "唐监管", hazard), "signed:pass").ways == ()


def test_counts_are_marks_at_the_head(city: City):
    hazard = city.bring_to(city.report(), "assigned")
    city.give_back(hazard)
    city.assign(hazard)
    city.accept(hazard)
    city.submit(hazard)
    city.fail(hazard)

    marks = page(city, "何安全", hazard).marks

    assert len([m for m in marks if "1" in m]) == 2
    assert page(city, "何安全", hazard, "en").marks != marks


# duties


def test_the_duties_of_a_major_are_a_checklist_with_ways_and_limits(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    at_first = page(city, "何安全", hazard)

    statuses = {one.key: one.status for one in at_first.duties}
    for mark in ("regulator_told", "staff_congress_told", "plan_approved", "principal_signed"):
        assert statuses[mark] in ("due", "open"), mark
    assert duty(at_first, "plan_approved").way.action == "submit_plan"
    city.submit_plan(hazard)
    assert duty(page(city, "何安全", hazard), "plan_approved").status == "waiting"
    assert duty(page(city, "韩总", hazard), "plan_approved").way.action == "decide_plan"
    city.decide_plan(hazard)
    done = duty(page(city, "何安全", hazard), "plan_approved")
    assert (done.status, done.note, done.at) == ("done", "韩总", city.now)
    two = next(one for one in at_first.duties if one.key.startswith("signed:"))
    assert "唐监管" in two.note
    assert [one for one in at_first.duties if one.key == "confirmed"]


def test_a_duty_left_undone_is_overdue(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    city.fast_forward(days=20)

    assert "overdue" in {one.status for one in page(city, "何安全", hazard).duties}


def test_a_general_hazard_has_no_list_of_duties(city: City):
    hazard = city.bring_to(city.report(), "closed")
    assert page(city, "何安全", hazard).duties == ()


# hazards that belong together


def test_related_hazards_are_linked_both_ways(city: City):
    origin = city.bring_to(city.report(asset="VW-1"), "closed")
    relapse = city.relapse(origin, asset="VW-1")

    assert [(r.number, r.href) for r in page(city, "何安全", relapse).related] == [
        (origin.number, f"/hazards/{origin.number}")
    ]
    [back] = page(city, "何安全", origin).related
    assert (back.number, back.label) != (origin.number, page(city, "何安全", relapse).related[0].label)


def test_a_closed_one_is_reported_again_as_a_relapse_while_it_counts_as_one(city: City):
    hazard = city.bring_to(city.report(), "closed")
    assert page(city, "李巡检", hazard).relapse_href == f"/hazards/new?reopen_of={hazard.number}"
    city.fast_forward(days=181)
    assert page(city, "李巡检", hazard).relapse_href == ""


# the record


def test_silence_is_told_as_what_it_is(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.request_extension(hazard)
    city.fast_forward(days=3)

    drawn = page(city, "何安全", hazard)

    lapsed = entry(drawn, "延期申请逾期未批（视为不同意）")
    assert (lapsed.actor, lapsed.is_system) == ("系统", True)
    assert any("到期无人办理" in line for line in lapsed.details)
    assert not any(one.key == "extension" for one in drawn.matters)


def test_a_granted_extension_tells_the_new_deadline(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.request_extension(hazard, days=15)
    city.decide_extension(hazard)

    granted = entry(page(city, "王班长", hazard), "批复延期")

    assert granted.actor == "何安全"
    assert any("2026-11-17 24:00" in line for line in granted.details)
    refused_words = [line for line in granted.details if "approved" in line or "due_at" in line]
    assert refused_words == [], "no key stands in for a word"


def test_a_count_that_climbed_says_whom_it_reached(city: City):
    hazard = city.bring_to(city.report(), "submitted")
    city.fail(hazard)
    city.submit(hazard)
    city.fail(hazard)

    failed = entry(page(city, "何安全", hazard), "复查不合格")

    [line] = [text for text in failed.details if "第 2 次" in text]
    assert "橙色" in line
    assert "唐监管" in line


def test_splits_and_merges_are_told_by_number_on_both(city: City):
    hazard = city.bring_to(city.report(), "assigned")
    part = city.split(hazard)
    other = city.report("同一处又报一次")
    city.merge(other, hazard)

    whole = page(city, "何安全", hazard)

    assert any(part.number in text for text in entry(whole, "拆分").details)
    assert any(other.number in one.title for one in whole.timeline)
    assert any(hazard.number in text for text in entry(page(city, "何安全", other), "合并").details)
    assert any(hazard.number in text for text in page(city, "何安全", part).timeline[-1].details)


def test_penalties_tell_the_counts_and_the_proposal_to_close(city: City):
    hazard = city.bring_to(city.report(major=True), "assigned")
    for _ in range(3):
        city.record_penalty(hazard)

    told = entry(page(city, "唐监管", hazard), "登记行政处罚")

    assert any("180 天" in text and "3 次" in text for text in told.details)
    assert any("提请关闭" in text for text in told.details)


def test_the_record_names_nobody_who_reported_in_confidence(city: City):
    hazard = city.report_protected()
    city.take_up(hazard)

    for name in ("何安全", "李巡检"):
        first = page(city, name, hazard).timeline[-1]
        assert first.actor == "受保护的上报人", name
    officer = page(city, "唐监管", hazard)
    assert officer.timeline[-1].actor == "受保护的上报人"
    assert any(fact.value == "李巡检" for fact in officer.facts)
    assert not any("李巡检" in fact.value for fact in page(city, "何安全", hazard).facts)
    notes = {name: page(city, name, hazard).protection_note for name in ("何安全", "唐监管", "李巡检")}
    assert len(set(notes.values())) == 3
    assert all(notes.values())


def test_whoever_asked_in_confidence_and_later_works_on_it_is_named_for_their_own_work(city: City):
    hazard = city.report_protected(by="王班长")
    city.take_up(hazard)
    city.bring_to(hazard, "rectifying")
    city.progress(hazard)

    told = page(city, "何安全", hazard).timeline

    assert told[0].actor == "王班长"
    assert told[-1].actor == "受保护的上报人"


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_state_s_page_is_in_words(city: City, locale: str):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    city.submit_plan(hazard)
    city.list_(hazard)
    city.request_transfer(hazard)
    city.fast_forward(days=9)
    for name in ("何安全", "唐监管", "赵经理", "韩总", "卢主任"):
        drawn = page(city, name, hazard, locale)
        said = [
            *drawn.marks,
            drawn.waits_for,
            *(text for m in drawn.matters for text in (m.label, m.waits, *m.lines)),
            *(text for d in drawn.duties for text in (d.label, d.note)),
            *(text for one in drawn.timeline for text in (one.title, *one.details)),
            *(r.text for one in drawn.refused for r in one.refused_because),
        ]
        assert [text for text in said if "{" in text or "hazards." in text or "None" in text] == []
    assert city.now - hazard.reported_at == timedelta(days=9)


@pytest.mark.parametrize(
    ("code", "hours", "days"),
    [("REG-G05", 20, 7), ("REG-G05", 24 * 9, 9 + 30), ("", 0, 30)],
    ids=["its days from the report", "not days gone by", "no row"],
)
def test_whoever_classifies_is_offered_the_deadline_of_the_catalogue_s_row(
    city: City, code: str, hours: int, days: int
):
    row = {"catalogue_code": code} if code else {}
    hazard = city.report("过滤器压差超限", suspected_urgency="B", **row)
    city.clock.advance(timedelta(hours=hours))

    [form] = [one for one in page(city, "何安全", hazard).actions if one.action == "assign"]

    offered = {one.name: one.value for one in form.fields}
    last = hazard.reported_at.astimezone(ZONE).date() + timedelta(days=days)
    assert offered["due_at"] == last.isoformat()
    assert offered["basis"] == code
    assert offered["urgency"] == "B"
