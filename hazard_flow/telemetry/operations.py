"""What people do to telemetry: register sources and devices. Messages have their own way in (`inbox`, `intake`)."""

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.identity.models import Organisation
from hazard_flow.telemetry import lanes
from hazard_flow.telemetry.models import Device, Source


def register_source(
    session: Session,
    kind: str,
    *,
    name: str,
    organisation: Organisation,
    now: datetime,
    settings: Mapping[str, Any] | None = None,
) -> tuple[Source, str]:
    """A new source and the secret part of its address (`/in/<kind>/<secret>`), shown this once; empty for MQTT."""
    token = "" if kind == "mqtt" else secrets.token_urlsafe(24)
    source = Source(
        kind=kind,
        name=name,
        organisation_id=organisation.id,
        home_id=organisation.root_id,
        token_digest=token_digest(token) if token else None,
        settings=dict(settings or {}),
        created_at=now,
    )
    session.add(source)
    lanes.prepare(session)
    session.flush()
    return source, token


def register_device(
    session: Session, code: str, *, site: Asset, now: datetime, kind: str = "gas_detector"
) -> Device:
    """A device at a site, known from now on by its code within the whole organisation."""
    device = Device(home_id=site.home_id, code=code, site_id=site.id, kind=kind, created_at=now)
    session.add(device)
    session.flush()
    return device


def token_digest(token: str) -> bytes:
    """What is stored of a secret address: 192 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def new_secret_address(session: Session, source_id: uuid.UUID) -> str:
    """Replace a source's secret; the old address is unknown from the commit on."""
    token = secrets.token_urlsafe(24)
    source = session.get_one(Source, source_id)
    source.token_digest = token_digest(token)
    session.flush()
    return token
