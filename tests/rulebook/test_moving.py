"""Many hazards moved at once: rehearsed without a trace, each judged for itself, batch by batch."""

from typing import Any

import sqlalchemy as sa

from hazard_flow.hazards.migrating import ADMINISTRATOR
from hazard_flow.hazards.models import Hazard, HazardEvent, RequestKey
from hazard_flow.rulebook import moving
from hazard_flow.rulebook.moving import Order, Result
from hazard_flow.schedule.models import Timer
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.versions import changed, release, renamed


def order(to: int, **given: Any) -> Order:
    return Order(workflow="general", to_version=to, actor=ADMINISTRATOR, reason="执行新版", **given)


def move(city: City, wanted: Order, *, rehearse: bool = False, told: list[int] | None = None) -> Result:
    with city.database.reading(SYSTEM) as session:
        found = moving.candidates(session, wanted)
    heard: list[int] = [] if told is None else told
    return moving.move(
        city.database, wanted, found, clock=lambda: city.now, rehearse=rehearse, tell=heard.append
    )


def rows(city: City) -> dict[str, Any]:
    """Everything a rehearsal could leave behind."""
    return {
        "events": len(city.all(sa.select(HazardEvent.hash))),
        "keys": len(city.all(sa.select(RequestKey.key))),
        "versions": sorted(city.all(sa.select(Hazard.workflow_version))),
        "timers": sorted((str(t.subject_id), t.name, t.level, t.due_at) for t in city.all(sa.select(Timer))),
    }


def test_a_rehearsal_tells_exactly_what_will_happen_and_leaves_no_trace(city: City):
    open_ones = [city.report(), city.bring_to(city.report(), "rectifying")]
    stuck = city.bring_to(city.report(), "verified")
    city.bring_to(city.report(), "closed")
    city.report("管线上方违章建筑占压", major=True)
    newer = changed(renamed("verified", "cleared"))
    v1 = newer.version - 1
    release(city, newer)
    before = rows(city)

    rehearsed = move(city, order(newer.version), rehearse=True)

    assert rows(city) == before
    assert rehearsed.moved == {
        (f"general.v{v1}", "reported", "reported"): 1,
        (f"general.v{v1}", "rectifying", "rectifying"): 1,
    }
    assert {n: [f.code for f in e.fields] for n, e in rehearsed.refused.items()} == {
        stuck.number: ["no_counterpart"]
    }

    done = move(city, order(newer.version))

    assert done.moved == rehearsed.moved
    assert done.refused.keys() == rehearsed.refused.keys()
    assert [city.look(h).workflow_version for h in open_ones] == [newer.version] * 2
    assert city.look(stuck).workflow_version == v1
    assert [e.type for e in city.events(stuck)][-1] == "hazard.acted"


def test_with_a_map_the_rest_follows_and_a_second_run_finds_nothing(city: City):
    stuck = city.bring_to(city.report(), "verified")
    newer = changed(renamed("verified", "cleared"))
    release(city, newer)

    done = move(city, order(newer.version, names={"verified": "cleared"}))

    assert (done.count, done.refused) == (1, {})
    assert city.look(stuck).state == "cleared"
    assert move(city, order(newer.version)).count == 0
    city.close(stuck)


def test_named_ones_and_one_version_only(city: City):
    first, second, third = (city.report() for _ in range(3))
    v2 = changed()
    v3 = changed(version=v2.version + 1)
    release(city, v2, v3)

    move(city, order(v2.version, numbers=(first.number,)))
    move(city, order(v3.version, from_version=v2.version))

    versions = [city.look(h).workflow_version for h in (first, second, third)]
    assert versions == [v3.version, v2.version - 1, v2.version - 1]
    closed = city.bring_to(city.report(), "closed")  # opened under v3
    named = move(city, order(v2.version, numbers=(closed.number,)))
    assert [f.code for f in named.refused[closed.number].fields] == ["already_closed"]


def test_batches_of_five_hundred(city: City, monkeypatch):
    """Two thirds of a batch more than one: here with a batch of two, as the count is all that differs."""
    monkeypatch.setattr(moving, "BATCH_MAX", 2)
    hazards = [city.report() for _ in range(5)]
    newer = changed()
    release(city, newer)
    told: list[int] = []

    done = move(city, order(newer.version), told=told)

    assert told == [2, 2, 1]
    assert done.count == 5
    assert {city.look(h).workflow_version for h in hazards} == {newer.version}
