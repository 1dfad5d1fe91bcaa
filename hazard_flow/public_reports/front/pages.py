"""What anybody may open: the form, its answer with the code, and how a report stands. Nobody is signed in here."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.errors import FieldError, HazardFlowError, NotFound, Refused
from hazard_flow.evidence.intake import Limits
from hazard_flow.evidence.operations import Looked, look
from hazard_flow.evidence.store import Store
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation
from hazard_flow.public_reports import operations, queries, throttle, tracking
from hazard_flow.public_reports.operations import Said
from hazard_flow.public_reports.rules import PublicRules, public_rules
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web import forms
from hazard_flow.web.auth import public
from hazard_flow.web.context import kernel, now, part
from hazard_flow.web.limits import uploads_up_to
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.sentences import error_sentence, field_sentence

blueprint = Blueprint("public_front", __name__, template_folder="../templates")

#: three photographs of a telephone and the fields around them
BODY_BYTES_MAX = 40_000_000
#: people leave it empty because they don't see it; programs fill it in
BAIT = "website"
LABEL_LENGTH_MAX = 40


@blueprint.get("/r")
@public
def form() -> Response:
    """A report about no asset in particular."""
    return _form("", {}, ())


@blueprint.get("/r/<label>")
@public
def form_at(label: str) -> Response:
    """A report about the asset whose label somebody has read."""
    return _form(label, {}, ())


@blueprint.post("/r")
@public
@uploads_up_to(BODY_BYTES_MAX)
def hand_in() -> Response:
    rules, at, label = public_rules(), now(), forms.value("label")[:LABEL_LENGTH_MAX]
    values = {name: forms.value(name) for name in (*Said.__dataclass_fields__, "district")}
    key = forms.request_key()
    if forms.value(BAIT):
        # a program: told the same as everybody, and nothing is kept
        return _thanks(f"bait:{secrets.token_hex(8)}")
    try:
        photos = _photographs(rules)
        with kernel().database.transaction(SYSTEM) as session:
            asset, unit = _whose(session, label, values["district"])
            throttle.take(
                session,
                rules,
                address=request.remote_addr or "",
                asset_id=asset.id if asset is not None else None,
                secret=kernel().settings.secret_key(),
                now=at,
            )

        def store(session: Session) -> str:
            _, code = operations.hand_in(
                session,
                Said(**{name: values[name] for name in Said.__dataclass_fields__}),
                rules=rules,
                organisation=session.get_one(Organisation, unit.id),
                asset=session.get(Asset, asset.id) if asset is not None else None,
                evidence=[one.item for one in photos],
                request_key=key,
                locale=current_locale(),
                zone=kernel().settings.zone,
                now=at,
            )
            # on disk before it is answered for: a row must never name a photograph nobody has
            for one in photos:
                one.keep(part(Store))
            return code

        code = kernel().database.carry_out(SYSTEM, store)
    except HazardFlowError as refused:
        if refused.status not in (413, 415, 422, 429):
            raise
        faults = refused.fields or [FieldError("", refused.code, refused.params)]
        return _form(label, {**values, "request_key": key}, faults, refused)
    return _thanks(code)


@blueprint.get("/r/state")
@public
def state() -> Response:
    """How the report with this code stands, in plain words and without a name."""
    code = request.args.get("code", "")[:40]
    found = None
    if code:
        with kernel().database.reading(SYSTEM) as session:
            found = queries.standing(session, code)
    rules = public_rules()
    status = 404 if code and found is None else 200
    report = found.report if found is not None else None
    return _unlisted(
        make_response(
            render_template(
                "public_reports/state.html",
                code=code,
                found=found,
                kind=rules.kinds.get(report.kind) if report is not None else None,
                reason=rules.refusals.get(report.reason or "") if report is not None else None,
                phone=kernel().settings.EMERGENCY_PHONE,
            ),
            status,
        )
    )


@blueprint.get("/r/thanks")
@public
def thanks() -> Response:
    """The code of a report just sent; the address is left by a redirect, so that reloading sends nothing again."""
    return _unlisted(
        make_response(
            render_template(
                "public_reports/thanks.html",
                code=request.args.get("code", "")[:20],
                phone=kernel().settings.EMERGENCY_PHONE,
            )
        )
    )


def _thanks(code: str) -> Response:
    shown = tracking.code_of(code) if code.startswith("bait:") else code
    return make_response(redirect(f"/r/thanks?code={shown}", code=303))


def _photographs(rules: PublicRules) -> list[Looked]:
    """The photographs, judged and in memory; raises Refused naming what was not taken."""
    given = [one for one in forms.files() if one.field == "photos"]
    if len(given) > rules.photos_most:
        raise Refused(fields=[FieldError("photos", "too_many_files", {"most": rules.photos_most})])
    return [
        look(
            one.read(),
            one.filename,
            stage="report",
            kind="PHOTO_BEFORE",
            received_at=now(),
            limits=Limits(image_bytes_max=rules.photo_bytes_most),
        )
        for one in given
    ]


def _whose(session: Session, label: str, district: str) -> tuple[Asset | None, Organisation]:
    """The asset and whoever looks at the report first; raises NotFound for a label nobody knows, Refused without a district."""
    if label:
        found = queries.labelled(session, label)
        if found is None:
            raise NotFound("label")
        return found
    unit = queries.regulator_of(session, district) if district else None
    if unit is None:
        raise Refused(fields=[FieldError("district", "required")])
    return None, unit


def _form(
    label: str,
    values: Mapping[str, str],
    faults: Sequence[FieldError],
    refused: HazardFlowError | None = None,
) -> Response:
    locale, zone, rules = current_locale(), kernel().settings.zone, public_rules()
    with kernel().database.reading(SYSTEM) as session:
        found = queries.labelled(session, label[:LABEL_LENGTH_MAX]) if label else None
        if label and found is None:
            raise NotFound("label")
        districts = [] if found is not None else queries.districts(session)
        about = _named(found[0], session.get_one(Organisation, found[1].root_id)) if found else None
    errors: dict[str, str] = {}
    for one in faults:
        sentence = (
            error_sentence(refused.code, refused.params, locale, zone)
            if not one.field and refused is not None
            else field_sentence(one, locale, zone)
        )
        errors.setdefault("photos" if one.field == "evidence" else one.field, sentence)
    return _unlisted(
        make_response(
            render_template(
                "public_reports/form.html",
                label=label,
                about=about,
                districts=[(code, name.in_(locale)) for code, name in districts],
                kinds=list(rules.kinds.values()),
                values=values,
                errors=errors,
                key=values.get("request_key") or str(new_id()),
                photos_most=rules.photos_most,
                photo_megabytes=rules.photo_bytes_most // 1_000_000,
                phone=kernel().settings.EMERGENCY_PHONE,
                bait=BAIT,
            ),
            refused.status if refused is not None else 200,
        )
    )


def _named(asset: Asset, unit: Organisation) -> dict[str, Any]:
    """What a stranger may read of an asset: of somebody's home no more than its code."""
    locale = current_locale()
    is_home = asset.kind == "user"
    kinds = f"public_reports.kind_of.{'home' if is_home else 'asset'}"
    return {
        "title": say(kinds) if is_home else asset.label.in_(locale),
        "address": "" if is_home else asset.address,
        "code": asset.code,
        "unit": Label(unit.name_zh, unit.name_en).in_(locale),
    }


def _unlisted(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response
