"""Every event gets one leaf, whoever seals, however often it is killed, and in whatever order events become visible."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.door import apply_one
from hazard_flow.hazards.leaves import EventLeaves
from hazard_flow.hazards.models import HazardEvent
from hazard_flow.ledger import merkle, operations, queries, sealer
from hazard_flow.ledger.models import LedgerCheckpoint, LedgerLeaf, LedgerNode
from hazard_flow.ledger.operations import CHECKPOINT_EVERY, CHECKPOINT_IDLE
from hazard_flow.ledger.statements import Statement
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.founding import on_postgres_only
from tests.harness.ledger import Ed25519Signer
from tests.harness.ledger import sealer as sealer_of
from tests.harness.together import together

KEY = Ed25519Signer()


class Killed(Exception):
    """The process ended here."""


def leaves(city: City) -> list[LedgerLeaf]:
    return city.all(sa.select(LedgerLeaf).order_by(LedgerLeaf.leaf_index))


def statements(city: City) -> list[Statement]:
    rows: list[LedgerCheckpoint] = city.all(sa.select(LedgerCheckpoint).order_by(LedgerCheckpoint.id))
    return [queries.statement(row) for row in rows]


def events(city: City) -> set[bytes]:
    return set(city.all(sa.select(HazardEvent.hash)))


def the_tree_is_whole(city: City) -> None:
    """One leaf for each event, places without a gap, and the nodes those of a tree grown in one go."""
    found = leaves(city)
    assert [leaf.leaf_index for leaf in found] == list(range(len(found)))
    assert {leaf.hash for leaf in found} == events(city)
    grown = merkle.Edge().add(leaf.hash for leaf in found)
    kept = city.all(sa.select(LedgerNode))
    assert {(node.level, node.place, node.hash) for node in kept} == set(grown)


def test_every_event_gets_one_leaf_and_the_tree_is_signed(city: City):
    city.bring_to(city.report(), "verified")
    city.report(major=True)

    done = sealer_of(city.database, signer=KEY).run(city.now)

    the_tree_is_whole(city)
    assert done.leaves == len(events(city))
    [statement] = statements(city)
    assert (statement.size, statement.at) == (done.leaves, city.now)
    assert statement.root == merkle.root(_nodes(city), statement.size)
    KEY.key.public_key().verify(statement.signature or b"", statement.message())
    assert statement.key_id == KEY.key_id


def _nodes(city: City) -> merkle.NodeAt:
    kept = {(0, leaf.leaf_index): leaf.hash for leaf in leaves(city)}
    kept |= {(node.level, node.place): node.hash for node in city.all(sa.select(LedgerNode))}
    return lambda level, place: kept[level, place]


def test_the_leaves_of_a_hazard_tell_its_number_and_follow_its_chain(city: City):
    hazard = city.bring_to(city.report(), "assigned")
    sealer_of(city.database, batch=2).run(city.now)

    told = [(leaf.chain, leaf.seq, leaf.hash) for leaf in leaves(city)]

    number = city.look(hazard).number
    assert told == [(number, row.seq, row.hash) for row in _rows(city, hazard.id)]


def _rows(city: City, hazard_id: Any) -> list[HazardEvent]:
    return city.all(
        sa.select(HazardEvent).where(HazardEvent.hazard_id == hazard_id).order_by(HazardEvent.seq)
    )


def test_without_a_key_the_checkpoint_stands_unsigned_until_there_is_one(city: City):
    city.report()
    sealer_of(city.database).run(city.now)
    [first] = statements(city)
    assert (first.key_id, first.alg, first.signature) == (None, None, None)

    sealer_of(city.database, signer=KEY).run(city.now)

    [_, second] = statements(city)
    assert (second.size, second.root) == (first.size, first.root)
    KEY.key.public_key().verify(second.signature or b"", second.message())


def test_the_tree_is_signed_every_few_minutes_at_a_closing_and_once_a_day_when_nothing_happens(city: City):
    work = sealer_of(city.database, signer=KEY)
    work.run(city.now)
    assert statements(city) == []  # nothing to sign

    hazard = city.report()
    work.run(city.now)
    city.clock.advance(CHECKPOINT_EVERY / 2)
    city.report()
    assert work.run(city.now).checkpoints == 0  # it grew, but not long ago
    city.clock.advance(CHECKPOINT_EVERY / 2)
    assert work.run(city.now).checkpoints == 1
    city.clock.advance(CHECKPOINT_EVERY)
    assert work.run(city.now).checkpoints == 0  # it did not grow

    city.bring_to(hazard, "closed")
    assert work.run(city.now).checkpoints == 1  # somebody waits for the file
    city.clock.advance(CHECKPOINT_IDLE)
    assert work.run(city.now).checkpoints == 1  # a sign of life


def test_a_clock_set_back_does_not_keep_the_tree_unsigned(city: City):
    city.report()
    work = sealer_of(city.database)
    work.run(city.now)
    city.report()
    back = city.now - timedelta(days=300)

    assert work.run(back).leaves > 0
    assert [s.at for s in statements(city)] == [city.now, back]
    assert work.run(back).checkpoints == 0


@pytest.mark.parametrize("place_of_death", ["insert leaves", "insert nodes", "commit"])
def test_one_that_is_killed_in_the_middle_leaves_a_whole_tree(
    city: City, place_of_death: str, monkeypatch: pytest.MonkeyPatch
):
    city.bring_to(city.report(), "verified")
    work = sealer_of(city.database, batch=3)
    deadly = {"insert leaves": "ledger_leaf", "insert nodes": "ledger_node"}.get(place_of_death)
    real, seen = operations.append, 0

    def killed(session: Session, *given: Any, **named: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == 2 and deadly:
            sa.event.listen(session.connection(), "before_cursor_execute", _die_at(f"INSERT INTO {deadly}"))
        answer = real(session, *given, **named)
        if seen == 2:
            raise Killed
        return answer

    monkeypatch.setattr(operations, "append", killed)
    with pytest.raises(Killed):
        work.run(city.now)
    assert len(leaves(city)) == 3
    monkeypatch.setattr(operations, "append", real)

    sealer_of(city.database, batch=3).run(city.now)

    the_tree_is_whole(city)


def _die_at(beginning: str) -> Any:
    def die(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(beginning):
            raise Killed

    return die


def test_several_workers_grow_one_tree(city: City):
    for _ in range(12):
        city.report()
    workers = [sealer_of(city.database, signer=KEY, batch=4) for _ in range(4)]

    together(4, lambda number: workers[number].run(city.now))
    workers[0].run(city.now)

    the_tree_is_whole(city)
    sizes = [statement.size for statement in statements(city)]
    assert len(sizes) == len(set(sizes))


class Overtaken(EventLeaves):
    """Lets a second writer seal between the look and the writing."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.is_first = True

    def unsealed(self, session: Session, *, since: Any, limit: int) -> Sequence[Any]:
        found = super().unsealed(session, since=since, limit=limit)
        if self.is_first:
            self.is_first = False
            sealer_of(self.city.database).run(self.city.now)
        return found


def test_what_another_sealed_since_the_look_is_not_sealed_twice(city: City):
    city.bring_to(city.report(), "assigned")

    sealer.Sealer(city.database, Overtaken(city)).run(city.now)

    the_tree_is_whole(city)


@on_postgres_only
@pytest.mark.parametrize("late", [timedelta(seconds=20), timedelta(hours=3)], ids=["a little", "very"])
def test_an_event_that_becomes_visible_late_is_not_passed_over(city: City, late: timedelta):
    """A transaction that began before others and commits after them: its event is older than what is sealed already."""
    work = sealer_of(city.database)
    city.report()
    work.run(city.now)
    slow = city.report("提交很慢的一件")
    row = _rows(city, slow.id)[0]
    held = _take_out(city, row)
    city.clock.advance(late)
    city.report()
    work.run(city.now)
    assert len(leaves(city)) == 2
    _put_in(city, held)

    work.run(city.now)
    if len(leaves(city)) < 3:  # too old for an ordinary look
        city.clock.advance(sealer.SWEEP_EVERY)
        work.run(city.now)

    the_tree_is_whole(city)
    assert leaves(city)[-1].hash == row.hash


def _take_out(city: City, row: HazardEvent) -> dict[str, Any]:
    """As though its transaction were still open: nobody else sees the event."""
    owner = sa.create_engine(city.owner_url)
    with owner.begin() as connection:
        connection.exec_driver_sql("SELECT set_config('hf.everything', 'on', true)")
        connection.exec_driver_sql("ALTER TABLE hazard_event DISABLE TRIGGER hazard_event_append_only")
        connection.execute(sa.delete(HazardEvent).where(HazardEvent.hash == row.hash))
        connection.exec_driver_sql("ALTER TABLE hazard_event ENABLE TRIGGER hazard_event_append_only")
    owner.dispose()
    return {column.name: getattr(row, column.name) for column in HazardEvent.__table__.columns}


def _put_in(city: City, values: dict[str, Any]) -> None:
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.insert(HazardEvent), [values])


@on_postgres_only
def test_an_event_whose_transaction_is_really_still_open_is_sealed_once_it_commits(city: City):
    slow, quick = city.report(), city.report()
    work = sealer_of(city.database)
    work.run(city.now)
    change = city.change("李巡检", slow, "start_control", control="GUARD")
    with city.database.transaction(change.actor.scope) as session:
        apply_one(session, change, city.now)
        session.flush()
        city.clock.advance(timedelta(seconds=1))
        city.act("李巡检", quick, "start_control", control="GUARD")
        assert work.run(city.now).leaves == 1

    assert work.run(city.now).leaves == 1
    the_tree_is_whole(city)


def test_the_proof_of_an_event_stands_against_the_first_checkpoint_over_it(city: City):
    work = sealer_of(city.database, signer=KEY)
    hazard = city.report()
    row = _rows(city, hazard.id)[0]
    with city.database.reading(SYSTEM) as session:
        assert queries.proof_for(session, row.hash) is None
    work.run(city.now)
    city.bring_to(hazard, "closed")
    work.run(city.now)

    first, second = statements(city)
    with city.database.reading(city.actor("李巡检").scope) as session:
        proof = queries.proof_for(session, row.hash)
        path = queries.consistency(session, first.size, second.size)

    assert proof is not None
    assert proof.checkpoint == first
    told = proof.as_dict()
    assert merkle.verify_inclusion(
        row.hash, told["leaf_index"], told["tree_size"], [bytes.fromhex(s) for s in told["path"]], first.root
    )
    assert merkle.verify_consistency(first.size, second.size, first.root, second.root, path)


@pytest.mark.parametrize("statement", ["UPDATE {0} SET hash = hash", "DELETE FROM {0}"])
@pytest.mark.parametrize("table", ["ledger_leaf", "ledger_node"])
def test_the_database_lets_nobody_change_the_tree(city: City, statement: str, table: str):
    city.bring_to(city.report(), "assigned")
    sealer_of(city.database).run(city.now)

    with (
        pytest.raises(sa.exc.DBAPIError, match=r"append-only|permission denied"),
        city.database.transaction(SYSTEM) as session,
    ):
        session.execute(sa.text(statement.format(table)))


def test_the_database_lets_no_leaf_stand_apart(city: City):
    city.report()
    sealer_of(city.database).run(city.now)
    apart = {"leaf_index": 5, "hash": b"x" * 32, "chain": "YH-1", "seq": 1}

    with pytest.raises(sa.exc.DBAPIError, match="right behind"), city.database.transaction(SYSTEM) as session:
        session.execute(sa.insert(LedgerLeaf), [apart])
