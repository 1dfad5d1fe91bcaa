"""Whole sets of rows in one statement: what goes in is what stands there, on both databases."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from hazard_flow.schedule.bulk import among, append_rows, insert_rows, update_rows
from hazard_flow.schedule.models import Outbox, Timer
from hazard_flow.schedule.operations import enqueue_new, move, plan_new
from hazard_flow.schedule.rows import TIMER_COLUMNS, MessageRow, TimerRow
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM

NOW = datetime(2026, 5, 11, 8, 0, 0, 123456, tzinfo=UTC)
#: below and above the size from which a column of one value travels once
SIZES = (1, 2, 40)


@pytest.fixture
def session(database):
    with database.transaction(SYSTEM) as opened:
        yield opened


def timer(number=0, **given):
    filled = {
        "id": new_id(), "home_id": uuid.uuid4(), "subject_kind": "hazard", "subject_id": uuid.uuid4(), "name": "rectify",
        "level": -1, "cycle": 0, "due_at": NOW + timedelta(hours=number), "expires_at": NOW, "started_at": NOW, "fence": 70_000 + number,
        "rule": "state", "provisional": bool(number % 2), "created_at": NOW,
    }  # fmt: skip
    return TimerRow(**filled | given)


def timers(session):
    rows = session.execute(sa.select(*TIMER_COLUMNS).order_by(Timer.due_at))
    return [TimerRow(*row) for row in rows]


@pytest.mark.parametrize("count", SIZES)
def test_what_was_planned_stands_there(session, count):
    rows = [timer(number) for number in range(count)]

    plan_new(session, rows)

    assert timers(session) == rows
    assert session.execute(sa.select(Timer.attempts, Timer.parked_at).distinct()).all() == [(0, None)]


@pytest.mark.parametrize("count", SIZES)
def test_text_json_bytes_and_nothing_survive(session, count):
    words = ["", "NULL", "{}", '{"a"}', "阀井 '漏气' \\ \n %s :x", ","]
    rows = [
        {
            "id": new_id(), "home_id": uuid.uuid4(), "subject_kind": "hazard", "subject_id": uuid.uuid4(), "seq": 1,
            "person_id": uuid.uuid4(), "channel": "inbox", "template": words[number % len(words)],
            "params": {"title": words[number % len(words)], "n": number, "list": [None, True]}, "state": "pending",
            "created_at": NOW, "due_at": NOW, "attempts": 0, "sent_at": None, "delivered_by": None,
            "error": words[number % len(words)] if number % 2 else None,
        }
        for number in range(count)
    ]  # fmt: skip

    insert_rows(session, Outbox.__table__, rows)

    stored = {row.id: row for row in session.scalars(sa.select(Outbox))}
    assert {id_: (row.template, row.params, row.error, row.sent_at) for id_, row in stored.items()} == {
        row["id"]: (row["template"], row["params"], row["error"], None) for row in rows
    }


def test_any_zone_is_the_same_instant_and_none_is_refused(session):
    beijing = timezone(timedelta(hours=8))
    plan_new(session, [timer(due_at=NOW.astimezone(beijing))])
    assert timers(session)[0].due_at == NOW

    with pytest.raises(Exception, match="naive"):
        plan_new(session, [timer(due_at=NOW.replace(tzinfo=None))])


@pytest.mark.parametrize("count", [1, 40])
def test_appending_what_is_there_is_an_error_and_inserting_it_is_none(database, count):
    rows = [timer(number) for number in range(count)]
    again = [row._replace(id=new_id()) for row in rows]
    with database.transaction(SYSTEM) as session:
        plan_new(session, rows)
    with database.transaction(SYSTEM) as session:
        insert_rows(session, Timer.__table__, [row._asdict() | {"attempts": 0} for row in again])
        assert timers(session) == rows
    with pytest.raises(sa.exc.IntegrityError), database.transaction(SYSTEM) as session:
        append_rows(session, Timer.__table__, again)


@pytest.mark.parametrize("count", [1, 40])
def test_moving_changes_the_rows_named_and_no_other(session, count):
    rows = [timer(number) for number in range(count)]
    stranger = timer(count)
    plan_new(session, [*rows, stranger])
    moved = [row._replace(due_at=row.due_at - timedelta(days=9), fence=1) for row in rows]

    move(session, moved)

    assert timers(session) == [*moved, stranger]


def test_updating_leaves_the_columns_alone_that_were_not_given(session):
    row = timer()
    plan_new(session, [row])

    update_rows(session, Timer.__table__, [{"id": row.id, "error": "broken"}])

    assert session.scalar(sa.select(Timer.error)) == "broken"
    assert timers(session) == [row]


def test_among_finds_the_rows_named(session):
    rows = [timer(number) for number in range(5)]
    plan_new(session, rows)

    def found(values):
        wanted = sa.select(Timer.id).where(among(session, Timer.id, values)).order_by(Timer.due_at)
        return session.scalars(wanted).all()

    assert found([rows[3].id, rows[1].id, uuid.uuid4()]) == [rows[1].id, rows[3].id]
    assert found([]) == []
    assert session.scalars(sa.select(Timer.id).where(among(session, Timer.name, {"rectify"}))).all() != []


def test_nothing_to_write_is_fine(session):
    append_rows(session, Timer.__table__, [])
    update_rows(session, Timer.__table__, [])
    move(session, [])
    enqueue_new(session, [])


def test_one_event_tells_a_person_once_over_a_channel(session):
    message = MessageRow(
        new_id(), uuid.uuid4(), "hazard", uuid.uuid4(), 3, uuid.uuid4(), "inbox", "task", {}, NOW, NOW
    )

    enqueue_new(
        session, [message, message._replace(id=new_id()), message._replace(id=new_id(), channel="message")]
    )

    assert sorted(session.scalars(sa.select(Outbox.channel))) == ["inbox", "message"]
