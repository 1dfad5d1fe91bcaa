"""The JSON API of assets."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from hazard_flow.assets import operations, queries, writing
from hazard_flow.assets.asking import IN_USE, SEARCH_LENGTH_MAX, wanted
from hazard_flow.assets.kinds import kind_book
from hazard_flow.assets.models import Asset, AssetChange
from hazard_flow.errors import BadRequest, FieldError, NotAllowed, NotFound, VersionConflict
from hazard_flow.storage.json_text import from_json
from hazard_flow.web import api, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import now, reading
from hazard_flow.web.context import writing as writing_session
from hazard_flow.web.openapi import CURSOR, IDEMPOTENCY, IF_MATCH, Listed, Parameter, operation

blueprint = Blueprint("assets_api", __name__, url_prefix=api.PREFIX)

READ = "assets.read"


class AssetView(BaseModel):
    """An asset; `details` are the attributes of its kind."""

    id: str
    code: str
    kind: str
    name_zh: str
    name_en: str
    address: str
    division: str
    organisation: str
    lon: float | None
    lat: float | None
    crs: str
    accuracy_m: float | None
    details: dict[str, Any]
    in_use: bool
    version: int


class WholeAssetView(AssetView):
    """One asset with its shape, which stays in the frame it was given in."""

    geometry: dict[str, Any] | None
    box_wgs84: list[float] | None = Field(description="West, south, east, north")
    source: str
    created_at: datetime
    ended_at: datetime | None


class ChangeView(BaseModel):
    """One correction: field → [before, after]; of a personal field an empty list."""

    at: datetime
    person: str | None
    source: str
    changes: dict[str, Any]


class Particulars(BaseModel):
    """What is said of an asset; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name_zh: str | None = None
    name_en: str | None = None
    address: str | None = None
    organisation: str | None = Field(None, description="Credit code, full name or id of a unit of yours")
    division: str | None = None
    lon: float | None = None
    lat: float | None = None
    crs: str | None = Field(None, description="WGS84, CGCS2000 or GCJ02; needed with a place")
    accuracy_m: float | None = None
    geometry: dict[str, Any] | None = Field(None, description="A GeoJSON geometry")
    details: dict[str, Any] = Field(default_factory=dict)
    personal: dict[str, str] = Field(
        default_factory=dict, description="Kept apart: name, phone, flat of a user"
    )


class NewAsset(Particulars):
    """A new asset."""

    code: str
    kind: str


class Correction(Particulars):
    """A correction, or out of use and back."""

    kind: str | None = None
    in_use: bool | None = None
    expected_version: int | None = None


def view(asset: Asset) -> AssetView:
    """The asset as lists show it."""
    return AssetView(**_plain(asset))


def whole(asset: Asset) -> WholeAssetView:
    """The asset as it is shown alone."""
    return WholeAssetView(
        **_plain(asset),
        geometry=from_json(asset.geometry) if asset.geometry else None,
        box_wgs84=None
        if asset.west is None
        else [v for v in (asset.west, asset.south, asset.east, asset.north) if v is not None],
        source=asset.source,
        created_at=asset.created_at,
        ended_at=asset.ended_at,
    )


def _plain(asset: Asset) -> dict[str, Any]:
    same = (
        "code", "kind", "name_zh", "name_en", "address", "division", "lon", "lat", "crs", "accuracy_m", "details", "version",
    )  # fmt: skip
    return {
        **{name: getattr(asset, name) for name in same},
        "id": str(asset.id),
        "organisation": str(asset.organisation_id),
        "in_use": asset.ended_at is None,
    }


@blueprint.get("/assets")
@operation(
    summary="Assets within scope, oldest first; those in use where nothing else is asked",
    responses={200: Listed(AssetView)},
    parameters=(
        Parameter("q", "Part of code, name or address", {"type": "string", "maxLength": SEARCH_LENGTH_MAX}),
        Parameter("kind", "Kind of asset", {"type": "string", "enum": list(kind_book().kinds)}),
        Parameter("division", "Division and those below it", {"type": "string", "pattern": "^[0-9]{2,12}$"}),
        Parameter("tier", "Pressure tier", {"type": "string", "enum": list(kind_book().attributes["pressure_tier"].choices or ())}),
        Parameter("user_type", "Type of user", {"type": "string", "enum": list(kind_book().attributes["user_type"].choices or ())}),
        Parameter("in_use", "yes, no or all", {"type": "string", "enum": list(IN_USE), "default": "yes"}),
        *CURSOR,
    ),
    tags=["assets"],
)  # fmt: skip
def listing() -> Response:
    actor = require(READ)
    cursor, limit = paging.asked()
    asked = wanted(request.args)
    with reading(actor) as session:
        return api.envelope(queries.page(session, cursor=cursor, limit=limit, wanted=asked), view)


@blueprint.post("/assets")
@operation(
    summary="Enter an asset; the same body again is the same asset",
    request=NewAsset,
    responses={201: WholeAssetView},
    parameters=(IDEMPOTENCY,),
    tags=["assets"],
)
def enter() -> Response:
    actor = require(writing.WRITE)
    body = api.read_model(NewAsset)
    api.request_key()  # judged; the asset's own code is what makes a request that comes twice one effect
    with writing_session(actor) as session:
        asset = writing.enter(session, actor, _given(body), now=now())
        answer = whole(asset)
    return api.answer(answer, status=201)


@blueprint.get("/assets/<code>")
@operation(
    summary="One asset by the enterprise's own code, or by its id",
    responses={200: WholeAssetView},
    tags=["assets"],
)
def show(code: str) -> Response:
    actor = require(READ)
    with reading(actor) as session:
        return api.answer(whole(_one(session, code)))


@blueprint.patch("/assets/<code>")
@operation(
    summary="Correct an asset, put it out of use or take it back",
    request=Correction,
    responses={200: WholeAssetView},
    parameters=(IDEMPOTENCY, IF_MATCH),
    tags=["assets"],
)
def correct(code: str) -> Response:
    actor = require(writing.WRITE)
    body = api.read_model(Correction)
    api.request_key()
    with writing_session(actor) as session:
        asset = _one(session, code)
        if not writing.may_write(actor, asset):
            raise NotAllowed(writing.WRITE, right=writing.WRITE)
        try:
            expected = api.expected_version(body.expected_version)
            writing.correct(session, actor, asset, _given(body), now=now(), expected_version=expected)
        except VersionConflict as conflict:
            conflict.params["current"] = whole(asset).model_dump(mode="json")
            raise
        if body.in_use is False:
            operations.put_out_of_use(session, asset, now=now(), by=actor.id)
        elif body.in_use:
            operations.take_back_into_use(session, asset, now=now(), by=actor.id)
        answer = whole(asset)
    return api.answer(answer)


@blueprint.get("/assets/<code>/changes")
@operation(
    summary="What was corrected, the newest first", responses={200: Listed(ChangeView)}, tags=["assets"]
)
def changes(code: str) -> Response:
    actor = require(READ)
    with reading(actor) as session:
        found = queries.changes(session, _one(session, code).id, limit=200)
        return api.listing([_change(one) for one in found])


def _change(one: AssetChange) -> ChangeView:
    return ChangeView(
        at=one.at,
        person=str(one.person_id) if one.person_id else None,
        source=one.source,
        changes=one.changes,
    )


def _given(body: Particulars) -> dict[str, Any]:
    """The body as one flat set of names, as a row of a file is."""
    said = body.model_dump(exclude_unset=True, exclude={"in_use", "expected_version", "details", "personal"})
    twice = (body.details.keys() | body.personal.keys()) & (
        set(AssetView.model_fields) | {"geometry", "in_use", "expected_version"}
    )
    if twice:
        raise BadRequest("details", fields=[FieldError(name, "unknown_field") for name in sorted(twice)])
    return {**said, **body.details, **body.personal}


def _one(session: Session, code: str) -> Asset:
    asset = queries.by_code_or_id(session, code)
    if asset is None:
        raise NotFound(f"asset {code}")
    return asset
