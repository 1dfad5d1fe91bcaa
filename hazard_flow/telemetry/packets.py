"""Device messages from the broker into the inbox: which source they belong to, and which deliveries are the same message."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hazard_flow.storage.base import new_id
from hazard_flow.telemetry import inbox
from hazard_flow.telemetry.inbox import Message
from hazard_flow.telemetry.models import MqttPacket, Source
from hazard_flow.telemetry.sources.device_topics import delivery_key, read_topic
from hazard_flow.telemetry.sources.topics import kind_of

#: our own messages through the broker: they prove the whole way, where a connection flag proves nothing
HEARTBEAT = "hazard-flow/heartbeat/"


class NoSource(RuntimeError):
    """Nobody registered an MQTT source yet; the broker keeps the messages until somebody has."""


@dataclass(frozen=True)
class Packet:
    """A delivery as the broker made it."""

    topic: str
    body: bytes
    received_at: datetime
    #: the broker's number for this delivery; used again after some 65 000
    mid: int = 0
    qos: int = 1
    retain: bool = False
    #: the broker is not sure we got it the first time
    dup: bool = False


def store_packets(session: Session, packets: Sequence[Packet], *, shard: str = "") -> int:
    """Keep the deliveries not kept before; how many. Acknowledge after the commit, never sooner."""
    new = claim_packets(session, packets, shard=shard)
    inbox.write(session, new)
    return len(new)


def claim_packets(session: Session, packets: Sequence[Packet], *, shard: str = "") -> list[Message]:
    """The messages of the deliveries not kept before, still to be written (`inbox.write`).

    A message with a name of its own (`device_topics.delivery_key`) is the same message however often it comes. One without is new
    unless the broker itself says it repeats the packet we stored last under this number. `shard`: whose session they came in; our own
    heartbeat is a sign of life of that shard's source alone.
    """
    sources = _sources(session)
    arrivals: list[inbox.Arrival] = []
    latest: dict[tuple[uuid.UUID, int], bytes] = {}
    stored = _numbered(session, packets, sources)
    for packet in packets:
        if packet.topic.startswith(HEARTBEAT):
            alive = [sources.get(shard, sources[""])] if shard else sources.values()
            for source in alive:
                inbox.touch(session, source.id, at=packet.received_at)
            continue
        source = _source_of(packet.topic, sources)
        digest = hashlib.sha256(packet.topic.encode("utf-8", "replace") + b"\0" + packet.body).digest()
        key = _key(packet, digest)
        if key is None:
            number = (source.id, packet.mid)
            if packet.dup and latest.get(number, stored.get(number)) == digest:
                continue
            latest[number] = digest
            key = f"packet:{new_id().hex}"
        arrivals.append(_arrival(packet, source, key))
    new = inbox.claim(session, arrivals)
    _remember(session, latest)
    return list(new.values())


def _key(packet: Packet, digest: bytes) -> str | None:
    if packet.retain:
        return "retained:" + digest.hex()
    return delivery_key(packet.topic, packet.body, packet.received_at)


def _arrival(packet: Packet, source: Source, key: str) -> inbox.Arrival:
    topic = packet.topic.encode("utf-8", "replace").decode().replace("\0", "")[:500]
    headers = {"topic": topic, "retain": packet.retain, "mid": packet.mid, "dup": packet.dup, "key": key}
    return inbox.Arrival(
        source_id=source.id,
        kind=kind_of(packet.topic),
        key=key,
        body=packet.body[: inbox.BODY_BYTES_MAX],
        received_at=packet.received_at,
        headers=headers,
    )


def _sources(session: Session) -> Mapping[str, Source]:
    """The active MQTT sources by shard; the first without one stands for all other shards, under the empty name."""
    found: dict[str, Source] = {}
    rows = session.scalars(
        sa.select(Source).where(Source.kind == "mqtt", Source.active).order_by(Source.created_at, Source.id)
    )
    for source in rows:
        found.setdefault(str(source.settings.get("shard", "")), source)
    if not found:
        raise NoSource("no MQTT source is registered")
    found.setdefault("", next(iter(found.values())))
    return found


def _source_of(topic: str, sources: Mapping[str, Source]) -> Source:
    parts = read_topic(topic)
    return sources.get(parts.shard, sources[""]) if parts else sources[""]


def _numbered(
    session: Session, packets: Sequence[Packet], sources: Mapping[str, Source]
) -> dict[tuple[uuid.UUID, int], bytes]:
    repeated = {packet.mid for packet in packets if packet.dup}
    if not repeated:
        return {}
    ids = {source.id for source in sources.values()}
    rows = session.scalars(
        sa.select(MqttPacket).where(MqttPacket.source_id.in_(ids), MqttPacket.mid.in_(repeated))
    )
    return {(row.source_id, row.mid): row.digest for row in rows}


def _remember(session: Session, latest: Mapping[tuple[uuid.UUID, int], bytes]) -> None:
    if not latest:
        return
    dialect: Any = postgresql if session.connection().dialect.name == "postgresql" else sqlite
    rows = [
        {"source_id": source_id, "mid": mid, "digest": digest}
        for (source_id, mid), digest in sorted(latest.items())
    ]
    statement = dialect.insert(MqttPacket).values(rows)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["source_id", "mid"], set_={"digest": statement.excluded.digest}
        )
    )
