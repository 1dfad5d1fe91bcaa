"""The pages of unannounced checks: what one's teams plan and what is finished, a new plan, one check with its record."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.errors import BadRequest, Conflict, FieldError, HazardFlowError, NotAllowed, Refused
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.evidence.operations import receive
from hazard_flow.evidence.store import Store
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import organisation_labels
from hazard_flow.identity.rights import may
from hazard_flow.storage.base import new_id
from hazard_flow.supervision.checks import operations, queries, shown
from hazard_flow.supervision.checks.models import ANSWERS, UnannouncedCheck
from hazard_flow.supervision.checks.operations import Signing, members
from hazard_flow.supervision.checks.planning import Plan
from hazard_flow.supervision.issuing import ORDER, READ
from hazard_flow.web import forms, paging
from hazard_flow.web.acts import refusal
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.locale import current_locale, say

blueprint = Blueprint("supervision_checks", __name__, template_folder="../templates")


@blueprint.get("/supervision/checks")
def listing() -> str:
    actor, locale = require(READ), current_locale()
    cursor, limit = paging.asked()
    with reading(actor) as session:
        page = queries.page(session, cursor=cursor, limit=limit)
        rows = shown.rows(session, page.items, locale)
    return render_template(
        "supervision/checks.html", rows=rows, page=paging.links(page), may_order=may(actor, ORDER)
    )


@blueprint.get("/supervision/checks/new")
def new() -> str:
    return _form(require(ORDER), {"organisation": request.args.get("organisation", shown.DRAW)[:40]}, ())


@blueprint.post("/supervision/checks")
def plan() -> Response:
    actor, key, at = require(ORDER), forms.request_key(), now()
    given = forms.values(many=("officers",))
    wanted = Plan(
        purpose=_word(given, "purpose"), items=tuple(_word(given, "items").split("\n")), planned_on=_word(given, "planned_on"),
        organisation=_word(given, "organisation").removeprefix(shown.DRAW), asset=_word(given, "asset"),
        officers=tuple(given.get("officers", ())),
        draw_officers=_count(_word(given, "draw_officers")),
    )  # fmt: skip

    def work(session: Session) -> uuid.UUID:
        return operations.plan(session, actor=actor, given=wanted, request_key=key, now=at).id

    try:
        id_ = kernel().database.carry_out(actor.scope, work)
    except (Refused, NotAllowed) as refused:
        return make_response(_form(actor, given, refused.fields), refused.status)
    flash(say("supervision.did.plan"), "done")
    return make_response(redirect(f"/supervision/checks/{id_}", code=303))


@blueprint.get("/supervision/checks/<uuid:check_id>")
def show(check_id: uuid.UUID) -> str:
    return _page(require(READ), check_id, None)


@blueprint.post("/supervision/checks/<uuid:check_id>/<any(begin, record, find, sign, finish, call_off):act>")
def do(check_id: uuid.UUID, act: str) -> Response:
    """Everything a member of the team does."""
    actor, given, key, at = require(ORDER), forms.values(), forms.request_key(), now()
    version = forms.expected_version()
    photos = _photos(at) if act == "find" else ()

    def work(session: Session) -> uuid.UUID:
        return _carry_out(session, act, actor, check_id, given, key, at, version, photos).id

    try:
        kernel().database.carry_out(actor.scope, work)
    except (Refused, Conflict, NotAllowed) as refused:
        return make_response(_page(actor, check_id, (act, refused)), refused.status)
    flash(say(f"supervision.did.{act}"), "done")
    return make_response(redirect(f"/supervision/checks/{check_id}", code=303))


def _carry_out(
    session: Session, act: str, actor: Actor, check_id: uuid.UUID, given: Mapping[str, Any], key: str, at: datetime,
    version: int | None, photos: tuple[EvidenceItem, ...],
) -> UnannouncedCheck:  # fmt: skip
    if act == "begin":
        return operations.begin(session, actor=actor, check_id=check_id, request_key=key, now=at)
    if act == "sign":
        return operations.sign(session, actor=actor, check_id=check_id, request_key=key, now=at)
    if act == "call_off":
        words = _word(given, "words")
        return operations.call_off(
            session, actor=actor, check_id=check_id, words=words, request_key=key, now=at
        )
    if act == "record":
        return operations.record(
            session, actor=actor, check_id=check_id, answers=_answers(given), request_key=key, now=at
        )
    if act == "find":
        data = {name: given[name] for name in ("description", "catalogue_code") if given.get(name)}
        check = queries.one(session, check_id)
        place = session.get(Asset, check.asset_id) if check.asset_id else None
        unit = organisation_labels(session, {check.home_id}).get(check.home_id)
        data["place"] = (place.address or place.name_zh) if place else (unit.name_zh if unit else "")
        return operations.find(
            session, actor=actor, check_id=check_id, item=_count(_word(given, "item"), 99), data=data, evidence=photos,
            request_key=key, now=at,
        )  # fmt: skip
    signing = Signing(
        _word(given, "opinion"), _word(given, "representative"), _word(given, "refusal"),
        (_word(given, "witness_1"), _word(given, "witness_2")),
    )  # fmt: skip
    return operations.finish(
        session,
        actor=actor,
        check_id=check_id,
        given=signing,
        request_key=key,
        now=at,
        expected_version=version,
    )


def _answers(given: Mapping[str, Any]) -> dict[int, tuple[str, str]]:
    found = {}
    for name, value in given.items():
        if name.startswith("answer_") and name.removeprefix("answer_").isdecimal() and len(name) < 11:
            place = int(name.removeprefix("answer_"))
            found[place] = (str(value), _word(given, f"note_{place}"))
    return found


def _photos(at: datetime) -> tuple[EvidenceItem, ...]:
    store = part(Store)
    return tuple(
        receive(store, one.read(), one.filename, stage="report", kind="PHOTO_BEFORE", received_at=at)
        for one in forms.files()
    )


def _form(actor: Actor, given: Mapping[str, Any], faults: Any) -> str:
    locale, zone = current_locale(), kernel().settings.zone
    with reading(actor) as session:
        made = shown.plan_fields(session, given, faults, actor=actor, locale=locale, zone=zone)
    return render_template(
        "supervision/check_new.html", fields=made.made, errors=made.errors(), request_key=str(new_id())
    )


def _page(actor: Actor, check_id: uuid.UUID, refused: tuple[str, HazardFlowError] | None) -> str:
    locale, zone = current_locale(), kernel().settings.zone
    given = forms.values() if refused else {}
    with reading(actor) as session:
        check = queries.one(session, check_id)
        [row] = shown.rows(session, [check], locale)
        acts = shown.acts(session, check, actor, locale=locale, zone=zone, given=given, refused=refused)
        is_shown = refused is not None and any(one.key == refused[0] and one.errors for one in acts)
        representative, witnesses = shown.kept_names(session, check)
        return render_template(
            "supervision/check.html", check=check, row=row, acts=acts, answers=ANSWERS, signed=shown.signed_by(session, check),
            draws=shown.draws(session, check, locale), steps=shown.step_rows(session, check, locale),
            representative=representative, witnesses=witnesses, place=session.get(Asset, check.asset_id) if check.asset_id else None,
            may_record=actor.id in members(check) and check.state == "under_way" and check.signed == ",",
            typed=_answers(given), request_key=str(new_id()),
            refusal=refusal(refused[1], locale, zone) if refused and not is_shown else "",
        )  # fmt: skip


def _word(given: Mapping[str, Any], name: str) -> str:
    return str(given.get(name) or "")


def _count(said: str, most: int = 9) -> int:
    if not said:
        return 0
    if not (said.isascii() and said.isdecimal() and len(said) < 4 and int(said) <= most):
        raise BadRequest("not a number", fields=[FieldError("", "not_an_integer")])
    return int(said)
