"""What must never go unseen about the ledger, and its figures: events without a leaf, a tree unsigned, a checkpoint nobody has."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy.orm import Session

from hazard_flow.i18n import Label, both
from hazard_flow.ledger import queries
from hazard_flow.ledger.leaves import LeafSource
from hazard_flow.ledger.models import LedgerCheckpoint
from hazard_flow.ledger.operations import CHECKPOINT_EVERY
from hazard_flow.ledger.publishing import Outlet, stands

#: sealing takes seconds and signing minutes; what waits for longer is something people must hear of
LATE_AFTER = timedelta(minutes=15)
#: an outlet that has not taken the newest checkpoint for so long beyond its own interval
UNPUBLISHED_AFTER = timedelta(hours=2)
#: of what waits, so many are counted
COUNTED = 100_000


class LedgerWatch:
    """The checks and figures of one deployment: its events and its outlets."""

    def __init__(self, source: LeafSource, outlets: Sequence[Outlet]) -> None:
        self._source = source
        self._outlets = outlets

    def late(self, session: Session, now: datetime) -> Label | None:
        """What to say when events wait too long for their leaf, or leaves for a signature."""
        waiting = self._source.waiting(session, limit=COUNTED)
        if waiting and now - min(leaf.at for leaf in waiting) > LATE_AFTER:
            return both("watch.ledger_late.found", n=len(waiting))
        last = queries.newest(session)
        size = queries.tree_size(session)
        if last is None or last.size >= size or now - last.at <= LATE_AFTER + CHECKPOINT_EVERY:
            return None
        return both("watch.ledger_late.unsigned", n=size - last.size)

    def unpublished(self, session: Session, now: datetime) -> Label | None:
        """What to say when an outlet has gone without the newest checkpoint for long."""
        names = [
            name for name, since in self._lagging(session) if now - since[0] > since[1] + UNPUBLISHED_AFTER
        ]
        return both("watch.ledger_unpublished.found", outlets="、".join(names)) if names else None

    def figures(self, session: Session, now: datetime) -> Iterator[Metric]:
        """Size, age of the last checkpoint, what waits."""
        last = queries.newest(session)
        yield GaugeMetricFamily(
            "hazard_flow_ledger_leaves", "Events in the ledger", value=queries.tree_size(session)
        )
        yield GaugeMetricFamily(
            "hazard_flow_ledger_unsealed_events",
            "Events that wait for their leaf",
            value=len(self._source.waiting(session, limit=COUNTED)),
        )
        yield GaugeMetricFamily(
            "hazard_flow_ledger_checkpoint_age_seconds",
            "Since the last checkpoint; -1 where there is none",
            value=(now - last.at).total_seconds() if last else -1.0,
        )
        yield GaugeMetricFamily(
            "hazard_flow_ledger_unpublished_outlets",
            "Outlets that have not taken the newest checkpoint",
            value=len(self._lagging(session)),
        )

    def _lagging(self, session: Session) -> list[tuple[str, tuple[datetime, timedelta]]]:
        """Outlets without the newest checkpoint: since when there has been one they lack, and how often they want to hear."""
        last = queries.newest(session)
        found = []
        for outlet in self._outlets if last else ():
            standing = stands(session, outlet.name)
            if last is None or standing.size == last.size:
                continue
            lacking = sa.select(sa.func.min(LedgerCheckpoint.at)).where(
                LedgerCheckpoint.size > (standing.size or 0)
            )
            found.append((outlet.name, (session.scalar(lacking) or last.at, outlet.every)))
        return found
