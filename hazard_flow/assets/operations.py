"""Writes: assets come in here."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import ASSET_KINDS, Asset
from hazard_flow.errors import Conflict, FieldError, Refused
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation


def add_asset(
    session: Session,
    *,
    organisation: Organisation,
    code: str,
    kind: str,
    label: Label,
    now: datetime,
    address: str = "",
    lon: float | None = None,
    lat: float | None = None,
    crs: str = "WGS84",
    division: str | None = None,
) -> Asset:
    """An asset of an enterprise; `code` is the enterprise's own and unique within it."""
    problems = []
    if kind not in ASSET_KINDS:
        problems.append(FieldError("kind", "unknown_choice", {"value": kind}))
    if lon is not None and not -180 <= lon <= 180:
        problems.append(FieldError("lon", "out_of_range", {"minimum": -180, "maximum": 180}))
    if lat is not None and not -90 <= lat <= 90:
        problems.append(FieldError("lat", "out_of_range", {"minimum": -90, "maximum": 90}))
    if problems:
        raise Refused(fields=problems)
    if session.scalar(sa.select(Asset.id).where(Asset.home_id == organisation.root_id, Asset.code == code)):
        raise Conflict("code taken", fields=[FieldError("code", "taken")])
    asset = Asset(
        home_id=organisation.root_id,
        organisation_id=organisation.id,
        path=organisation.path,
        division=division or organisation.division,
        code=code,
        kind=kind,
        name_zh=label.zh,
        name_en=label.en,
        address=address,
        lon=lon,
        lat=lat,
        crs=crs,
        created_at=now,
    )
    session.add(asset)
    session.flush()
    return asset
