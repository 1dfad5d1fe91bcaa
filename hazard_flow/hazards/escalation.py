"""The timer engine's way in: claim due timers of hazards together with their hazards, and fire them through the door."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.hazards.changes import Fire
from hazard_flow.hazards.door import apply
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.pinning import runs_under
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import system_actor
from hazard_flow.schedule.claims import Poisoned, claim_due
from hazard_flow.schedule.rows import TimerRow

SUBJECT = "hazard"
#: the timers, acting by themselves
ACTOR = system_actor("timers")


def claim(session: Session, now: datetime, limit: int) -> Sequence[TimerRow]:
    """Due timers, soonest first, locked together with their hazards without waiting: a busy hazard's timers come in the next round.

    Locking timer and hazard in one statement is what keeps users (hazard, then timer) and engine from deadlocking. Hazards under rules
    this process does not have stay with the workers of the newer version, which have them.
    """
    only = runs_under(frozenset(rules_of(session).workflows))
    return claim_due(session, SUBJECT, subject=Hazard, only=only, now=now, limit=limit)


def fire(session: Session, timers: Sequence[TimerRow], now: datetime) -> None:
    """Fire claimed timers in order of their due times; one that can't be fired is named, so that it alone is set aside."""
    outcomes = apply(session, [Fire(timer=t, actor=ACTOR) for t in timers], now)
    for timer, outcome in zip(timers, outcomes, strict=True):
        if outcome.error is not None:
            raise Poisoned(timer.id, str(outcome.error)) from outcome.error
