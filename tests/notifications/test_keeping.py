"""Never given up silently: what could not be delivered lies in a list, turns the watch red, is told to keepers, and delays no rung."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.errors import NotFound, Refused
from hazard_flow.notifications.alarms import REMIND_EVERY, remind_keepers
from hazard_flow.notifications.checks import dead_messages, stuck_outbox
from hazard_flow.notifications.dispatch import drain
from hazard_flow.notifications.keeping import dead_page, retry, settle, waiting
from hazard_flow.notifications.models import Message
from hazard_flow.notifications.retries import GIVE_UP_AFTER, is_given_up
from hazard_flow.schedule.models import Outbox, Upkeep
from hazard_flow.schedule.queries import dead_count
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.timers.parking import park
from tests.notifications.test_city import Browser, address_everybody

HOUR = timedelta(hours=1)


def address(city, name):
    return f"{city.person(name).hex}@city.example"


def outbox(city, hazard, name, channel="message"):
    return city.all(
        sa.select(Outbox)
        .where(
            Outbox.subject_id == hazard.id,
            Outbox.person_id == city.person(name),
            Outbox.channel == channel,
        )
        .order_by(Outbox.created_at, Outbox.id)
    )


def dead(city):
    with city.database.reading(SYSTEM) as session:
        return dead_count(session), dead_messages(session, city.now)


def refused_for_good(city, mail, post):
    """何安全's mailbox does not exist any more."""
    address_everybody(city)
    mail.keeper.refusals[address(city, "何安全")] = "550 no such user"
    hazard = city.report()
    drain(city.database, city.now, post)
    drain(city.database, city.now, post)
    return hazard


def test_a_dead_address_is_seen_told_and_mended(city, mail, post):
    hazard = refused_for_good(city, mail, post)
    [row] = outbox(city, hazard, "何安全")
    assert (row.state, row.reason) == ("failed", "no_mailbox")
    count, sentence = dead(city)
    assert count == 1
    assert "1 条" in sentence.zh
    told = city.all(sa.select(Message).where(Message.template == "undelivered"))
    assert {city.name(m.person_id) for m in told} == {"钱管理"}
    assert "对方邮箱不存在" in str(
        [m.get_content() for to, m in mail.got if to == address(city, "钱管理")]
    ), "the administrator is told by mail as well"

    mail.keeper.refusals.clear()
    with city.database.transaction(SYSTEM) as session:
        assert retry(session, row.id, actor="operator:root", now=city.now) == 1
    assert dead(city) == (0, None)
    drain(city.database, city.now, post)
    [row] = outbox(city, hazard, "何安全")
    assert (row.state, row.delivered_by, row.reason, row.error) == ("sent", "email", None, None)
    assert [to for to, _ in mail.got].count(address(city, "何安全")) == 1


def test_however_many_messages_hang_on_one_address_keepers_hear_of_it_once_a_day(city, mail, post):
    refused_for_good(city, mail, post)
    for n in range(3):
        city.report(f"阀井漏气第{n}处")
    drain(city.database, city.now, post)
    drain(city.database, city.now, post)
    told = city.all(sa.select(Message).where(Message.template == "undelivered"))
    assert len(told) == 1
    assert dead(city)[0] == 4


def test_one_press_lets_all_of_a_person_and_channel_try_again(city, mail, post):
    refused_for_good(city, mail, post)
    for n in range(3):
        city.report(f"阀井漏气第{n}处")
    drain(city.database, city.now, post)
    mail.keeper.refusals.clear()
    with city.database.transaction(SYSTEM) as session:
        first = dead_page(session).items[0]
        assert retry(session, first.id, actor="operator:root", now=city.now, alike=True) == 4
    drain(city.database, city.now, post)
    assert [to for to, _ in mail.got].count(address(city, "何安全")) == 4
    assert len(city.all(sa.select(Upkeep).where(Upkeep.act == "message.retried"))) == 4


def test_settling_needs_a_word_and_stays_on_record(city, mail, post):
    hazard = refused_for_good(city, mail, post)
    [row] = outbox(city, hazard, "何安全")
    with pytest.raises(Refused), city.database.transaction(SYSTEM) as session:
        settle(session, row.id, actor="person:1", said=" x ", now=city.now)
    with city.database.transaction(SYSTEM) as session:
        settle(session, row.id, actor="person:1", said="已当面告知", now=city.now)
    assert dead(city) == (0, None)
    [done] = city.all(sa.select(Upkeep))
    assert (done.act, done.note, done.thing_id) == ("message.settled", "已当面告知", row.id)
    assert "no such user" not in str(done.data), (
        "the server's words name addresses; this record is never erased"
    )
    with pytest.raises(NotFound), city.database.transaction(SYSTEM) as session:
        retry(session, row.id, actor="person:1", now=city.now)


def test_what_is_refused_for_a_day_while_others_get_through_is_given_up_in_sight(city, mail, post):
    address_everybody(city)
    mail.keeper.refusals[address(city, "何安全")] = "452 mailbox full"
    hazard = city.report()
    end = city.now + GIVE_UP_AFTER + 2 * HOUR
    while city.now < end:
        drain(city.database, city.now, post)
        city.clock.advance(timedelta(minutes=20))
    [row] = outbox(city, hazard, "何安全")
    assert (row.state, row.reason) == ("failed", "gave_up")
    assert row.attempts > 20
    assert "452" in row.error
    assert city.all(sa.select(Message).where(Message.template == "undelivered"))


def test_a_server_that_is_down_gives_up_nothing_however_long(city, mail, post):
    address_everybody(city)
    mail.stop()
    hazard = city.report()
    for _ in range(60):
        drain(city.database, city.now, post)
        city.clock.advance(HOUR)
    [row] = outbox(city, hazard, "何安全")
    assert (row.state, row.reason, row.refused_since) == ("pending", "channel_down", None)
    with city.database.reading(SYSTEM) as session:
        assert stuck_outbox(session, city.now) is not None
        rows, count = waiting(session, city.now, seen=sa.true())
    assert count == len(rows) >= 1
    mail.start()
    city.clock.advance(HOUR)
    drain(city.database, city.now, post)
    assert outbox(city, hazard, "何安全")[0].state == "sent"


def test_the_next_rung_comes_no_later_because_a_message_did_not_arrive(city, mail, post):
    """The same hazard twice: once everything arrives, once nothing does."""
    address_everybody(city)
    happy = city.report("阀井漏气甲", major=True)
    drain(city.database, city.now, post)
    for name in ("何安全", "韩总", "唐监管"):
        mail.keeper.refusals[address(city, name)] = "550 no such user"
    unhappy = city.report("阀井漏气乙", major=True)
    for _ in range(80):
        city.fast_forward(hours=1)
        drain(city.database, city.now, post)
    climbed = [
        [(f.after, f.level, f.cycle) for f in city.firings(hazard, "classify")] for hazard in (happy, unhappy)
    ]
    assert climbed[0] == climbed[1]
    assert [level for _, level, _ in climbed[0]][:3] == [0, 1, 2]
    assert dead(city)[0] > 0


def test_keepers_see_their_own_dead_letters_and_deal_with_them_on_the_page(city, mail, post, tmp_path):
    hazard = refused_for_good(city, mail, post)
    [row] = outbox(city, hazard, "何安全")
    keeper = Browser(city, tmp_path, "钱管理")
    page = keeper.get("/notices/undelivered").text
    assert "何安全" in page
    assert "对方邮箱不存在" in page
    assert "550" in page, "the keeper needs the server's own words"
    assert "no such user" not in Browser(city, tmp_path, "何安全").get("/inbox").text
    path = f"/notices/undelivered/{row.id}"
    assert keeper.post(f"{path}/settlement", note="").status_code == 422
    assert keeper.post(f"{path}/settlement", note="已电话告知，邮箱周一更正").status_code == 303
    assert keeper.post(f"{path}/retry").status_code == 404
    assert "邮箱周一更正" in keeper.get("/notices/undelivered").text
    assert Browser(city, tmp_path, "李巡检").get("/notices/undelivered").status_code == 403
    stranger = Browser(city, tmp_path, "方监管")  # another district's officer
    assert hazard.number not in stranger.get("/notices/undelivered").text


def test_a_parked_timer_nobody_dealt_with_is_told_again_every_day(city, post):
    hazard = city.report()
    [timer, *_] = city.timers(hazard).values()
    with city.database.transaction(SYSTEM) as session:
        park(session, timer.id, error="ValueError: broken", now=city.now)
        assert remind_keepers(session, city.now) == 1, "telling failed when it was parked"
        assert remind_keepers(session, city.now + HOUR) == 0
        assert remind_keepers(session, city.now + REMIND_EVERY) == 1
    drain(city.database, city.now + REMIND_EVERY, post)
    told = city.all(sa.select(Message).where(Message.template == "parked"))
    assert {city.name(m.person_id) for m in told} == {"钱管理"}
    assert len(told) == 2
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.text("UPDATE timer SET parked_at = NULL"))


def test_giving_up_takes_a_day_of_refusals_not_one(city):
    assert not is_given_up(None, city.now)
    assert not is_given_up(city.now, city.now + GIVE_UP_AFTER - timedelta(seconds=1))
    assert is_given_up(city.now, city.now + GIVE_UP_AFTER)
