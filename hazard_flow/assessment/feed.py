"""The events of all hazards in one order, from a place on: that in which the ledger sealed them, without gaps and never changed."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.models import FeedCursor
from hazard_flow.assessment.standing import Told
from hazard_flow.hazards.models import HazardEvent
from hazard_flow.hazards.rules import Rules
from hazard_flow.ledger.models import LedgerLeaf
from hazard_flow.schedule.bulk import insert_rows
from hazard_flow.storage.json_text import parsed


def read_on(session: Session, rules: Rules, *, since: int, limit: int) -> Sequence[Told]:
    """The events at the next places from `since` on, in their order; the session must see everything."""
    rows = session.execute(
        sa.select(
            LedgerLeaf.chain,
            HazardEvent.hazard_id,
            HazardEvent.home_id,
            HazardEvent.seq,
            HazardEvent.type,
            HazardEvent.actor,
            HazardEvent.at,
            HazardEvent.body,
        )
        .join(HazardEvent, HazardEvent.hash == LedgerLeaf.hash)
        .where(LedgerLeaf.leaf_index >= since, LedgerLeaf.leaf_index < since + limit)
        .order_by(LedgerLeaf.leaf_index)
    )
    found = []
    for row in rows:
        data = parsed(row.body)["data"]
        found.append(
            Told(
                row.hazard_id, row.home_id, row.chain, row.seq, row.type, row.actor, row.at, data,
                is_hidden=_is_hidden(rules, str(data.get("workflow") or ""), str(data.get("state") or "")),
            )
        )  # fmt: skip
    return found


def end_of(session: Session, *, since: int, limit: int) -> int:
    """The place behind the last leaf of such a stretch."""
    newest = session.scalar(sa.select(sa.func.max(LedgerLeaf.leaf_index)))
    return since if newest is None else max(since, min(since + limit, newest + 1))


def _is_hidden(rules: Rules, workflow: str, state: str) -> bool | None:
    """Whether a state is concealed from the enterprise; None where the event names none that is known here."""
    key, _, version = workflow.partition(".v")
    known = rules.workflows.get((key, int(version))) if version.isdigit() else None
    found = known.states.get(state) if known is not None else None
    return found.concealed if found is not None else None


def held_cursor(session: Session, name: str) -> FeedCursor:
    """A follower's cursor, held to the end of the transaction; it begins at the first leaf."""
    insert_rows(session, FeedCursor.__table__, [{"name": name, "next_leaf": 0}])
    return session.scalars(
        sa.select(FeedCursor)
        .where(FeedCursor.name == name)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
