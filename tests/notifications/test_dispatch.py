"""The outbox empties itself: once to each person, whatever the mail server does."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.identity.models import Person
from hazard_flow.notifications import dispatch, sending
from hazard_flow.notifications.checks import stuck_outbox
from hazard_flow.notifications.dispatch import LEASE, Post, drain, post_of
from hazard_flow.notifications.models import Errand, Message
from hazard_flow.notifications.retries import retry_after
from hazard_flow.schedule.models import Outbox
from hazard_flow.schedule.operations import enqueue
from hazard_flow.settings import Settings
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM
from tests.notifications.conftest import NOW

HAZARD = {
    "number": "YH-990102-20260511-0001",
    "title": "阀井漏气",
    "state": "rectifying",
    "workflow": "general.v1",
    "due_at": "2026-05-12T16:00:00.000000Z",
}


def letter(cast, person, channel, *, template="task", seq=1, subject=None, now=NOW, **params):
    return Outbox(
        home_id=cast["home"], subject_kind="round", subject_id=subject or new_id(), seq=seq, person_id=cast[person],
        channel=channel, template=template, params={**HAZARD, **params}, created_at=now, due_at=now,
    )  # fmt: skip


def put(database, *letters):
    with database.transaction(SYSTEM) as session:
        enqueue(session, letters)


def about(database):
    """The messages themselves, without what keepers and desk were told because of them."""
    return [row for row in rows(database) if row.subject_kind == "round"]


def rows(database, entity=Outbox):
    with database.reading(SYSTEM) as session:
        found = list(session.scalars(sa.select(entity).order_by(entity.id)))
        session.expunge_all()
        return found


def test_the_inbox_and_the_mail_carry_the_message_in_the_readers_language(database, cast, mail, post):
    event = new_id()
    put(
        database,
        letter(cast, "wang", "inbox", subject=event),
        letter(cast, "wang", "message", subject=event),
        letter(cast, "li", "message", subject=event),
    )
    result = drain(database, NOW, post)
    assert (result.sent, result.dropped, result.failed, result.retried) == (3, 0, 0, 0)
    by_address = dict(mail.got)
    assert set(by_address) == {"wang@gas.example", "li@gas.example"}
    zh, en = by_address["wang@gas.example"], by_address["li@gas.example"]
    assert zh["Subject"] == "待您办理：阀井漏气（YH-990102-20260511-0001）"
    assert "王调度，您好" in zh.get_content()
    assert "5月12日 24:00" in zh.get_content()
    assert en["Subject"] == "Waiting for you: 阀井漏气 (YH-990102-20260511-0001)"
    assert {row.delivered_by for row in rows(database)} == {"inbox", "email"}
    assert [m.person_id for m in rows(database, Message)] == [cast["wang"]]
    assert drain(database, NOW, post).sent == 0


def test_a_message_to_somebody_without_an_address_reaches_the_inbox_once_and_says_so(
    database, cast, mail, post
):
    event = new_id()
    put(
        database, letter(cast, "zhao", "inbox", subject=event), letter(cast, "zhao", "message", subject=event)
    )
    assert drain(database, NOW, post).sent == 2
    assert mail.got == []
    assert len(rows(database, Message)) == 1
    assert {(r.channel, r.delivered_by) for r in rows(database)} == {("inbox", "inbox"), ("message", "inbox")}


def test_without_a_mail_server_everything_reaches_the_inbox(database, cast):
    put(database, letter(cast, "wang", "message"), letter(cast, "li", "email"), letter(cast, "li", "pigeon"))
    assert drain(database, NOW, post_of(Settings())).sent == 3
    assert len(rows(database, Message)) == 3


def test_phone_and_letter_become_errands_of_the_duty_desk(database, cast, post):
    event = new_id()
    put(database, *[letter(cast, "li", word, subject=event) for word in ("inbox", "phone", "letter")])
    result = drain(database, NOW, post)
    assert (result.sent, result.handed) == (5, 2), (
        "one inbox line, and two alarms to the desk over two channels"
    )
    errands = rows(database, Errand)
    assert {(e.channel, e.person_id, e.doers) for e in errands} == {
        (word, cast["li"], f",{cast['wang'].hex},") for word in ("phone", "letter")
    }
    told = {(m.person_id, m.template) for m in rows(database, Message)}
    assert told == {(cast["li"], "task"), (cast["wang"], "errand_phone"), (cast["wang"], "errand_letter")}


def test_nobody_is_asked_to_call_themselves(database, cast, post):
    put(database, letter(cast, "wang", "phone"))
    assert drain(database, NOW, post).handed == 1
    [errand] = rows(database, Errand)
    assert errand.doers == f",{cast['zhao'].hex},", "the safety director stands above the duty desk"
    assert [r.reason for r in about(database)] == ["above_desk"]


def test_a_day_without_mail_server_loses_nothing_and_doubles_nothing(database, cast, mail, post):
    mail.stop()
    put(database, *[letter(cast, "wang", "message", title=f"第{n}号") for n in range(5)])
    at = NOW
    while at < NOW + timedelta(hours=24):
        drain(database, at, post)
        at += timedelta(minutes=20)
        if at == NOW + timedelta(hours=12):
            put(database, *[letter(cast, "li", "message", now=at, title=f"no. {n}") for n in range(3)])
    pending = rows(database)
    assert all(
        r.state == "pending" and r.attempts > 3 and "ConnectionRefused" in r.error for r in pending[:1]
    )
    assert {r.state for r in pending} == {"pending"}
    with database.reading(SYSTEM) as session:
        assert stuck_outbox(session, at) is not None
    mail.start()
    end = at + timedelta(hours=1)
    while at <= end:
        drain(database, at, post)
        at += timedelta(minutes=5)
    assert mail.addresses() == ["li@gas.example"] * 3 + ["wang@gas.example"] * 5
    assert len({message["Message-ID"] for _, message in mail.got}) == 8
    assert {r.state for r in rows(database)} == {"sent"}
    with database.reading(SYSTEM) as session:
        assert stuck_outbox(session, at) is None


def test_a_temporary_refusal_is_tried_again_with_growing_pauses(database, cast, mail, post):
    mail.keeper.refusals["wang@gas.example"] = "451 try later"
    put(database, letter(cast, "wang", "message"), letter(cast, "li", "message"))
    result = drain(database, NOW, post)
    assert (result.sent, result.retried, result.failed) == (1, 1, 0)
    assert drain(database, NOW + timedelta(seconds=29), post).retried == 0
    assert drain(database, NOW + timedelta(seconds=30), post).retried == 1
    assert drain(database, NOW + timedelta(seconds=80), post).retried == 0
    mail.keeper.refusals.clear()
    assert drain(database, NOW + timedelta(seconds=95), post).sent == 1
    assert mail.addresses() == ["li@gas.example", "wang@gas.example"]


def test_a_full_mailbox_is_temporary_and_an_unknown_one_is_not(database, cast, mail, post):
    mail.keeper.refusals = {"wang@gas.example": "552 mailbox full", "li@gas.example": "550 no such user"}
    put(database, letter(cast, "wang", "message"), letter(cast, "li", "message"))
    result = drain(database, NOW, post)
    assert (result.retried, result.failed) == (1, 1)
    assert {(r.person_id, r.state, r.reason) for r in about(database)} == {
        (cast["wang"], "pending", "mailbox_full"),
        (cast["li"], "failed", "no_mailbox"),
    }
    assert ["550" in (r.error or "") for r in about(database) if r.state == "failed"] == [True]
    inside = {(m.person_id, m.template) for m in rows(database, Message)}
    assert (cast["li"], "task") in inside, "the person still hears of it, inside"
    assert (cast["admin"], "undelivered") in inside, "and somebody hears that the address is dead"


def test_a_message_the_server_refuses_for_good_fails_alone(database, cast, mail, post):
    mail.keeper.data_answers["坏"] = "554 no"
    put(
        database, letter(cast, "wang", "message", title="坏的"), letter(cast, "wang", "message", title="好的")
    )
    drain(database, NOW, post)
    assert {(r.params["title"], r.state) for r in about(database)} == {("坏的", "failed"), ("好的", "sent")}


def test_a_message_at_which_the_server_breaks_does_not_hold_up_the_others(database, cast, mail, post):
    mail.keeper.data_answers["毒"] = "421 closing"
    put(
        database,
        letter(cast, "wang", "message", title="毒"),
        *[letter(cast, "li", "message") for _ in range(3)],
    )
    at = NOW
    while at < NOW + timedelta(hours=3):
        drain(database, at, post)
        at += timedelta(minutes=1)
    assert mail.addresses() == ["li@gas.example"] * 3
    assert [r.state for r in rows(database)].count("pending") == 1


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\nBcc: all@gas.example",
        "a@b.example, c@d.example",
        "nobody",
        "<a@b.example>",
        "a..b@c.example",
    ],
)
def test_an_address_that_smuggles_a_header_in_is_refused_for_good(database, cast, mail, post, address):
    with database.transaction(SYSTEM) as session:
        session.execute(
            sa.text("UPDATE contact SET email = :a WHERE email = 'wang@gas.example'"), {"a": address}
        )
    put(database, letter(cast, "wang", "message"))
    assert drain(database, NOW, post).failed == 1
    assert mail.addresses() == ["admin@gas.example"], "whoever can mend it hears of it, nobody else"
    assert [r.reason for r in about(database)] == ["bad_address"]


def test_a_line_break_in_a_title_stays_inside_the_subject(database, cast, mail, post):
    put(database, letter(cast, "li", "message", title="leak\r\nBcc: all@gas.example"))
    assert drain(database, NOW, post).sent == 1
    ((_, message),) = mail.got
    assert message["Bcc"] is None
    assert "leak Bcc: all@gas.example" in message["Subject"]


def test_nothing_is_sent_to_people_who_left(database, cast, mail, post):
    put(database, letter(cast, "wang", "message"), letter(cast, "wang", "inbox"))
    with database.transaction(SYSTEM) as session:
        session.execute(sa.update(Person).where(Person.id == cast["wang"]).values(active=False))
    assert drain(database, NOW, post).dropped == 2
    assert {(r.state, r.reason) for r in rows(database)} == {("dropped", "person_inactive")}
    assert mail.got == []


def test_a_worker_that_died_while_sending_leaves_a_message_that_is_sent_after_the_lease(
    database, cast, mail, post
):
    class Dying:
        name = "email"
        carries = ("message",)

        def reaches(self, _recipient):
            return True

        def send(self, _notices):
            raise KeyboardInterrupt
            yield

    put(database, letter(cast, "wang", "message"))
    with pytest.raises(KeyboardInterrupt):
        drain(database, NOW, Post(channels=(Dying(),), zone=post.zone, public_url=post.public_url))
    assert drain(database, NOW + LEASE / 2, post).sent == 0
    assert drain(database, NOW + LEASE, post).sent == 1
    assert len(mail.got) == 1


def test_the_second_copy_after_a_crash_bears_the_same_message_id(database, cast, mail, post, monkeypatch):
    put(database, letter(cast, "wang", "message"))

    def crash(*_args, **_named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sending._Sender, "mark", crash)
        with pytest.raises(KeyboardInterrupt):
            drain(database, NOW, post)
    drain(database, NOW + LEASE, post)
    (_, first), (_, second) = mail.got
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes().split(b"\n\n", 1)[1] == second.as_bytes().split(b"\n\n", 1)[1]


def test_several_workers_send_nothing_twice(database, cast, mail, post, monkeypatch):
    monkeypatch.setattr(dispatch, "BATCH_MAX", 10)
    put(
        database,
        *[letter(cast, "wang", "message") for _ in range(60)],
        *[letter(cast, "li", "inbox") for _ in range(60)],
    )
    results = []
    begin = threading.Barrier(3)

    def work():
        begin.wait()
        results.append(drain(database, NOW, post))

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(r.sent for r in results) == 120
    assert len(mail.got) == 60
    assert len(rows(database, Message)) == 60


def test_a_row_that_cannot_be_worded_fails_visibly_and_holds_nobody_up(
    database, cast, mail, post, monkeypatch
):
    plain = dispatch.word

    def word(template, *args, **named):
        if template == "cursed":
            raise RuntimeError("no words")
        return plain(template, *args, **named)

    monkeypatch.setattr(dispatch, "word", word)
    put(
        database,
        *[letter(cast, "wang", "message", template="cursed" if n == 3 else "task") for n in range(9)],
    )
    assert drain(database, NOW, post).failed == 1
    states = [(r.state, r.reason) for r in about(database)]
    assert (states.count(("sent", None)), states.count(("failed", "unreadable"))) == (8, 1)
    assert ["no words" in (r.error or "") for r in about(database)].count(True) == 1


def test_a_stopping_worker_gives_back_what_it_did_not_send(database, cast, mail, post):
    put(database, *[letter(cast, "wang", "message") for _ in range(4)])
    drain(database, NOW, post, should_stop=lambda: bool(mail.got))
    assert len(mail.got) == 1
    left = [r for r in rows(database) if r.state == "pending"]
    assert {(r.attempts, r.due_at) for r in left} == {(0, NOW)}
    assert drain(database, NOW, post).sent == 3
    assert len(mail.got) == 4


def test_the_pauses_double_up_to_an_hour():
    seconds = [retry_after(n).total_seconds() for n in range(1, 12)]
    assert seconds[:4] == [30, 60, 120, 240]
    assert seconds[-1] == 3600
    assert retry_after(10_000) == timedelta(hours=1)
