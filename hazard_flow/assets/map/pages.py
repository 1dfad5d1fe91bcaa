"""The map's page, the panel that opens where somebody points, the list of what stands in view, and the ground an administrator hands in."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.assets.frames import FRAMES
from hazard_flow.assets.map import operations, queries, shown, viewports
from hazard_flow.assets.map.layers import Layers
from hazard_flow.errors import Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.web import forms
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading, writing
from hazard_flow.web.headers import POLICY
from hazard_flow.web.limits import uploads
from hazard_flow.web.live.hub import Hub
from hazard_flow.web.live.topics import write_markers
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.sentences import field_sentence

blueprint = Blueprint("map", __name__, template_folder="templates")

READ, GROUND = "assets.read", "rules.write"


@blueprint.get("/map")
def map_() -> Response:
    actor, at, locale = require(READ), now(), current_locale()
    with reading(actor) as session:
        laid = shown.laid_for(session, actor, is_demo=kernel().is_demo)
        layers = shown.visible(part(Layers), actor, laid)
        keys = shown.chosen(request.args, layers)
        lon, lat, zoom = viewports.read_place(request.args) or shown.opening(session, laid)
        viewport = viewports.around(lon, lat, zoom, width_px=shown.WIDTH_PX, height_px=shown.HEIGHT_PX)
        groups = shown.listed(session, layers, keys, viewport, locale, at)
    tiles = kernel().settings.MAP_TILES_URL
    response = make_response(
        render_template(
            "map/map.html",
            layers=layers,
            keys=keys,
            described=shown.described(layers, locale),
            place={"lon": lon, "lat": lat, "zoom": zoom},
            groups=groups,
            tiles=tiles,
            has_ground=laid is not None,
            is_demo_ground=kernel().is_demo and laid is not None,
            may_lay=may(actor, GROUND),
            live=_live(layers, keys),
        )
    )
    if tiles:
        origin = urlsplit(tiles)
        response.headers["Content-Security-Policy"] = POLICY.replace(
            "img-src 'self'", f"img-src 'self' {origin.scheme}://{origin.netloc.replace('{s}', '*')}"
        )
    return response


@blueprint.get("/map/list")
def in_view() -> str:
    """What stands in a viewport, as a list; with `point=1` as the panel of a place somebody points at."""
    actor, at, locale = require(READ), now(), current_locale()
    viewport = viewports.read(request.args)
    with reading(actor) as session:
        layers = shown.visible(part(Layers), actor, None)
        keys = shown.chosen(request.args, layers)
        groups = shown.listed(session, layers, keys, viewport, locale, at)
    page = "map/panel.html" if request.args.get("point") == "1" else "map/list.html"
    return render_template(page, groups=groups)


@blueprint.get("/map/ground")
def ground_form() -> str:
    actor = require(GROUND)
    with reading(actor) as session:
        return _ground_page(session, actor, ())


@blueprint.post("/map/ground")
@uploads
def hand_in() -> Response:
    actor, at = require(GROUND), now()
    given = next((one for one in forms.files() if one.field == "file"), None)
    try:
        with writing(actor) as session:
            operations.hand_in(
                session,
                actor,
                body=given.read() if given is not None else b"",
                filename=given.filename if given is not None else "",
                crs=forms.value("crs"),
                now=at,
            )
    except Refused as refused:
        with reading(actor) as session:
            return make_response(_ground_page(session, actor, refused.fields), 422)
    flash(say("map.ground.laid"), "done")
    return make_response(redirect("/map", code=303))


@blueprint.post("/map/ground/removal")
def take_away() -> Response:
    actor = require(GROUND)
    with writing(actor) as session:
        operations.remove(session, actor)
    flash(say("map.ground.removed"), "done")
    return make_response(redirect("/map/ground", code=303))


def _ground_page(session: Session, actor: Actor, faults: Any) -> str:
    homes = shown.home_ids(session)
    row = queries.ground(session, homes=homes, divisions=[h.division for h in actor.holdings])
    return render_template(
        "map/ground.html",
        row=row,
        is_own=row is not None and row.home_id in homes,
        frames=FRAMES,
        errors=[field_sentence(one, current_locale(), kernel().settings.zone) for one in faults],
    )


def _live(layers: Any, keys: Any) -> dict[str, str] | None:
    """What the page follows: the topics of its layers."""
    topics = sorted({layers[key].follows for key in keys if layers[key].follows})
    if not topics:
        return None
    markers = {name: number for name, number in part(Hub).markers().items() if name in topics}
    return {
        "href": f"/live?{urlencode([('topic', one) for one in topics])}",
        "since": write_markers(markers),
    }
