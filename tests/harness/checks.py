"""What must be true of a city at any moment, worked out from the stored rows without the code that wrote them."""

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime

import rfc8785
import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.forecast import forecast
from hazard_flow.hazards.models import Hazard, HazardEvent, RequestKey
from hazard_flow.schedule.models import Outbox, Timer

FIELDS = {"v", "hazard", "seq", "at", "actor", "type", "data", "prev"}


def broken_chains(session: Session) -> list[str]:
    """Every event whose bytes, hash, place in the chain or columns do not agree, and every head that is not the last event's."""
    found = []
    for hazard in session.scalars(sa.select(Hazard).order_by(Hazard.number)):
        head, seq = "0" * 64, 0
        events = session.scalars(
            sa.select(HazardEvent).where(HazardEvent.hazard_id == hazard.id).order_by(HazardEvent.seq)
        )
        for event in events:
            where = f"{hazard.number} event {event.seq}"
            said = json.loads(event.body)
            seq += 1
            wrong = [
                name
                for name, fine in {
                    "fields": said.keys() == FIELDS,
                    "canonical form": rfc8785.dumps(said) == event.body,
                    "hash": hashlib.sha256(b"\x00" + event.body).digest() == event.hash,
                    "prev": said["prev"] == head == event.prev.hex(),
                    "seq": said["seq"] == event.seq == seq,
                    "hazard": said["hazard"] == hazard.number,
                    "at": datetime.fromisoformat(said["at"]).astimezone(UTC) == event.at,
                    "columns": (said["actor"], said["type"], said["data"]["action"])
                    == (event.actor, event.type, event.action),
                }.items()
                if not fine
            ]
            found += [f"{where}: {name}" for name in wrong]
            head = event.hash.hex()
        if (hazard.head.hex(), hazard.seq) != (head, seq):
            found.append(f"{hazard.number}: the head is not the last event")
        if seq == 0:
            found.append(f"{hazard.number}: no event at all")
    return found


def silent_hazards(session: Session, now: datetime) -> list[str]:
    """Open hazards without a pending timer, or with one that would reach nobody; closed ones with a timer left."""
    found = []
    for hazard in session.scalars(sa.select(Hazard)):
        pending = session.scalars(
            sa.select(Timer).where(Timer.subject_id == hazard.id, Timer.parked_at.is_(None))
        ).all()
        if hazard.closed_at is not None:
            found += [f"{hazard.number} is closed and has the timer {timer.name}" for timer in pending]
            continue
        ahead = forecast(session, hazard, now=now)
        if not pending or not ahead:
            found.append(f"{hazard.number} is open and nothing is pending")
        found += [f"{hazard.number}: {f.name} {f.level} reaches nobody" for f in ahead if not f.people]
    return found


def doubled(session: Session) -> list[str]:
    """Numbers, pending timers, messages or escalations that exist twice, and keys without an answer."""
    numbers = Counter(session.scalars(sa.select(Hazard.number)))
    timers = Counter(session.execute(sa.select(Timer.subject_id, Timer.name)))
    messages = Counter(
        session.execute(sa.select(Outbox.subject_id, Outbox.seq, Outbox.person_id, Outbox.channel))
    )
    firings = Counter(
        (
            event.hazard_id,
            data["timer"],
            data["level"],
            data["cycle"],
            data["expires_at"],
            tuple(data["addressees"]),
        )
        for event in session.scalars(sa.select(HazardEvent).where(HazardEvent.type == "timer.escalated"))
        for data in [json.loads(event.body)["data"]]
    )
    found = [
        f"{what} {key} exists {count} times"
        for what, counted in (
            ("number", numbers), ("timer", timers), ("message", messages), ("escalation", firings),
        )
        for key, count in counted.items()
        if count > 1
    ]  # fmt: skip
    unanswered = session.scalars(sa.select(RequestKey.key).where(RequestKey.hazard_id.is_(None)))
    return found + [f"key {key} has no answer" for key in unanswered]
