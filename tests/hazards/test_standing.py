"""A firing reads a part of the hazard: what it does must be what it would have done with the whole of it."""

from dataclasses import fields
from datetime import timedelta

import sqlalchemy as sa

from hazard_flow.hazards.changes import Act, Fire
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.standing import Standing, lock_standing
from hazard_flow.schedule.models import Timer
from hazard_flow.schedule.rows import TIMER_COLUMNS, TimerRow
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City

#: what a firing may change on the row
MOVED = {"seq", "head", "colour"}


def pending(city: City, hazard, name: str) -> TimerRow:
    with city.database.reading(SYSTEM) as session:
        rows = session.execute(
            sa.select(*TIMER_COLUMNS).where(Timer.subject_id == hazard.id, Timer.name == name)
        )
        return TimerRow(*rows.one())


def columns(hazard: Hazard) -> dict:
    return {column.key: getattr(hazard, column.key) for column in sa.inspect(Hazard).columns}


def test_what_it_reads_is_what_the_hazard_says(city: City):
    hazard = city.report()
    city.assign(hazard)

    with city.database.transaction(SYSTEM) as session:
        found = lock_standing(session, [hazard.id], SYSTEM)[hazard.id]

    whole = columns(city.look(hazard))
    assert {f.name: getattr(found, f.name) for f in fields(Standing)} == {
        f.name: whole[f.name] for f in fields(Standing)
    }


def test_a_firing_moves_the_chain_and_the_colour_and_nothing_else(city: City):
    hazard = city.report()
    before = columns(city.look(hazard))

    city.fast_forward(days=6)

    after = columns(city.look(hazard))
    assert {name for name in before if before[name] != after[name]} == MOVED
    assert after["seq"] == len(city.events(hazard))


def test_out_of_scope_nothing_is_locked(city: City):
    hazard = city.report()
    stranger = city.actor("马安全").scope

    with city.database.transaction(stranger) as session:
        assert lock_standing(session, [hazard.id], stranger) == {}


def test_a_timer_carried_over_by_an_act_of_the_same_batch_still_fires(city: City):
    """The worker claimed it for the state before; it must not be thrown away as one of a state that was left."""
    hazard = city.report()
    city.control(hazard)
    city.assign(hazard)
    rectify = pending(city, hazard, "rectify")
    city.clock.move_to(rectify.due_at + timedelta(seconds=1))
    responsible = city.actor(city.name(city.look(hazard).responsible_id))
    accept = Act(hazard_id=hazard.id, action="accept", actor=responsible, request_key="k1")

    accepted, fired = city.apply([accept, Fire(timer=rectify, actor=city.actor("system"))])

    assert (accepted.error, fired.error) == (None, None)
    assert [e.type for e in city.events(hazard)][-2:] == ["hazard.acted", "timer.reminded"]
    assert city.timers(hazard)["rectify"].due_at > city.now
