"""The mail server is down for a day while a whole city works: nothing is lost, nothing is doubled, and nothing waits for it."""

from collections import Counter
from datetime import timedelta

import sqlalchemy as sa

from hazard_flow.notifications.checks import dead_messages, stuck_outbox
from hazard_flow.notifications.dispatch import drain
from hazard_flow.notifications.models import Message
from hazard_flow.schedule.models import Outbox
from hazard_flow.storage.scope import SYSTEM
from tests.harness.together import together
from tests.notifications.test_city import address_everybody

MINUTES = timedelta(minutes=1)


def live_through(city, post, *, hours, step=20):
    """Time passes, timers fire at their instants, two workers empty the outbox."""
    for _ in range(hours * 60 // step):
        city.fast_forward(minutes=step)
        together(2, lambda _: drain(city.database, city.now, post))


def test_nothing_is_lost_nothing_is_doubled_and_no_rung_waits(city, mail, post):
    address_everybody(city)
    first = city.report("阀井漏气甲", major=True)
    live_through(city, post, hours=1)
    assert mail.got
    before = len(mail.got)

    mail.stop()
    second = city.report("阀井漏气乙")
    third = city.bring_to(city.report("调压箱锈蚀丙"), "rectifying")
    live_through(city, post, hours=24)

    assert len(mail.got) == before
    with city.database.reading(SYSTEM) as session:
        assert stuck_outbox(session, city.now) is not None, "it can be seen that mail is stuck"
        assert dead_messages(session, city.now) is None, "and nothing has been given up"
    assert [f.after for f in city.firings(first, "classify")] == [timedelta(hours=4)]
    assert len(city.firings(second, "control")) >= 4, "ladders climb whether or not mail leaves"
    inside = city.all(sa.select(Message).where(Message.subject_id.in_([first.id, second.id, third.id])))
    assert inside, "the inbox did not wait"

    mail.start()
    live_through(city, post, hours=2)

    rows = city.all(sa.select(Outbox).where(Outbox.channel == "message", Outbox.subject_kind == "hazard"))
    assert {r.state for r in rows} <= {"sent", "dropped"}
    assert {r.reason for r in rows if r.state == "dropped"} <= {"moved_on", "closed"}
    sent = [r for r in rows if r.state == "sent"]
    assert {r.delivered_by for r in sent} == {"email"}
    about_hazards = Counter(
        m["Message-ID"] for _, m in mail.got if any(str(r.id) in m["Message-ID"] for r in sent)
    )
    assert sorted(about_hazards) == sorted(f"<{r.id}@city.example>" for r in sent), "each exactly once"
    assert set(about_hazards.values()) == {1}
    late = [m for _, m in mail.got if "迟发" in m.get_content()]
    assert late == [], "they are late because of the mail server, not because a timer was"
    with city.database.reading(SYSTEM) as session:
        assert stuck_outbox(session, city.now) is None


def test_workers_that_slept_through_the_outage_say_how_late_they_are(city, mail, post):
    """Here our own worker stood still: rungs collapse into the highest one due, and the message says how late it is."""
    address_everybody(city)
    hazard = city.report(major=True)
    city.control(hazard)
    drain(city.database, city.now, post)
    mail.got.clear()

    city.outage(hours=80)
    drain(city.database, city.now, post)

    told = [m.get_content() for _, m in mail.got]
    assert told
    assert all("迟发 6 小时" in content for content in told if "到期" in content)
    [event] = city.events(hazard, "timer.escalated")
    assert event.data["late_ms"] == 6 * 3600 * 1000


def test_a_reminder_that_comes_late_says_so_too(city, post):
    hazard = city.bring_to(city.report(), "rectifying")
    city.control(hazard)
    city.outage(days=6)
    drain(city.database, city.now, post)
    reminders = city.all(sa.select(Outbox).where(Outbox.template == "reminder"))
    assert reminders
    assert all(r.params["late_ms"] > 0 for r in reminders)
