"""What the clock says rather than a message: who is silent, what does not move, which storm is over. One sweep, one transaction."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.clock import Clock
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry import inbox, lanes
from hazard_flow.telemetry.gathering import fold_storms
from hazard_flow.telemetry.rulefile import shipped_rules
from hazard_flow.telemetry.rules import Rules
from hazard_flow.telemetry.silence import fold_silence
from hazard_flow.telemetry.stuck import fold_stuck
from hazard_flow.telemetry.tickets import carry

SWEEP_EVERY_SECONDS = 15.0


@dataclass
class Swept:
    """What one sweep found."""

    #: alerts raised or ended
    changed: int = 0
    #: ids of hazards opened
    opened: list[uuid.UUID] = field(default_factory=list)


def sweep(session: Session, now: datetime, *, rules: Rules | None = None) -> Swept:
    """Judge what can be judged by now, or by when the oldest message was received that still waits: it may tell otherwise."""
    rules = rules or shipped_rules()
    if not lanes.lock(session, lanes.EVALUATION):
        return Swept()
    now = inbox.horizon(session, now)
    notices = [
        *fold_silence(session, rules, now=now),
        *fold_stuck(session, rules, now=now),
        *fold_storms(session, rules, now=now),
    ]
    session.flush()
    notices.sort(key=lambda notice: notice.place_in_order)
    return Swept(len(notices), carry(session, notices, rules, now=now))


def run_sweep(database: Database, clock: Clock) -> Swept:
    """One sweep in a transaction of its own; a job of the worker."""
    with database.transaction(SYSTEM) as session:
        return sweep(session, clock.now())
