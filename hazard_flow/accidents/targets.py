"""Whose accident it is, and what it is linked to: places, hazards and alerts by the names people use."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.accidents.models import LINKS, Accident, AccidentLink
from hazard_flow.assets import queries as assets
from hazard_flow.assets.models import Asset
from hazard_flow.errors import FieldError
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.queries import within
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.telemetry.models import Alert


def add_link(
    session: Session,
    accident: Accident,
    kind: str,
    target: uuid.UUID,
    now: datetime,
    *,
    is_origin: bool = False,
) -> None:
    """Write a link down."""
    session.add(
        AccidentLink(accident_id=accident.id, kind=kind, target_id=target, is_origin=is_origin, linked_at=now)
    )


def target_of(session: Session, kind: str, target: str, faults: list[FieldError]) -> uuid.UUID | None:
    """The id behind a name of this kind, within reach; what is wrong is added to the faults."""
    if kind == "hazard":
        hazard = hazard_of(session, target, faults, name="target")
        return hazard.id if hazard else None
    if kind == "asset":
        asset = asset_of(session, target, faults, name="target")
        return asset.id if asset else None
    if kind == "alert":
        try:
            alert = session.get(Alert, uuid.UUID(target))
        except ValueError:
            alert = None
        site = session.get(Asset, alert.site_id) if alert else None
        if (
            alert is not None
            and site is not None
            and scope_of_session(session).sees(path=site.path, division=site.division)
        ):
            return alert.id
        faults.append(FieldError("target", "unknown_alert"))
        return None
    faults.append(FieldError("kind", "not_a_choice", {"choices": ", ".join(LINKS)}))
    return None


def hazard_of(
    session: Session, number: str, faults: list[FieldError], *, name: str = "hazard"
) -> Hazard | None:
    """The hazard of this number, within reach."""
    seen = scope_of_session(session).where(Hazard.path, Hazard.division, Hazard.parties)
    found = session.scalar(sa.select(Hazard).where(Hazard.number == number.strip().upper()[:60], seen))
    if found is None:
        faults.append(FieldError(name, "hazard_unknown"))
    return found


def asset_of(session: Session, code: str, faults: list[FieldError], *, name: str = "asset") -> Asset | None:
    """The asset of this code or id, within reach; None for an empty one."""
    found = assets.by_code_or_id(session, code.strip()[:80]) if code.strip() else None
    if code.strip() and found is None:
        faults.append(FieldError(name, "unknown_asset", {"value": code[:80]}))
    return found


def unit_of(
    session: Session,
    actor: Actor,
    asset: Asset | None,
    origin: Hazard | None,
    organisation: str,
    faults: list[FieldError],
) -> Organisation | None:
    """Whose accident it is: of the place where one is named, else of the hazard, else the unit given, else the registrar's own.

    Somebody of one team may enter what happened at another's place: it then belongs to the unit they can see.
    """
    scope, wanted = scope_of_session(session), None
    if asset is not None:
        wanted = asset.organisation_id
    elif origin is not None:
        wanted = origin.organisation_id
    elif organisation:
        try:
            wanted = session.scalar(
                sa.select(Organisation.id).where(Organisation.id == uuid.UUID(organisation), within(scope))
            )
        except ValueError:
            wanted = None
        if wanted is None:
            faults.append(FieldError("organisation", "unknown_choice", {"value": organisation[:40]}))
            return None
    unit = session.get(Organisation, wanted) if wanted else None
    if unit is not None and scope.sees(path=unit.path, division=unit.division):
        return unit
    own = [h for h in actor.holdings if not h.regulator and h.role != "administrator"]
    if not own:
        faults.append(FieldError("organisation", "required"))
        return None
    return session.get(Organisation, own[0].organisation_id)
