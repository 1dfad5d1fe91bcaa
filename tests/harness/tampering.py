"""What somebody with the database in hand can do to the record: every way to edit, remove, insert, re-order and re-chain rows.

Each attack changes rows through one connection that no trigger stops, and says which table and which hazard the traces must lead to.
It draws what it needs from the dice it is given, so a seed is a set of attacks.
"""

import contextlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hazard_flow.hazards import guarding
from hazard_flow.hazards.models import GENESIS, Hazard, HazardEvent
from hazard_flow.ledger.canonical import canonical, leaf_hash
from hazard_flow.ledger.merkle import Edge
from hazard_flow.ledger.models import LedgerCheckpoint, LedgerLeaf, LedgerNode
from hazard_flow.storage.json_text import parsed

EVENT, HAZARD, LEAF, NODE, CHECKPOINT = (
    sa.inspect(model).local_table for model in (HazardEvent, Hazard, LedgerLeaf, LedgerNode, LedgerCheckpoint)
)
EXTRA = 40


class NothingToTakeHoldOf(Exception):
    """The dice fell on a row this attack can do nothing with; draw again."""


@dataclass(frozen=True)
class Trace:
    """Where the verification must point: one of these tables, and this hazard where rows of a hazard were touched."""

    tables: frozenset[str]
    hazard: str | None = None


def trace(*tables: str, hazard: str | None = None) -> Trace:
    return Trace(frozenset(tables), hazard)


@contextlib.contextmanager
def past_every_lock(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction in which our own listeners look away as well; whatever is done in it is taken back at the end."""
    with engine.connect() as connection, connection.begin() as change:
        connection.info[guarding._OPEN] = 1
        try:
            yield connection
        finally:
            connection.info[guarding._OPEN] = 0
            change.rollback()


class Attacker:
    """Has the database and some dice."""

    def __init__(self, connection: sa.Connection, dice: random.Random) -> None:
        self.connection = connection
        self.dice = dice

    def rows(self, table: sa.FromClause, *where: Any, order: Sequence[Any] = ()) -> list[Any]:
        return list(self.connection.execute(sa.select(table).where(*where).order_by(*order)))

    def event(self, *where: Any) -> Any:
        """Any sealed event."""
        found = self.rows(EVENT, *where, order=(EVENT.c.hash,))
        if not found:
            raise NothingToTakeHoldOf
        return self.dice.choice(found)

    def chain(self, hazard_id: Any) -> list[Any]:
        return self.rows(EVENT, EVENT.c.hazard_id == hazard_id, order=(EVENT.c.seq,))

    def hazard(self, id_: Any) -> Any:
        [found] = self.rows(HAZARD, HAZARD.c.id == id_)
        return found

    def set(self, table: Any, key: Any, **values: Any) -> None:
        done = self.connection.execute(sa.update(table).where(key).values(**values))
        assert done.rowcount == 1, "an attack that touches nothing proves nothing"

    def remove(self, table: Any, *where: Any) -> None:
        assert self.connection.execute(sa.delete(table).where(*where)).rowcount > 0

    def flipped(self, value: bytes) -> bytes:
        """One bit of it turned."""
        place = self.dice.randrange(len(value))
        return value[:place] + bytes([value[place] ^ 1 << self.dice.randrange(8)]) + value[place + 1 :]


def at(event: Any) -> Any:
    """The row of this event."""
    return sa.and_(EVENT.c.hazard_id == event.hazard_id, EVENT.c.seq == event.seq)


def retold(body: bytes, dice: random.Random) -> bytes:
    """The same event telling something else, in canonical form."""
    event = parsed(body)
    event["data"]["note"] = f"一切正常 {dice.randrange(1000)}"
    return canonical(event)


# --- single rows of the record -----------------------------------------------------------------------


def edit_a_byte(a: Attacker) -> Trace:
    event = a.event()
    a.set(EVENT, at(event), body=a.flipped(event.body))
    return trace("hazard_event", hazard=a.hazard(event.hazard_id).number)


def edit_and_rehash(a: Attacker) -> Trace:
    event = a.event()
    body = retold(event.body, a.dice)
    a.set(EVENT, at(event), body=body, hash=leaf_hash(body))
    return trace("hazard_event", "hazard", "ledger_leaf", hazard=a.hazard(event.hazard_id).number)


def same_words_other_bytes(a: Attacker) -> Trace:
    """White space the canonical form does not have; hashed anew."""
    event = a.event()
    body = event.body.replace(b'":', b'": ', 1)
    a.set(EVENT, at(event), body=body, hash=leaf_hash(body))
    return trace("hazard_event", hazard=a.hazard(event.hazard_id).number)


def edit_a_column(a: Attacker) -> Trace:
    event = a.event()
    change: dict[str, Any] = a.dice.choice([
        {"type": "hazard.acted" if event.type != "hazard.acted" else "timer.void"},
        {"action": "close" if event.action != "close" else None},
        {"actor": "person:nobody"},
        {"at": event.at.replace(microsecond=(event.at.microsecond + 1) % 1_000_000)},
        {"prev": a.flipped(event.prev)},
        {"hash": a.flipped(event.hash)},
    ])  # fmt: skip
    a.set(EVENT, at(event), **change)
    return trace("hazard_event", hazard=a.hazard(event.hazard_id).number)


def swap_what_two_events_say(a: Attacker) -> Trace:
    event = a.event(EVENT.c.seq > 1)
    other = a.chain(event.hazard_id)[event.seq - 2]
    a.set(EVENT, at(other), hash=b"\x00" * 32)
    a.set(EVENT, at(event), body=other.body, hash=other.hash)
    a.set(EVENT, at(other), body=event.body, hash=event.hash)
    return trace("hazard_event", hazard=a.hazard(event.hazard_id).number)


def reorder(a: Attacker) -> Trace:
    event = a.event(EVENT.c.seq > 1)
    other = a.chain(event.hazard_id)[event.seq - 2]
    a.set(EVENT, at(event), seq=-1)
    a.set(EVENT, at(other), seq=event.seq)
    a.set(EVENT, sa.and_(EVENT.c.hazard_id == event.hazard_id, EVENT.c.seq == -1), seq=other.seq)
    return trace("hazard_event", hazard=a.hazard(event.hazard_id).number)


def renumber(a: Attacker) -> Trace:
    event = a.event()
    a.set(EVENT, at(event), seq=event.seq + EXTRA)
    return trace("hazard_event", "hazard", hazard=a.hazard(event.hazard_id).number)


def delete_an_event(a: Attacker) -> Trace:
    event = a.event()
    a.remove(EVENT, at(event))
    return trace("hazard_event", "hazard", "ledger_leaf", hazard=a.hazard(event.hazard_id).number)


def cut_off_the_end(a: Attacker) -> Trace:
    event = a.event(EVENT.c.seq > 1)
    a.remove(EVENT, EVENT.c.hazard_id == event.hazard_id, EVENT.c.seq >= event.seq)
    return trace("hazard", hazard=a.hazard(event.hazard_id).number)


def cut_off_the_end_and_mend_the_hazard(a: Attacker) -> Trace:
    event = a.event(EVENT.c.seq > 1)
    a.remove(EVENT, EVENT.c.hazard_id == event.hazard_id, EVENT.c.seq >= event.seq)
    a.set(HAZARD, HAZARD.c.id == event.hazard_id, seq=event.seq - 1, head=event.prev)
    return trace("ledger_leaf", hazard=a.hazard(event.hazard_id).number)


def remove_a_hazard(a: Attacker) -> Trace:
    event = a.event()
    number = a.hazard(event.hazard_id).number
    a.remove(EVENT, EVENT.c.hazard_id == event.hazard_id)
    a.remove(HAZARD, HAZARD.c.id == event.hazard_id)
    return trace("ledger_leaf", hazard=number)


def remove_the_hazard_and_leave_its_events(a: Attacker) -> Trace:
    event = a.event()
    number = a.hazard(event.hazard_id).number
    a.remove(HAZARD, HAZARD.c.id == event.hazard_id)
    return trace("hazard_event", hazard=number)


def empty_a_hazard(a: Attacker) -> Trace:
    event = a.event()
    a.remove(EVENT, EVENT.c.hazard_id == event.hazard_id)
    return trace("hazard", hazard=a.hazard(event.hazard_id).number)


def insert_at_the_end(a: Attacker) -> Trace:
    """A forged event that follows the last one perfectly, but the hazard does not know of it."""
    last = a.chain(a.event().hazard_id)[-1]
    a.connection.execute(sa.insert(EVENT).values(**_forged(a, last, seq=last.seq + 1)))
    return trace("hazard", hazard=a.hazard(last.hazard_id).number)


def insert_in_the_middle(a: Attacker) -> Trace:
    """The later ones move on by one, their links are not mended."""
    chosen = a.event(EVENT.c.seq > 1)
    chain = a.chain(chosen.hazard_id)
    for event in reversed(chain[chosen.seq - 1 :]):
        a.set(EVENT, at(event), seq=event.seq + 1)
    a.connection.execute(sa.insert(EVENT).values(**_forged(a, chain[chosen.seq - 2], seq=chosen.seq)))
    return trace("hazard_event", hazard=a.hazard(chosen.hazard_id).number)


def insert_far_behind(a: Attacker) -> Trace:
    last = a.chain(a.event().hazard_id)[-1]
    a.connection.execute(sa.insert(EVENT).values(**_forged(a, last, seq=last.seq + EXTRA)))
    return trace("hazard_event", "hazard", hazard=a.hazard(last.hazard_id).number)


def _forged(a: Attacker, before: Any, *, seq: int) -> dict[str, Any]:
    event = parsed(before.body)
    event |= {"seq": seq, "prev": before.hash.hex()}
    body = retold(canonical(event), a.dice)
    return {**before._mapping, "seq": seq, "prev": before.hash, "hash": leaf_hash(body), "body": body}


def move_to_another_hazard(a: Attacker) -> Trace:
    event = a.event()
    others = a.rows(HAZARD, HAZARD.c.id != event.hazard_id, order=(HAZARD.c.id,))
    a.set(EVENT, at(event), hazard_id=a.dice.choice(others).id, seq=event.seq + EXTRA)
    return trace("hazard_event", "hazard", hazard=None)


def move_to_another_home(a: Attacker) -> Trace:
    event = a.event()
    a.set(EVENT, at(event), home_id=event.hazard_id)
    return trace("hazard_event", "hazard", hazard=a.hazard(event.hazard_id).number)


def edit_where_a_hazard_stands(a: Attacker) -> Trace:
    hazard = a.hazard(a.event().hazard_id)
    change: dict[str, Any] = a.dice.choice([
        {"seq": hazard.seq + 1}, {"seq": hazard.seq - 1}, {"head": a.flipped(hazard.head)}, {"head": GENESIS},
        {"number": f"{hazard.number}9"},
    ])  # fmt: skip
    a.set(HAZARD, HAZARD.c.id == hazard.id, **change)
    return trace("hazard", "hazard_event", hazard=change.get("number", hazard.number))


# --- the record rewritten, each time further up -----------------------------------------------------------


def rewrite_the_rest_of_a_chain(a: Attacker) -> Trace:
    number, _ = _rewritten(a)
    return trace("ledger_leaf", hazard=number)


def rewrite_a_chain_and_its_leaves(a: Attacker) -> Trace:
    _, changed = _rewritten(a)
    _change_leaves(a, changed)
    return trace("ledger_node", "ledger_checkpoint")


def rewrite_a_chain_and_the_tree(a: Attacker) -> Trace:
    _, changed = _rewritten(a)
    _change_leaves(a, changed)
    _regrow(a)
    return trace("ledger_checkpoint")


def rewrite_everything(a: Attacker) -> Trace:
    """Chain, leaves, tree and the roots of all checkpoints: only the signatures are missing."""
    _, changed = _rewritten(a)
    _change_leaves(a, changed)
    _state_roots_anew(a, _regrow(a))
    return trace("ledger_checkpoint")


def _rewritten(a: Attacker) -> tuple[str, dict[bytes, bytes]]:
    """From one event on everything is told anew and chained perfectly, up to the hazard's own columns; the new hash of each old one."""
    chosen = a.event()
    changed: dict[bytes, bytes] = {}
    prev = chosen.prev
    for event in a.chain(chosen.hazard_id)[chosen.seq - 1 :]:
        opened = parsed(event.body)
        opened["prev"] = prev.hex()
        body = canonical(opened)
        body = retold(body, a.dice) if event.seq == chosen.seq else body
        digest = leaf_hash(body)
        a.set(EVENT, at(event), prev=prev, body=body, hash=digest)
        changed[event.hash], prev = digest, digest
    a.set(HAZARD, HAZARD.c.id == chosen.hazard_id, head=prev)
    return a.hazard(chosen.hazard_id).number, changed


def _change_leaves(a: Attacker, changed: dict[bytes, bytes]) -> None:
    for before, after in changed.items():
        a.set(LEAF, LEAF.c.hash == before, hash=after)


def _regrow(a: Attacker) -> dict[int, bytes]:
    """Every subtree anew; the root of each size."""
    edge, roots, grown = Edge(), {}, []
    for leaf in a.rows(LEAF, order=(LEAF.c.leaf_index,)):
        grown += edge.add([leaf.hash])
        roots[edge.size] = edge.root()
    a.remove(NODE, NODE.c.level > 0)
    a.connection.execute(sa.insert(NODE), [node._asdict() for node in grown])
    return roots


def _state_roots_anew(a: Attacker, roots: dict[int, bytes]) -> None:
    for checkpoint in a.rows(CHECKPOINT):
        a.set(CHECKPOINT, CHECKPOINT.c.id == checkpoint.id, root=roots[checkpoint.size])


# --- the ledger itself -----------------------------------------------------------------------------------


def _leaf(a: Attacker) -> Any:
    return a.dice.choice(a.rows(LEAF, order=(LEAF.c.leaf_index,)))


def edit_a_leaf(a: Attacker) -> Trace:
    leaf = _leaf(a)
    change: dict[str, Any] = a.dice.choice([
        {"hash": a.flipped(leaf.hash)}, {"chain": f"{leaf.chain}0"}, {"seq": leaf.seq + 1},
    ])  # fmt: skip
    a.set(LEAF, LEAF.c.leaf_index == leaf.leaf_index, **change)
    return trace("ledger_leaf", "ledger_node", "ledger_checkpoint", "hazard_event", hazard=leaf.chain)


def swap_leaves(a: Attacker) -> Trace:
    one, other = a.dice.sample(a.rows(LEAF, order=(LEAF.c.leaf_index,)), 2)
    a.set(LEAF, LEAF.c.leaf_index == one.leaf_index, leaf_index=-1)
    a.set(LEAF, LEAF.c.leaf_index == other.leaf_index, leaf_index=one.leaf_index)
    a.set(LEAF, LEAF.c.leaf_index == -1, leaf_index=other.leaf_index)
    return trace("ledger_node", "ledger_checkpoint")


def delete_a_leaf(a: Attacker) -> Trace:
    a.remove(LEAF, LEAF.c.leaf_index == _leaf(a).leaf_index)
    return trace("ledger_leaf", "ledger_node", "ledger_checkpoint")


def cut_off_the_ledger(a: Attacker) -> Trace:
    """The last leaves, what stands over them, and the events themselves with their hazards' columns mended."""
    last = a.rows(LEAF, order=(LEAF.c.leaf_index.desc(),))[: a.dice.randrange(1, 4)]
    for leaf in last:
        [event] = a.rows(EVENT, EVENT.c.hash == leaf.hash)
        a.remove(EVENT, at(event))
        if event.seq > 1:
            a.set(HAZARD, HAZARD.c.id == event.hazard_id, seq=event.seq - 1, head=event.prev)
        else:
            a.remove(HAZARD, HAZARD.c.id == event.hazard_id)
        a.remove(LEAF, LEAF.c.leaf_index == leaf.leaf_index)
    _regrow(a)
    return trace("ledger_checkpoint")


def edit_a_subtree(a: Attacker) -> Trace:
    node = a.dice.choice(a.rows(NODE, order=(NODE.c.level, NODE.c.place)))
    key = sa.and_(NODE.c.level == node.level, NODE.c.place == node.place)
    if a.dice.random() < 0.5:
        a.set(NODE, key, hash=a.flipped(node.hash))
    else:
        a.remove(NODE, key)
    return trace("ledger_node")


def add_a_subtree(a: Attacker) -> Trace:
    a.connection.execute(sa.insert(NODE).values(level=1, place=1_000_000, hash=a.dice.randbytes(32)))
    return trace("ledger_node")


def edit_a_checkpoint(a: Attacker) -> Trace:
    found = a.dice.choice(a.rows(CHECKPOINT, order=(CHECKPOINT.c.id,)))
    change: dict[str, Any] = a.dice.choice([
        {"root": a.flipped(found.root)}, {"size": found.size - 1}, {"size": found.size + 100_000},
        {"at": found.at.replace(microsecond=(found.at.microsecond + 1) % 1_000_000)}, {"signature": a.flipped(found.signature)},
        {"key_id": "another"}, {"signature": None},
    ])  # fmt: skip
    a.set(CHECKPOINT, CHECKPOINT.c.id == found.id, **change)
    return trace("ledger_checkpoint")


Attack = Callable[[Attacker], Trace]
ATTACKS: tuple[Attack, ...] = (
    edit_a_byte, edit_and_rehash, same_words_other_bytes, edit_a_column, swap_what_two_events_say, reorder, renumber, delete_an_event,
    cut_off_the_end, cut_off_the_end_and_mend_the_hazard, remove_a_hazard, remove_the_hazard_and_leave_its_events, empty_a_hazard,
    insert_at_the_end, insert_in_the_middle, insert_far_behind, move_to_another_hazard, move_to_another_home, edit_where_a_hazard_stands,
    rewrite_the_rest_of_a_chain, rewrite_a_chain_and_its_leaves, rewrite_a_chain_and_the_tree, rewrite_everything, edit_a_leaf, swap_leaves,
    delete_a_leaf, cut_off_the_ledger, edit_a_subtree, add_a_subtree, edit_a_checkpoint,
)  # fmt: skip
