"""A hazard as its timers see it: the columns a firing reads and the three it moves on, as plain values.

A burst of timers touches thousands of hazards and reads a third of each; loading all of it through the ORM costs more than firing. What a
person does is judged on the whole `Hazard`.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.schedule.bulk import among_named, update_rows
from hazard_flow.storage.engine import is_sqlite
from hazard_flow.storage.scope import Scope


@dataclass(slots=True)
class Standing:
    """Where a locked hazard stands; what each column means stands at `models.Hazard`."""

    id: uuid.UUID
    home_id: uuid.UUID
    path: str
    division: str
    number: str
    title: str
    workflow: str
    workflow_version: int
    state: str
    state_seq: int
    level: str
    urgency: str | None
    reporter_id: uuid.UUID | None
    protected_reporter_id: uuid.UUID | None
    responsible_id: uuid.UUID | None
    closer_id: uuid.UUID | None
    verifier_ids: list[str]
    found_at: datetime
    reported_at: datetime
    due_at: datetime | None
    original_due_at: datetime | None
    completed_at: datetime | None
    closed_at: datetime | None
    marks: dict[str, Any]
    proceedings: dict[str, Any]
    #: moved on by a firing, and written back
    colour: str | None
    seq: int
    head: bytes

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes a step."""
        return self.closed_at is None


#: what timers, events and messages need to know of a hazard, whole or not
HazardLike = Hazard | Standing


class _Moved(NamedTuple):
    """What a firing changes on the hazard's row."""

    id: uuid.UUID
    colour: str | None
    seq: int
    head: bytes


def lock_standing(session: Session, ids: Collection[uuid.UUID], scope: Scope) -> dict[uuid.UUID, Standing]:
    """Hazards in scope, locked in id order, by id."""
    if not ids:
        return {}
    connection = session.connection()
    rows = connection.execute(_locking(scope, is_sqlite(connection)), {"ids": list(ids)})
    return {row[0]: Standing(*row) for row in rows.all()}


@lru_cache(maxsize=64)
def _locking(scope: Scope, light: bool) -> sa.Select[Any]:
    statement = (
        sa.select(*[getattr(Hazard, column.name) for column in fields(Standing)])
        .where(
            among_named(Hazard.id, "ids", light=light),
            scope.where(Hazard.path, Hazard.division, Hazard.parties),
        )
        .order_by(Hazard.id)
    )
    return statement if light else statement.with_for_update()


def write_standing(session: Session, hazards: Sequence[Standing]) -> None:
    """Put back what firings moved on."""
    rows = [_Moved(h.id, h.colour, h.seq, h.head) for h in hazards]
    update_rows(session, Hazard.__table__, rows)
