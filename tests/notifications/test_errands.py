"""Calls and letters no machine carries: a visible list with an outcome to be logged, that nothing falls out of by itself."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.errors import Conflict, NotAllowed, NotFound, Refused
from hazard_flow.identity.models import Contact
from hazard_flow.notifications import errands
from hazard_flow.notifications.dispatch import drain
from hazard_flow.notifications.errands import log_outcome
from hazard_flow.notifications.keeping import retry
from hazard_flow.notifications.lists import errand_groups
from hazard_flow.notifications.models import Errand, ErrandEntry, Message
from hazard_flow.notifications.panels import delivery_rows
from hazard_flow.schedule.models import Outbox
from hazard_flow.storage.scope import SYSTEM
from tests.notifications.test_city import Browser


def unsafe(city, post):
    """A hazard nobody made safe: the ladder calls desk and foreman, then the safety director."""
    hazard = city.report()
    city.fast_forward(minutes=45)
    drain(city.database, city.now, post)
    drain(city.database, city.now, post)  # word to the desk is written by the first
    return hazard


def calls(city, hazard):
    """Whom to call → who is asked to."""
    rows = city.all(sa.select(Errand).where(Errand.subject_id == hazard.id))
    return {
        city.name(r.person_id): [
            name for name in ("周调度", "何安全", "孟安全") if city.person(name).hex in r.doers
        ]
        for r in rows
    }


def errand_for(city, hazard, name):
    [row] = city.all(
        sa.select(Errand).where(Errand.subject_id == hazard.id, Errand.person_id == city.person(name))
    )
    return row


def log(city, who, errand, outcome, note=""):
    with city.database.transaction(SYSTEM) as session:
        return log_outcome(session, city.actor(who), errand.id, outcome=outcome, note=note, now=city.now)


def way(city, hazard, name, channel="phone"):
    [row] = city.all(
        sa.select(Outbox).where(
            Outbox.subject_id == hazard.id, Outbox.person_id == city.person(name), Outbox.channel == channel
        )
    )
    return row


def test_the_desk_is_asked_to_call_and_whoever_stands_above_calls_the_desk(city, post):
    hazard = unsafe(city, post)

    assert calls(city, hazard) == {"周调度": ["何安全"], "王班长": ["周调度"], "何安全": ["周调度"]}
    inbox = city.all(sa.select(Message).where(Message.person_id == city.person("周调度")))
    assert [m.template for m in inbox].count("errand_phone") == 2, (
        "once a rung, however many are to be called"
    )
    assert {r.state for r in city.all(sa.select(Outbox).where(Outbox.channel == "phone"))} == {"handed"}


def test_a_call_that_reached_its_person_is_a_delivery_by_telephone(city, post):
    hazard = unsafe(city, post)
    city.clock.advance(timedelta(minutes=3))
    log(city, "周调度", errand_for(city, hazard, "何安全"), "reached", "已告知，正赶往现场")

    row = way(city, hazard, "何安全")
    assert (row.state, row.delivered_by, row.sent_at) == ("sent", "phone", city.now)
    with city.database.reading(SYSTEM) as session:
        told = delivery_rows(
            session, city.look(hazard), "zh", reader=city.actor("何安全"), zone=post.zone, now=city.now
        )
    [shown] = [r for r in told if r.who == "何安全" and r.channel == "电话"]
    assert shown.state == "已送达"
    assert "已接通并告知（周调度，" in shown.note
    assert "正赶往现场" in shown.note


def test_an_unanswered_call_stays_open_with_every_try_on_record(city, post):
    hazard = unsafe(city, post)
    errand = errand_for(city, hazard, "何安全")
    for _ in range(2):
        city.clock.advance(timedelta(minutes=4))
        log(city, "周调度", errand, "no_answer")

    assert errand_for(city, hazard, "何安全").state == "open"
    assert way(city, hazard, "何安全").state == "handed"
    log(city, "周调度", errand, "reached")
    tries = city.all(
        sa.select(ErrandEntry).where(ErrandEntry.errand_id == errand.id).order_by(ErrandEntry.at)
    )
    assert [one.outcome for one in tries] == ["no_answer", "no_answer", "reached"]
    with pytest.raises(sa.exc.DBAPIError), city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(ErrandEntry).values(outcome="reached"))


def test_a_wrong_number_is_a_dead_letter_and_let_try_again_it_is_an_errand_again(city, post):
    hazard = unsafe(city, post)
    log(city, "周调度", errand_for(city, hazard, "何安全"), "wrong_number")
    row = way(city, hazard, "何安全")
    assert (row.state, row.reason) == ("failed", "wrong_number")
    drain(city.database, city.now, post)
    told = city.all(sa.select(Message).where(Message.template == "undelivered"))
    assert {city.name(m.person_id) for m in told} == {"钱管理"}, "the administrator can mend the number"

    with city.database.transaction(SYSTEM) as session:
        retry(session, row.id, actor="operator:root", now=city.now)
    drain(city.database, city.now, post)
    assert errand_for(city, hazard, "何安全").state == "open"
    assert way(city, hazard, "何安全").state == "handed"


def test_when_the_hazard_is_closed_nobody_need_call_any_more(city, post):
    hazard = unsafe(city, post)
    city.dismiss(hazard)
    drain(city.database, city.now, post)
    assert {e.state for e in city.all(sa.select(Errand))} == {"void"}
    assert {(r.state, r.reason) for r in city.all(sa.select(Outbox).where(Outbox.channel == "phone"))} == {
        ("dropped", "closed")
    }


def test_word_to_the_desk_about_what_is_done_meanwhile_is_not_mailed(city, mail, post):
    with city.database.transaction(SYSTEM) as session:
        session.execute(
            sa.update(Contact)
            .where(Contact.person_id == city.person("周调度"))
            .values(email="desk@gas.example")
        )
    mail.stop()
    hazard = unsafe(city, post)
    for name in ("王班长", "何安全"):
        log(city, "周调度", errand_for(city, hazard, name), "reached")
    mail.start()
    drain(city.database, city.now + timedelta(hours=1), post)
    assert not [m for _, m in mail.got if "请电话通知" in m["Subject"]]


def test_outcomes_are_logged_by_those_whose_task_it_is_and_only_as_they_can_be(city, post):
    hazard = unsafe(city, post)
    errand = errand_for(city, hazard, "何安全")
    with pytest.raises(NotAllowed):
        log(city, "李巡检", errand, "reached")
    with pytest.raises(NotFound):
        log(city, "马安全", errand, "reached")  # another enterprise
    with pytest.raises(Refused) as refused:
        log(city, "周调度", errand, "delivered", "x" * 301)
    assert {error.field for error in refused.value.fields} == {"outcome", "note"}
    log(city, "唐监管", errand, "reached")  # the county's officer may help out
    with pytest.raises(Conflict):
        log(city, "周调度", errand, "reached")


def test_the_list_names_whom_to_call_with_number_and_deadline_and_takes_the_outcome(city, post, tmp_path):
    with city.database.transaction(SYSTEM) as session:
        session.execute(
            sa.update(Contact).where(Contact.person_id == city.person("何安全")).values(phone="10000000042")
        )
    hazard = unsafe(city, post)
    desk = Browser(city, tmp_path, "周调度")
    page = desk.get("/errands").text
    assert "10000000042" in page
    assert hazard.number in page
    errand = errand_for(city, hazard, "何安全")
    answer = desk.post(f"/errands/{errand.id}/entries", outcome="no_answer", note="<b>占线</b>")
    assert answer.status_code == 303
    again = desk.get("/errands").text
    assert "无人接听" in again
    assert "&lt;b&gt;占线" in again
    assert desk.post(f"/errands/{errand.id}/entries", outcome="reached").status_code == 303
    assert "已接通并告知" in desk.get("/errands").text
    assert desk.post("/errands/nonsense/entries", outcome="reached").status_code == 404
    assert Browser(city, tmp_path, "李巡检").get("/errands").status_code == 403
    assert hazard.number not in Browser(city, tmp_path, "马安全").get("/errands").text


def test_a_late_errand_is_seen_to_be_late(city, post):
    hazard = unsafe(city, post)
    actor = city.actor("周调度")
    with city.database.reading(SYSTEM) as session:
        before, _ = errand_groups(session, actor, "zh", zone=post.zone, now=city.now)
        after, _ = errand_groups(
            session, actor, "zh", zone=post.zone, now=city.now + errands.PHONE_WITHIN + timedelta(minutes=1)
        )
    assert {g.href for g in after} == {f"/hazards/{hazard.number}"}
    assert {g.is_late for g in after} == {True}
    assert False in {g.is_late for g in before}
