"""How fast the whole ledger is verified, against nothing but SHA-256 over the same leaves in the same run, on both databases.

The events are those of hazards that lived twelve acts each, of the size and form the door writes; the real sealer seals and signs them.
Rounds of the two alternate, so that a slow minute of the machine hits both alike; what counts is the clock on the wall, since a server
works beside us.
"""

import contextlib
import hashlib
import os
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa
from rich.progress import track

from hazard_flow import app
from hazard_flow.bench import Bar, Line, Options
from hazard_flow.hazards.chain import EventRow, Happening, append
from hazard_flow.hazards.guarding import door_open
from hazard_flow.hazards.leaves import EventLeaves
from hazard_flow.hazards.models import GENESIS, Hazard, HazardEvent
from hazard_flow.hazards.tags import EventTag
from hazard_flow.hazards.walking import EventWalk
from hazard_flow.identity.models import Organisation
from hazard_flow.ledger.canonical import instant_text
from hazard_flow.ledger.sealer import Sealer
from hazard_flow.ledger.sharing import verify_by_many
from hazard_flow.schedule.bulk import append_rows
from hazard_flow.settings import Settings, load_settings
from hazard_flow.simulation.cast import load_cast
from hazard_flow.simulation.servers import Postgres
from hazard_flow.simulation.settling import settle
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

#: the issue's bar: verified events a second ÷ leaves a second of bare SHA-256
BAR = Bar(0.06, at_least=True)
HAZARDS, ACTS = 10_000, 12
QUICK = 300
ROUNDS, QUICK_ROUNDS = 5, 1
BATCH = 500
#: when the first of them is reported
BEGUN = datetime(2026, 10, 12, 1, tzinfo=UTC)


@dataclass
class _Chain:
    """As much of a hazard as its chain asks for."""

    id: uuid.UUID
    home_id: uuid.UUID
    number: str
    seq: int = 0
    head: bytes = GENESIS


def run(options: Options = Options()) -> Sequence[Line]:  # noqa: B008 - frozen
    """Events a second that are verified, and what share of the bare hashing rate that is."""
    hazards = QUICK if options.quick else HAZARDS
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    lines: list[Line] = []
    for name, place in (("sqlite", _on_sqlite), ("postgresql", _on_postgresql)):
        with place() as database:
            _fill(database, hazards, name)
            lines += _measure(database, name, rounds)
    return lines


def _measure(database: Database, name: str, rounds: int) -> list[Line]:
    with database.reading(SYSTEM) as session:
        bodies = list(session.scalars(sa.select(HazardEvent.body)))
    ours, bare = [], []
    for _ in track(range(rounds), description=f"verifying on {name}"):
        bare.append(_hash(bodies))
        ours.append(_verify(database, len(bodies)))
    bare.append(_hash(bodies))
    rate, floor = len(bodies) / median(ours), len(bodies) / median(bare)
    versus = f"bare SHA-256, {floor:,.0f}/s"
    return [Line(f"ledger verify {name}: events", rate, "1/s", versus, rate / floor, BAR)]


def _verify(database: Database, events: int) -> float:
    begun = time.perf_counter()
    findings = verify_by_many(database, EventWalk())
    taken = time.perf_counter() - begun
    assert findings.kept == [], findings.kept
    assert findings.counts["events"] == findings.counts["leaves"] == events
    return taken


def _hash(bodies: Sequence[bytes]) -> float:
    sha256 = hashlib.sha256
    begun = time.perf_counter()
    for body in bodies:
        sha256(b"\x00" + body).digest()
    return time.perf_counter() - begun


def _fill(database: Database, hazards: int, name: str) -> None:
    """The history, and the ledger over it."""
    with database.transaction(SYSTEM) as session:
        settled = settle(session, load_cast(), password=uuid.uuid4().hex, now=BEGUN)
        unit = settled.organisations["hengchuan-patrol"]
    for start in track(range(0, hazards, BATCH), description=f"living on {name}"):
        _live(database, unit, range(start, min(start + BATCH, hazards)))
    Sealer(database, EventLeaves()).run(BEGUN + timedelta(days=40))
    with database.reading(SYSTEM) as session:
        size = session.scalar(sa.select(sa.func.avg(sa.func.length(HazardEvent.body))))
    print(f"{name}: {hazards * ACTS:,} events of {size:.0f} bytes on average")


def _live(database: Database, unit: Organisation, numbers: range) -> None:
    """A part of the hazards, all their acts at once: the door would take minutes, and only its bytes matter here."""
    chains = [_Chain(new_id(), unit.root_id, f"YH-370602-20261012-{number:06}") for number in numbers]
    events: list[EventRow] = []
    for step in range(ACTS):
        now = BEGUN + timedelta(hours=step * 7, seconds=numbers.start)
        events += [append(chain, _happening(step), now) for chain in chains]  # type: ignore[arg-type]
    with database.transaction(SYSTEM) as session, door_open(session):
        session.execute(sa.insert(Hazard), [_row(chain, unit) for chain in chains])
        append_rows(session, HazardEvent.__table__, events)


def _happening(step: int) -> Happening:
    """One act of three is a person's, with a form and a photograph; the others are the timers'. On average as long as the door's own."""
    if step % 3:
        data: dict[str, Any] = {
            "timer": "rectify", "level": step, "cycle": 0, "colour": "yellow", "addressees": ["safety_director"],
            "channels": ["inbox", "message", "phone"], "collapsed": [], "told": [f"person:{uuid.uuid4()}"],
            "due_at": instant_text(BEGUN), "late_seconds": 0, "stage": "rectifying", "state": "rectifying",
        }  # fmt: skip
        return Happening(EventTag.ESCALATED, None, "system:timers", data)
    photo = hashlib.sha256(uuid.uuid4().bytes).hexdigest()
    data = {
        "fields": {"measures_done": "已更换阀门填料，复测气密性合格，现场恢复", "funds_used": "1200", "completed_at": instant_text(BEGUN)},
        "evidence": [{"sha256": photo, "size": 3_812_004, "mime": "image/jpeg", "stage": "rectify", "kind": "PHOTO_AFTER"}],
        "request": uuid.uuid4().hex, "stage": "rectifying", "state": "submitted", "from_stage": "rectifying",
        "from_state": "rectifying", "workflow": "general.v1", "timers": {"ended": ["rectify"], "begun": ["recheck"]},
    }  # fmt: skip
    return Happening(EventTag.ACTED, "submit", f"person:{uuid.uuid4()}", data)


def _row(chain: _Chain, unit: Organisation) -> dict[str, Any]:
    """The hazard as it stands after all of it; what no verification reads is left as plain as it may be."""
    empty = dict.fromkeys(
        column.name for column in Hazard.__table__.columns if column.nullable and column.name != "proceedings"
    )
    return {
        **empty,
        "id": chain.id, "home_id": chain.home_id, "organisation_id": unit.id, "path": unit.path, "division": unit.division,
        "number": chain.number, "workflow": "general", "workflow_version": 1, "stage": "rectifying", "state": "submitted",
        "state_entered_at": BEGUN, "state_seq": chain.seq, "level": "general", "title": "阀井漏气", "description": "阀井漏气，读数偏高",
        "source": "self_inspection", "place": "青梧路 12 号", "found_at": BEGUN, "reported_at": BEGUN, "seq": chain.seq, "head": chain.head,
    }  # fmt: skip


@contextlib.contextmanager
def _on_sqlite() -> Iterator[Database]:
    with tempfile.TemporaryDirectory(prefix="hazard-flow-bench-") as folder:
        settings = load_settings({}, DATA_DIR=Path(folder), SECRET_KEY=os.urandom(32).hex())
        yield from _opened(settings)


@contextlib.contextmanager
def _on_postgresql() -> Iterator[Database]:
    with Postgres() as server, tempfile.TemporaryDirectory(prefix="hazard-flow-bench-") as folder:
        address = server.create_database("ledger")
        settings = load_settings(
            {}, DATA_DIR=Path(folder), SECRET_KEY=os.urandom(32).hex(),
            DATABASE_URL=address.url, DATABASE_OWNER_URL=address.owner_url,
        )  # fmt: skip
        yield from _opened(settings)


def _opened(settings: Settings) -> Iterator[Database]:
    app.upgrade(settings)
    database = app.build(settings).database
    yield database
    database.dispose()
