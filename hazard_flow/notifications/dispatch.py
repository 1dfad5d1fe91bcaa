"""Empties the outbox: each message reaches its person once, or is tried again, or is seen to have failed. Never silently dropped.

At least once, by this protocol: 1 *claim*: the row's due instant is pushed beyond the longest sending and committed, so nobody else takes
it · 2 *send*, outside any transaction · 3 *mark* it sent, one short transaction each. A worker that dies between 2 and 3 leaves a row that
is sent again after the lease, under the same Message-ID, which mail programs show once. Inbox lines are written in the claim itself.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from hazard_flow.errors import OutsideWorld
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.notifications.channels import (
    Channel,
    ChannelDown,
    Delivery,
    Notice,
    Recipient,
    inbox,
    open_channels,
)
from hazard_flow.notifications.recipients import recipients
from hazard_flow.notifications.relevance import ABOUT_HAZARDS, outdated
from hazard_flow.notifications.wording import word
from hazard_flow.schedule.models import Outbox
from hazard_flow.settings import Settings
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

log = structlog.get_logger(__name__)

#: rows claimed in one transaction, and rounds in one drain
BATCH_MAX = 200
ROUNDS_A_DRAIN = 100
#: how long a claimed row is nobody else's; sending stops well before
LEASE = timedelta(minutes=10)
SENDING_SECONDS_MAX = 300.0
#: wait after the first failed attempt; doubles up to these
RETRY_FIRST = timedelta(seconds=30)
RETRY_MAX = timedelta(hours=1)
#: shorter while the whole channel is down, so that the message at which it broke does not go first for ever
RETRY_DOWN_MAX = timedelta(minutes=30)
ERROR_LENGTH_MAX = 500


@dataclass(frozen=True)
class Post:
    """What sending needs to know of the deployment."""

    channels: tuple[Channel, ...]
    zone: ZoneInfo
    public_url: str


@dataclass
class DrainResult:
    """How many messages reached the inbox or left the house, were dropped as outdated, failed for good, or will be tried again."""

    sent: int = 0
    dropped: int = 0
    failed: int = 0
    retried: int = 0


@dataclass
class _Round:
    """One claim: what is to be sent through which channel, and under which number of attempts."""

    limit: int
    taken: list[uuid.UUID] = field(default_factory=list)
    leaving: dict[str, list[Notice]] = field(default_factory=dict)
    attempts: dict[uuid.UUID, int] = field(default_factory=dict)


def post_of(settings: Settings) -> Post:
    """The post as the settings describe it."""
    return Post(channels=open_channels(settings), zone=settings.zone, public_url=settings.PUBLIC_URL)


def drain(
    database: Database, now: datetime, post: Post, *, should_stop: Callable[[], bool] = lambda: False
) -> DrainResult:
    """Deliver what is due at `now`; any number of workers may do so at once."""
    result = DrainResult()
    down: set[str] = set()
    limit = BATCH_MAX
    for _ in range(ROUNDS_A_DRAIN):
        if should_stop():
            break
        work = _Round(limit=limit)
        try:
            _claim(database, now, post, work, result=result, down=down)
        except (sa.exc.OperationalError, sa.exc.InterfaceError):
            raise
        except Exception as error:
            limit = _after_failure(database, work, error, result)
            continue
        if not work.taken:
            break
        limit = min(BATCH_MAX, limit * 2)
        for channel in post.channels:
            if work.leaving.get(channel.name) and not _send(
                database, now, channel, work, result=result, should_stop=should_stop
            ):
                down.add(channel.name)
    return result


def retry_after(attempts: int, *, most: timedelta = RETRY_MAX) -> timedelta:
    """How long to wait after so many failed attempts: 30 s, 1 min, 2 min, … up to an hour."""
    return min(most, RETRY_FIRST * (1 << min(attempts - 1, 20)))


def _claim(
    database: Database, now: datetime, post: Post, work: _Round, *, result: DrainResult, down: set[str]
) -> None:
    counted = DrainResult()
    with database.transaction(SYSTEM) as session:
        rows = session.scalars(
            sa.select(Outbox)
            .where(Outbox.state == "pending", Outbox.due_at <= now)
            .order_by(Outbox.due_at, Outbox.id)
            .limit(work.limit)
            .with_for_update(skip_locked=True)
        ).all()
        work.taken = [row.id for row in rows]
        people = recipients(session, [row.person_id for row in rows])
        reasons = outdated(session, rows)
        inside: list[Outbox] = []
        for row in rows:
            person = people.get(row.person_id)
            channel = _route(post, row.channel, person)
            reason = _reason(person, reasons.get(row.id) if channel else None)
            if reason is not None:
                row.state, row.error = "dropped", reason
                counted.dropped += 1
            elif channel is None or person is None:
                inside.append(row)
            elif channel.name in down:
                _postpone(row, now)
                counted.retried += 1
            else:
                _lease(row, channel, person, now=now, post=post, work=work, rules=_rules(session))
        inbox.put(session, inside, now)
        for row in inside:
            row.state, row.sent_at, row.delivered_by, row.error = "sent", now, inbox.NAME, None
        counted.sent += len(inside)
    _add(result, counted)


def _route(post: Post, word_: str, person: Recipient | None) -> Channel | None:
    """The channel that carries the word and reaches the person; None is the inbox, which reaches everybody."""
    if person is None or word_ == inbox.NAME:
        return None
    return next((c for c in post.channels if word_ in c.carries and c.reaches(person)), None)


def _reason(person: Recipient | None, outdated_because: str | None) -> str | None:
    if person is None:
        return "person_unknown"
    return "person_inactive" if not person.active else outdated_because


def _postpone(row: Outbox, now: datetime) -> None:
    row.attempts += 1
    row.due_at = now + retry_after(row.attempts, most=RETRY_DOWN_MAX)


def _lease(
    row: Outbox,
    channel: Channel,
    person: Recipient,
    *,
    now: datetime,
    post: Post,
    work: _Round,
    rules: Rules | None,
) -> None:
    row.attempts += 1
    row.due_at = now + LEASE
    number = str(row.params.get("number") or "")
    notice = Notice(
        id=row.id,
        recipient=person,
        wording=word(
            row.template, row.params, person.locale, rules=rules, zone=post.zone, now=row.created_at
        ),
        created_at=row.created_at,
        link=f"{post.public_url}/hazards/{number}"
        if row.subject_kind in ABOUT_HAZARDS and number
        else post.public_url,
    )
    work.leaving.setdefault(channel.name, []).append(notice)
    work.attempts[row.id] = row.attempts


def _rules(session: Session) -> Rules | None:
    try:
        return rules_of(session)
    except KeyError:  # a worker that only sends has no workflows loaded: states are then told by their keys
        return None


def _send(
    database: Database,
    now: datetime,
    channel: Channel,
    work: _Round,
    *,
    result: DrainResult,
    should_stop: Callable[[], bool],
) -> bool:
    """Send a round's notices through one channel; False when the channel is down. What was not tried goes back to the queue."""
    notices = work.leaving[channel.name]
    until = time.monotonic() + SENDING_SECONDS_MAX
    done = 0
    broken: Exception | None = None
    deliveries = channel.send(notices)
    try:
        for delivery in deliveries:
            done += 1
            _mark(database, now, channel, delivery, work.attempts[delivery.notice.id], result=result)
            if should_stop() or time.monotonic() > until:
                break
    except ChannelDown as error:
        broken = error
        log.warning(
            "notifications.channel_down",
            channel=channel.name,
            error=error.detail,
            waiting=len(notices) - done,
        )
    except sa.exc.SQLAlchemyError:
        raise  # sent and not marked: the lease brings it back
    except Exception as error:
        broken = error
        log.exception("notifications.channel_failed", channel=channel.name)
    if broken is not None and done < len(notices):
        _note(
            database,
            work,
            notices[done],
            due_at=now + retry_after(work.attempts[notices[done].id] + 1),
            error=broken,
        )
        result.retried += 1
        done += 1
    _give_back(database, now, notices[done:], work, broken=broken, result=result)
    return broken is None


def _mark(
    database: Database,
    now: datetime,
    channel: Channel,
    delivery: Delivery,
    attempts: int,
    *,
    result: DrainResult,
) -> None:
    notice, error = delivery.notice, delivery.error
    values: dict[str, object]
    if error is None:
        values = {"state": "sent", "sent_at": now, "delivered_by": channel.name, "error": None}
        result.sent += 1
    elif error.permanent:
        values = {"state": "failed", "delivered_by": inbox.NAME, "error": error.detail[:ERROR_LENGTH_MAX]}
        result.failed += 1
        log.error("notifications.failed", outbox=str(notice.id), channel=channel.name, error=error.code)
    else:
        values = {"due_at": now + retry_after(attempts), "error": error.detail[:ERROR_LENGTH_MAX]}
        result.retried += 1
    with database.transaction(SYSTEM) as session:
        row = session.scalar(_own(notice.id, attempts).values(**values).returning(Outbox))
        if row is not None and error is not None and error.permanent:
            inbox.put(session, [row], now)  # the person still hears of it


def _note(database: Database, work: _Round, notice: Notice, *, due_at: datetime, error: Exception) -> None:
    told = error.detail if isinstance(error, OutsideWorld) else f"{type(error).__name__}: {error}"
    with database.transaction(SYSTEM) as session:
        session.execute(
            _own(notice.id, work.attempts[notice.id]).values(due_at=due_at, error=told[:ERROR_LENGTH_MAX])
        )


def _give_back(
    database: Database,
    now: datetime,
    notices: Sequence[Notice],
    work: _Round,
    *,
    broken: Exception | None,
    result: DrainResult,
) -> None:
    if not notices:
        return
    with database.transaction(SYSTEM) as session:
        for notice in notices:
            attempts = work.attempts[notice.id]
            values: dict[str, object] = {"due_at": now, "attempts": attempts - 1}
            if broken is not None:
                values = {"due_at": now + retry_after(attempts, most=RETRY_DOWN_MAX)}
                result.retried += 1
            session.execute(_own(notice.id, attempts).values(**values))


def _own(id_: uuid.UUID, attempts: int) -> sa.Update:
    """The row as long as our claim holds: a slow sender must not overwrite what another made of it after the lease."""
    return sa.update(Outbox).where(Outbox.id == id_, Outbox.state == "pending", Outbox.attempts == attempts)


def _after_failure(database: Database, work: _Round, error: Exception, result: DrainResult) -> int:
    """A row that breaks its whole batch: halve down to it, then show it as failed."""
    if len(work.taken) != 1:
        if not work.taken:
            raise error
        return max(1, len(work.taken) // 2)
    log.error("notifications.unreadable", outbox=str(work.taken[0]), exc_info=error)
    with database.transaction(SYSTEM) as session:
        told = f"{type(error).__name__}: {error}"
        session.execute(
            sa.update(Outbox)
            .where(Outbox.id == work.taken[0], Outbox.state == "pending")
            .values(state="failed", error=told[:ERROR_LENGTH_MAX])
        )
    result.failed += 1
    return 1


def _add(result: DrainResult, counted: DrainResult) -> None:
    result.sent += counted.sent
    result.dropped += counted.dropped
    result.retried += counted.retried
