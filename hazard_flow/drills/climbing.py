"""Lets the staged hazards' ladders be climbed: the real engine and post, on a clock that jumps from one due instant to the next."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hazard_flow.hazards import escalation
from hazard_flow.hazards.models import HazardEvent
from hazard_flow.notifications.channels import Channel, Delivery, Notice, Recipient
from hazard_flow.notifications.dispatch import Post, drain
from hazard_flow.schedule.models import Outbox, Timer
from hazard_flow.schedule.operations import cancel
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.timers.engine import tick
from hazard_flow.timers.handlers import Handlers, TimerHandler

#: no ladder takes longer; one that does has not fired
HORIZON = timedelta(days=800)
#: a drill that needs more ticks is going round in circles
TICKS_MAX = 50_000

#: (hazard, timer)
Watched = tuple[uuid.UUID, str]


class DrillBroken(Exception):
    """The engine could not go on in the sealed copy: the drill proves nothing, and says so."""


@dataclass(frozen=True)
class Firing:
    """One rung as the engine fired it."""

    hazard: uuid.UUID
    timer: str
    level: int
    cycle: int
    at: datetime
    expires_at: datetime
    told: Sequence[uuid.UUID]
    unreachable: Sequence[str]
    #: person → the ladder's word → how it went
    ways: Mapping[uuid.UUID, Mapping[str, str]]


@dataclass
class Climb:
    """What the climb has brought to light."""

    firings: list[Firing] = field(default_factory=list)
    #: timers the engine set aside
    parked: set[Watched] = field(default_factory=set)


@dataclass
class Recorder:
    """Stands in a real channel's place in the copy: reaches whom that one reaches, and lets nothing out."""

    name: str
    carries: tuple[str, ...]
    _real: Channel

    def reaches(self, recipient: Recipient) -> bool:
        """Whether the real channel has an address."""
        return self._real.reaches(recipient)

    def send(self, notices: Sequence[Notice]) -> Iterator[Delivery]:
        """Take everything."""
        yield from (Delivery(notice) for notice in notices)


def redirected(post: Post) -> Post:
    """The same channels with the same words and addresses, and nothing leaves the house."""
    channels: tuple[Channel, ...] = tuple(Recorder(c.name, c.carries, c) for c in post.channels)
    return Post(channels=channels, zone=post.zone, public_url=post.public_url)


def climb(
    copy: Database,
    start: datetime,
    watched: Mapping[Watched, int],
    post: Post,
    *,
    say: Callable[[int, int], None] = lambda done, all_: None,
) -> Climb:
    """Fire until each watched timer has fired its highest rung (the level given) once; nobody moves, nobody acknowledges.

    Timers not watched are taken back first: another hazard of the drill climbs the same ladder. Raises `DrillBroken`.
    """
    _only(copy, watched)
    handlers = Handlers([TimerHandler(escalation.SUBJECT, escalation.claim, escalation.fire)])
    found, left, now = Climb(), dict(watched), start
    for _ in range(TICKS_MAX):
        result = tick(copy, now, handlers=handlers)
        if result.failed:
            raise DrillBroken("the database of the copy failed")
        drain(copy, now, post)
        if result.fired or result.parked:
            for key in _harvest(copy, now, found, left):
                del left[key]
            say(len(watched) - len(left), len(watched))
        if not left or result.earliest_due_at is None or result.earliest_due_at > start + HORIZON:
            return found
        now = max(result.earliest_due_at, now)
    raise DrillBroken(f"more than {TICKS_MAX} ticks")


def _only(copy: Database, watched: Mapping[Watched, int]) -> None:
    with copy.transaction(SYSTEM) as session:
        running = session.execute(sa.select(Timer.subject_id, Timer.name)).all()
        for hazard, name in running:
            if (hazard, name) not in watched:
                cancel(session, [hazard], names=[name])


def _harvest(copy: Database, now: datetime, found: Climb, left: Mapping[Watched, int]) -> list[Watched]:
    """Take down what fired at this instant; timers whose highest rung has, or that were parked, are done with and taken back."""
    done: list[Watched] = []
    with copy.transaction(SYSTEM) as session:
        events = session.scalars(
            sa.select(HazardEvent).where(HazardEvent.type == "timer.escalated", HazardEvent.at == now)
        ).all()
        ways = _ways(session.scalars(sa.select(Outbox).where(Outbox.created_at == now)).all())
        for event in events:
            data = json.loads(event.body)["data"]
            found.firings.append(_firing(event, data, ways.get((event.hazard_id, event.seq), {})))
            key = (event.hazard_id, str(data["timer"]))
            if key in left and data["level"] >= left[key]:
                done.append(key)
        parked = session.execute(
            sa.select(Timer.subject_id, Timer.name).where(Timer.parked_at.is_not(None))
        ).all()
        found.parked |= {(hazard, name) for hazard, name in parked}
        done += [key for key in found.parked if key in left]
        for hazard, name in done:
            cancel(session, [hazard], names=[name])
    return done


def _firing(
    event: HazardEvent, data: Mapping[str, Any], ways: Mapping[uuid.UUID, Mapping[str, str]]
) -> Firing:
    return Firing(
        hazard=event.hazard_id,
        timer=str(data["timer"]),
        level=int(data["level"]),
        cycle=int(data["cycle"]),
        at=event.at,
        expires_at=datetime.fromisoformat(data["expires_at"]),
        told=[uuid.UUID(str(key).removeprefix("person:")) for key in data["told"]],
        unreachable=list(data["unreachable"]),
        ways=ways,
    )


def _ways(rows: Sequence[Outbox]) -> dict[tuple[uuid.UUID, int], dict[uuid.UUID, dict[str, str]]]:
    """(hazard, event) → person → the ladder's word → how it went."""
    found: dict[tuple[uuid.UUID, int], dict[uuid.UUID, dict[str, str]]] = {}
    for row in rows:
        people = found.setdefault((row.subject_id, row.seq), {})
        people.setdefault(row.person_id, {})[row.channel] = _way(row)
    return found


def _way(row: Outbox) -> str:
    if row.state == "sent":
        return row.reason or row.delivered_by or "inbox"
    if row.state == "handed":
        return "desk"
    return f"{row.state}:{row.reason or ''}".rstrip(":")
