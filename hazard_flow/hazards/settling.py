"""After an import of working days: every open hazard with a limit that may move is counted again, in batches through the door."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.catalogue import operations as rules_in
from hazard_flow.catalogue.models import RuleStamp
from hazard_flow.errors import RulesUnknown
from hazard_flow.hazards import door
from hazard_flow.hazards.changes import Recount
from hazard_flow.hazards.rules import rules_of
from hazard_flow.hazards.timing import SUBJECT
from hazard_flow.identity.actor import system_actor
from hazard_flow.schedule.models import Timer
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

ACTOR = system_actor("calendar")
#: how often a worker looks whether an import left something to be counted
SETTLE_EVERY_SECONDS = 2.0
#: a worker's run comes back after so many batches, so that its watchdog sees it alive
BATCHES_A_RUN = 5
#: no transaction lives longer (30 s idle, see `storage.engine`): what was planned by the old days is committed by then
SECOND_ROUND_AFTER = timedelta(minutes=1)
_NOBODY = uuid.UUID(int=0)


def settle(
    database: Database,
    now: Callable[[], datetime],
    *,
    progress: Callable[[int, int], None] | None = None,
    batches_max: int | None = None,
) -> int:
    """Count again what an import of working days left to be counted; how many hazards had a limit that moved.

    One round goes through all of them, up to 500 a transaction, and remembers how far it came; a second one follows when every
    transaction that may still have read the old days has ended. Nothing to do is one small query. Any number of processes may do it at
    once, and one killed half-way loses nothing. `progress` is told (hazards done, hazards in all) of this call. Raises `RulesUnknown` at a
    hazard that a newer version of the program opened, and leaves the round to that.
    """
    with database.reading(SYSTEM) as session:
        stamp = rules_in.unsettled(session)
        if stamp is None or (stamp.rounds and now() < stamp.changed_at + SECOND_ROUND_AFTER):
            return 0
        total = _count(session, stamp) if progress is not None else 0
    moved, done, after = 0, 0, stamp.counted_to or _NOBODY
    while batches_max is None or done < batches_max * door.BATCH_MAX:
        ids, found = _batch(database, stamp, after=after, now=now())
        if not ids:
            break
        moved += found
        done, after = done + len(ids), ids[-1]
        if progress is not None:
            progress(done, max(total, done))
    return moved


def _batch(
    database: Database, stamp: RuleStamp, *, after: uuid.UUID, now: datetime
) -> tuple[Sequence[uuid.UUID], int]:
    """The next hazards of the round, and of how many a limit moved; none when the round is over."""
    with database.transaction(SYSTEM) as session:
        ids = _candidates(session, stamp, after=after)
        if not ids:
            rules_in.round_done(session, stamp, is_last=stamp.rounds > 0)
            return ids, 0
        outcomes = door.apply(session, [Recount(hazard_id=id_, actor=ACTOR) for id_ in ids], now)
        # Passing over what only a newer version can count would end the round without it: the round waits for a worker that can.
        for outcome in outcomes:
            if isinstance(outcome.error, RulesUnknown):
                raise outcome.error
        rules_in.counted(session, stamp, to=ids[-1])
    return ids, sum(outcome.event is not None for outcome in outcomes)


def _candidates(session: Session, stamp: RuleStamp, *, after: uuid.UUID) -> Sequence[uuid.UUID]:
    """The next hazards with a limit that may move."""
    return session.scalars(
        sa.select(Timer.subject_id)
        .where(*_may_move(session, stamp), Timer.subject_id > after)
        .group_by(Timer.subject_id)
        .order_by(Timer.subject_id)
        .limit(door.BATCH_MAX)
    ).all()


def _count(session: Session, stamp: RuleStamp) -> int:
    found = session.scalar(
        sa.select(sa.func.count(sa.distinct(Timer.subject_id))).where(*_may_move(session, stamp))
    )
    return found or 0


def _may_move(session: Session, stamp: RuleStamp) -> tuple[sa.ColumnElement[bool], ...]:
    """Counted over a year without a notice; or, where a notice itself was changed, running on beyond the first day it changed."""
    moving = sa.or_(Timer.provisional)
    if stamp.since is not None:
        first = datetime.combine(stamp.since, time.min, rules_of(session).zone)
        moving = sa.or_(moving, Timer.due_at >= first, Timer.expires_at >= first)
    return Timer.subject_kind == SUBJECT, moving
