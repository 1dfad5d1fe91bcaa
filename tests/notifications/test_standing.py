"""Whoever left or moved while a message waited is not told; whoever stands there now is, and both can be read on the hazard's page."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.identity.models import Membership, Organisation, Person
from hazard_flow.notifications.dispatch import drain
from hazard_flow.notifications.panels import delivery_groups, delivery_rows
from hazard_flow.schedule.models import Outbox
from hazard_flow.storage.scope import SYSTEM
from tests.notifications.test_city import address_everybody

HOUR = timedelta(hours=1)


def leaves(city, name):
    """The person holds no post any more; the account still stands."""
    with city.database.transaction(SYSTEM) as session:
        session.execute(
            sa.update(Membership).where(Membership.person_id == city.person(name)).values(ended_at=city.now)
        )


def moves(city, name, unit, role):
    leaves(city, name)
    with city.database.transaction(SYSTEM) as session:
        to = session.get_one(Organisation, city.founded.units[unit])
        session.add(Membership(person_id=city.person(name), organisation_id=to.id, role=role))


def is_deactivated(city, name):
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Person).where(Person.id == city.person(name)).values(active=False))


def messages(city, hazard, *, template, channel="message"):
    """(who, state, reason) of one kind of message."""
    rows = city.all(
        sa.select(Outbox)
        .where(Outbox.subject_id == hazard.id, Outbox.template == template, Outbox.channel == channel)
        .order_by(Outbox.created_at, Outbox.id)
    )
    return [(city.name(r.person_id), r.state, r.reason) for r in rows]


def while_mail_is_down(city, mail, post):
    """An assigned hazard whose responsible person could not be told yet."""
    address_everybody(city)
    mail.stop()
    hazard = city.bring_to(city.report(), "assigned")
    drain(city.database, city.now, post)
    mail.start()
    return hazard


@pytest.mark.parametrize(
    ("gone", "reason"),
    [
        (leaves, "left"),
        (is_deactivated, "person_inactive"),
        (lambda city, name: moves(city, name, "安平燃气", "safety_director"), "out_of_scope"),
    ],
    ids=["left", "deactivated", "moved to another enterprise"],
)
def test_the_one_above_is_told_instead_and_the_page_says_why(city, mail, post, gone, reason):
    # 何安全 is the safety director to whom an escalation goes
    address_everybody(city)
    hazard = city.report(major=True)
    city.control(hazard)
    mail.stop()
    city.fast_forward(hours=5)
    drain(city.database, city.now, post)
    gone(city, "何安全")
    mail.start()
    drain(city.database, city.now + HOUR, post)

    told = messages(city, hazard, template="escalation")
    assert ("何安全", "dropped", reason) in told
    assert ("韩总", "sent", None) in told, "the principal stands above"
    gone_address = f"{city.person('何安全').hex}@city.example"
    assert gone_address not in [to for to, message in mail.got if "到期" in message["Subject"]]
    with city.database.reading(SYSTEM) as session:
        rows = delivery_rows(
            session, city.look(hazard), "zh", reader=city.actor("何安全"), zone=post.zone, now=city.now
        )
    notes = [r.note for r in rows if r.who == "何安全" and "邮件" in r.channel and r.state == "不再发送"]
    assert any("已改为通知 韩总" in note for note in notes), notes


def test_a_part_somebody_holds_keeps_them_in_sight_wherever_they_work(city, mail, post):
    hazard = while_mail_is_down(city, mail, post)
    moves(city, "王班长", "运行二班", "team_leader")
    drain(city.database, city.now + HOUR, post)
    assert ("王班长", "sent", None) in messages(city, hazard, template="task")


def test_a_hazard_that_changed_hands_is_told_to_its_new_holder_only(city, mail, post):
    hazard = while_mail_is_down(city, mail, post)
    leaves(city, "王班长")
    drain(city.database, city.now + HOUR, post)
    told = messages(city, hazard, template="task")
    assert ("王班长", "dropped", "left") in told
    assert ("赵经理", "sent", None) in told, "the responsible person's manager"
    assert len([who for who, state, _ in told if who == "赵经理" and state == "sent"]) == 1


def test_what_was_given_back_again_goes_to_whoever_stands_above_the_one_it_rose_to(city, mail, post):
    """After the second return the principal owes the step; when the principal leaves, it does not fall back to the safety director."""
    address_everybody(city)
    hazard = city.bring_to(city.report(), "assigned")
    city.give_back(hazard)
    city.assign(hazard, responsible=city.person("吴班长"))
    mail.stop()
    city.give_back(hazard)
    drain(city.database, city.now, post)
    leaves(city, "韩总")
    mail.start()
    drain(city.database, city.now + HOUR, post)
    told = messages(city, hazard, template="returned")[1:]
    assert told == [("韩总", "dropped", "left"), ("唐监管", "sent", None)]


def test_who_is_told_already_is_not_told_twice(city, mail, post):
    """Two officers are told of the same rung; one leaves: the other has the message already."""
    address_everybody(city)
    hazard = city.report(major=True)
    city.control(hazard)
    mail.stop()
    city.fast_forward(hours=80)
    drain(city.database, city.now, post)
    leaves(city, "陈处长")
    mail.start()
    drain(city.database, city.now + HOUR, post)
    top = [one for one in messages(city, hazard, template="escalation") if one[0] in ("陈处长", "梁处长")]
    assert sorted(top) == [("梁处长", "sent", None), ("陈处长", "dropped", "left")]


def test_nobody_left_at_all_is_a_dead_letter_not_a_silent_drop(city, mail, post):
    address_everybody(city)
    hazard = city.report(major=True)
    city.control(hazard)
    mail.stop()
    city.fast_forward(hours=5)
    drain(city.database, city.now, post)
    for name in ("何安全", "孟安全", "韩总", "唐监管", "陈处长", "梁处长", "卢主任"):
        is_deactivated(city, name)
    mail.start()
    drain(city.database, city.now + HOUR, post)
    assert ("何安全", "failed", "nobody") in messages(city, hazard, template="escalation")
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Person).values(active=True))


def test_of_what_was_closed_meanwhile_the_reporter_who_left_needs_no_stand_in(city, mail, post):
    address_everybody(city)
    hazard = city.report()
    city.bring_to(hazard, "closed")
    leaves(city, "李巡检")
    drain(city.database, city.now, post)
    assert ("李巡检", "dropped", "left") in messages(city, hazard, template="closed", channel="inbox")
    assert len(messages(city, hazard, template="closed", channel="inbox")) == 2, (
        "reporter and responsible, nobody else"
    )


def test_the_page_groups_by_event_and_person(city, post):
    hazard = city.report()
    city.fast_forward(hours=2)
    drain(city.database, city.now, post)
    with city.database.reading(SYSTEM) as session:
        rows = delivery_rows(
            session, city.look(hazard), "zh", reader=city.actor("何安全"), zone=post.zone, now=city.now
        )
    groups = delivery_groups(rows)
    assert [g.at for g in groups] == sorted((g.at for g in groups), reverse=True)
    first = groups[-1]
    assert first.what == "待办理"
    assert {who: {row.channel for row in ways} for who, ways in first.people.items()} == {
        "何安全": {"站内消息", "短信或邮件（改送站内）"},
    }
