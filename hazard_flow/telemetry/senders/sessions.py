"""Sparkplug B sessions out of the database and back into it: each is read once for a batch of messages, and written once."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session as Database

from hazard_flow.telemetry.senders.models import SparkplugNode
from hazard_flow.telemetry.signals import Parsed, Raw
from hazard_flow.telemetry.sources.sparkplug import Session, fold
from hazard_flow.telemetry.sources.sparkplug_topics import read_sparkplug_topic

_Key = tuple[uuid.UUID, str]


@dataclass
class Sessions:
    """The sessions a batch of messages touches; `keep` writes those that moved."""

    database: Database
    _rows: dict[_Key, SparkplugNode | None] = field(default_factory=dict)
    _now: dict[_Key, Session] = field(default_factory=dict)
    _heard: dict[_Key, datetime] = field(default_factory=dict)

    def parse(self, source_id: uuid.UUID, raw: Raw) -> Parsed:
        """Signals of one Sparkplug message; its session moves on, unless the message is an old one looked at again."""
        topic = read_sparkplug_topic(str(raw.headers.get("topic", "")))
        if topic is None or not topic.group:
            return fold(Session(), raw)[0]
        key = (source_id, topic.edge)
        before = self._session(key)
        parsed, after = fold(before, raw)
        heard = self._heard.get(key)
        if after is not before and (heard is None or raw.received_at >= heard):
            self._now[key], self._heard[key] = after, raw.received_at
        return parsed

    def keep(self) -> None:
        """Write the sessions that moved."""
        for key, session in self._now.items():
            row = self._rows.get(key)
            if row is None:
                row = self._rows[key] = SparkplugNode(source_id=key[0], edge=key[1])
                self.database.add(row)
            row.is_alive, row.missed, row.heard_at = session.is_alive, session.missed, self._heard[key]
            row.session = {
                "bd_seq": session.bd_seq,
                "seq": session.seq,
                "aliases": dict(session.aliases),
                "metrics": {device: dict(metrics) for device, metrics in session.metrics.items()},
            }
        self.database.flush()

    def _session(self, key: _Key) -> Session:
        if key in self._now:
            return self._now[key]
        if key not in self._rows:
            wanted = sa.select(SparkplugNode).where(
                SparkplugNode.source_id == key[0], SparkplugNode.edge == key[1]
            )
            self._rows[key] = row = self.database.scalars(wanted).one_or_none()
            if row is not None:
                self._heard[key] = row.heard_at
        row = self._rows[key]
        return Session() if row is None else _session_of(row)


def _session_of(row: SparkplugNode) -> Session:
    kept = row.session
    return Session(
        is_alive=row.is_alive,
        bd_seq=kept.get("bd_seq"),
        seq=kept.get("seq"),
        missed=row.missed,
        aliases=kept.get("aliases", {}),
        metrics=kept.get("metrics", {}),
    )
