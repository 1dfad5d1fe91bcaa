"""The JSON API of assets."""

from flask import Blueprint, Response, request
from pydantic import BaseModel

from hazard_flow.assets import queries
from hazard_flow.assets.models import Asset
from hazard_flow.errors import NotFound
from hazard_flow.web import api, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import reading
from hazard_flow.web.openapi import CURSOR, Listed, Parameter, operation

blueprint = Blueprint("assets_api", __name__, url_prefix=api.PREFIX)


class AssetView(BaseModel):
    """An asset."""

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


def view(asset: Asset) -> AssetView:
    """The asset as the API shows it."""
    plain = {name: getattr(asset, name) for name in AssetView.model_fields.keys() - {"id", "organisation"}}
    return AssetView(id=str(asset.id), organisation=str(asset.organisation_id), **plain)


@blueprint.get("/assets")
@operation(
    summary="Assets within scope, oldest first",
    responses={200: Listed(AssetView)},
    parameters=(
        Parameter("q", "Part of code or name", {"type": "string", "maxLength": 100}),
        Parameter("kind", "Kind of asset", {"type": "string"}),
        *CURSOR,
    ),
    tags=["assets"],
)
def listing() -> Response:
    actor = require("assets.read")
    cursor, limit = paging.asked()
    with reading(actor) as session:
        found = queries.page(
            session,
            cursor=cursor,
            limit=limit,
            q=request.args.get("q", "")[:100],
            kind=request.args.get("kind", ""),
        )
        return api.envelope(found, view)


@blueprint.get("/assets/<code>")
@operation(summary="One asset by the enterprise's own code", responses={200: AssetView}, tags=["assets"])
def show(code: str) -> Response:
    actor = require("assets.read")
    with reading(actor) as session:
        asset = queries.by_code(session, code)
        if asset is None:
            raise NotFound(f"asset {code}")
        return api.answer(view(asset))
