"""Empties the outbox: each message reaches its person once, or is tried again, or is seen to have failed. Never silently dropped.

At least once, by this protocol: 1 *claim*: the row's due instant is pushed beyond the longest sending and committed, so nobody else takes
it · 2 *send*, outside any transaction · 3 *mark* it sent, one short transaction each. A worker that dies between 2 and 3 leaves a row that
is sent again after the lease, under the same Message-ID, which mail programs show once. Inbox lines and errands are written in the claim.

In the claim each message is judged once more: does the hazard still ask for it (`relevance`), does its person still stand there
(`standing`), is there a channel that reaches them. What falls through any of these stays visible with its reason.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.notifications import errands
from hazard_flow.notifications.alarms import announce_failed
from hazard_flow.notifications.channels import Channel, Notice, Recipient, inbox, open_channels
from hazard_flow.notifications.recipients import recipients
from hazard_flow.notifications.relevance import ABOUT_HAZARDS, SUBJECT, outdated
from hazard_flow.notifications.results import DrainResult
from hazard_flow.notifications.retries import RETRY_DOWN_MAX, retry_after
from hazard_flow.notifications.sending import ERROR_LENGTH_MAX, Round, send
from hazard_flow.notifications.standing import Ground, Standing
from hazard_flow.notifications.wording import page_of, word
from hazard_flow.schedule.models import Outbox
from hazard_flow.schedule.operations import enqueue
from hazard_flow.settings import Settings
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

log = structlog.get_logger(__name__)

#: rows claimed in one transaction, and rounds in one drain
BATCH_MAX = 200
ROUNDS_A_DRAIN = 100
#: how long a claimed row is nobody else's; sending stops well before
LEASE = timedelta(minutes=10)


@dataclass(frozen=True)
class Post:
    """What sending needs to know of the deployment."""

    channels: tuple[Channel, ...]
    zone: ZoneInfo
    public_url: str


@dataclass
class _Claim:
    """The transaction under way: what it knows, and what it has counted, which counts only once it is committed."""

    session: Session
    now: datetime
    post: Post
    work: Round
    down: set[str]
    ground: Ground
    rules: Rules | None
    counted: DrainResult


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
    errands.void_moot(database, now)
    for _ in range(ROUNDS_A_DRAIN):
        if should_stop():
            break
        work = Round(limit=limit)
        try:
            result.merge(_claim(database, now, post, work, down=down))
        except (sa.exc.OperationalError, sa.exc.InterfaceError):
            raise
        except Exception as error:
            limit = _after_failure(database, work, error, now=now, result=result)
            continue
        if not work.taken:
            break
        limit = min(BATCH_MAX, limit * 2)
        for channel in post.channels:
            if work.leaving.get(channel.name) and not send(
                database, now, channel, work, result=result, should_stop=should_stop
            ):
                down.add(channel.name)
    return result


def _claim(database: Database, now: datetime, post: Post, work: Round, *, down: set[str]) -> DrainResult:
    with database.transaction(SYSTEM) as session:
        rows = session.scalars(
            sa.select(Outbox)
            .where(Outbox.state == "pending", Outbox.due_at <= now)
            .order_by(Outbox.due_at, Outbox.id)
            .limit(work.limit)
            .with_for_update(skip_locked=True)
        ).all()
        work.taken = [row.id for row in rows]
        if not rows:
            return DrainResult()
        rules = _rules(session)
        ground = Ground.load(session, rows, rules)
        claim = _Claim(session, now, post, work, down, ground, rules, DrainResult())
        people = recipients(session, [row.person_id for row in rows])
        reasons = outdated(session, rows)
        inside = [row for row in rows if _take(claim, row, people.get(row.person_id), reasons.get(row.id))]
        inbox.put(session, inside, now)
    return claim.counted


def _take(claim: _Claim, row: Outbox, person: Recipient | None, outdated_because: str | None) -> bool:
    """Decide what becomes of one message; whether it is a line for the inbox."""
    is_inbox = row.channel == inbox.NAME
    # what was told stays in the inbox, also where the hazard has moved on
    if outdated_because is not None and not is_inbox:
        _drop(claim, row, outdated_because)
        return False
    standing = claim.ground.judge(row, person)
    if standing.reason or person is None:
        _replace(claim, row, standing)
        return False
    channel = _route(claim.post, row.channel, person)
    if channel is None:
        if row.channel in errands.CHANNELS:
            return _hand_over(claim, row)
        _keep_inside(claim, row)
        return True
    if channel.name in claim.down:
        row.attempts += 1
        row.due_at = claim.now + retry_after(row.attempts, most=RETRY_DOWN_MAX)
        row.reason = "channel_down"
        claim.counted.add("retried", channel.name)
        return False
    _lease(claim, row, channel, person)
    return False


def _route(post: Post, word_: str, person: Recipient) -> Channel | None:
    """The channel that carries the word and reaches the person; None is the inbox, which reaches everybody."""
    if word_ == inbox.NAME:
        return None
    return next((c for c in post.channels if word_ in c.carries and c.reaches(person)), None)


def _drop(claim: _Claim, row: Outbox, reason: str) -> None:
    row.state, row.reason = "dropped", reason
    claim.counted.add("dropped", row.channel)


def _replace(claim: _Claim, row: Outbox, standing: Standing) -> None:
    """Its person is no longer the right one: whoever stands there now is told instead, nobody at all is an alarm."""
    asks = isinstance(row.params.get("addressees"), list)
    if asks and not standing.instead and row.subject_kind == SUBJECT:
        row.state, row.reason = "failed", "nobody"
        claim.counted.add("failed", row.channel)
        announce_failed(claim.session, row, claim.now)
        return
    _drop(claim, row, standing.reason)
    enqueue(claim.session, [_instead(row, person, claim.now) for person in standing.instead])


def _instead(row: Outbox, person: uuid.UUID, now: datetime) -> Outbox:
    return Outbox(
        id=new_id(),
        home_id=row.home_id,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        seq=row.seq,
        person_id=person,
        channel=row.channel,
        template=row.template,
        params=dict(row.params),
        created_at=now,
        due_at=now,
        instead_of_id=row.id,
    )


def _hand_over(claim: _Claim, row: Outbox) -> bool:
    role, people = claim.ground.desk(row)
    if not people:
        row.state, row.reason = "failed", "nobody"
        claim.counted.add("failed", row.channel)
        announce_failed(claim.session, row, claim.now)
        return False
    held = claim.ground.parts[row.subject_id]
    errands.hand_over(claim.session, row, held, doers=people, rules=claim.rules, now=claim.now)
    row.state, row.reason = "handed", None if role == "duty_desk" else "above_desk"
    claim.counted.add("handed", row.channel)
    return False


def _keep_inside(claim: _Claim, row: Outbox) -> None:
    row.state, row.sent_at, row.delivered_by, row.error = "sent", claim.now, inbox.NAME, None
    row.reason = None
    if row.channel != inbox.NAME:
        is_carried = any(row.channel in channel.carries for channel in claim.post.channels)
        row.reason = "no_address" if is_carried else "no_channel"
    claim.counted.add("sent", inbox.NAME)


def _lease(claim: _Claim, row: Outbox, channel: Channel, person: Recipient) -> None:
    row.attempts += 1
    row.due_at = claim.now + LEASE
    zone = claim.post.zone
    notice = Notice(
        id=row.id,
        recipient=person,
        wording=word(
            row.template, row.params, person.locale, rules=claim.rules, zone=zone, now=row.created_at
        ),
        created_at=row.created_at,
        link=claim.post.public_url + _page(row),
    )
    claim.work.lease(channel.name, notice, attempts=row.attempts, refused_since=row.refused_since)


def _page(row: Outbox) -> str:
    number = str(row.params.get("number") or "")
    if row.subject_kind in ABOUT_HAZARDS and number:
        return f"/hazards/{number}"
    return page_of(row.template, row.params)


def _rules(session: Session) -> Rules | None:
    try:
        return rules_of(session)
    except KeyError:  # a worker that only sends has no workflows loaded: states are then told by their keys
        return None


def _after_failure(
    database: Database, work: Round, error: Exception, *, now: datetime, result: DrainResult
) -> int:
    """A row that breaks its whole batch: halve down to it, then show it as failed."""
    if len(work.taken) != 1:
        if not work.taken:
            raise error
        return max(1, len(work.taken) // 2)
    log.error("notifications.unreadable", outbox=str(work.taken[0]), exc_info=error)
    with database.transaction(SYSTEM) as session:
        told = f"{type(error).__name__}: {error}"
        row = session.scalar(
            sa.update(Outbox)
            .where(Outbox.id == work.taken[0], Outbox.state == "pending")
            .values(state="failed", reason="unreadable", error=told[:ERROR_LENGTH_MAX])
            .returning(Outbox)
        )
        if row is not None:
            announce_failed(session, row, now)
            result.add("failed", row.channel)
    return 1
