"""What goes wrong at a site: the crew is told to stop, a pipe is hit."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.errors import FieldError, Refused
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import demand
from hazard_flow.inspections import findings
from hazard_flow.inspections.construction.models import ConstructionSite
from hazard_flow.inspections.construction.register import (
    DAMAGE,
    NOTE_LENGTH_MAX,
    WRITE,
    known_step,
    note_step,
)


def stop_work(
    session: Session,
    site: ConstructionSite,
    *,
    note: str,
    evidence: Sequence[EvidenceItem],
    actor: Actor,
    request_key: str,
    now: datetime,
) -> None:
    """The operator asked the crew to stop; whether they did is the hazard's own story, its control `STOP_WORK`."""
    demand(actor, WRITE)
    if known_step(session, site, "stop_work", request_key) is None:
        if not note.strip():
            raise Refused(fields=[FieldError("note", "required")])
        said = {"note": note.strip()[:NOTE_LENGTH_MAX]}
        note_step(session, site, "stop_work", said, evidence, actor=actor, request_key=request_key, now=now)


def damage(
    session: Session,
    site: ConstructionSite,
    *,
    description: str,
    evidence: Sequence[EvidenceItem],
    leak: Mapping[str, Any],
    actor: Actor,
    request_key: str,
    now: datetime,
) -> Hazard:
    """A pipe, its coating or a fitting was hit (TPC-G04): the hazard goes through the door at once; an accident is recorded elsewhere."""
    demand(actor, WRITE)
    if len(description.strip()) < 5:
        raise Refused(fields=[FieldError("description", "too_short", {"at_least": 5})])
    asset = session.get_one(Asset, site.asset_id)
    data = {"description": description.strip(), "found_at": now.isoformat(), **leak}
    hazard = findings.open_hazard(session, actor, asset, DAMAGE, data, evidence, f"{request_key}:damage", now)
    if known_step(session, site, "damage", request_key) is None:
        note_step(session, site, "damage", {"hazard": hazard.number}, evidence, actor=actor, request_key=request_key, now=now)  # fmt: skip
    return hazard
