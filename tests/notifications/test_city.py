"""From an event in the city to the reader: mail, inbox, the hazard's record of who was told, and the alarm about a parked timer."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.errors import HazardFlowError, NotFound
from hazard_flow.identity.models import Contact
from hazard_flow.notifications import operations, pages, queries
from hazard_flow.notifications.alarms import announce_parked
from hazard_flow.notifications.dispatch import drain
from hazard_flow.notifications.models import Message
from hazard_flow.notifications.panels import delivery_rows
from hazard_flow.people import pages as people_pages
from hazard_flow.schedule.models import Outbox, Timer
from hazard_flow.settings import Settings
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.timers import pages as timer_pages
from hazard_flow.timers.parking import park
from hazard_flow.web.context import Kernel
from hazard_flow.web.shell import make_web
from tests.harness.cast import PASSWORD, PEOPLE
from tests.web.office import token_of


def address_everybody(city):
    with city.database.transaction(SYSTEM) as session:
        for contact in session.scalars(sa.select(Contact)):
            contact.email = f"{contact.person_id.hex}@city.example"


def states(city, hazard, **only):
    rows = city.all(sa.select(Outbox).where(Outbox.subject_id == hazard.id))
    return {
        (city.name(r.person_id), r.channel, r.state, r.reason)
        for r in rows
        if all(getattr(r, k) == v for k, v in only.items())
    }


class Browser:
    """Somebody signed in over a fresh application."""

    def __init__(self, city, tmp_path, name):
        settings = Settings(DATA_DIR=tmp_path, SECRET_KEY="k" * 40)
        kernel = Kernel(settings=settings, database=city.database, clock=city.clock)
        self.app = make_web(kernel, (people_pages.blueprint, pages.blueprint, timer_pages.blueprint))
        self.client = self.app.test_client()
        username = next(member.username for member in PEOPLE if member.name == name)
        answer = self.post("/sign-in", page="/sign-in", username=username, password=PASSWORD)
        assert answer.status_code == 303, answer.text

    def get(self, path):
        return self.client.get(path)

    def post(self, path, *, page="/help/", **fields):
        return self.client.post(path, data={"csrf_token": token_of(self.client, page), **fields})


def test_a_report_reaches_whoever_must_act_by_inbox_and_mail(city, mail, post):
    address_everybody(city)
    hazard = city.report()
    drain(city.database, city.now, post)
    assert states(city, hazard) == {
        (city.name(m.person_id), channel, "sent", None)
        for m in city.all(sa.select(Message))
        for channel in ("inbox", "message")
    }
    assert mail.got
    assert all("待您办理" in message["Subject"] for _, message in mail.got)


def test_a_task_that_was_done_while_the_mail_server_was_down_is_not_mailed_any_more(city, mail, post):
    address_everybody(city)
    mail.stop()
    hazard = city.report()
    drain(city.database, city.now, post)
    city.bring_to(hazard, "assigned")
    mail.start()
    drain(city.database, city.now + timedelta(hours=1), post)
    told = states(city, hazard, template="task")
    assert {(channel, state, error) for _, channel, state, error in told} == {
        ("inbox", "sent", None), ("message", "dropped", "moved_on"), ("message", "sent", None),
    }  # fmt: skip
    assert len(mail.got) == 1, "only the one it waits for now"


def test_of_a_closed_hazard_only_the_closing_is_told(city, mail, post):
    address_everybody(city)
    mail.stop()
    hazard = city.report()
    city.fast_forward(days=8)
    drain(city.database, city.now, post)
    assert any(template == "escalation" for template in {m.template for m in city.told(hazard)})
    city.bring_to(hazard, "rectifying")
    city.control(hazard)
    city.lift_control(hazard)
    city.submit(hazard)
    city.verify(hazard)
    city.close(hazard)
    mail.start()
    drain(city.database, city.now + timedelta(hours=2), post)
    assert mail.got == []
    assert {r[3] for r in states(city, hazard, state="dropped")} <= {"closed", "moved_on"}
    assert states(city, hazard, template="closed", state="sent")


def test_an_inbox_is_its_owners_alone(city, post):
    hazard = city.report()
    drain(city.database, city.now, post)
    [message] = city.all(sa.select(Message).where(Message.subject_id == hazard.id))
    owner = city.name(message.person_id)
    other = city.actor("李巡检")
    with city.database.reading(other.scope) as session:
        assert queries.inbox_page(session, other.id).items == []
        with pytest.raises(NotFound):
            queries.own_message(session, other.id, message.id)
        if city.on_postgres:
            assert session.scalars(sa.select(Message)).all() == []
    with city.database.transaction(city.actor(owner).scope) as session:
        assert queries.unread_count(session, message.person_id) == 1
        operations.mark_read(session, message.person_id, now=city.now)
        assert queries.unread_count(session, message.person_id) == 0


def test_the_inbox_page_pages_and_marks_read(city, post, tmp_path):
    for n in range(3):
        city.report(f"阀井漏气第{n}处")
    drain(city.database, city.now, post)
    owner = city.name(city.all(sa.select(Message))[0].person_id)
    client = Browser(city, tmp_path, owner)
    page = client.get("/inbox?limit=2").text
    assert page.count('class="fresh"') == 2
    assert "待您办理" in page
    assert 'rel="next"' in page
    assert client.post("/inbox/read").status_code == 303
    assert 'class="fresh"' not in client.get("/inbox").text


def test_acknowledging_in_the_inbox_walks_through_the_door_once(city, post, tmp_path):
    hazard = city.report()
    city.fast_forward(hours=2)
    drain(city.database, city.now, post)
    waiting = city.all(sa.select(Message).where(Message.acknowledge_by.is_not(None)))
    assert waiting, "the make-safe clock asks for it"
    who = city.name(waiting[0].person_id)
    client = Browser(city, tmp_path, who)
    path = f"/inbox/{waiting[0].id}/acknowledgement"
    assert [client.post(path).status_code for _ in range(2)] == [303, 303]
    assert city.actions(hazard).count("acknowledge") == 1
    with city.database.reading(SYSTEM) as session:
        assert waiting[0].id not in {m.id for m in queries.to_acknowledge(session, waiting[0].person_id)}
    stranger = Browser(city, tmp_path, "李巡检")
    assert stranger.post(path).status_code == 404
    assert stranger.post("/inbox/nonsense/acknowledgement").status_code == 404


def notice_to_acknowledge(city, post):
    hazard = city.report()
    city.fast_forward(hours=2)
    drain(city.database, city.now, post)
    [message, *_] = city.all(sa.select(Message).where(Message.acknowledge_by.is_not(None)))
    return hazard, message, city.actor(city.name(message.person_id))


def test_a_refused_acknowledgement_leaves_the_notice_waiting(city, post):
    _, message, actor = notice_to_acknowledge(city, post)
    dismissed = replace(actor, holdings=())
    with pytest.raises(HazardFlowError), city.database.transaction(actor.scope) as session:
        operations.acknowledge(session, dismissed, message.id, now=city.now)
    [after] = city.all(sa.select(Message).where(Message.id == message.id))
    assert after.acknowledged_at is None


def test_of_a_closed_hazard_nothing_is_left_to_acknowledge(city, post):
    hazard, message, actor = notice_to_acknowledge(city, post)
    city.dismiss(hazard)
    with city.database.transaction(actor.scope) as session:
        assert queries.to_acknowledge(session, actor.id) == []
        operations.acknowledge(session, actor, message.id, now=city.now)
    assert "acknowledge" not in city.actions(hazard)
    [after] = city.all(sa.select(Message).where(Message.id == message.id))
    assert after.acknowledged_at == city.now


def test_the_hazards_page_tells_who_was_told_how_and_with_what_result(city, mail, post):
    address_everybody(city)
    hazard = city.report()
    city.fast_forward(hours=2)
    mail.stop()
    drain(city.database, city.now, post)
    director = city.actor("何安全")
    with city.database.reading(director.scope) as session:
        rows = delivery_rows(
            session, city.look(hazard), "zh", reader=city.actor("何安全"), zone=post.zone, now=city.now
        )
        english = delivery_rows(
            session, city.look(hazard), "en", reader=city.actor("何安全"), zone=post.zone, now=city.now
        )
    words = {(row.channel, row.state) for row in rows}
    assert ("站内消息", "已送达") in words
    assert ("电话", "由 周调度 办理，11月2日 11:15 前") in words
    assert any("次发送未成" in state for _, state in words)
    assert "何安全" in {row.who for row in rows}
    names = {member.name for member in PEOPLE}
    said = " ".join(row.channel + row.state + row.note for row in english)
    for name in names:
        said = said.replace(name, "")
    assert not any("一" <= c <= "鿿" for c in said), said


def test_the_panel_is_drawn_and_escapes_what_strangers_typed(city, post, tmp_path):
    hazard = city.report("阀井漏气，有臭味", title="<script>alert(1)</script>")
    drain(city.database, city.now, post)
    client = Browser(city, tmp_path, "何安全")
    with (
        client.app.test_request_context(),
        city.database.reading(city.actor("何安全").scope) as session,
    ):
        drawn = pages.deliveries_panel(session, city.actor("何安全"), city.look(hazard), "zh")
    assert "通知记录" in drawn
    assert "<script>" not in drawn


def test_a_parked_timer_alarms_somebody_and_can_be_let_try_again(city, post, tmp_path):
    hazard = city.report()
    [timer, *_] = city.timers(hazard).values()
    with city.database.transaction(SYSTEM) as session:
        parked = park(session, timer.id, error="ValueError: broken", now=city.now)
        announce_parked(session, parked, city.now)
        announce_parked(session, parked, city.now)
    drain(city.database, city.now, post)
    alarms = city.all(sa.select(Message).where(Message.subject_id == timer.id))
    assert len(alarms) >= 2
    keeper = city.name(alarms[0].person_id)
    client = Browser(city, tmp_path, keeper)
    page = client.get("/timers/parked").text
    assert "ValueError: broken" in page
    assert hazard.number in page
    assert client.post(f"/timers/parked/{timer.id}/retry").status_code == 303
    assert client.post(f"/timers/parked/{timer.id}/retry").status_code == 404
    assert city.all(sa.select(Timer).where(Timer.parked_at.is_not(None))) == []
    assert Browser(city, tmp_path, "李巡检").get("/timers/parked").status_code == 403
