"""What a check found becomes a hazard, through the door; one that is known already is not reported a second time."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.catalogue import rows as catalogue
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards import operations
from hazard_flow.hazards.changes import Act, Offline
from hazard_flow.hazards.door import apply
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.storage.unit import scope_of_session

#: urgencies of an ordinary report; a major has its own way
_URGENCIES = ("A", "B", "C")


def open_hazard(
    session: Session,
    actor: Actor,
    asset: Asset,
    catalogue_code: str,
    data: Mapping[str, Any],
    evidence: Sequence[EvidenceItem],
    request_key: str,
    now: datetime,
    *,
    source: str = "patrol",
    offline: Offline | None = None,
) -> Hazard:
    """A failed answer as a hazard at its asset: `data` as the report form has it (`description`, …); evidence of stage `report`.

    Level and urgency are the catalogue's where `data` does not say. The same request key again gives the same hazard. Raises what the
    door raises.
    """
    row = catalogue.row(catalogue_code) if catalogue_code else None
    filled: dict[str, Any] = {}
    if row is not None:
        filled["catalogue_code"] = row.code
        if row.urgency in _URGENCIES:
            filled["suspected_urgency"] = row.urgency
    outcome = operations.report(
        session,
        actor=actor,
        request_key=request_key,
        data={**filled, **data},
        now=now,
        evidence=tuple(evidence),
        source=source,
        asset_id=asset.id,
        offline=offline,
    )
    assert outcome.hazard is not None
    return outcome.hazard


def known_hazard(session: Session, asset: Asset, catalogue_code: str) -> Hazard | None:
    """The open hazard of the same kind at the same place, if the scope reaches one: what is found every day is one hazard."""
    if not catalogue_code:
        return None
    scope = scope_of_session(session)
    return session.scalars(
        sa.select(Hazard)
        .where(
            Hazard.asset_id == asset.id,
            Hazard.catalogue_code == catalogue_code,
            Hazard.closed_at.is_(None),
            scope.where(Hazard.path, Hazard.division, Hazard.parties),
        )
        .order_by(Hazard.reported_at)
    ).first()


def fix_on_the_spot(
    session: Session,
    actor: Actor,
    hazard_id: uuid.UUID,
    *,
    measures: str,
    completed_at: datetime,
    after: Sequence[EvidenceItem],
    request_key: str,
    now: datetime,
    offline: Offline | None = None,
) -> bool:
    """Mended while standing there: the workflow's own way, for urgency B and C, to be confirmed by a second person.

    False where the workflow refuses it (too urgent, photos too close, not this person's to do): the hazard then goes the ordinary way.
    """
    change = Act(
        hazard_id=hazard_id,
        action="fix_on_site",
        actor=actor,
        request_key=request_key,
        data={"completed_at": completed_at.isoformat(), "measures_done": measures},
        evidence=tuple(after),
        offline=offline,
    )
    [outcome] = apply(session, [change], now)
    return outcome.error is None
