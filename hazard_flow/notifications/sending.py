"""One round through one channel: hand the claimed messages over, and write down at once what became of each."""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
import structlog

from hazard_flow.errors import OutsideWorld
from hazard_flow.notifications.alarms import announce_failed
from hazard_flow.notifications.channels import BrokenOff, Channel, ChannelDown, Delivery, Notice, inbox
from hazard_flow.notifications.results import DrainResult, Outcome
from hazard_flow.notifications.retries import RETRY_DOWN_MAX, is_given_up, retry_after
from hazard_flow.schedule.models import Outbox
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

log = structlog.get_logger(__name__)

#: columns of the outbox and what they become
Values = dict[str, object]

SENDING_SECONDS_MAX = 300.0
ERROR_LENGTH_MAX = 500


@dataclass
class Round:
    """One claim: what is to be sent through which channel, under which number of attempts, refused since when."""

    limit: int
    taken: list[uuid.UUID] = field(default_factory=list)
    leaving: dict[str, list[Notice]] = field(default_factory=dict)
    attempts: dict[uuid.UUID, int] = field(default_factory=dict)
    refused_since: dict[uuid.UUID, datetime | None] = field(default_factory=dict)

    def lease(self, channel: str, notice: Notice, *, attempts: int, refused_since: datetime | None) -> None:
        """A message that is ours until the lease ends."""
        self.leaving.setdefault(channel, []).append(notice)
        self.attempts[notice.id] = attempts
        self.refused_since[notice.id] = refused_since


def send(
    database: Database,
    now: datetime,
    channel: Channel,
    work: Round,
    *,
    result: DrainResult,
    should_stop: Callable[[], bool],
) -> bool:
    """Send a round's notices through one channel; False when the channel is down. What was not tried goes back to the queue."""
    notices = work.leaving[channel.name]
    sender = _Sender(database, now, channel, work, result)
    until = time.monotonic() + SENDING_SECONDS_MAX
    done = 0
    broken: Exception | None = None
    try:
        for delivery in channel.send(notices):
            done += 1
            sender.mark(delivery)
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
        sender.broke_at(notices[done], broken)
        done += 1
    sender.give_back(notices[done:], broken)
    return broken is None


@dataclass(frozen=True)
class _Sender:
    database: Database
    now: datetime
    channel: Channel
    work: Round
    result: DrainResult

    def mark(self, delivery: Delivery) -> None:
        """What became of one message that was handed over."""
        error = delivery.error
        if error is None:
            self._arrived(delivery.notice)
        elif error.permanent:
            self._give_up(delivery.notice, str(error.params.get("reason", error.code)), error.detail)
        else:
            self._refused(delivery.notice, str(error.params.get("reason", "refused_for_now")), error.detail)

    def broke_at(self, notice: Notice, error: Exception) -> None:
        """The message the channel broke at: its own fault where the connection stood until then, nobody's where there was none."""
        told = error.detail if isinstance(error, OutsideWorld) else f"{type(error).__name__}: {error}"
        if isinstance(error, ChannelDown) and not isinstance(error, BrokenOff):
            due_at = self.now + retry_after(self.work.attempts[notice.id], most=RETRY_DOWN_MAX)
            self._write(notice, "retried", {"due_at": due_at, "reason": "channel_down", "error": _cut(told)})
        else:
            self._refused(notice, "broke_off", told, later=1)

    def give_back(self, notices: Sequence[Notice], broken: Exception | None) -> None:
        """What was not tried: at once where we were asked to stop, later where the channel is down."""
        if not notices:
            return
        with self.database.transaction(SYSTEM) as session:
            for notice in notices:
                attempts = self.work.attempts[notice.id]
                values: Values = {"due_at": self.now, "attempts": attempts - 1}
                if broken is not None:
                    due_at = self.now + retry_after(attempts, most=RETRY_DOWN_MAX)
                    values = {"due_at": due_at, "reason": "channel_down"}
                session.execute(self._own(notice).values(**values))
        if broken is not None:
            self.result.add("retried", self.channel.name, len(notices))

    def _arrived(self, notice: Notice) -> None:
        values: Values = {"state": "sent", "sent_at": self.now, "delivered_by": self.channel.name}
        values |= {"reason": None, "error": None, "refused_since": None}
        self._write(notice, "sent", values)

    def _refused(self, notice: Notice, reason: str, told: str, *, later: int = 0) -> None:
        since = self.work.refused_since[notice.id]
        if is_given_up(since, self.now):
            self._give_up(notice, "gave_up", told)
            return
        due_at = self.now + retry_after(self.work.attempts[notice.id] + later)
        values: Values = {"due_at": due_at, "reason": reason, "error": _cut(told)}
        self._write(notice, "retried", values | {"refused_since": since or self.now})

    def _give_up(self, notice: Notice, reason: str, told: str) -> None:
        """For good: the person still hears of it inside, and those who keep the system running hear that it failed."""
        values: Values = {"state": "failed", "delivered_by": inbox.NAME, "reason": reason}
        log.error("notifications.failed", outbox=str(notice.id), channel=self.channel.name, reason=reason)
        self._write(notice, "failed", values | {"error": _cut(told)})

    def _write(self, notice: Notice, outcome: Outcome, values: Values) -> None:
        with self.database.transaction(SYSTEM) as session:
            row = session.scalar(self._own(notice).values(**values).returning(Outbox))
            if row is not None and outcome == "failed":
                inbox.put(session, [row], self.now)
                announce_failed(session, row, self.now)
        self.result.add(outcome, self.channel.name)

    def _own(self, notice: Notice) -> sa.Update:
        """The row as long as our claim holds: a slow sender must not overwrite what another made of it after the lease."""
        attempts = self.work.attempts[notice.id]
        mine = (Outbox.id == notice.id, Outbox.state == "pending", Outbox.attempts == attempts)
        return sa.update(Outbox).where(*mine)


def _cut(told: str) -> str:
    return told[:ERROR_LENGTH_MAX]
