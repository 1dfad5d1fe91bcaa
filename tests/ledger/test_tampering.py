"""Whoever has the database in hand and changes the record is found out, with the row named; a city nobody touched is never accused.

The cities are lived by the simulation. CI draws some hundred attacks of a fixed and of a random seed; `hazard-flow soak tampering` draws
thousands.
"""

import contextlib
import os
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hazard_flow.hazards.leaves import EventLeaves
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.hazards.walking import EventWalk
from hazard_flow.ledger import operations, queries
from hazard_flow.ledger.findings import Broken, Findings
from hazard_flow.ledger.models import LedgerCheckpoint
from hazard_flow.ledger.operations import CHECKPOINT_EVERY
from hazard_flow.ledger.signatures import KeyRing
from hazard_flow.ledger.verification import Asked, Copy, verify
from hazard_flow.storage.scope import SYSTEM
from tests.harness import tampering
from tests.harness.ledger import Ed25519Signer
from tests.harness.postgres import PostgresBench
from tests.harness.tampering import ATTACKS, Attack, Attacker, NothingToTakeHoldOf, Trace, past_every_lock
from tests.sim.place import Place, postgres_place, sqlite_place
from tests.sim.run import run

#: a server takes longer for each
STEPS, STEPS_ON_A_SERVER = 1_200, 400
#: events sealed at a time: no power of two, so that trees of every shape are signed
PART = 37
SIGNER = Ed25519Signer()
RING = KeyRing([SIGNER.public_pem()])
#: attacks in CI, by database; the issue's bar is three hundred
IN_CI = {"sqlite": 300, "postgres": 60}
IN_A_SOAK = 5_000


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def lived(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, sa.Engine]]:
    """A sealed city with some weeks behind it, and a way in past every trigger."""
    if request.param == "sqlite":
        with sqlite_place() as here:
            live(here, seed=5)
            copy = tmp_path_factory.mktemp("taken") / "city.db"
            take_away(here, copy)
        engine = sa.create_engine(f"sqlite:///{copy}")
        with engine.begin() as connection:
            for name in (
                connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                .scalars()
                .all()
            ):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
    else:
        bench: PostgresBench = request.getfixturevalue("postgres_server")
        here = request.getfixturevalue("_held").enter_context(postgres_place(bench))
        live(here, seed=5, steps=STEPS_ON_A_SERVER)
        url = here.database.engine.url.set(username="postgres")
        engine = sa.create_engine(
            url, connect_args={"options": "-c session_replication_role=replica -c timezone=UTC"}
        )
    yield request.param, engine
    engine.dispose()


@pytest.fixture(scope="module")
def _held() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


def live(here: Place, *, seed: int, steps: int = STEPS) -> None:
    """Some weeks of a city, sealed and signed a few dozen events at a time."""
    lived = run(seed, steps, place=contextlib.nullcontext(here), faults=False)
    assert lived.differences == []
    with here.database.reading(SYSTEM) as session:
        now = session.scalar(sa.select(sa.func.max(HazardEvent.at)))
    assert now is not None
    fresh = True
    while fresh:
        with here.database.transaction(SYSTEM) as session:
            fresh = bool(operations.append(session, EventLeaves(), since=None, limit=PART))
            operations.checkpoint(session, EventLeaves(), SIGNER, now)
        now += CHECKPOINT_EVERY


def take_away(here: Place, copy: Path) -> None:
    """The file as somebody carries it off."""
    with (
        contextlib.closing(sqlite3.connect(str(here.database.engine.url.database))) as source,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)


def judged(session: Session, *copies: Copy) -> list[Broken]:
    """What a verification finds, but for the triggers that were taken away for the attack."""
    findings = verify(session, EventWalk(), Asked(RING, copies))
    return [one for one in findings.kept if one.code != "unprotected"]


def points_at(found: list[Broken], trace: Trace) -> bool:
    tables = {one.table for one in found}
    return bool(tables & trace.tables) and (
        trace.hazard is None or any(one.hazard == trace.hazard for one in found)
    )


def attacked(engine: sa.Engine, attack: Attack, seed: str) -> tuple[list[Broken], Trace]:
    """One attack, looked at, and taken back; thrown again where the tables' own constraints refuse it."""
    try:
        return _attacked(engine, attack, seed)
    except IntegrityError:
        return _attacked(engine, attack, f"{seed} again")


def _attacked(engine: sa.Engine, attack: Attack, seed: str) -> tuple[list[Broken], Trace]:
    with past_every_lock(engine) as connection:
        attacker = Attacker(connection, random.Random(seed))
        for _ in range(10):
            with contextlib.suppress(NothingToTakeHoldOf):
                trace = attack(attacker)
                break
        else:
            raise AssertionError(f"{attack.__name__} found nothing to take hold of")
        with Session(connection, join_transaction_mode="rollback_only") as session:
            session.info["scope"] = SYSTEM
            found = judged(session)
    return found, trace


def drawn(count: int, seed: int) -> Iterator[tuple[str, Attack]]:
    """Every attack in turn, each time with other dice."""
    for number in range(count):
        yield f"{seed}/{number}", ATTACKS[number % len(ATTACKS)]


def undetected(engine: sa.Engine, count: int, seed: int) -> list[str]:
    missed = []
    for dice, attack in drawn(count, seed):
        found, trace = attacked(engine, attack, dice)
        if not points_at(found, trace):
            told = [(one.table, one.row, one.hazard, one.code) for one in found[:3]]
            missed.append(f"{attack.__name__} with {dice}: expected {trace}, found {told}")
    return missed


@pytest.mark.parametrize("seed", [pytest.param(7, id="fixed"), pytest.param(None, id="random")])
def test_every_attack_is_found_and_named(lived: tuple[str, sa.Engine], seed: int | None):
    name, engine = lived
    seed = seed if seed is not None else int.from_bytes(os.urandom(4))
    print(f"seed {seed}")

    assert undetected(engine, IN_CI[name] // 2, seed) == []


@pytest.mark.soak
@pytest.mark.parametrize("part", range(8))
def test_tampering_soak(lived: tuple[str, sa.Engine], part: int):
    _, engine = lived

    assert undetected(engine, IN_A_SOAK // 8, int.from_bytes(os.urandom(4)) + part) == []


def test_after_the_attacks_the_city_stands_as_before(lived: tuple[str, sa.Engine]):
    """Attacks are taken back, so this is the control: the same city, and nothing is found."""
    _, engine = lived
    with Session(engine) as session:
        session.info["scope"] = SYSTEM
        assert judged(session) == []


@pytest.mark.parametrize("seed", range(11, 16))
def test_a_city_nobody_touched_is_not_accused(seed: int):
    with sqlite_place() as here:
        live(here, seed=seed, steps=150)
        with here.database.snapshot(SYSTEM) as session:
            findings = verify(session, EventWalk(), Asked(RING))
            in_force = session.scalar(sa.select(sa.func.sum(Hazard.seq)))

    assert findings.kept == []
    assert findings.counts["events"] == findings.counts["leaves"] == in_force
    assert findings.counts["signed"] == findings.counts["checkpoints"] > 0
    assert findings.counts["signatures_not_judged"] == 0


def test_only_a_copy_outside_shows_that_everything_was_rewritten_and_signed_anew(
    lived: tuple[str, sa.Engine],
):
    """The attacker has the key as well. Inside the database nothing is left to see."""
    _, engine = lived
    with (
        past_every_lock(engine) as connection,
        Session(connection, join_transaction_mode="rollback_only") as session,
    ):
        session.info["scope"] = SYSTEM
        kept = [
            Copy(queries.statement(row), f"mail:{n}")
            for n, row in enumerate(session.scalars(sa.select(LedgerCheckpoint)))
        ]
        tampering.rewrite_everything(Attacker(connection, random.Random(3)))
        for row in session.scalars(sa.select(LedgerCheckpoint).execution_options(populate_existing=True)):
            row.signature = queries.statement(row).signed_by(SIGNER).signature
        session.flush()
        inside, outside = judged(session), judged(session, *kept)

    assert inside == []
    assert {(one.table, one.code) for one in outside} == {("copy", "other_root")}
    assert outside[-1].row == f"mail:{len(kept) - 1}"  # whatever was touched, the last one covers it


def test_a_signature_by_somebody_else_is_not_accepted(lived: tuple[str, sa.Engine]):
    _, engine = lived
    with Session(engine) as session:
        session.info["scope"] = SYSTEM
        strange = verify(session, EventWalk(), Asked(KeyRing([Ed25519Signer().public_pem()])))
        unasked = verify(session, EventWalk())

    assert {one.code for one in strange.kept} - {"unprotected"} == {"other_signature"}
    assert unasked.counts["signatures_not_judged"] == unasked.counts["signed"] > 0


def test_the_first_broken_row_is_told_exactly(lived: tuple[str, sa.Engine]):
    _, engine = lived
    with past_every_lock(engine) as connection:
        attacker = Attacker(connection, random.Random(1))
        event = attacker.event()
        attacker.set(tampering.EVENT, tampering.at(event), actor="person:somebody-else")
        number = attacker.hazard(event.hazard_id).number
        with Session(connection, join_transaction_mode="rollback_only") as session:
            session.info["scope"] = SYSTEM
            [found] = judged(session)

    assert (found.table, found.row, found.hazard, found.seq) == (
        "hazard_event",
        f"event {event.seq}",
        number,
        event.seq,
    )
    assert found.as_dict()["zh"] == "actor 列与事件内容不一致"


def test_of_very_many_the_first_are_kept_and_all_are_counted():
    findings = Findings()
    for number in range(1_000):
        findings.add(Broken("ledger_leaf", f"leaf {number}", "event_gone"))

    assert (findings.total, len(findings.kept), findings.is_intact) == (1_000, 100, False)
    assert findings.first is not None
    assert findings.first.row == "leaf 0"
