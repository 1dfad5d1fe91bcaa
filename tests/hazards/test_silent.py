"""No silence: an open hazard of which nobody would ever hear again is found, exactly, and without reading the closed ones."""

import re
import uuid
from datetime import timedelta

import sqlalchemy as sa

from hazard_flow.hazards.checks import silent, silent_count, silent_hazards, silent_numbers
from hazard_flow.hazards.models import Hazard
from hazard_flow.schedule.models import Timer
from hazard_flow.schedule.operations import plan
from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.founding import on_postgres_only


def counted(city: City) -> int:
    with city.database.reading(SYSTEM) as session:
        return silent_count(session)


def change(city: City, hazard: Hazard, **values: object) -> None:
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Timer).where(Timer.subject_id == hazard.id).values(**values))


def test_hazards_in_every_state_are_heard_of_and_closed_ones_do_not_matter(city: City):
    for state in ("assigned", "rectifying", "submitted", "verified", "closed"):
        city.bring_to(city.report(f"调压箱锈蚀（{state}）"), state)
    city.report(major=True)

    assert counted(city) == 0


def test_a_hazard_whose_timers_are_all_parked_is_silent(city: City):
    hazard, other = city.report("阀井漏气甲"), city.report("阀井漏气乙")
    change(city, hazard, parked_at=city.now)

    with city.database.reading(SYSTEM) as session:
        found = silent_hazards(session, city.now)
        assert silent_numbers(session) == [hazard.number], f"{other.number} has its timers"
    assert found is not None
    assert "1 件" in found.zh
    assert hazard.number not in found.zh + found.en, "what everybody may ask names nobody's hazard"
    change(city, hazard, parked_at=None)
    assert counted(city) == 0


def test_a_timer_made_for_a_state_the_hazard_has_left_is_none(city: City):
    """It would fire as a recorded no-op, and then nothing would be left."""
    hazard = city.bring_to(city.report(), "rectifying")
    city.control(hazard)
    fences = {timer.name: timer.fence for timer in city.timers(hazard).values()}
    change(city, hazard, fence=1)

    assert counted(city) == 1

    for name, fence in fences.items():
        with city.database.transaction(SYSTEM) as session:
            session.execute(
                sa.update(Timer).where(Timer.subject_id == hazard.id, Timer.name == name).values(fence=fence)
            )
    assert counted(city) == 0


def test_a_timer_of_another_kind_of_subject_with_the_same_id_is_none(city: City):
    hazard = city.report()
    timers = list(city.timers(hazard).values())
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.delete(Timer).where(Timer.subject_id == hazard.id))
        stranger = Timer(
            home_id=hazard.home_id, subject_kind="round", subject_id=hazard.id, name="due", level=0,
            due_at=city.now + timedelta(days=1), expires_at=city.now, started_at=city.now, fence=1, created_at=city.now,
        )  # fmt: skip
        plan(session, [stranger])

    assert counted(city) == 1

    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.delete(Timer).where(Timer.subject_id == hazard.id))
        for timer in timers:
            session.merge(timer)
    assert counted(city) == 0


@on_postgres_only
def test_it_looks_only_at_open_hazards_and_finds_their_timers_by_index(city: City):
    """30 000 closed hazards beside 300 open ones: the plan may not read the closed ones, nor the whole timer table."""
    _fill(city, closed=30_000, open_=300)
    counting = sa.select(sa.func.count()).select_from(Hazard).where(silent())
    compiled = counting.compile(dialect=city.database.engine.dialect, compile_kwargs={"literal_binds": True})
    with city.database.reading(SYSTEM) as session:
        rows = session.execute(sa.text(f"EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) {compiled}")).scalars()
        plan_ = "\n".join(rows)
        assert silent_count(session) == 0
    _empty(city)

    assert "Seq Scan on hazard" not in plan_, plan_
    assert "Seq Scan on timer" not in plan_, plan_
    assert "ix_hazard_open_" in plan_, plan_
    assert re.search(r"Index (?:Only )?Scan using uq_timer_\w+ on timer", plan_), plan_
    read = [int(n) for n in re.findall(r"on hazard\b.*?rows=(\d+)", plan_)]
    assert max(read) <= 300, plan_


def _empty(city: City) -> None:
    """Take them out again: they have no history, which the city's own checks would not forgive."""
    owner = make_engine(city.owner_url)
    with owner.begin() as connection:
        connection.info["hazards.door_open"] = 1
        connection.exec_driver_sql("SELECT set_config('hf.everything', 'on', false)")
        connection.exec_driver_sql("DELETE FROM timer")
        connection.exec_driver_sql("DELETE FROM hazard")
    owner.dispose()


def _fill(city: City, *, closed: int, open_: int) -> None:
    """Rows as the owner would restore them: the door has no part in this, no rule is tried out."""
    owner = make_engine(city.owner_url)
    with owner.begin() as connection:
        connection.info["hazards.door_open"] = 1
        connection.exec_driver_sql("SELECT set_config('hf.everything', 'on', false)")
        connection.execute(
            sa.text("""
                INSERT INTO hazard (id, home_id, organisation_id, path, division, number, workflow, workflow_version, stage, state,
                    state_entered_at, state_seq, level, title, description, source, place, verifier_ids, parties, found_at,
                    reported_at, closed_at, blind, incomplete, control_open, marks, counters, details, seq, head)
                SELECT gen_random_uuid(), :home, :unit, :path, '990102', 'YH-' || i, 'general', 1,
                    CASE WHEN i <= :open_ THEN 'rectifying' ELSE 'closed' END, CASE WHEN i <= :open_ THEN 'rectifying' ELSE 'closed' END,
                    now(), 3, 'general', 't', 'd', 'self_inspection', 'p', '[]', ',', now(), now(),
                    CASE WHEN i > :open_ THEN now() END, false, false, false, '{}', '{}', '{}', 5, decode('00', 'hex')
                FROM generate_series(1, :open_ + :closed) i"""),
            {
                "home": uuid.uuid4(), "unit": city.founded.units["运行一班"], "path": city.founded.paths["运行一班"],
                "open_": open_, "closed": closed,
            },
        )  # fmt: skip
        connection.exec_driver_sql("""
            INSERT INTO timer (id, home_id, subject_kind, subject_id, name, level, cycle, due_at, expires_at, started_at, fence,
                rule, provisional, created_at, attempts)
            SELECT gen_random_uuid(), home_id, 'hazard', h.id, k.name, 0, 0, now() + interval '9 days', now(), now(), 3, 'state', false,
                now(), 0
            FROM hazard h, (VALUES ('rectify'), ('progress'), ('control')) k(name) WHERE h.closed_at IS NULL""")
        connection.exec_driver_sql("ANALYZE hazard")
        connection.exec_driver_sql("ANALYZE timer")
    owner.dispose()
