"""Two versions of the program on one database: what one of them does not know it leaves alone, loudly, and the other does it, once."""

import time
from pathlib import Path

import pytest

from hazard_flow.bench.timers.trial import wait_until
from hazard_flow.errors import RulesUnknown
from hazard_flow.hazards import operations
from hazard_flow.hazards.rules import install_rules
from hazard_flow.storage.scope import SYSTEM
from tests.chaos import versions
from tests.chaos.checker import check
from tests.chaos.dice import dice
from tests.chaos.firings import all_fired, fates, lay, left
from tests.chaos.place import Place
from tests.harness import founding

#: a minute on a machine of one's own, many on one that is shared
pytestmark = pytest.mark.timeout(900)

#: hazards of each version, kills of both workers
SAMPLE, WHOLE = (300, 1), (10_000, 15)


def test_a_worker_leaves_rules_it_does_not_know_to_the_one_that_does(place: Place, tmp_path: Path):
    count, _ = SAMPLE
    program, workflow = versions.newer(tmp_path)
    known = lay(place, count)
    versions.knows(place, workflow)
    unknown = lay(place, count)

    older = place.worker()
    assert wait_until(lambda: left(place, known) <= count, 300), older.tail()
    assert wait_until(lambda: older.said("worker.rules_unknown") > 0, 300), older.tail()
    assert fates(place, known) == {"fired": count}
    assert fates(place, unknown) == {"lost": count}, "not yet fired, and not touched"
    assert parked(place) == 0
    newer = place.worker(**versions.environment(program))
    assert all_fired(place, unknown, within_seconds=300), newer.tail()
    for worker in (older, newer):
        worker.stop()

    assert newer.said("worker.rules_unknown") == 0
    assert fates(place, unknown) == {"fired": count}
    assert check(place.database, place.application.clock.now(), all_fired=False) == []


def test_a_person_is_told_that_the_rules_are_not_here(sqlite_place: Place, tmp_path: Path):
    place = sqlite_place
    versions.knows(place, versions.newer(tmp_path)[1])
    [hazard_id] = lay(place, 1).hazards
    install_rules(place.database.info, founding.rules())

    with pytest.raises(RulesUnknown), place.database.transaction(SYSTEM) as session:
        operations.act(
            session, actor=place.founded.actors["何安全"], hazard_id=hazard_id, action="acknowledge", request_key="k",
            now=place.application.clock.now(),
        )  # fmt: skip


@pytest.mark.postgres
def test_an_earlier_version_and_this_one_share_the_work(postgres_place: Place, tmp_path: Path):
    side_by_side(postgres_place, tmp_path, *SAMPLE)


@pytest.mark.soak
@pytest.mark.postgres
@pytest.mark.timeout(0)
def test_an_earlier_version_and_this_one_killed_again_and_again(postgres_place: Place, tmp_path: Path):
    side_by_side(postgres_place, tmp_path, *WHOLE)


def side_by_side(place: Place, folder: Path, count: int, kills: int) -> None:
    chance, began = dice("two versions"), time.monotonic()
    program = versions.earlier(folder)
    laid = lay(place, count)
    for _ in range(kills):
        both = [place.worker(**versions.environment(program)), place.worker()]
        assert wait_until(
            lambda both=both: all(worker.is_up for worker in both) or left(place, laid) == 0, 60
        )
        time.sleep(chance.uniform(0, 0.5))
        for worker in both:
            worker.kill()
    both = [place.worker(**versions.environment(program)), place.worker()]
    assert all_fired(place, laid, within_seconds=300), [worker.tail() for worker in both]
    for worker in both:
        worker.stop()

    print(
        f"two versions, {2 * kills} kills: {dict(fates(place, laid))}; {time.monotonic() - began:.1f} s",
        flush=True,
    )
    assert fates(place, laid) == {"fired": count}
    assert check(place.database, place.application.clock.now(), all_fired=False, dice=chance) == []


@pytest.mark.postgres
def test_a_worker_keeps_its_hands_off_tables_it_does_not_know(postgres_place: Place):
    place = postgres_place
    worker = place.worker()
    assert wait_until(lambda: worker.is_up, 300), worker.tail()
    with place.watching() as superuser:
        [(revision,)] = superuser.execute("SELECT version_num FROM alembic_version").fetchall()
        superuser.execute("UPDATE alembic_version SET version_num = 'later'")
        assert wait_until(lambda: worker.said("SchemaUnknown") > 0, 300), worker.tail()
        laid = lay(place, 50)
        said = worker.said("SchemaUnknown")
        assert wait_until(lambda: worker.said("SchemaUnknown") > said + 5, 300), worker.tail()
        assert left(place, laid) == 50, "it fired all the same"
        superuser.execute("UPDATE alembic_version SET version_num = %s", (revision,))
    assert all_fired(place, laid, within_seconds=300), worker.tail()
    worker.stop()
    assert check(place.database, place.application.clock.now(), all_fired=False) == []


def parked(place: Place) -> int:
    return place.see("SELECT count(*) FROM timer WHERE parked_at IS NOT NULL")
