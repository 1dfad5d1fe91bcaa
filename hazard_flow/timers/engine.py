"""Fires what is due, in batches, in any number of workers at once. What firing means stands with the handler of each kind."""

import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from hazard_flow.schedule.bulk import among
from hazard_flow.schedule.claims import Poisoned
from hazard_flow.schedule.models import Timer
from hazard_flow.schedule.queries import earliest_due_at
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.troubles import Trouble, trouble
from hazard_flow.storage.unit import Database
from hazard_flow.timers.handlers import Handlers, TimerHandler
from hazard_flow.timers.lateness import lateness
from hazard_flow.timers.parking import note_attempt, park

log = structlog.get_logger(__name__)

#: timers fired in one transaction
BATCH_MAX = 500
#: batches of one kind in one tick; a tick that reaches it says so by `earliest_due_at`, and the next one goes on
BATCHES_A_TICK = 200
#: how often a batch is tried anew when others were in the way, with pauses from 20 ms doubling up to 0.6 s
CONTENTION_RETRIES = 5
CONTENTION_PAUSE_SECONDS = 0.02
#: how often a single timer may meet nothing but contention before it is parked
ATTEMPTS_MAX = 5

#: Tells somebody that a timer was parked, in a transaction of its own right after it.
Announce = Callable[[Session, Timer, datetime], None]


@dataclass(frozen=True)
class TickResult:
    """What one tick did, and when the next timer is due (in the past when there is more to do)."""

    fired: int
    parked: int
    earliest_due_at: datetime | None
    #: kinds that could not be worked on because the database failed
    failed: tuple[str, ...] = ()
    #: how late what fired was (`timers.lateness`)
    late: Mapping[str, int] = field(default_factory=dict)


@dataclass
class _Round:
    """The state of one kind in one tick."""

    limit: int
    batches: int = 0
    fired: int = 0
    parked: int = 0
    contended: int = 0
    late: Counter[str] = field(default_factory=Counter)
    #: what the transaction under way has claimed
    claimed: list[uuid.UUID] = field(default_factory=list)


def tick(
    database: Database,
    now: datetime,
    *,
    handlers: Handlers,
    announce: Announce | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    batch: int = BATCH_MAX,
) -> TickResult:
    """Fire everything that is due at `now`.

    For each kind, until nothing is due: 1 one transaction claims a batch and fires it · 2 on an error it is rolled back and the batch
    halved · 3 down to a single timer, which is parked with its error in a transaction of its own · 4 afterwards the batch grows again.
    Contention (deadlock, serialization, a locked database) repeats the whole batch first. A failing database parks nothing: the kind
    waits for the next tick, the other kinds go on.
    """
    work = {handler.kind: _Round(limit=batch) for handler in handlers}
    failed: list[str] = []
    while True:
        done_before = sum(kind.fired + kind.parked for kind in work.values())
        for handler in handlers:
            if handler.kind in failed:
                continue
            try:
                _work_off(
                    database, handler, work[handler.kind], now=now, batch=batch, announce=announce, should_stop=should_stop
                )  # fmt: skip
            except Exception:
                log.exception("timers.kind_failed", kind=handler.kind)
                failed.append(handler.kind)
        with database.reading(SYSTEM) as session:
            earliest = earliest_due_at(session, handlers.kinds)
        done = sum(kind.fired + kind.parked for kind in work.values())
        # What is due now although nothing could be done about it is being worked on by somebody else.
        if earliest is None or earliest > now or done == done_before or should_stop():
            break
    return TickResult(
        fired=sum(kind.fired for kind in work.values()),
        parked=sum(kind.parked for kind in work.values()),
        earliest_due_at=earliest,
        failed=tuple(failed),
        late=sum((kind.late for kind in work.values()), Counter()),
    )


def _work_off(
    database: Database,
    handler: TimerHandler,
    work: _Round,
    *,
    now: datetime,
    batch: int,
    announce: Announce | None,
    should_stop: Callable[[], bool],
) -> None:
    while work.batches < BATCHES_A_TICK and not should_stop():
        work.batches += 1
        work.claimed, asked = [], work.limit
        try:
            count = _fire_batch(database, handler, work, now)
        except Exception as error:
            _after_failure(database, handler, work, error=error, now=now, announce=announce)
            continue
        work.fired += count
        if count < asked:
            return
        work.contended = 0
        work.limit = min(batch, work.limit * 2)


def _fire_batch(database: Database, handler: TimerHandler, work: _Round, now: datetime) -> int:
    with database.transaction(SYSTEM) as session:
        timers = handler.claim(session, now, work.limit)
        if not timers:
            return 0
        work.claimed = [timer.id for timer in timers]
        due = [timer.due_at for timer in timers]
        handler.fire(session, timers, now)
        session.flush()
        # Whatever the handler left of them has had its turn; a row it moved into the future stays.
        session.connection().execute(
            sa.delete(Timer).where(
                among(session, Timer.id, work.claimed), Timer.due_at <= now, Timer.parked_at.is_(None)
            )
        )
    work.late += lateness(due, now)  # after the commit: what was rolled back has not fired
    return len(work.claimed)


def _after_failure(
    database: Database,
    handler: TimerHandler,
    work: _Round,
    *,
    error: Exception,
    now: datetime,
    announce: Announce | None,
) -> None:
    kind = trouble(error)
    # A claim that fails names no timer to blame: parking at random would silence innocent ones.
    if kind is Trouble.DATABASE or (kind is Trouble.WORK and not work.claimed):
        raise error
    if kind is Trouble.CONTENTION and work.contended < CONTENTION_RETRIES:
        work.contended += 1
        time.sleep(CONTENTION_PAUSE_SECONDS * 2 ** (work.contended - 1) * random.uniform(0.5, 1.5))  # noqa: S311 - a pause, no secret
        return
    if kind is Trouble.CONTENTION and not work.claimed:
        raise error
    guilty = _guilty(work, error)
    if guilty is None:
        work.limit = max(1, len(work.claimed) // 2)
        log.warning("timers.batch_halved", kind=handler.kind, to=work.limit, error=_sentence(error))
        return
    _put_aside(
        database, work, guilty, error=error, now=now, announce=announce, contention=kind is Trouble.CONTENTION
    )


def _guilty(work: _Round, error: Exception) -> uuid.UUID | None:
    if isinstance(error, Poisoned) and error.timer_id in work.claimed:
        return error.timer_id
    return work.claimed[0] if len(work.claimed) == 1 else None


def _put_aside(
    database: Database,
    work: _Round,
    timer_id: uuid.UUID,
    *,
    error: Exception,
    now: datetime,
    announce: Announce | None,
    contention: bool,
) -> None:
    text = _sentence(error)
    if contention:
        with database.transaction(SYSTEM) as session:
            if note_attempt(session, timer_id, error=text) < ATTEMPTS_MAX:
                work.contended = 0
                return
    with database.transaction(SYSTEM) as session:
        timer = park(session, timer_id, error=text, now=now)
    if timer is None:
        return
    work.parked += 1
    log.error(
        "timers.parked",
        timer=str(timer_id),
        kind=timer.subject_kind,
        subject=str(timer.subject_id),
        error=text,
    )
    if announce is not None:
        _announce(database, announce, timer, now)


def _announce(database: Database, announce: Announce, timer: Timer, now: datetime) -> None:
    # After the parking, not with it: an alarm that fails must not bring the poisoned timer back. `/watchz` counts it anyway.
    try:
        with database.transaction(SYSTEM) as session:
            announce(session, timer, now)
    except Exception:
        log.exception("timers.announce_failed", timer=str(timer.id))


def _sentence(error: Exception) -> str:
    # A database error's own text carries the values of the statement, which may be personal.
    told = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return f"{type(error).__name__}: {told}"
