"""The pages of assets: the register, one asset, its form, files in and out, and sheets of labels."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.assets import form, operations, queries, shown, writing
from hazard_flow.assets.asking import wanted
from hazard_flow.assets.kinds import AssetKind, asset_kinds, kind_book, kind_of
from hazard_flow.assets.models import Asset
from hazard_flow.assets.owners import divisions
from hazard_flow.assets.queries import Wanted
from hazard_flow.errors import BadRequest, Conflict, FieldError, NotAllowed, NotFound, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.queries import division_labels, names, organisation_labels
from hazard_flow.identity.rights import may
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import public, require, signed_in
from hazard_flow.web.context import kernel, now, reading
from hazard_flow.web.context import writing as transaction
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.tls.qr import qr_image
from hazard_flow.web.views import Kpi

blueprint = Blueprint("assets", __name__, template_folder="templates")

READ = "assets.read"
#: on a sheet of A4: three columns of eight
LABELS_ON_SHEET = 24
SHEETS_MAX = 8


@blueprint.get("/assets")
def listing() -> str:
    actor, locale = require(READ), current_locale()
    cursor, limit = paging.asked()
    with reading(actor) as session:
        asked, unit = _asked(session)
        page = queries.page(session, cursor=cursor, limit=limit, wanted=asked)
        counts = queries.counts(session, asked)
        units = organisation_labels(session, (one.organisation_id for one in page.items))
        places = division_labels(session)
    total = sum(counts.values())
    is_filtered = asked != Wanted() or unit is not None
    return render_template(
        "assets/list.html",
        rows=page.items,
        kind_of=kind_of,
        subtitle={one.id: shown.subtitle(one, locale) for one in page.items},
        units=units,
        places=places,
        page=paging.links(page, total=counts.get(asked.kind, 0) if asked.kind else total),
        wanted=asked,
        unit=unit,
        kpis=_kpis(counts, asked),
        total=total,
        attributes=kind_book().attributes,
        is_filtered=is_filtered,
        may_write=may(actor, writing.WRITE),
        query=request.query_string.decode("ascii", "ignore"),
    )


@blueprint.get("/assets/<uuid:id_>")
def show(id_: uuid.UUID) -> str:
    actor, locale = require(READ), current_locale()
    with reading(actor) as session:
        asset = _one(session, id_)
        found = queries.changes(session, id_)
        units = organisation_labels(session, [asset.organisation_id, *_units_in(found)])
        people = names(session, [one.person_id for one in found if one.person_id])
        # the flat and the telephone number are for those who work there, not for everybody of the enterprise
        is_close = actor.scope.sees(path=asset.path, division=asset.division)
        personal = operations.personal_text(session, asset) if is_close else None
        kind = kind_of(asset.kind)
        return render_template(
            "assets/show.html",
            one=asset,
            kind=kind,
            facts=shown.facts(asset, locale),
            personal=shown.personal_facts(kind, personal, locale),
            hides_personal=asset.personal_digest is not None and not is_close,
            sketch=shown.sketch(asset),
            corrections=shown.corrections(
                found, people, {str(key): unit.label.in_(locale) for key, unit in units.items()}, locale
            ),
            unit=units.get(asset.organisation_id),
            place=division_labels(session).get(asset.division),
            panels=kernel().panels.pieces("asset", session, actor, asset, locale),
            qr=qr_image(label_address(asset)),
            may_write=writing.may_write(actor, asset),
            may_report=may(actor, "hazards.report"),
        )


@blueprint.get("/assets/<code>")
def by_code(code: str) -> Response:
    """Where an older label, or somebody who knows the code, leads."""
    actor = require(READ)
    with reading(actor) as session:
        asset = queries.by_code(session, code)
    if asset is None:
        raise NotFound(f"asset {code}")
    return make_response(redirect(f"/assets/{asset.id}", code=303))


@blueprint.get("/a/<key>")
@public
def label(key: str) -> Response:
    """Where a scanned label leads: its people to the asset, everybody else to a way of reporting."""
    actor = signed_in()
    if actor is not None and may(actor, READ):
        with reading(actor) as session:
            asset = queries.by_label_key(session, key)
        if asset is not None:
            return make_response(redirect(f"/assets/{asset.id}", code=303))
    return make_response(redirect(f"/r/{quote(key, safe='')}", code=303))


@blueprint.get("/assets/new")
def new() -> str:
    actor = require(writing.WRITE)
    key = request.args.get("kind", "")
    if not key:
        return render_template("assets/choose.html", kinds=asset_kinds().values())
    with reading(actor) as session:
        return _form(session, actor, _kind(key), None, {}, ())


@blueprint.post("/assets")
def enter() -> Response:
    actor = require(writing.WRITE)
    kind = _kind(forms.value("kind"))
    given = _given(kind)
    try:
        with transaction(actor) as session:
            asset = writing.enter(session, actor, given, now=now())
            id_ = asset.id
    except (Refused, Conflict) as refused:
        with reading(actor) as session:
            page = _form(session, actor, kind, None, given, refused.fields)
        return make_response(page, refused.status)
    flash(say("assets.form.entered"), "done")
    return make_response(redirect(f"/assets/{id_}", code=303))


@blueprint.get("/assets/<uuid:id_>/edit")
def edit(id_: uuid.UUID) -> str:
    actor = require(writing.WRITE)
    with reading(actor) as session:
        asset = _mine(session, actor, id_)
        kind = _kind(request.args.get("kind", "") or asset.kind)
        given = form.stored(asset, operations.personal_text(session, asset))
        return _form(session, actor, kind, asset, given, ())


@blueprint.post("/assets/<uuid:id_>")
def correct(id_: uuid.UUID) -> Response:
    actor = require(writing.WRITE)
    kind = _kind(forms.value("kind"))
    given = _given(kind)
    try:
        with transaction(actor) as session:
            asset = _mine(session, actor, id_)
            writing.correct(
                session, actor, asset, given, now=now(), expected_version=forms.expected_version()
            )
    except Refused as refused:
        with reading(actor) as session:
            page = _form(session, actor, kind, _mine(session, actor, id_), given, refused.fields)
        return make_response(page, refused.status)
    flash(say("assets.form.corrected"), "done")
    return make_response(redirect(f"/assets/{id_}", code=303))


@blueprint.post("/assets/<uuid:id_>/use")
def use(id_: uuid.UUID) -> Response:
    """Out of use, or back."""
    actor = require(writing.WRITE)
    to = forms.value("to")
    if to not in ("yes", "no"):
        raise BadRequest("to", fields=[FieldError("to", "not_a_choice", {"choices": "yes, no"})])
    with transaction(actor) as session:
        asset = _mine(session, actor, id_)
        if to == "no":
            operations.put_out_of_use(session, asset, now=now(), by=actor.id)
        else:
            operations.take_back_into_use(session, asset, now=now(), by=actor.id)
    flash(say("assets.use.done" if to == "no" else "assets.use.undone"), "done")
    return make_response(redirect(f"/assets/{id_}", code=303))


@blueprint.get("/assets/labels")
def labels() -> str:
    actor = require(READ)
    cursor = request.args.get("cursor") or None
    with reading(actor) as session:
        asked, _ = _asked(session)
        page = queries.page(session, cursor=cursor, limit=LABELS_ON_SHEET * SHEETS_MAX, wanted=asked)
        units = organisation_labels(session, (one.organisation_id for one in page.items))
    sheets = [
        page.items[start : start + LABELS_ON_SHEET] for start in range(0, len(page.items), LABELS_ON_SHEET)
    ]
    return render_template(
        "assets/labels.html",
        sheets=sheets,
        count=len(page.items),
        qr={one.id: qr_image(label_address(one)) for one in page.items},
        kind_of=kind_of,
        units=units,
        page=paging.links(page),
        query=request.query_string.decode("ascii", "ignore"),
    )


def label_address(asset: Asset) -> str:
    """What stands in an asset's QR code. The code behind `#` never reaches the server; it is for the field app, which knows it offline."""
    return f"{kernel().settings.PUBLIC_URL.rstrip('/')}/a/{asset.label_key}#{quote(asset.code, safe='')}"


def _asked(session: Session) -> tuple[Wanted, Organisation | None]:
    """The filters of the address, and the unit among them."""
    unit = None
    if raw := request.args.get("organisation", ""):
        try:
            unit = organisation_labels(session, [uuid.UUID(raw)]).get(uuid.UUID(raw))
        except ValueError as error:
            raise BadRequest("organisation", fields=[FieldError("organisation", "not_an_id")]) from error
        if unit is None:
            raise NotFound("organisation")
    return wanted(request.args, path=unit.path if unit else ""), unit


def _kpis(counts: Mapping[str, int], asked: Wanted) -> list[Kpi]:
    chosen = say("assets.list.chosen")
    locale = current_locale()
    return [
        Kpi(
            kind.label.in_(locale),
            f"{counts[key]:,}",
            href="/assets" if asked.kind == key else f"/assets?kind={key}",
            tone="strong" if asked.kind == key else "plain",
            note=chosen if asked.kind == key else "",
        )
        for key, kind in asset_kinds().items()
        if counts.get(key)
    ]


def _kind(key: str) -> AssetKind:
    kind = asset_kinds().get(key)
    if kind is None:
        raise BadRequest("kind", fields=[FieldError("kind", "unknown_choice", {"value": key[:60]})])
    return kind


def _given(kind: AssetKind) -> dict[str, str]:
    return {
        **{name: forms.value(name) for name in form.names(kind) if name in request.form},
        "kind": kind.key,
    }


def _form(
    session: Session,
    actor: Actor,
    kind: AssetKind,
    asset: Asset | None,
    given: Mapping[str, str],
    faults: Sequence[FieldError],
) -> str:
    units = writing.owners(session, actor)
    if asset is None and units:
        given = {"organisation": str(units[0].id), **given}
    drawn = form.Form(given, faults, locale=current_locale(), zone=kernel().settings.zone)
    return render_template(
        "assets/form.html",
        one=asset,
        kind=kind,
        kinds=asset_kinds().values(),
        common=drawn.common(kind, units, divisions(session).values(), is_new=asset is None),
        attributes=drawn.attributes(kind),
        personal=drawn.personal(kind),
        errors=drawn.errors(kind),
    )


def _one(session: Session, id_: uuid.UUID) -> Asset:
    asset = queries.by_id(session, id_)
    if asset is None:
        raise NotFound(f"asset {id_}")
    return asset


def _mine(session: Session, actor: Actor, id_: uuid.UUID) -> Asset:
    asset = _one(session, id_)
    if not writing.may_write(actor, asset):
        raise NotAllowed(writing.WRITE, right=writing.WRITE)
    return asset


def _units_in(found: Sequence[Any]) -> list[uuid.UUID]:
    ids = [value for one in found for value in one.changes.get("organisation_id", ()) if value]
    return [uuid.UUID(str(one)) for one in ids]
