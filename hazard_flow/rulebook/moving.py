"""Open hazards moved to another version of their workflow, batch by batch; rehearsed first, by the very code that carries it out."""

import contextlib
import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import HazardFlowError
from hazard_flow.hazards.changes import Migrate, Outcome
from hazard_flow.hazards.door import BATCH_MAX, apply
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database


@dataclass(frozen=True, kw_only=True)
class Order:
    """Which hazards are to move, where to, who says so and why."""

    workflow: str
    to_version: int
    actor: Actor
    reason: str
    #: only those under this version
    from_version: int | None = None
    #: state → state, for those whose name changed
    names: Mapping[str, str] = field(default_factory=dict)
    #: only these; open ones of every other version where none is named
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A hazard that may move."""

    id: uuid.UUID
    number: str


@dataclass(frozen=True)
class Result:
    """What moved, counted by (from workflow, state before, state after), and what did not, by number."""

    moved: Mapping[tuple[str, str, str], int]
    refused: Mapping[str, HazardFlowError]

    @property
    def count(self) -> int:
        """How many moved."""
        return sum(self.moved.values())


def candidates(session: Session, order: Order) -> list[Candidate]:
    """The hazards an order means, in a fixed order. Named ones are all listed, so that the door says why one cannot move."""
    wanted = [Hazard.workflow == order.workflow]
    if order.numbers:
        wanted.append(Hazard.number.in_(order.numbers))
    else:
        wanted += [Hazard.closed_at.is_(None), Hazard.workflow_version != order.to_version]
    if order.from_version is not None:
        wanted.append(Hazard.workflow_version == order.from_version)
    rows = session.execute(sa.select(Hazard.id, Hazard.number).where(*wanted).order_by(Hazard.id))
    return [Candidate(id_, number) for id_, number in rows]


def move(
    database: Database,
    order: Order,
    hazards: Sequence[Candidate],
    *,
    clock: Callable[[], datetime],
    rehearse: bool,
    tell: Callable[[int], None] = lambda count: None,
) -> Result:
    """Move hazards through the door, at most 500 in a transaction; `rehearse` takes everything back. `tell` hears of each batch done.

    A hazard that cannot move does not hold up the others; what earlier batches moved stays moved if a later one fails.
    """
    moved: Counter[tuple[str, str, str]] = Counter()
    refused: dict[str, HazardFlowError] = {}
    run = new_id()
    for batch in _batches(hazards):
        changes = [
            Migrate(
                hazard_id=one.id,
                to_version=order.to_version,
                actor=order.actor,
                request_key=f"migrate:{run}:{one.number}",
                reason=order.reason,
                map=order.names,
            )
            for one in batch
        ]
        with contextlib.suppress(_TakenBack), database.transaction(SYSTEM) as session:
            for one, outcome in zip(batch, apply(session, changes, clock()), strict=True):
                if outcome.error is not None:
                    refused[one.number] = outcome.error
                else:
                    moved[_step(outcome)] += 1
            if rehearse:
                raise _TakenBack
        tell(len(batch))
    return Result(moved, refused)


class _TakenBack(Exception):
    """Leaves a transaction without a trace."""


def _step(outcome: Outcome) -> tuple[str, str, str]:
    assert outcome.event is not None
    data = json.loads(outcome.event.body)["data"]
    return data["from_workflow"], data["from"], data["state"]


def _batches(hazards: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
    for start in range(0, len(hazards), BATCH_MAX):
        yield hazards[start : start + BATCH_MAX]
