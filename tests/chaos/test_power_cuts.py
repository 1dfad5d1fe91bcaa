"""The power fails at any write: no act that was acknowledged is lost, the file is whole, every chain holds.

The door, the timer engine and the migrations themselves write, through the product's own engine and its own PRAGMAs; only the disk under
SQLite is ours.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from obstore.store import MemoryStore

from hazard_flow.errors import HazardFlowError
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.models import HazardEvent
from hazard_flow.storage import migrate
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from tests.chaos.checker import check
from tests.chaos.dice import dice
from tests.chaos.journal import ACKNOWLEDGED, Entry, Journal, new_key
from tests.chaos.plug import Disk
from tests.chaos.plug_driver import register
from tests.harness import founding
from tests.harness.cast import Founded
from tests.harness.city import City

register()

SAMPLE, WHOLE = 25, 300
SAMPLE_OF_MIGRATIONS, WHOLE_OF_MIGRATIONS = 2, 25
#: cuts within which a setting that does not sync is found out
SEEN_WITHIN = 40
#: writes and syncs of a run: one act is some thirty of them
OPERATIONS_MAX = 1_200
MIGRATING_MAX = 520
STEPS_MAX = 60
PRAGMAS = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "busy_timeout")


@dataclass(frozen=True)
class Town:
    """A founded city as the bytes of its file."""

    content: bytes
    founded: Founded


@dataclass(frozen=True)
class Survived:
    """What was found after one cut."""

    acknowledged: int
    problems: tuple[str, ...]
    operations: int


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    folder = tmp_path_factory.mktemp("town")
    templates = folder / "templates"
    templates.mkdir()
    [founded] = [founded for _, founded, _ in founding.on_sqlite(folder, templates)]
    return Town((folder / "city.db").read_bytes(), founded)


def test_a_power_cut_loses_nothing_that_was_acknowledged(town: Town, tmp_path: Path):
    cuts(town, tmp_path, SAMPLE)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_three_hundred_power_cuts_lose_nothing(town: Town, tmp_path: Path):
    cuts(town, tmp_path, WHOLE)


def test_the_harness_would_notice_a_setting_that_loses_acts(town: Town, tmp_path: Path):
    chance = dice("power cuts without syncing")
    for synchronous in ("NORMAL", "OFF"):
        lossy = (
            one_cut(town, tmp_path / f"{synchronous}-{n}", chance, synchronous=synchronous)
            for n in range(SEEN_WITHIN)
        )
        lost = next(
            (one for one in lossy if any("acknowledged" in p or "lost" in p for p in one.problems)), None
        )
        assert lost is not None, f"synchronous={synchronous} lost nothing in {SEEN_WITHIN} cuts"


def test_the_settings_on_that_disk_are_the_products_own(town: Town, tmp_path: Path):
    disk = Disk(random.Random(0), cut_after=0)
    disk.put("city.db", town.content)

    with opened(disk.url) as here, opened(f"sqlite:///{tmp_path / 'plain.db'}") as plain:
        assert pragmas(here) == pragmas(plain)
        assert pragmas(here)["synchronous"] == 2


def test_a_power_cut_while_migrating_can_be_gone_on_from(tmp_path: Path):
    migrations(tmp_path, SAMPLE_OF_MIGRATIONS)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_power_cuts_while_migrating_can_be_gone_on_from(tmp_path: Path):
    migrations(tmp_path, WHOLE_OF_MIGRATIONS)


def cuts(town: Town, folder: Path, count: int) -> None:
    chance, began = dice("power cuts"), time.monotonic()
    done: Counter[str] = Counter()
    for number in range(count):
        one = one_cut(town, folder / str(number), chance)
        assert one.problems == (), f"cut {number}: {one.problems}"
        done.update(cuts=1, acknowledged=one.acknowledged, operations=one.operations)
        if number % 50 == 49:
            print(f"  {dict(done)}", flush=True)
    print(f"{dict(done)}, 0 lost, {time.monotonic() - began:.1f} s", flush=True)
    assert done["acknowledged"] > count


def one_cut(town: Town, folder: Path, chance: random.Random, *, synchronous: str = "") -> Survived:
    """People act and timers fire until the power fails; then the file is opened as it lies on the disk."""
    disk = Disk(chance, cut_after=chance.randint(1, OPERATIONS_MAX))
    disk.put("city.db", town.content)
    journal = Journal()
    with opened(disk.url, synchronous=synchronous, checkpoint_pages=chance.choice((0, 20, 60))) as database:
        city = City(database, town.founded, owner_url=disk.url, store=Store(MemoryStore()))
        events = work(city, disk, journal, chance)
        image = disk.cut()
    folder.mkdir(parents=True)
    problems = tuple(surviving(image, folder, city, journal, events))
    return Survived(len(journal.having(ACKNOWLEDGED)), problems, disk.operations)


def work(city: City, disk: Disk, journal: Journal, chance: random.Random) -> int:
    """Steps until the cut; returns how many events were acknowledged before it."""
    events = 0
    for _ in range(STEPS_MAX):
        step(city, disk, journal, chance)
        if disk.image is not None:
            return events
        events = count_events(city.database)
        if chance.random() < 0.1:
            city.database.dispose()  # stopped and started: the log is folded into the file
    return events


def step(city: City, disk: Disk, journal: Journal, chance: random.Random) -> None:
    """A report, an act, or time that passes."""
    kind, key = chance.random(), new_key()
    open_ = city.hazards()
    if kind < 0.2:
        city.fast_forward(hours=chance.randint(1, 30))
        return
    by = "何安全" if kind > 0.6 and open_ else "李巡检"
    entry = Entry(key, city.actor(by).key, "report" if by == "李巡检" else "assign", "")
    journal.note(entry)
    try:
        if by == "李巡检":
            city.report(key=key)
        else:
            city.assign(chance.choice(open_), by=by, key=key)
    except HazardFlowError:
        journal.entries.pop(key)
        return
    if disk.image is None:
        journal.note(Entry(entry.key, entry.actor, entry.action, "", ACKNOWLEDGED))


def surviving(
    image: Mapping[str, bytes], folder: Path, city: City, journal: Journal, events: int
) -> Iterator[str]:
    """What is wrong with the database found after the cut."""
    for name, content in image.items():
        (folder / name).write_bytes(content)
    with opened(f"sqlite:///{folder / 'city.db'}") as database:
        try:
            with database.engine.connect() as connection:
                whole = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
                if whole != ["ok"]:
                    yield f"the file is damaged: {whole[:3]}"
            stored = count_events(database)
            if stored < events:
                yield f"{events} events were acknowledged, {stored} are stored"
            yield from check(database, city.now, journal=journal, all_fired=False)
        except sa.exc.DatabaseError as error:
            yield f"unreadable, acknowledged or not: {error.orig}"


def migrations(folder: Path, count: int) -> None:
    chance, began = dice("power cuts while migrating"), time.monotonic()
    for number in range(count):
        disk = Disk(chance, cut_after=chance.randint(1, MIGRATING_MAX))
        migrate.upgrade(disk.url)
        place = folder / f"migrated-{number}"
        place.mkdir()
        for name, content in disk.cut().items():
            (place / name).write_bytes(content)
        url = f"sqlite:///{place / 'city.db'}"
        migrate.upgrade(url)
        assert migrate.differences(url) == [], f"cut {number} after {disk.operations} operations"
    print(
        f"{count} cuts while migrating ({disk.operations} operations each), {time.monotonic() - began:.1f} s",
        flush=True,
    )


@contextmanager
def opened(url: str, *, synchronous: str = "", checkpoint_pages: int = 0) -> Iterator[Database]:
    """As the application opens it; `synchronous` spoils it, `checkpoint_pages` folds the log into the file more often than by default."""
    database = founding.opened(url)

    @sa.event.listens_for(database.engine, "connect")
    def _more(connection, _record):
        if synchronous:
            connection.execute(f"PRAGMA synchronous={synchronous}")
        if checkpoint_pages:
            connection.execute(f"PRAGMA wal_autocheckpoint={checkpoint_pages}")

    try:
        yield database
    finally:
        database.dispose()


def pragmas(database: Database) -> dict[str, object]:
    with database.engine.connect() as connection:
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in PRAGMAS}


def count_events(database: Database) -> int:
    with database.reading(SYSTEM) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(HazardEvent)) or 0
