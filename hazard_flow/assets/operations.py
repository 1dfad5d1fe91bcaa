"""Writes: an asset is entered, corrected, put out of use and taken back. Files have a way of their own (`importing`), by the same rules."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.kinds import AssetKind, asset_kinds, kind_of
from hazard_flow.assets.merging import BOX, SAID, Merged, fresh, merged
from hazard_flow.assets.models import Asset, AssetChange
from hazard_flow.assets.particulars import Wrong, code_of, judge
from hazard_flow.errors import Conflict, FieldError, Refused, VersionConflict
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation, Personal
from hazard_flow.identity.operations import keep_personal


def enter(
    session: Session,
    organisation: Organisation,
    given: Mapping[str, Any],
    *,
    now: datetime,
    by: uuid.UUID | None,
    crs: str = "",
) -> Asset:
    """A new asset of a unit from the fields of a form or an API body.

    Raises Refused with everything wrong; Conflict where the enterprise has an asset with this code.
    """
    code, kind, made, faults = _judged(given, crs)
    if faults or kind is None or made is None:
        raise Refused(fields=faults)
    _demand_free(session, organisation, code)
    asset = Asset(
        home_id=organisation.root_id,
        organisation_id=organisation.id,
        path=organisation.path,
        division=organisation.division,
        code=code,
        kind=kind.key,
        created_at=now,
        **made.columns,
    )
    session.add(asset)
    session.flush()
    _keep(session, asset, made.personal)
    _note(session, asset, {"entered": [None, code]}, now=now, by=by)
    return asset


def faults_of(given: Mapping[str, Any], *, crs: str = "") -> list[FieldError]:
    """Everything wrong with a new asset that can be seen without looking at what is stored."""
    return _judged(given, crs)[3]


def correct(
    session: Session,
    asset: Asset,
    given: Mapping[str, Any],
    *,
    now: datetime,
    by: uuid.UUID | None,
    organisation: Organisation | None = None,
    expected_version: int | None = None,
    crs: str = "",
) -> bool:
    """Other particulars of an asset; what is not named stays. Its code is what the enterprise calls it by and stays too.

    True where something changed. Raises VersionConflict where somebody else was first, Refused with everything wrong.
    """
    if expected_version is not None and expected_version != asset.version:
        raise VersionConflict("the asset has moved on", current=asset.version)
    kind, faults = _kind({"kind": asset.kind, **given})
    if kind is None:
        raise Refused(fields=faults)
    said, more = judge(given, kind, crs=crs or asset.crs)
    said.columns["kind"] = kind.key
    if organisation is not None:
        said.columns["organisation_id"] = organisation.id
    if given.get("division"):
        said.columns["division"] = str(given["division"])
    done, missing = merged(_stored(asset), personal_text(session, asset), kind, said)
    faults += [*more, *_unsaid(missing, more)]
    if faults:
        raise Refused(fields=faults)
    if not done.changes:
        return False
    for name, value in done.columns.items():
        setattr(asset, name, value)
    if organisation is not None:
        asset.path = organisation.path
    if done.personal is not None:
        _keep(session, asset, done.personal)
    asset.version += 1
    _note(session, asset, _told(done.changes), now=now, by=by)
    return True


def put_out_of_use(session: Session, asset: Asset, *, now: datetime, by: uuid.UUID | None) -> bool:
    """It is no longer there; open hazards at it stay open. True unless it was out of use already."""
    if asset.ended_at is not None:
        return False
    asset.ended_at, asset.version = now, asset.version + 1
    _note(session, asset, {"in_use": [True, False]}, now=now, by=by)
    return True


def take_back_into_use(session: Session, asset: Asset, *, now: datetime, by: uuid.UUID | None) -> bool:
    """It is there after all, or again."""
    if asset.ended_at is None:
        return False
    asset.ended_at, asset.version = None, asset.version + 1
    _note(session, asset, {"in_use": [False, True]}, now=now, by=by)
    return True


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
    details: Mapping[str, Any] | None = None,
    geometry: Any = None,
) -> Asset:
    """An asset out of values of our own making, such as a simulated city's: no one corrects it yet, and nothing is needed of its kind.

    `geometry` is GeoJSON or WKT. `code` is the enterprise's own and unique within it. Raises what `enter` raises.
    """
    faults = [] if kind in asset_kinds() else [FieldError("kind", "unknown_choice", {"value": kind})]
    place = {"crs": crs, "lon": lon, "lat": lat, "geometry": geometry}
    said, wrong = judge(
        {"name_zh": label.zh, "name_en": label.en, "address": address, **place, **(details or {})},
        kind_of(kind),
    )
    if faults or wrong:
        raise Refused(fields=[*faults, *wrong])
    _demand_free(session, organisation, code)
    made, _ = fresh(code, kind_of(kind), said)
    asset = Asset(
        home_id=organisation.root_id,
        organisation_id=organisation.id,
        path=organisation.path,
        division=division or organisation.division,
        code=code,
        kind=kind,
        created_at=now,
        **made.columns,
    )
    session.add(asset)
    session.flush()
    return asset


def personal_text(session: Session, asset: Asset) -> str | None:
    """The personal values of an asset as one text; None where there are none, they were erased, or the scope hides them."""
    if asset.personal_digest is None:
        return None
    return session.scalar(sa.select(Personal.value).where(Personal.digest == asset.personal_digest))


def _judged(
    given: Mapping[str, Any], crs: str
) -> tuple[str, AssetKind | None, Merged | None, list[FieldError]]:
    kind, faults = _kind(given)
    code, made = "", None
    try:
        code = code_of(given.get("code"))
    except Wrong as wrong:
        faults.append(FieldError("code", wrong.code, wrong.params))
    if kind is not None:
        said, more = judge(given, kind, crs=crs)
        made, missing = fresh(code, kind, said)
        faults += [*more, *_unsaid(missing, more)]
    return code, kind, made, faults


def _kind(given: Mapping[str, Any]) -> tuple[AssetKind | None, list[FieldError]]:
    word = given.get("kind")
    if not word:
        return None, [FieldError("kind", "required")]
    kind = asset_kinds().get(str(word))
    return kind, [] if kind else [FieldError("kind", "unknown_choice", {"value": str(word)[:60]})]


def _unsaid(missing: Any, faults: list[FieldError]) -> list[FieldError]:
    """What is needed and was not given; what was given wrong is told once."""
    wrong = {fault.field for fault in faults}
    return [one for one in missing if one.field not in wrong]


def _demand_free(session: Session, organisation: Organisation, code: str) -> None:
    taken = sa.select(Asset.id).where(Asset.home_id == organisation.root_id, Asset.code == code)
    if session.scalar(taken):
        raise Conflict("code taken", fields=[FieldError("code", "taken")])


def _stored(asset: Asset) -> dict[str, Any]:
    return {name: getattr(asset, name) for name in (*SAID, *BOX, "details")}


def _keep(session: Session, asset: Asset, personal: str | None) -> None:
    """The values replace those before, which are deleted: nobody needs an old telephone number, and no event names it."""
    if personal is None:
        return
    if asset.personal_digest is not None:
        session.execute(sa.delete(Personal).where(Personal.digest == asset.personal_digest))
    asset.personal_digest = (
        keep_personal(session, value=personal, subject_id=asset.id, path=asset.path, division=asset.division)
        if personal
        else None
    )


def _told(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: [str(one) if isinstance(one, uuid.UUID) else one for one in pair]
        for name, pair in changes.items()
    }


def _note(
    session: Session, asset: Asset, changes: dict[str, Any], *, now: datetime, by: uuid.UUID | None
) -> None:
    session.add(
        AssetChange(
            home_id=asset.home_id,
            organisation_id=asset.organisation_id,
            path=asset.path,
            division=asset.division,
            asset_id=asset.id,
            at=now,
            person_id=by,
            changes=changes,
        )
    )
