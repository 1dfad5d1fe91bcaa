"""Reads: the tree's edge, checkpoints, proofs of inclusion and consistency. Each proof is one question to the database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.ledger import merkle
from hazard_flow.ledger.merkle import Edge
from hazard_flow.ledger.models import LedgerCheckpoint, LedgerLeaf, LedgerNode
from hazard_flow.ledger.statements import Statement
from hazard_flow.storage.unit import beyond_scope


@dataclass(frozen=True)
class Proof:
    """That an event stands in the ledger, in the words of record.json."""

    leaf_index: int
    path: tuple[bytes, ...]
    checkpoint: Statement

    def as_dict(self) -> dict[str, Any]:
        """`{"leaf_index", "tree_size", "path"}`."""
        return {
            "leaf_index": self.leaf_index,
            "tree_size": self.checkpoint.size,
            "path": [step.hex() for step in self.path],
        }


def tree_size(session: Session) -> int:
    """How many leaves there are. Nobody's hazard is named by it, so whoever asks hears it."""
    with beyond_scope(session):
        last = session.scalar(sa.select(sa.func.max(LedgerLeaf.leaf_index)))
    return 0 if last is None else int(last) + 1


def edge(session: Session) -> Edge:
    """The right edge of the tree, to grow on from."""
    size = tree_size(session)
    places = merkle.peak_places(size)
    known = _nodes(session, places)
    return Edge(size, {level: known[level, place] for level, place in places})


def newest(session: Session) -> LedgerCheckpoint | None:
    """The checkpoint over most leaves; of those over the same, the last."""
    return session.scalar(
        sa.select(LedgerCheckpoint)
        .order_by(LedgerCheckpoint.size.desc(), LedgerCheckpoint.id.desc())
        .limit(1)
    )


def recent(session: Session, *, limit: int) -> list[LedgerCheckpoint]:
    """The newest checkpoints, the last first."""
    return list(
        session.scalars(
            sa.select(LedgerCheckpoint)
            .order_by(LedgerCheckpoint.size.desc(), LedgerCheckpoint.id.desc())
            .limit(limit)
        )
    )


def covering(session: Session, leaf_index: int) -> LedgerCheckpoint | None:
    """The first checkpoint over a leaf, a signed one before one that is not: the same whenever it is asked for again."""
    return session.scalar(
        sa.select(LedgerCheckpoint)
        .where(LedgerCheckpoint.size > leaf_index)
        .order_by(LedgerCheckpoint.signature.is_(None), LedgerCheckpoint.size, LedgerCheckpoint.id)
        .limit(1)
    )


def leaf_index(session: Session, leaf_hash: bytes) -> int | None:
    """Where an event stands; None while it is not sealed. Whoever has its hash may know."""
    with beyond_scope(session):
        return session.scalar(sa.select(LedgerLeaf.leaf_index).where(LedgerLeaf.hash == leaf_hash))


def proof_for(session: Session, leaf_hash: bytes) -> Proof | None:
    """That an event stands in the ledger; None while no checkpoint covers it."""
    index = leaf_index(session, leaf_hash)
    found = covering(session, index) if index is not None else None
    if index is None or found is None:
        return None
    size = found.size
    path = _proved(session, lambda node: merkle.inclusion(node, index, size))
    return Proof(index, tuple(path), statement(found))


def consistency(session: Session, old: int, new: int) -> list[bytes]:
    """That the tree of the first `old` leaves is the beginning of the one of `new`. Raises NotFound where there is no such tree."""
    if not 0 < old <= new <= tree_size(session):
        raise NotFound(f"trees of {old} and {new} leaves")
    return _proved(session, lambda node: merkle.consistency(node, old, new))


def root(session: Session, size: int) -> bytes:
    """The root of the first `size` leaves."""
    [found] = _proved(session, lambda node: [merkle.root(node, size)])
    return found


def statement(row: LedgerCheckpoint) -> Statement:
    """A stored checkpoint as it leaves the house."""
    return Statement(row.size, row.root, row.at, row.key_id, row.alg, row.signature)


def _proved(session: Session, prove: Callable[[merkle.NodeAt], list[bytes]]) -> list[bytes]:
    """Ask the proof which nodes it needs, fetch them all at once, and let it prove with them."""
    wanted: list[tuple[int, int]] = []

    def note(level: int, place: int) -> bytes:
        wanted.append((level, place))
        return b""

    prove(note)
    known = _nodes(session, wanted)
    return prove(lambda level, place: known[level, place])


def _nodes(session: Session, wanted: list[tuple[int, int]]) -> Mapping[tuple[int, int], bytes]:
    """Subtrees by place; those of level 0 are the leaves."""
    leaves = [place for level, place in wanted if level == 0]
    upper = [(level, place) for level, place in wanted if level > 0]
    found: dict[tuple[int, int], bytes] = {}
    if leaves:
        with beyond_scope(session):
            rows = session.execute(
                sa.select(LedgerLeaf.leaf_index, LedgerLeaf.hash).where(LedgerLeaf.leaf_index.in_(leaves))
            )
            found |= {(0, place): digest for place, digest in rows}
    if upper:
        nodes = session.execute(
            sa.select(LedgerNode.level, LedgerNode.place, LedgerNode.hash).where(
                sa.tuple_(LedgerNode.level, LedgerNode.place).in_(upper)
            )
        )
        found |= {(level, place): digest for level, place, digest in nodes}
    return found
