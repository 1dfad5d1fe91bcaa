"""Events as the ledger asks for them: which have no leaf yet, and whether somebody waits for a checkpoint."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.ledger.leaves import Leaf
from hazard_flow.ledger.models import LedgerLeaf

#: how far behind the newest sealed event late ones are counted
LOOK_BACK = timedelta(hours=1)


class EventLeaves:
    """The event table as a `ledger.leaves.LeafSource`; the session must see everything."""

    def unsealed(self, session: Session, *, since: datetime | None, limit: int) -> Sequence[Leaf]:
        """In the order they happened, the events of one hazard by their number."""
        wanted = (
            sa.select(HazardEvent.hash, Hazard.number, HazardEvent.seq, HazardEvent.at)
            .join(Hazard, Hazard.id == HazardEvent.hazard_id)
            .where(~sa.exists().where(LedgerLeaf.hash == HazardEvent.hash))
            .order_by(HazardEvent.at, HazardEvent.hazard_id, HazardEvent.seq)
            .limit(limit)
        )
        if since is not None:
            wanted = wanted.where(HazardEvent.at >= since)
        return [Leaf(*row) for row in session.execute(wanted)]

    def waiting(self, session: Session, *, limit: int) -> Sequence[Leaf]:
        """From an hour before the newest sealed event on; everything where none is sealed."""
        newest = sa.select(LedgerLeaf.hash).order_by(LedgerLeaf.leaf_index.desc()).limit(1).scalar_subquery()
        at = session.scalar(sa.select(HazardEvent.at).where(HazardEvent.hash == newest))
        return self.unsealed(session, since=at - LOOK_BACK if at else None, limit=limit)

    def is_awaited(self, session: Session, covered: int) -> bool:
        """Whether a hazard stands closed by a leaf beyond those covered: its file waits for the checkpoint."""
        waiting = (
            sa.select(LedgerLeaf.leaf_index)
            .join(Hazard, Hazard.number == LedgerLeaf.chain)
            .where(
                LedgerLeaf.leaf_index >= covered,
                Hazard.closed_at.is_not(None),
                Hazard.head == LedgerLeaf.hash,
            )
        )
        return session.scalar(waiting.limit(1)) is not None
