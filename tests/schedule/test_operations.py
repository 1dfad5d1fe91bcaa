"""Planning, cancelling and enqueueing whole sets, the same on both databases."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.schedule.models import Outbox, Timer
from hazard_flow.schedule.operations import cancel, enqueue, plan
from hazard_flow.schedule.queries import (
    dead_count,
    deliveries,
    earliest_due_at,
    next_by_subject,
    next_firings,
    outbox_age,
    overdue,
)
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM, Scope

NOW = datetime(2026, 5, 11, 8, 0, tzinfo=UTC)
HOME = uuid.uuid4()
HOUR = timedelta(hours=1)


def timer(subject, name="rectify", *, in_hours=1, level=0, **given):
    due_at = NOW + in_hours * HOUR
    return Timer(
        home_id=HOME, subject_kind="hazard", subject_id=subject, name=name, level=level, due_at=due_at, expires_at=due_at,
        started_at=NOW, fence=1, created_at=NOW, **given,
    )  # fmt: skip


def message(subject, person, *, seq=1, channel="inbox", **given):
    return Outbox(
        home_id=HOME, subject_kind="hazard", subject_id=subject, seq=seq, person_id=person, channel=channel, template="task",
        params={"title": "“阀井” '漏气' %s \\", "level": 2, "none": None}, created_at=NOW, due_at=NOW, **given,
    )  # fmt: skip


@pytest.fixture
def session(database):
    with database.transaction(SYSTEM) as opened:
        yield opened


def test_planning_again_moves_a_timer_and_gives_a_parked_one_a_new_chance(session):
    subject = new_id()
    plan(session, [timer(subject), timer(subject, "progress", in_hours=5)])
    session.execute(sa.update(Timer).values(parked_at=NOW, error="broken", attempts=3))
    plan(session, [timer(subject, in_hours=9)])
    rows = {t.name: t for t in session.scalars(sa.select(Timer).execution_options(populate_existing=True))}
    assert rows["rectify"].due_at == NOW + 9 * HOUR
    assert (rows["rectify"].parked_at, rows["rectify"].attempts, rows["rectify"].error) == (None, 0, None)
    assert rows["progress"].parked_at == NOW
    assert rows["rectify"].rule == "state"


def test_the_same_timer_twice_in_one_set_is_planned_as_the_later_one_says(session):
    subject = new_id()
    plan(session, [timer(subject, in_hours=1), timer(subject, in_hours=2)])
    assert session.scalars(sa.select(Timer.due_at)).all() == [NOW + 2 * HOUR]


def test_planning_nothing_and_cancelling_nothing_is_fine(session):
    plan(session, [])
    enqueue(session, [])
    assert cancel(session, []) == 0


def test_five_hundred_timers_are_planned_in_one_statement(session):
    statements = []
    sa.event.listen(session.get_bind(), "before_cursor_execute", lambda *a: statements.append(a[2]))
    plan(session, [timer(new_id()) for _ in range(500)])
    assert len(statements) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(Timer)) == 500


def test_cancelling_takes_only_what_was_named(session):
    one, other = new_id(), new_id()
    plan(session, [timer(one), timer(one, "progress"), timer(one, "control"), timer(other)])
    assert cancel(session, [one], names=["rectify", "progress"]) == 2
    assert cancel(session, [one, other], kind="round") == 0
    assert sorted(session.scalars(sa.select(Timer.name))) == ["control", "rectify"]
    assert cancel(session, [one, other]) == 2


def test_the_same_event_person_and_channel_is_one_message(session):
    subject, person = new_id(), new_id()
    enqueue(
        session,
        [message(subject, person), message(subject, person), message(subject, person, channel="message")],
    )
    enqueue(session, [message(subject, person)])
    rows = session.scalars(sa.select(Outbox)).all()
    assert sorted(r.channel for r in rows) == ["inbox", "message"]
    assert rows[0].params == {"title": "“阀井” '漏气' %s \\", "level": 2, "none": None}
    assert {(r.state, r.attempts) for r in rows} == {("pending", 0)}


def test_the_next_firings_leave_parked_ones_out(session):
    one, other, none = new_id(), new_id(), new_id()
    plan(session, [timer(one, f"t{n}", in_hours=n) for n in (4, 2, 3, 1)] + [timer(other, in_hours=7)])
    session.execute(sa.update(Timer).where(Timer.name == "t1").values(parked_at=NOW))
    found = next_firings(session, [one, other, none])
    assert [t.name for t in found[one]] == ["t2", "t3", "t4"]
    assert [t.name for t in found[other]] == ["rectify"]
    assert none not in found
    assert next_by_subject(session, [one, other, none]) == {one: NOW + 2 * HOUR, other: NOW + 7 * HOUR}
    assert next_firings(session, []) == next_by_subject(session, []) == {}
    assert earliest_due_at(session) == NOW + 2 * HOUR
    assert earliest_due_at(session, ["round"]) is None
    assert overdue(session, NOW + 5 * HOUR) == 3 * HOUR
    assert overdue(session, NOW) is None


def test_what_waits_to_be_sent_is_known_by_its_age(session):
    subject = new_id()
    assert outbox_age(session, NOW) is None
    enqueue(session, [message(subject, new_id()), message(subject, new_id(), state="failed")])
    assert outbox_age(session, NOW + HOUR) == HOUR
    assert dead_count(session) == 1
    assert len(deliveries(session, subject)) == 2


def test_a_person_may_write_messages_to_people_they_cannot_see(database):
    """A worker's report is told to the regulator, whose messages the worker may not read."""
    stranger = Scope(person_id=new_id())
    subject, regulator = new_id(), new_id()
    with database.transaction(stranger) as session:
        enqueue(session, [message(subject, regulator), message(subject, regulator)])
    with database.reading(SYSTEM) as session:
        assert len(deliveries(session, subject)) == 1
    if database.engine.dialect.name != "sqlite":
        with database.reading(stranger) as session:
            assert deliveries(session, subject) == []
