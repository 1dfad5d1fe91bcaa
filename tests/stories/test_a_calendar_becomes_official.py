"""The holiday notice comes while limits run over the new year: they are counted again, and whoever holds the hazard is told."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hazard_flow.catalogue.models import CalendarDay, RuleStamp
from hazard_flow.catalogue.queries import calendar_at
from hazard_flow.errors import RulesUnknown
from hazard_flow.hazards.changes import Recount
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import install_rules
from hazard_flow.hazards.settling import ACTOR, settle
from hazard_flow.schedule.models import Timer
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.founding import on_sqlite_only, opened
from tests.harness.notices import SOURCE, announce, notice
from tests.harness.together import together
from tests.harness.versions import changed, release

#: Monday 28 December 2026, 09:00 in the city
MONDAY = datetime(2026, 12, 28, 1, tzinfo=UTC)
NEW_MONDAY = date(2027, 1, 4)
#: five working days on, the first day not counted, New Year's Day off: 29, 30, 31 December, 4, 5 January
EXPECTED = "2027-01-05 24:00"
#: Monday the 4th is off as well
LONGER = notice(holidays=["01-04"], workdays=["01-10"])
#: Saturday the 2nd is worked
SHORTER = notice(workdays=["01-02"])


def ends(city: City, hazard: Hazard, timer: str = "verify") -> str:
    """When a limit runs out, as people say it."""
    at = city.timers(hazard)[timer].expires_at + timedelta(hours=8)
    assert (at.hour, at.minute) == (0, 0)
    return f"{at.date() - timedelta(days=1)} 24:00"


@pytest.fixture
def awaited(city: City) -> Hazard:
    """A hazard whose re-check is due in five working days over the new year."""
    city.clock.move_to(MONDAY)
    hazard = city.bring_to(city.report(), "submitted")
    assert ends(city, hazard) == EXPECTED
    assert city.timers(hazard)["verify"].provisional
    return hazard


def settled(city: City) -> int:
    return settle(city.database, lambda: city.now)


def test_a_longer_holiday_moves_the_limit_and_tells_the_holder(city: City, awaited: Hazard):
    """Both instants and the notice stand in the chain; the verifier hears of it, nobody else."""
    city.fast_forward(hours=26)
    before = city.timers(awaited)["verify"]

    assert announce(city.database, LONGER, city.now).is_stored
    assert settled(city) == 1

    after = city.timers(awaited)["verify"]
    assert ends(city, awaited) == "2027-01-06 24:00"
    assert (after.id, after.provisional, after.created_at) == (before.id, False, before.created_at)
    [event] = city.events(awaited, "timer.recounted")
    assert event.who == "system:calendar"
    assert event.data["calendar"] == SOURCE
    assert (event.data["timer"], event.data["moved"], event.data["shortened"]) == ("verify", "limit", False)
    assert event.data["expires_before"] == "2027-01-05T16:00:00.000000Z"
    assert event.data["expires_after"] == "2027-01-06T16:00:00.000000Z"
    told = city.told(awaited, template="recounted")
    assert {(m.who, m.channel) for m in told} == {("徐复查", "inbox"), ("徐复查", "message")}


def test_a_make_up_day_shortens_it_and_says_so_in_its_own_words(city: City, awaited: Hazard):
    """A limit never becomes shorter in silence."""
    announce(city.database, SHORTER, city.now)
    settled(city)

    assert ends(city, awaited) == "2027-01-04 24:00"
    assert [e.data["shortened"] for e in city.events(awaited, "timer.recounted")] == [True]
    assert [m.who for m in city.told(awaited, template="recounted_shorter")] == ["徐复查", "徐复查"]
    assert city.told(awaited, template="recounted") == []


def test_it_fires_at_the_new_instant_and_not_at_the_old_one(city: City, awaited: Hazard):
    """What was told is what happens."""
    announce(city.database, LONGER, city.now)
    settled(city)

    city.clock.move_to(datetime(2027, 1, 6, 15, 59, tzinfo=UTC))
    city.fast_forward(minutes=0)
    assert city.firings(awaited, "verify") == []
    city.fast_forward(minutes=2)
    assert [f.level for f in city.firings(awaited, "verify")] == [0]


def test_the_same_notice_twice_is_nothing_new(city: City, awaited: Hazard):
    """Neither rows nor events nor messages, however often somebody imports and counts."""
    announce(city.database, LONGER, city.now)
    settled(city)
    length = len(city.events(awaited)), len(city.told(awaited)), len(city.all(sa.select(CalendarDay)))

    again = announce(city.database, LONGER, city.now)
    assert (again.changes, again.faults, again.is_stored) == ((), (), False)
    assert settled(city) == 0
    for _ in range(2):
        [outcome] = city.apply([Recount(hazard_id=awaited.id, actor=ACTOR)])
        assert (outcome.error, outcome.event) == (None, None)

    assert length == (
        len(city.events(awaited)),
        len(city.told(awaited)),
        len(city.all(sa.select(CalendarDay))),
    )


def test_a_year_that_brings_no_change_only_takes_the_mark_off(city: City, awaited: Hazard):
    """Confirmed as counted: nothing moved, so nobody is disturbed."""
    announce(city.database, notice(), city.now)

    assert settled(city) == 0
    assert not city.timers(awaited)["verify"].provisional
    assert city.events(awaited, "timer.recounted") == []


def test_a_deadline_people_agreed_on_does_not_move(city: City):
    """`due_at` is a promise between people; only its reminders and rungs are counted."""
    city.clock.move_to(MONDAY)
    hazard = city.report()
    city.control(hazard)
    city.assign(hazard, due_at="2027-01-04")
    city.accept(hazard)
    due_at = city.look(hazard).due_at

    announce(city.database, LONGER, city.now)
    settled(city)

    assert city.look(hazard).due_at == due_at
    assert city.timers(hazard)["rectify"].expires_at == due_at
    assert city.events(hazard, "timer.recounted") == []


def test_what_fired_stays_fired_and_only_the_next_rung_is_counted_anew(city: City):
    """The limit ran out and was told on the 31st; the next notice moves with the holiday, the first is not taken back."""
    city.clock.move_to(datetime(2026, 12, 24, 1, tzinfo=UTC))
    hazard = city.bring_to(city.report(), "submitted")  # 25, 28, 29, 30, 31 December
    city.fast_forward(days=8)  # Friday 1 January, 09:00
    assert [f.level for f in city.firings(hazard, "verify")] == [0]
    rung = city.timers(hazard)["verify"]
    assert rung.provisional  # one working day after the 31st: Monday the 4th

    announce(city.database, LONGER, city.now)
    settled(city)

    moved = city.timers(hazard)["verify"]
    assert (moved.level, moved.expires_at) == (1, rung.expires_at)
    assert moved.due_at - rung.due_at == timedelta(days=1)
    [event] = city.events(hazard, "timer.recounted")
    assert event.data["moved"] == "rung"
    assert {m.template for m in city.told(hazard)} >= {"recounted_rung"}
    city.fast_forward(days=6)
    assert [f.level for f in city.firings(hazard, "verify")] == [0, 1]


def test_a_reminder_given_is_not_given_again(city: City, awaited: Hazard):
    """Half of the longer time lies ahead once more; whoever was reminded knows."""
    city.clock.move_to(datetime(2027, 1, 1, 17, tzinfo=UTC))
    city.fast_forward(minutes=0)
    assert [e.firing for e in city.events(awaited, "timer.reminded")] == [("verify", -1, 0)]

    announce(city.database, notice(holidays=["01-04..01-08"], workdays=["01-10"]), city.now)
    settled(city)
    city.fast_forward(days=14)

    assert [e.firing for e in city.events(awaited, "timer.reminded")] == [("verify", -1, 0)]
    assert [f.level for f in city.firings(awaited, "verify")][:1] == [0]


def test_an_acknowledged_rung_keeps_its_own_offset(city: City):
    """Acknowledged, the ladder waits for its offset; counting again does not bring the impatience back."""
    city.clock.move_to(datetime(2026, 12, 22, 1, tzinfo=UTC))
    hazard = city.bring_to(city.report(), "submitted")  # 23, 24, 25, 28, 29 December
    city.fast_forward(
        days=13
    )  # 4 January: rung 2 (three working days) is told and wants an answer within one
    assert [f.level for f in city.firings(hazard, "verify")] == [0, 1]
    city.fast_forward(days=1)
    assert [f.level for f in city.firings(hazard, "verify")] == [0, 1, 2]
    impatient = city.timers(hazard)["verify"].due_at
    city.acknowledge(hazard, by="何安全")
    patient = city.timers(hazard)["verify"].due_at
    assert patient > impatient

    announce(city.database, notice(holidays=["01-06"], workdays=["01-10"]), city.now)
    settled(city)

    # seven working days after 29 December: 30, 31, 4, 5, 7, 8, 10 January
    assert city.timers(hazard)["verify"].due_at == datetime(2027, 1, 10, 16, tzinfo=UTC)


def test_a_repeating_rung_keeps_its_cadence(city: City):
    """The last rung repeats every five working days from its own due time."""
    city.clock.move_to(datetime(2026, 11, 23, 1, tzinfo=UTC))
    hazard = city.bring_to(city.report(), "submitted")
    city.fast_forward(days=40)  # 2 January: the last repetition was on 30 December
    last = city.firings(hazard, "verify")[-1]
    assert last.level == 4
    pending = city.timers(hazard)["verify"]
    assert (pending.level, pending.cycle, pending.provisional) == (4, last.cycle + 1, True)

    announce(city.database, LONGER, city.now)
    settled(city)

    # 31 December, 4, 5, 6, 7 January before; 31 December, 5, 6, 7, 8 January now
    moved = city.timers(hazard)["verify"]
    assert (moved.level, moved.cycle) == (pending.level, pending.cycle)
    assert moved.due_at - pending.due_at == timedelta(days=1)


def test_a_notice_changed_later_moves_what_was_counted_by_the_first_one(city: City, awaited: Hazard):
    """As in 2020, when the holiday was made longer while it ran: no mark says so, the days do."""
    announce(city.database, notice(), city.now)
    settled(city)
    assert not city.timers(awaited)["verify"].provisional

    announce(city.database, LONGER, city.now)
    assert settled(city) == 1

    assert ends(city, awaited) == "2027-01-06 24:00"


def test_days_of_one_region_move_the_limits_of_that_region_only(city: City, awaited: Hazard):
    """East District keeps a day of its own; West goes by the country."""
    west = city.outcome_of_report("调压箱漏气", by="孙巡检").hazard
    announce(city.database, notice(), city.now)
    announce(city.database, notice(holidays=["01-04"], division="990102"), city.now)
    settled(city)

    assert ends(city, awaited) == "2027-01-06 24:00"
    with city.database.reading(SYSTEM) as session:
        assert not calendar_at(session, awaited.division).is_workday(NEW_MONDAY)
        assert calendar_at(session, west.division).is_workday(NEW_MONDAY)


def test_half_done_is_gone_on_with(city: City, awaited: Hazard, monkeypatch: pytest.MonkeyPatch):
    """Killed between two batches, the next one to look finds the rest, and what was counted is not counted twice."""
    others = [city.bring_to(city.report(f"第 {n} 处漏气"), "submitted") for n in range(4)]
    announce(city.database, LONGER, city.now)
    monkeypatch.setattr("hazard_flow.hazards.door.BATCH_MAX", 2)

    with pytest.raises(KeyboardInterrupt):
        settle(city.database, lambda: city.now, progress=lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    assert sum(bool(city.events(h, "timer.recounted")) for h in (awaited, *others)) == 2
    assert settled(city) == 3

    assert [len(city.events(h, "timer.recounted")) for h in (awaited, *others)] == [1] * 5


def test_what_was_counted_by_the_old_days_meanwhile_is_found_by_the_second_round(city: City, awaited: Hazard):
    """A transaction that had read the old days may commit after the first round has passed its hazard."""
    announce(city.database, LONGER, city.now)
    assert settled(city) == 1
    assert not stamp(city).settled
    before = city.timers(awaited)["verify"].expires_at
    with city.database.transaction(SYSTEM) as session:  # as the late transaction would have left it
        late = {"expires_at": before - timedelta(days=1), "due_at": before - timedelta(days=1)}
        session.execute(sa.update(Timer).where(Timer.name == "verify").values(provisional=True, **late))
    assert settled(city) == 0

    city.clock.advance(timedelta(minutes=2))

    assert settled(city) == 1
    assert stamp(city).settled
    assert city.timers(awaited)["verify"].expires_at == before


def stamp(city: City) -> RuleStamp:
    [found] = city.all(sa.select(RuleStamp).where(RuleStamp.kind == "calendar"))
    return found


def test_two_workers_counting_at_once_count_once(city: City, awaited: Hazard):
    """Leaderless: whoever comes second finds nothing to move."""
    announce(city.database, LONGER, city.now)

    answers = together(3, lambda _: settled(city))

    assert sum(a for a in answers if isinstance(a, int)) == 1, answers
    assert len(city.events(awaited, "timer.recounted")) == 1


def test_another_process_counts_by_the_new_days_without_a_restart(city: City):
    """A second worker had read the old calendar; the next hazard it touches goes by the new one."""
    city.clock.move_to(MONDAY)
    other = opened(city.database.engine.url.render_as_string(hide_password=False))
    with other.reading(SYSTEM) as session:
        assert calendar_at(session).is_provisional(NEW_MONDAY)

    announce(city.database, LONGER, city.now)

    with other.reading(SYSTEM) as session:
        calendar = calendar_at(session)
        assert not calendar.is_provisional(NEW_MONDAY)
        assert not calendar.is_workday(NEW_MONDAY)
    other.dispose()
    hazard = city.bring_to(city.report(), "submitted")
    assert ends(city, hazard) == "2027-01-06 24:00"


@on_sqlite_only
def test_a_real_second_process_sees_it_while_it_runs(city: City, tmp_path: Path):
    """Not two objects in one process: a process that was running before the import."""
    code = f"""
import sys
from datetime import date
from hazard_flow.catalogue.queries import calendar_at
from hazard_flow.errors import RulesUnknown
from hazard_flow.storage.scope import SYSTEM
from tests.harness.founding import opened
database = opened({city.database.engine.url.render_as_string(hide_password=False)!r})
for _ in sys.stdin:
    with database.reading(SYSTEM) as session:
        print(calendar_at(session).is_workday(date(2027, 1, 4)), flush=True)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    ) as worker:  # fmt: skip
        assert worker.stdin is not None
        assert worker.stdout is not None

        def asked() -> str:
            worker.stdin.write("?\n")
            worker.stdin.flush()
            return worker.stdout.readline().strip()

        assert asked() == "True"
        announce(city.database, LONGER, city.now)
        assert asked() == "False"
        worker.stdin.close()
        assert worker.wait(timeout=30) == 0


def test_a_worker_without_the_rules_of_a_hazard_leaves_the_round_to_one_that_has_them(
    city: City, awaited: Hazard
):
    """Two versions run side by side: passing the newer one's hazard over would call the round done without it."""
    old = city.database.info["hazards.rules"]
    new = release(city, changed(lambda _: None))
    newer = city.bring_to(city.report("新版规则下的漏气"), "submitted")
    announce(city.database, LONGER, city.now)

    install_rules(city.database.info, old)
    with pytest.raises(RulesUnknown):
        settled(city)
    assert not any(city.events(h, "timer.recounted") for h in (awaited, newer))

    install_rules(city.database.info, new)
    assert settled(city) == 2
