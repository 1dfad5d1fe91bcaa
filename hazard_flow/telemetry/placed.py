"""A signal with its place and meaning: judged against the rules and shown on its device."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from hazard_flow.schedule.bulk import update_rows
from hazard_flow.storage.base import new_id
from hazard_flow.telemetry.models import Device, Source
from hazard_flow.telemetry.places import Place
from hazard_flow.telemetry.recorded import LATE, STALE
from hazard_flow.telemetry.rules import Meaning, Rules
from hazard_flow.telemetry.signals import Problem, Signal, Status

#: the columns of a device that `touch` sets
_TOUCHED = ("status", "last_quantity", "last_value", "last_observed_at", "last_seen_at")


@dataclass(frozen=True)
class Placed:
    """A signal that makes sense: whose it is, where it belongs and what it means."""

    signal: Signal
    source: Source
    place: Place
    #: of an outside system's statement
    meaning: Meaning | None = None
    #: the reading within its span
    value: float | None = None
    quality: str = ""
    id: uuid.UUID = field(default_factory=new_id)

    @property
    def is_late(self) -> bool:
        """Whether it came long after it was measured."""
        return LATE in self.quality.split()

    @property
    def is_stale(self) -> bool:
        """Whether it came too late to be evaluated."""
        return STALE in self.quality.split()


def judge(signal: Signal, source: Source, place: Place, rules: Rules) -> Placed | Problem:
    """The signal with its meaning under the rules, or why it has none."""
    if signal.status is Status.SAMPLE:
        reading = rules.reading(signal.quantity, signal.value or 0.0)
        if isinstance(reading, Problem):
            return reading
        delay = signal.received_at - signal.observed_at
        late = STALE if delay > rules.late_window else LATE if delay > rules.late_after else ""
        # A device's own remark must not pass for one of ours.
        own = " ".join(word for word in signal.quality.split() if word not in (STALE, LATE))
        quality = " ".join(part for part in (own, reading[1], late) if part)
        return Placed(signal, source, place, value=reading[0], quality=quality)
    if signal.status in (Status.FIRING, Status.RESOLVED):
        meaning = rules.meaning(source.kind, signal)
        return (
            meaning
            if isinstance(meaning, Problem)
            else Placed(signal, source, place, meaning=meaning, quality=signal.quality)
        )
    return Placed(signal, source, place)


def touch(p: Placed) -> bool:
    """Show on the device what it said last and that it was heard; whether the sample is older than one it sent before."""
    device, signal = p.place.device, p.signal
    if device is None:
        return False
    before = device.last_observed_at if signal.status is Status.SAMPLE else None
    is_behind = before is not None and signal.observed_at < before
    if signal.status is Status.SAMPLE and (
        device.last_observed_at is None or device.last_observed_at <= signal.observed_at
    ):
        device.last_quantity, device.last_value, device.last_observed_at = (
            signal.quantity,
            p.value,
            signal.observed_at,
        )
    if signal.status in (Status.SAMPLE, Status.ONLINE):
        device.status = Status.ONLINE.value
    elif signal.status is Status.OFFLINE:
        device.status = Status.OFFLINE.value
    # A statement about a device is not the device speaking: `absent()` must not look like a sign of life.
    if signal.status not in (Status.FIRING, Status.RESOLVED):
        device.last_seen_at = max(device.last_seen_at or signal.received_at, signal.received_at)
    return is_behind


def write_touched(session: Session, placed: Iterable[Placed]) -> None:
    """Write the devices of these signals as they now stand, in one statement instead of one for each."""
    devices = {p.place.device.id: p.place.device for p in placed if p.place.device is not None}
    changed = [device for device in devices.values() if session.is_modified(device)]
    update_rows(
        session,
        Device.__table__,
        [{"id": d.id} | {name: getattr(d, name) for name in _TOUCHED} for d in changed],
    )
    for device in changed:
        for name in _TOUCHED:
            set_committed_value(device, name, getattr(device, name))
