"""What is old goes, by whole days; what nobody is through with, and what belongs to a hazard, stays."""

import uuid
from datetime import timedelta

import sqlalchemy as sa

from hazard_flow.clock import VirtualClock
from hazard_flow.hazards.models import Hazard
from hazard_flow.reports import gather
from hazard_flow.storage.engine import is_sqlite
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry import inbox
from hazard_flow.telemetry.curve import Curve
from hazard_flow.telemetry.drawing import curve_of
from hazard_flow.telemetry.facts import sensor_facts
from hazard_flow.telemetry.models import CurveSample, InboxKey, SignalKey, StoredSignal
from hazard_flow.telemetry.queries import alarms_of
from hazard_flow.telemetry.retention import Keeper
from tests.chaos.checker import intake
from tests.telemetry.city import City

HOURS = timedelta(hours=72)


def keep(city: City) -> None:
    """The worker's job as a worker that has just started runs it."""
    Keeper(city.database, VirtualClock(city.now), HOURS)()


def count(city: City, table: type) -> int:
    with city.database.reading(SYSTEM) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def drawn_peaks(city: City) -> tuple[int, float]:
    """How many samples lie on the lines of the hazard's page, and the peak written beside them."""
    with city.database.reading(SYSTEM) as session:
        hazard = city.hazard()
        _, curve = curve_of(session, hazard.id, alarms_of(session, hazard.id))
    assert curve is not None
    points = sum(path.count(" ") // 2 + 1 for line in curve.lines for path in line.paths)
    return points + sum(len(line.dots) for line in curve.lines), curve.peak


def pieces(city: City, table: str) -> list[str]:
    """The days a table is cut into, as the database names them."""
    with city.database.reading(SYSTEM) as session:
        if is_sqlite(session.connection()):
            return []
        wanted = sa.text(
            "SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = CAST(:t AS regclass)"
        )
        return sorted(session.scalars(wanted, {"t": table}))


def test_done_messages_go_with_their_day_and_dead_ones_stay(city: City) -> None:
    keep(city)
    city.measure("G-101", 1, 2, 3)
    city.deliver("gas/demo/VW-1/G-101/telemetry", b"{broken")
    city.drain()
    assert city.states() == {"dead": 1, "done": 3}

    city.pass_time(hours=71)
    keep(city)
    assert city.states() == {"dead": 1, "done": 3}

    city.pass_time(hours=25)
    keep(city)
    assert city.states() == {"dead": 1}
    assert count(city, StoredSignal) == 0

    [dead] = city.messages()
    with city.database.transaction(SYSTEM) as session:
        assert inbox.replay(session, [dead.id]) == 1
    city.drain()
    assert city.states() == {"dead": 1}

    who = uuid.uuid4()
    with city.database.transaction(SYSTEM) as session:
        assert inbox.discard(session, [dead.id], person=who, why="a test of the fitter's", now=city.now) == 1
        assert inbox.discard(session, [dead.id], person=who, why="again", now=city.now) == 0
    [through] = city.messages()
    assert through.state == "done"
    assert through.reason.startswith(f"discarded by {who}: a test of the fitter's | not_json: ")
    with city.database.reading(SYSTEM) as session:
        assert intake(session, swept_to=city.now - HOURS) == []
    keep(city)
    assert city.messages() == []


def test_days_are_made_ahead_and_hold_their_own(city: City) -> None:
    city.measure("G-101", 1)  # before the keeper ever ran: into the rest, from where the day takes it
    keep(city)
    city.measure("G-101", 2)
    if not pieces(city, "inbox"):
        return
    assert pieces(city, "inbox") == [
        "inbox_20261123",
        "inbox_20261124",
        "inbox_20261125",
        "inbox_20261126",
        "inbox_rest",
    ]
    with city.database.reading(SYSTEM) as session:
        places = session.scalars(sa.text("SELECT DISTINCT CAST(tableoid AS regclass)::text FROM inbox")).all()
    assert places == ["hf_parts.inbox_20261123"]
    city.pass_time(days=5)
    keep(city)
    assert pieces(city, "inbox")[0] == "inbox_20261125"
    assert pieces(city, "signal")[0] == "signal_20261125"


def test_the_application_reaches_the_days_only_through_the_table(city: City) -> None:
    keep(city)
    if not pieces(city, "inbox"):
        return
    city.measure("G-101", 1)
    with city.database.reading(SYSTEM) as session:
        refused = None
        try:
            session.execute(sa.text("SELECT * FROM hf_parts.inbox_20261123"))
        except sa.exc.ProgrammingError as error:
            refused = str(error.orig)
    assert refused is not None
    assert "permission denied" in refused


def test_a_message_is_known_again_long_after_it_went(city: City) -> None:
    sample = b'{"id": "a1", "ts": "2026-11-23T08:00:00Z", "m": {"ch4_lel": 3}}'
    city.deliver("gas/demo/VW-1/G-101/telemetry", sample)
    city.drain()
    city.pass_time(days=10)
    keep(city)
    assert city.messages() == []
    city.deliver("gas/demo/VW-1/G-101/telemetry", sample, dup=True)
    assert city.messages() == []
    city.pass_time(days=6)
    keep(city)
    assert (count(city, InboxKey), count(city, SignalKey)) == (0, 0)


def test_the_curve_around_an_alarm_stays_with_the_hazard(city: City) -> None:
    city.measure("G-102", 1)
    city.measure("G-101", 2, 4, 60, 60, 60)
    city.drain()
    keep(city)  # the first half is safe at once
    assert count(city, CurveSample) == 6
    city.measure("G-101", *[30] * 40)
    city.drain()
    keep(city)  # and the second when it has passed
    before = drawn_peaks(city)
    assert before[0] == 2 + 30 + 1
    for days in (1, 3, 30):
        city.pass_time(days=days)
        keep(city)
    assert count(city, StoredSignal) == 0
    assert drawn_peaks(city) == before
    with city.database.reading(SYSTEM) as session:
        neighbours = session.scalars(sa.select(CurveSample.value).where(CurveSample.value == 1)).all()
    assert neighbours == [1]


def test_what_comes_late_joins_the_window(city: City) -> None:
    city.measure("G-101", 60, 60, 60)
    city.drain()
    alarm = city.now
    city.pass_time(hours=10)
    keep(city)
    assert count(city, CurveSample) == 3
    stamp = (alarm + timedelta(minutes=9)).isoformat()
    city.deliver(
        "gas/demo/VW-1/G-101/telemetry", b'{"seq": 9, "ts": "%s", "m": {"ch4_lel": 41}}' % stamp.encode()
    )
    city.drain()
    city.pass_time(hours=16)
    keep(city)
    assert count(city, CurveSample) == 4
    assert drawn_peaks(city)[0] == 4


def test_a_detector_that_fell_silent_long_ago_still_watches_the_place(city: City) -> None:
    city.measure("G-101", 60, 60, 60, 2)
    heard = city.now
    city.drain()
    for _ in range(3):
        city.pass_time(days=4)
        keep(city)
    assert count(city, StoredSignal) == 0
    with city.database.reading(SYSTEM) as session:
        [found] = sensor_facts(session, [city.hazard()]).values()
    assert found == {
        "sensor_live": True,
        "sensor_normal_since": heard - timedelta(minutes=1),
        "sensor_fresh_at": heard,
    }


def test_the_closure_file_draws_what_was_known_at_closing_for_ever(city: City) -> None:
    city.measure("G-102", 1)
    city.measure("G-101", 2, 4, 60, 60, 60, 3, 2)
    city.drain()
    city.move(city.hazard(), "closed")
    printed = closure_curve(city)
    assert printed is not None
    assert (printed.peak, len(printed.alarms)) == (60, 1)
    city.measure("G-101", *[80] * 5)
    city.drain()
    for days in (1, 3, 30):
        city.pass_time(days=days)
        keep(city)
    assert count(city, StoredSignal) == 0
    assert closure_curve(city) == printed


def closure_curve(city: City) -> Curve | None:
    with city.database.reading(SYSTEM) as session:
        first = session.scalars(sa.select(Hazard).order_by(Hazard.number)).first()
        assert first is not None
        return gather.read(session, first.id).curve
