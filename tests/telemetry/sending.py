"""Senders other than Alertmanager, as a test lets them speak: a source of their kind, and requests as the webhook stores them."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from hazard_flow.identity.models import Organisation
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry import inbox
from hazard_flow.telemetry.deliveries import delivered
from hazard_flow.telemetry.models import Source
from hazard_flow.telemetry.operations import register_source
from tests.telemetry.city import City


def sender(city: City, kind: str, **settings: Any) -> uuid.UUID:
    """A source of a kind, entered once."""
    with city.database.transaction(SYSTEM) as session:
        known = session.scalar(sa.select(Source.id).where(Source.kind == kind))
        if known is not None:
            return uuid.UUID(str(known))
        owner = session.get_one(Organisation, city.enterprise_id)
        source, _ = register_source(
            session, kind, name=kind, organisation=owner, now=city.now, settings=settings
        )
        return source.id


def send(
    city: City,
    kind: str,
    *bodies: object,
    headers: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
    drain: bool = True,
) -> None:
    """Requests of a sender, ten seconds apart, each evaluated as it comes."""
    source_id = sender(city, kind, **(settings or {}))
    for body in bodies:
        city.pass_time(seconds=10)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        arrival = delivered(source_id, kind, data, headers or {}, now=city.now)
        with city.database.transaction(SYSTEM) as session:
            inbox.store(session, [arrival])
        if drain:
            city.drain()
