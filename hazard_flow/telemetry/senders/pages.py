"""The pages of senders: the list, a new one with its secret address, one with its settings; for whoever may enter them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.errors import Refused
from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import names
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.models import Source
from hazard_flow.telemetry.senders import operations, queries
from hazard_flow.telemetry.senders.kinds import KINDS
from hazard_flow.telemetry.senders.settings import written
from hazard_flow.telemetry.sources.mapping_file import example
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.sentences import field_sentence
from hazard_flow.web.views import FormError

blueprint = Blueprint("senders", __name__, template_folder="templates")

LONG = ("mapping", "quantities")


@dataclass(frozen=True)
class Setting:
    """One field of a sender's settings."""

    name: str
    value: str
    is_long: bool


@blueprint.get("/sources")
def listing() -> str:
    actor = require(operations.RIGHT)
    return _list(actor)


@blueprint.post("/sources")
def add() -> Response:
    actor = require(operations.RIGHT)
    given = _given()
    try:
        with kernel().database.transaction(SYSTEM) as session:
            source, token = operations.add(
                session,
                actor,
                kind=given.get("kind", ""),
                organisation=given.get("organisation", ""),
                given=given,
                now=now(),
            )
            source_id, kind, name = source.id, source.kind, source.name
    except Refused as refused:
        return make_response(_list(actor, refused=refused, given=given), 422)
    if not token:
        return _to(source_id)
    return _address(source_id, name, kind, token)


@blueprint.get("/sources/<uuid:source_id>")
def show(source_id: uuid.UUID) -> str:
    return _page(require(operations.RIGHT), source_id)


@blueprint.post("/sources/<uuid:source_id>/settings")
def settings(source_id: uuid.UUID) -> Response:
    actor, given = require(operations.RIGHT), _given()
    try:
        with kernel().database.transaction(SYSTEM) as session:
            operations.configure(session, actor, source_id, given, now=now())
    except Refused as refused:
        return make_response(_page(actor, source_id, refused=refused, given=given), 422)
    flash(say("senders.saved"), "done")
    return _to(source_id)


@blueprint.post("/sources/<uuid:source_id>/address")
def address(source_id: uuid.UUID) -> Response:
    actor = require(operations.RIGHT)
    with kernel().database.transaction(SYSTEM) as session:
        source, token = operations.renew_address(session, actor, source_id, now=now())
        name, kind = source.name, source.kind
    return _address(source_id, name, kind, token)


@blueprint.post("/sources/<uuid:source_id>/active")
def active(source_id: uuid.UUID) -> Response:
    actor, is_on = require(operations.RIGHT), request.form.get("active") == "true"
    with kernel().database.transaction(SYSTEM) as session:
        operations.switch(session, actor, source_id, active=is_on, now=now())
    flash(say("senders.switched_on" if is_on else "senders.switched_off"), "done")
    return _to(source_id)


def _list(actor: Actor, *, refused: Refused | None = None, given: Mapping[str, str] | None = None) -> str:
    locale = current_locale()
    with kernel().database.reading(SYSTEM) as session:
        found = queries.senders(session, actor)
        owners = [(str(one.id), one.label.in_(locale)) for one in queries.owners(session, actor)]
        rows = [
            {
                "id": one.source.id,
                "name": one.source.name,
                "kind": _kind(one.source),
                "owner": one.owner.label.in_(locale),
                "active": one.source.active,
                "last": one.source.last_message_at,
                "age": now() - one.source.last_message_at if one.source.last_message_at else None,
                "pending": one.pending,
                "dead": one.dead,
            }
            for one in found
        ]
    kinds = [(kind.key, kind.label.in_(locale)) for kind in KINDS.values()]
    return render_template(
        "senders/list.html", rows=rows, kinds=kinds, owners=owners, given=given or {}, errors=_errors(refused)
    )


def _page(
    actor: Actor,
    source_id: uuid.UUID,
    *,
    refused: Refused | None = None,
    given: Mapping[str, str] | None = None,
) -> str:
    locale = current_locale()
    with kernel().database.reading(SYSTEM) as session:
        found = queries.sender(session, actor, source_id)
        source = found.source
        shown = [
            Setting(name, given.get(name, "") if given else written(source.settings, name), name in LONG)
            for name in (KINDS[source.kind].settings if source.kind in KINDS else ())
        ]
        return render_template(
            "senders/show.html",
            source=source,
            kind=_kind(source),
            owner=found.owner.label.in_(locale),
            age=now() - source.last_message_at if source.last_message_at else None,
            pending=found.pending,
            dead=found.dead,
            settings=shown,
            example=example() if "mapping" in {one.name for one in shown} else "",
            nodes=queries.nodes(session, source.id),
            acts=_acts(session, source.id),
            errors=_errors(refused),
        )


def _acts(session: Session, source_id: uuid.UUID) -> list[dict[str, object]]:
    done = queries.acts(session, source_id)
    people = names(session, [uuid.UUID(one.actor[7:]) for one in done if one.actor.startswith("person:")])
    return [
        {
            "at": one.at,
            "who": people.get(uuid.UUID(one.actor[7:]), "") if one.actor.startswith("person:") else one.actor,
            "what": say(f"senders.act.{one.act.replace('.', '_')}"),
        }
        for one in done
    ]


def _address(source_id: uuid.UUID, name: str, kind: str, token: str) -> Response:
    """The address with its secret. The page is not kept anywhere: whoever loses it asks for another."""
    full = f"{kernel().settings.PUBLIC_URL.rstrip('/')}/in/{kind}/{token}"
    response = make_response(
        render_template("senders/address.html", source_id=source_id, name=name, kind=kind, address=full)
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _kind(source: Source) -> str:
    known = KINDS.get(source.kind)
    return known.label.in_(current_locale()) if known else source.kind


def _given() -> dict[str, str]:
    """The form as written; a mapping keeps its line ends and blanks."""
    return {name: value.replace("\r\n", "\n") for name, value in request.form.items()}


def _errors(refused: Refused | None) -> list[FormError]:
    locale, zone = current_locale(), kernel().settings.zone
    found = refused.fields if refused else []
    return [
        FormError(
            one.field,
            text(
                "web.error.field",
                locale,
                field=say(f"senders.field.{one.field}"),
                sentence=field_sentence(one, locale, zone),
            ),
        )
        for one in found
    ]


def _to(source_id: uuid.UUID) -> Response:
    return make_response(redirect(f"/sources/{source_id}", code=303))
