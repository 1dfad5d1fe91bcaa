"""Writes: leaves appended at the tree's edge, and checkpoints. Inside the caller's transaction, which holds the one writer's lock."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.ledger import queries
from hazard_flow.ledger.leaves import Leaf, LeafSource
from hazard_flow.ledger.models import LedgerCheckpoint, LedgerLeaf, LedgerNode
from hazard_flow.ledger.statements import Signer, Statement
from hazard_flow.storage.engine import is_sqlite

#: of the advisory lock on PostgreSQL: "ledger" in ASCII
_LOCK = 0x6C6564676572
#: while events come, the tree is signed this often
CHECKPOINT_EVERY = timedelta(minutes=5)
#: while none come, this often: whoever watches from outside learns that nothing was taken away
CHECKPOINT_IDLE = timedelta(days=1)


def lock(session: Session) -> bool:
    """Become the tree's one writer until the transaction ends; False where another one is. On SQLite every writing transaction is alone."""
    if is_sqlite(session.connection()):
        return True
    return bool(session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))))


def append(session: Session, source: LeafSource, *, since: datetime | None, limit: int) -> list[Leaf]:
    """Give up to `limit` unsealed events their leaves, all or none; none also where another writer is at work.

    What has no leaf is asked for under the lock, so an event that became visible late is found in the next run, and none gets two leaves.
    """
    if not lock(session):
        return []
    fresh = source.unsealed(session, since=since, limit=limit)
    if not fresh:
        return []
    edge = queries.edge(session)
    first = edge.size
    completed = edge.add(leaf.hash for leaf in fresh)
    session.execute(
        sa.insert(LedgerLeaf),
        [
            {"leaf_index": index, "hash": leaf.hash, "chain": leaf.chain, "seq": leaf.seq}
            for index, leaf in enumerate(fresh, start=first)
        ],
    )
    if completed:
        session.execute(sa.insert(LedgerNode), [node._asdict() for node in completed])
    return list(fresh)


def checkpoint(
    session: Session, source: LeafSource, signer: Signer | None, now: datetime
) -> Statement | None:
    """Sign the tree as it stands, if it is time to; None where it is not, or another writer is at work."""
    if not lock(session) or not is_due(session, source, signer, now):
        return None
    edge = queries.edge(session)
    statement = Statement(size=edge.size, root=edge.root(), at=now)
    if signer is not None:
        statement = statement.signed_by(signer)
    session.add(
        LedgerCheckpoint(
            size=statement.size,
            root=statement.root,
            at=statement.at,
            key_id=statement.key_id,
            alg=statement.alg,
            signature=statement.signature,
        )
    )
    session.flush()
    return statement


def is_due(session: Session, source: LeafSource, signer: Signer | None, now: datetime) -> bool:
    """Whether the tree should be signed now: it grew and somebody waits or some minutes passed, a key has come, or a day has gone by."""
    size, last = queries.tree_size(session), queries.newest(session)
    if size == 0 or last is None:
        return size > 0
    # a clock that was set back must not keep the tree unsigned until it has caught up
    age = now - last.at if now >= last.at else CHECKPOINT_IDLE
    if size == last.size:
        return age >= CHECKPOINT_IDLE or (signer is not None and last.signature is None)
    return age >= CHECKPOINT_EVERY or source.is_awaited(session, last.size)
