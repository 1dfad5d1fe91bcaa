"""What is owed and not done climbs its ladder until somebody moves, and nobody has to remember it."""

import uuid

import pytest

from hazard_flow.errors import Conflict, NotAllowed, NotFound
from hazard_flow.ladders import operations, queries
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.owing import limit, messages, met, owe, told


@pytest.fixture
def subject() -> uuid.UUID:
    return uuid.uuid4()


def test_is_reminded_of_before_it_is_due_and_then_climbs_to_the_regulator(city: City, subject: uuid.UUID):
    owe(city, subject, hours=48)
    city.fast_forward(hours=44)
    assert told(city, subject) == [(1, ["李巡检"])]
    assert limit(city, subject).colour is None
    city.fast_forward(hours=4)
    assert told(city, subject)[-1] == (2, ["李巡检", "王班长"])
    city.fast_forward(days=1)
    assert told(city, subject)[-1] == (3, ["赵经理"])
    # nobody acknowledged within four hours: the next rung does not wait for its third day
    city.fast_forward(hours=5)
    assert told(city, subject)[-1] == (4, ["何安全"])
    city.fast_forward(days=8)
    assert (5, ["韩总", "唐监管"]) in told(city, subject) or (5, ["唐监管", "韩总"]) in told(city, subject)
    assert limit(city, subject).colour == "red"


def test_last_rung_is_told_again_and_again(city: City, subject: uuid.UUID):
    owe(city, subject, hours=1)
    city.fast_forward(days=29)
    last = [rung for rung, _ in told(city, subject) if rung == 5]
    assert len(last) == 4


def test_once_done_nothing_more_is_told(city: City, subject: uuid.UUID):
    owe(city, subject, hours=48)
    met(city, subject)
    city.fast_forward(days=30)
    assert told(city, subject) == []
    assert limit(city, subject).outcome == "met"


def test_done_late_says_so(city: City, subject: uuid.UUID):
    owe(city, subject, hours=2)
    city.fast_forward(hours=3)
    met(city, subject)
    assert limit(city, subject).outcome == "met_late"


def test_done_in_time_offline_and_heard_of_late_counts_as_in_time(city: City, subject: uuid.UUID):
    owe(city, subject, hours=2)
    done_at = city.now
    city.fast_forward(hours=6)
    with city.database.transaction(SYSTEM) as session:
        operations.meet(
            session, "trial", subject, "trial", actor=city.actor("李巡检"), now=city.now, at=done_at
        )
    assert limit(city, subject).outcome == "met"


def test_owed_twice_is_owed_once(city: City, subject: uuid.UUID):
    first, second = owe(city, subject), owe(city, subject)
    assert first.id == second.id


def test_another_time_moves_the_ladder_and_keeps_the_first(city: City, subject: uuid.UUID):
    first = owe(city, subject, hours=24)
    moved = owe(city, subject, hours=240)
    assert (moved.id, moved.original_due_at) == (first.id, first.due_at)
    city.fast_forward(hours=48)
    assert told(city, subject) == []


def test_after_an_outage_missed_rungs_collapse_into_the_highest(city: City, subject: uuid.UUID):
    owe(city, subject, hours=1)
    city.outage(days=4)
    rungs = [rung for rung, _ in told(city, subject)]
    assert rungs == [4]


def test_an_acknowledged_rung_waits_for_the_next_ones_own_time(city: City, subject: uuid.UUID):
    known = owe(city, subject, hours=1)
    city.fast_forward(hours=25, minutes=5)
    with city.database.transaction(SYSTEM) as session:
        operations.acknowledge(session, known.id, actor=city.actor("赵经理"), now=city.now)
    city.fast_forward(hours=30)
    assert told(city, subject)[-1][0] == 3
    city.fast_forward(hours=24)
    assert told(city, subject)[-1][0] == 4


def test_only_who_was_told_acknowledges_and_only_what_asks(city: City, subject: uuid.UUID):
    known = owe(city, subject, hours=1)
    city.fast_forward(hours=2)
    with city.database.transaction(SYSTEM) as session, pytest.raises(Conflict):
        operations.acknowledge(session, known.id, actor=city.actor("李巡检"), now=city.now)
    city.fast_forward(hours=24)
    with city.database.transaction(SYSTEM) as session, pytest.raises(NotAllowed):
        operations.acknowledge(session, known.id, actor=city.actor("何安全"), now=city.now)
    with city.database.transaction(SYSTEM) as session, pytest.raises(NotFound):
        operations.acknowledge(session, known.id, actor=city.actor("孙巡检"), now=city.now)


def test_a_role_nobody_holds_is_skipped_upward(city: City, subject: uuid.UUID):
    owe(city, subject, hours=1, who=None)
    city.fast_forward(hours=1)
    assert told(city, subject)[-1] == (2, ["王班长"])


def test_everybody_told_hears_it_in_the_inbox_and_by_message(city: City, subject: uuid.UUID):
    owe(city, subject, hours=1)
    city.fast_forward(minutes=1)
    assert messages(city, subject) == [
        ("李巡检", "inbox", "limit_reminder"),
        ("李巡检", "message", "limit_reminder"),
    ]


def test_who_was_told_sees_it_and_another_enterprise_does_not(city: City, subject: uuid.UUID):
    known = owe(city, subject, hours=1)
    for who, sees in (
        ("李巡检", True),
        ("王班长", True),
        ("唐监管", True),
        ("孙巡检", False),
        ("方监管", False),
    ):
        with city.database.reading(city.actor(who).scope) as session:
            assert (queries.one(session, known.id) is not None) == sees, who


def test_no_open_limit_is_ever_without_a_timer(city: City, subject: uuid.UUID):
    owe(city, subject, hours=1)
    for _ in range(6):
        city.fast_forward(days=2)
        with city.database.reading(SYSTEM) as session:
            assert queries.silent(session) == 0


def test_what_comes_next_names_when_and_whom(city: City, subject: uuid.UUID):
    known = owe(city, subject, hours=10)
    with city.database.reading(SYSTEM) as session:
        following = queries.next_told(session, [known])[known.id]
    assert [city.name(one) for one in following.people] == ["李巡检"]
    assert (following.at - city.now).total_seconds() == 6 * 3600
