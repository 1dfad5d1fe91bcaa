"""Sparkplug B sessions: what a birth said gives later data their names, a death makes everything of the node stale, never normal.

The one source whose messages cannot be read alone. Pure all the same: session and message in, signals and session out; whoever calls
keeps the session. Data messages are QoS 0 by the specification, so a gap in `seq` is noted on what comes after it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hazard_flow.telemetry.signals import Parsed, Problem, Raw, Signal, Status
from hazard_flow.telemetry.sources.reading import code, digest, key_of, refused, storable, word
from hazard_flow.telemetry.sources.samples import Origin, samples
from hazard_flow.telemetry.sources.sparkplug_payload import Metric, Payload, Unreadable, Value, decode
from hazard_flow.telemetry.sources.sparkplug_topics import SparkplugTopic, read_sparkplug_topic

KIND = "sparkplug"
SEQUENCE = 256
GAP = "seq_gap"
BDSEQ, FAULT = "bdSeq", "fault"
STALE, BAD = 500, 0
#: what is remembered of a node: real ones have dozens of devices
DEVICES_MAX, NAME_LENGTH_MAX = 1_000, 200
#: metrics about the node or the way to command it
_HOUSEKEEPING = ("Node Control/", "Device Control/", "Properties/", "Node Info/")


@dataclass(frozen=True)
class Session:
    """What is known of an edge node since its birth."""

    is_alive: bool = False
    bd_seq: int | None = None
    seq: int | None = None
    #: messages missed so far, as their numbers tell
    missed: int = 0
    #: alias → name, unique within the node
    aliases: Mapping[str, str] = field(default_factory=dict)
    #: device → name of a metric → datatype; the node's own metrics under the empty name
    metrics: Mapping[str, Mapping[str, int | None]] = field(default_factory=dict)

    @property
    def devices(self) -> list[str]:
        """Devices born under this node."""
        return sorted(name for name in self.metrics if name)


def fold(session: Session, raw: Raw) -> tuple[Parsed, Session]:
    """Signals of one message, and the session after it."""
    name = str(raw.headers.get("topic", ""))
    topic = read_sparkplug_topic(name)
    if topic is None:
        return refused("unknown_topic", name[:200]), session
    if raw.headers.get("retain") or topic.what in ("NCMD", "DCMD", "STATE"):
        return Parsed(), session
    try:
        payload = decode(raw.body)
    except Unreadable as error:
        return refused("not_sparkplug", str(error)), session
    if topic.what == "NDEATH":
        return _node_death(session, topic, payload, raw)
    gap = "" if topic.what == "NBIRTH" else _gap(session, payload)
    session = _numbered(session, topic, payload)
    if topic.what == "DDEATH":
        return Parsed((_link(topic, topic.device, Status.OFFLINE, raw),)), session
    if topic.what in ("NBIRTH", "DBIRTH"):
        session = _born(session, topic, payload)
    parsed = _measured(session, topic, payload, raw, gap)
    if topic.what == "DBIRTH":
        online = _link(topic, topic.device, Status.ONLINE, raw)
        parsed = Parsed((online, *parsed.signals), parsed.problems)
    return parsed, session


def _node_death(
    session: Session, topic: SparkplugTopic, payload: Payload, raw: Raw
) -> tuple[Parsed, Session]:
    """A death counts for the birth of the same number: the will of an earlier session may arrive after the next birth."""
    died = next((metric.integer for metric in payload.metrics if metric.name == BDSEQ), None)
    if session.is_alive and None not in (died, session.bd_seq) and died != session.bd_seq:
        return Parsed(), session
    stale = tuple(_link(topic, device, Status.OFFLINE, raw) for device in session.devices)
    return Parsed(stale), replace(session, is_alive=False, seq=None)


def _gap(session: Session, payload: Payload) -> str:
    if session.seq is None or payload.seq is None:
        return ""
    return GAP if payload.seq % SEQUENCE != (session.seq + 1) % SEQUENCE else ""


def _numbered(session: Session, topic: SparkplugTopic, payload: Payload) -> Session:
    if topic.what == "NBIRTH" or payload.seq is None:
        return session
    seq = payload.seq % SEQUENCE
    missed = (seq - session.seq - 1) % SEQUENCE if session.seq is not None else 0
    return replace(session, seq=seq, missed=session.missed + missed)


def _born(session: Session, topic: SparkplugTopic, payload: Payload) -> Session:
    """Births name everything anew: a node's forgets its devices until they are born again."""
    named = {
        metric.name: metric.datatype
        for metric in payload.metrics
        if 0 < len(metric.name) <= NAME_LENGTH_MAX and storable(metric.name)
    }
    aliases = {
        str(metric.alias): metric.name
        for metric in payload.metrics
        if metric.alias is not None and metric.name in named
    }
    if topic.what == "NBIRTH":
        number = next((metric.integer for metric in payload.metrics if metric.name == BDSEQ), None)
        seq = payload.seq % SEQUENCE if payload.seq is not None else None
        # The devices' names are kept for a death before they are born again; their metrics are not.
        devices: dict[str, Mapping[str, int | None]] = {device: {} for device in session.devices}
        return Session(True, _small(number), seq, session.missed, aliases, {**devices, "": named})
    if topic.device not in session.metrics and len(session.metrics) > DEVICES_MAX:
        return session
    metrics = {**session.metrics, topic.device: named}
    return replace(session, aliases={**session.aliases, **aliases}, metrics=metrics)


def _small(number: int | None) -> int | None:
    return None if number is None else number % 2**53


def _measured(session: Session, topic: SparkplugTopic, payload: Payload, raw: Raw, gap: str) -> Parsed:
    signals: list[Signal] = []
    problems: list[Problem] = []
    for place, metric in enumerate(payload.metrics):
        name = metric.name or session.aliases.get(str(metric.alias), "")
        if not name:
            problems.append(Problem("unknown_alias", f"{topic.edge} {metric.alias}"))
            continue
        if name == BDSEQ or name.startswith(_HOUSEKEEPING) or metric.quality == STALE:
            continue
        datatype = metric.datatype or session.metrics.get(topic.device, {}).get(name)
        value = metric.value(datatype)
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            continue
        read = _metric(topic, name, value, metric, payload, raw, place)
        signals += [
            replace(one, quality=" ".join(p for p in (one.quality, gap) if p)) for one in read.signals
        ]
        problems += read.problems
    return Parsed(tuple(signals), tuple(problems))


def _metric(
    topic: SparkplugTopic, name: str, value: Value, metric: Metric, payload: Payload, raw: Raw, place: int
) -> Parsed:
    device = topic.device or topic.node
    stamp = metric.timestamp_ms or payload.timestamp_ms
    once = "" if stamp is not None else f"{word(raw.headers.get('key'))}.{place}"
    key = key_of("sp", topic.edge, device, stamp, digest(name, str(value)), once)
    if name == FAULT and isinstance(value, bool):
        return Parsed((_fault(topic, device, key, is_faulty=value, raw=raw),))
    known: Any = raw.settings.get("quantities") or {}
    if not topic.device and name not in raw.known and not (isinstance(known, dict) and known.get(name)):
        return Parsed()  # an edge node tells much about itself; only what rules know is of interest
    quality = "bad" if metric.quality == BAD else None
    return samples({name: value}, Origin(key, code(topic.node), code(device), stamp, quality), raw)


def _fault(topic: SparkplugTopic, device: str, key: str, *, is_faulty: bool, raw: Raw) -> Signal:
    """The device's own fault flag, as a statement of a sensor fault."""
    return Signal(
        delivery_key=f"{key}|{FAULT}",
        status=Status.FIRING if is_faulty else Status.RESOLVED,
        observed_at=raw.received_at,
        received_at=raw.received_at,
        site=code(topic.node),
        device=code(device),
        identity=f"fault:{topic.edge}/{device}",
        labels={"kind": "sensor_fault", "alertname": FAULT},
        summary=FAULT,
    )


def _link(topic: SparkplugTopic, device: str, status: Status, raw: Raw) -> Signal:
    return Signal(
        delivery_key=key_of("sp", word(raw.headers.get("key")), topic.edge, device, status),
        status=status,
        observed_at=raw.received_at,
        received_at=raw.received_at,
        site=code(topic.node),
        device=code(device),
        identity=f"link:{device}",
        episode=raw.received_at.isoformat(),
    )
