"""What people do to senders: enter one, change its settings, give it another address, switch it off. Each is on record with its person."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, NotFound, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.schedule.models import Upkeep
from hazard_flow.storage.base import new_id
from hazard_flow.telemetry.models import Source
from hazard_flow.telemetry.operations import new_secret_address, register_source
from hazard_flow.telemetry.senders.kinds import KINDS
from hazard_flow.telemetry.senders.queries import looked_after, owners
from hazard_flow.telemetry.senders.settings import read_settings

RIGHT = "sources.write"
NAME_LENGTH_MAX = 60
Act = Literal[
    "source.added", "source.settings", "source.address", "source.on", "source.off", "inbox.replayed"
]


def add(
    session: Session, actor: Actor, *, kind: str, organisation: str, given: Mapping[str, str], now: datetime
) -> tuple[Source, str]:
    """A new sender of an organisation the person looks after, and the secret of its address, told this once (empty for MQTT)."""
    if kind not in KINDS:
        raise Refused(fields=[FieldError("kind", "not_a_choice", {"choices": list(KINDS)})])
    owner = next((one for one in owners(session, actor) if str(one.id) == organisation), None)
    wrong = [] if owner else [FieldError("organisation", "unknown_organisation")]
    name = given.get("name", "").strip()
    if not name:
        wrong.append(FieldError("name", "required"))
    elif len(name) > NAME_LENGTH_MAX:
        wrong.append(FieldError("name", "too_long", {"at_most": NAME_LENGTH_MAX}))
    try:
        settings = read_settings(KINDS[kind].settings, given)
    except Refused as refused:
        raise Refused(fields=[*wrong, *refused.fields]) from refused
    if wrong or owner is None:
        raise Refused(fields=wrong)
    source, token = register_source(session, kind, name=name, organisation=owner, now=now, settings=settings)
    note(session, "source.added", source, actor, data={"kind": kind, "name": name, **settings}, now=now)
    return source, token


def configure(
    session: Session, actor: Actor, source_id: uuid.UUID, given: Mapping[str, str], *, now: datetime
) -> Source:
    """Other settings; how they stood before stays on record."""
    source = _mine(session, actor, source_id)
    settings = read_settings(KINDS[source.kind].settings if source.kind in KINDS else (), given)
    note(
        session,
        "source.settings",
        source,
        actor,
        data={"before": source.settings, "after": settings},
        now=now,
    )
    source.settings = settings
    session.flush()
    return source


def renew_address(
    session: Session, actor: Actor, source_id: uuid.UUID, *, now: datetime
) -> tuple[Source, str]:
    """Another secret; whoever still sends to the old address is refused."""
    source = _mine(session, actor, source_id)
    if source.kind == "mqtt":
        raise Refused(fields=[FieldError("address", "no_address")])
    note(session, "source.address", source, actor, data={}, now=now)
    return source, new_secret_address(session, source.id)


def switch(session: Session, actor: Actor, source_id: uuid.UUID, *, active: bool, now: datetime) -> Source:
    """On or off. What an inactive one sends is refused, so its sender knows; what it sent before stays."""
    source = _mine(session, actor, source_id)
    if source.active != active:
        note(session, "source.on" if active else "source.off", source, actor, data={}, now=now)
        source.active = active
        session.flush()
    return source


def note(
    session: Session, act: Act, source: Source, actor: Actor, *, data: Mapping[str, Any], now: datetime
) -> None:
    """Write down what somebody did to a sender or its messages, before it is done."""
    session.add(
        Upkeep(
            id=new_id(),
            home_id=source.home_id,
            at=now,
            actor=actor.key,
            act=act,
            thing_id=source.id,
            subject_kind="source",
            subject_id=source.id,
            data=dict(data),
        )
    )
    session.flush()


def _mine(session: Session, actor: Actor, source_id: uuid.UUID) -> Source:
    source = session.scalar(
        sa.select(Source).where(Source.id == source_id, looked_after(actor)).with_for_update()
    )
    if source is None:
        raise NotFound(f"source {source_id}")
    return source
