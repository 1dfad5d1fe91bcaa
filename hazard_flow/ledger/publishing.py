"""Publishing: the newest checkpoint sent to every outlet outside the house, tried again until it is there. Any number of workers may do so.

Steps: 1 *claim* the attempt by a row whose key lets only one have it · 2 *send*, with no transaction open · 3 *note* how it ended. A worker
that dies between 1 and 3 leaves a claim that is taken up again after the lease: an outlet may hear of a checkpoint twice, never not at all.
A newer checkpoint makes the older ones unnecessary, because it covers them; only the newest is sent.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hazard_flow.errors import OutsideWorld
from hazard_flow.ledger import queries
from hazard_flow.ledger.models import LedgerCheckpoint, LedgerPublication
from hazard_flow.ledger.outcomes import BEGUN, FAILED, PUBLISHED
from hazard_flow.ledger.statements import Statement
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

log = structlog.get_logger(__name__)

JOB = "publishing"
PUBLISH_EVERY_SECONDS = 10.0
#: pause after the first failure; doubles up to the most, and never ends
RETRY_FIRST, RETRY_MOST = timedelta(minutes=1), timedelta(hours=1)
#: a claim older than this belongs to nobody
LEASE = timedelta(minutes=10)
DETAIL_LENGTH_MAX = 300


class Outlet(Protocol):
    """A place outside the house where checkpoints go."""

    @property
    def name(self) -> str:
        """Its address without secrets, as people and rows know it."""

    @property
    def every(self) -> timedelta:
        """How often it wants to hear at most."""

    def send(self, statement: Statement) -> bytes | None:
        """Hand it over; what was given back to keep. Raises OutsideWorld, or OSError."""


@dataclass(frozen=True)
class Published:
    """What one run did."""

    sent: int = 0
    failed: int = 0

    def tally(self) -> Counter[str]:
        """The numbers for the worker's pulse."""
        return Counter({"ledger.published": self.sent, "ledger.publications_failed": self.failed})


@dataclass(frozen=True)
class Standing:
    """How an outlet stands to the newest checkpoint."""

    outlet: str
    #: when it last took one, and over how many leaves
    published_at: datetime | None
    size: int | None
    #: attempts that failed since, and the last one's reason
    failures: int = 0
    failed_at: datetime | None = None
    detail: str = ""


class Publisher:
    """Sends to its outlets what they have not heard."""

    def __init__(self, database: Database, outlets: Sequence[Outlet]) -> None:
        self._database = database
        self._outlets = outlets

    def run(self, now: datetime) -> Published:
        """Try every outlet whose turn it is, once."""
        sent = failed = 0
        for outlet in self._outlets:
            claim = self._claim(outlet, now)
            if claim is None:
                continue
            if self._send(outlet, *claim, now):
                sent += 1
            else:
                failed += 1
        return Published(sent, failed)

    def _claim(self, outlet: Outlet, now: datetime) -> tuple[LedgerPublication, Statement] | None:
        with self._database.reading(SYSTEM) as session:
            row = queries.newest(session)
            if row is None or not is_due(session, outlet, row, now):
                return None
            attempts = sa.select(sa.func.max(LedgerPublication.attempt)).where(
                LedgerPublication.outlet == outlet.name, LedgerPublication.checkpoint_id == row.id
            )
            attempt = (session.scalar(attempts) or 0) + 1
        claim = LedgerPublication(
            outlet=outlet.name, checkpoint_id=row.id, attempt=attempt, outcome=BEGUN, at=now
        )
        try:
            with self._database.transaction(SYSTEM) as session:
                session.add(claim)
        except IntegrityError:
            return None  # another worker has it
        return claim, queries.statement(row)

    def _send(self, outlet: Outlet, claim: LedgerPublication, statement: Statement, now: datetime) -> bool:
        token, detail = None, ""
        try:
            token = outlet.send(statement)
            outcome = PUBLISHED
        except (OutsideWorld, OSError) as error:
            outcome, detail = FAILED, (str(error) or type(error).__name__)[:DETAIL_LENGTH_MAX]
            log.warning("ledger.not_published", outlet=outlet.name, size=statement.size, error=detail)
        with self._database.transaction(SYSTEM) as session:
            session.add(
                LedgerPublication(
                    outlet=claim.outlet,
                    checkpoint_id=claim.checkpoint_id,
                    attempt=claim.attempt,
                    outcome=outcome,
                    at=now,
                    detail=detail,
                    token=token,
                )
            )
        return outcome == PUBLISHED


def is_due(session: Session, outlet: Outlet, newest: LedgerCheckpoint, now: datetime) -> bool:
    """Whether the outlet should hear of the newest checkpoint now: it has not, its interval is over, and so is any pause after failures."""
    has_it = sa.exists().where(
        LedgerPublication.outlet == outlet.name,
        LedgerPublication.checkpoint_id == newest.id,
        LedgerPublication.outcome == PUBLISHED,
    )
    if session.scalar(sa.select(has_it)):
        return False
    standing = stands(session, outlet.name)
    if standing.published_at is not None and timedelta() <= now - standing.published_at < outlet.every:
        return False
    last = session.scalar(
        sa.select(LedgerPublication)
        .where(LedgerPublication.outlet == outlet.name)
        .order_by(LedgerPublication.id.desc())
        .limit(1)
    )
    if last is None or now < last.at:
        return True
    pause = {BEGUN: LEASE, FAILED: min(RETRY_MOST, RETRY_FIRST * 2 ** min(max(standing.failures - 1, 0), 10))}
    return bool(now - last.at >= pause.get(last.outcome, timedelta()))


def stands(session: Session, outlet: str) -> Standing:
    """When an outlet last took a checkpoint, and what went wrong since."""
    mine = LedgerPublication.outlet == outlet
    taken = session.execute(
        sa.select(LedgerPublication.id, LedgerPublication.at, LedgerCheckpoint.size)
        .join(LedgerCheckpoint, LedgerCheckpoint.id == LedgerPublication.checkpoint_id)
        .where(mine, LedgerPublication.outcome == PUBLISHED)
        .order_by(LedgerPublication.id.desc())
        .limit(1)
    ).first()
    since = [LedgerPublication.id > taken.id] if taken else []
    failed = sa.select(LedgerPublication).where(mine, LedgerPublication.outcome == FAILED, *since)
    count = session.scalar(sa.select(sa.func.count()).select_from(failed.subquery())) or 0
    last = session.scalar(failed.order_by(LedgerPublication.id.desc()).limit(1))
    return Standing(
        outlet=outlet,
        published_at=taken.at if taken else None,
        size=taken.size if taken else None,
        failures=count,
        failed_at=last.at if last else None,
        detail=last.detail if last else "",
    )
