"""The four colours of an area, the notice boards, and what stands on other pages: the tile at home, the points of an asset."""

import uuid
from typing import Any

from flask import Blueprint, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.risk import queries, shown, views, waiting
from hazard_flow.risk.colours import COLOURS
from hazard_flow.risk.grading import grading
from hazard_flow.risk.pages import BOARDS_MAX, READ, WRITE, asked, one, today
from hazard_flow.risk.queries import Wanted
from hazard_flow.web.auth import require
from hazard_flow.web.context import now, reading
from hazard_flow.web.locale import current_locale

blueprint = Blueprint("risk_area", __name__)


@blueprint.get("/risk/distribution")
def distribution() -> str:
    actor, locale = require(READ), current_locale()
    wanted = asked(request.args)
    with reading(actor) as session:
        return render_template(
            "risk/distribution.html", **views.distribution(session, wanted, locale), colours=COLOURS
        )


@blueprint.get("/risk/<uuid:id_>/board")
def board(id_: uuid.UUID) -> str:
    actor, locale = require(READ), current_locale()
    with reading(actor) as session:
        boards = views.boards(session, [one(session, id_)], locale, now())
    return render_template("risk/boards.html", boards=boards, size=_size(), back=f"/risk/{id_}")


@blueprint.get("/risk/boards")
def all_boards() -> str:
    actor, locale = require(READ), current_locale()
    with reading(actor) as session:
        rules = grading()
        points = [
            point
            for point in queries.choices(session)
            if point.has_board or rules.needs_board(point.residual) or rules.needs_board(point.dynamic)
        ]
        boards = views.boards(session, points[:BOARDS_MAX], locale, now())
    return render_template("risk/boards.html", boards=boards, size=_size(), back="/risk")


def home_tile(session: Session, actor: Actor, _subject: Any, _locale: str) -> Markup | None:
    """The four colours and what waits, at home of whoever looks after risks; None where there are no points."""
    if not may(actor, READ):
        return None
    found = queries.distribution(session, Wanted())
    if not found.total:
        return None
    drawn = render_template(
        "risk/tile.html",
        found=found,
        index=found.index(grading()),
        due=waiting.due(session, now()),
        colours=COLOURS,
    )
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def asset_panel(session: Session, actor: Actor, asset: Any, locale: str) -> Markup | None:
    """The risk points at an asset, on the asset's page."""
    if not may(actor, READ):
        return None
    points = queries.choices(session, asset_id=asset.id)
    rows = shown.rows(session, points, locale=locale, today=today())
    if not rows and not may(actor, WRITE):
        return None
    drawn = render_template("risk/asset.html", rows=rows, asset_code=asset.code, may_write=may(actor, WRITE))
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def due_count(session: Session, actor: Actor) -> int:
    """What waits for people; the number in the rail."""
    return waiting.due(session, now()).total if may(actor, WRITE) else 0


def _size() -> str:
    return "a3" if request.args.get("size") == "a3" else "a4"
