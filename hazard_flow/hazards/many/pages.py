"""The pages of an act on many hazards: the one form, and what became of each."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from hazard_flow.errors import BadRequest, Conflict, FieldError, HazardFlowError, NotFound
from hazard_flow.hazards import operations
from hazard_flow.hazards.drawing import Returned, people_fields
from hazard_flow.hazards.many import choosing
from hazard_flow.hazards.rules import rules_of
from hazard_flow.web import forms
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading
from hazard_flow.web.locale import current_locale
from hazard_flow.web.sentences import error_sentence, named_sentence

blueprint = Blueprint("many_hazards", __name__)

_VERSION = "version."
#: pages an act on many may have been begun from
_LISTS = ("/hazards", "/hazards/board")


@blueprint.get("/hazards/bulk")
def choose() -> str:
    actor, locale, at = require("hazards.read"), current_locale(), now()
    numbers, action = _numbers(request.args.getlist("number")), request.args.get("action", "")
    with reading(actor) as session:
        chosen = choosing.choose(session, numbers, actor, action, locale=locale, now=at)
        back = _back(request.args.get("back", ""))
        form = choosing.form(session, chosen, locale=locale, now=at, back_href=back)
    return render_template("hazards/bulk.html", bulk=form)


@blueprint.post("/hazards/bulk/<action>")
def act(action: str) -> Response:
    actor, locale, at = require("hazards.read"), current_locale(), now()
    key = forms.request_key()
    with kernel().database.transaction(actor.scope) as session:
        values = forms.values(many=("number", *people_fields(rules_of(session))))
        numbers, back = _numbers(values.pop("number", [])), _back(str(values.pop("back", "")))
        versions = {
            name.removeprefix(_VERSION): forms.read_version(str(values.pop(name)), field=name) or 0
            for name in [n for n in values if n.startswith(_VERSION)]
        }
        chosen = choosing.again(session, numbers, action)
        items = choosing.items(chosen.open, chosen.action, values, versions)
        outcomes = operations.act_many(
            session, actor=actor, action=action, items=items, request_key=key, now=at, data=values
        )
        wrong = choosing.common_errors(outcomes)
        if not wrong:
            page = choosing.results(
                session, chosen, outcomes, locale=locale, now=at, back_href=back, say=_sentences
            )
            return make_response(render_template("hazards/bulk.html", bulk=page))
    return _again(chosen, values, wrong, key, back)


def _again(
    chosen: choosing.Chosen, values: dict[str, Any], wrong: list[FieldError], key: str, back: str
) -> Response:
    """Everything was refused for the same faults of the form: it comes back with them."""
    actor, locale = require("hazards.read"), current_locale()
    zone = kernel().settings.zone
    sentences = [named_sentence(e, locale, zone) for e in wrong]
    returned = Returned(chosen.action.key, values, wrong, sentences, request_key=key)
    with reading(actor) as session:
        form = choosing.form(session, chosen, locale=locale, now=now(), back_href=back, returned=returned)
    return make_response(render_template("hazards/bulk.html", bulk=form), 422)


def _sentences(error: HazardFlowError) -> list[str]:
    """Why one of them was refused."""
    locale, zone = current_locale(), kernel().settings.zone
    if isinstance(error, Conflict | NotFound) or not error.fields:
        return [error_sentence(error.code, error.params, locale, zone)]
    return [named_sentence(one, locale, zone) for one in error.fields]


def _numbers(raw: Any) -> list[str]:
    numbers = list(dict.fromkeys(str(one) for one in raw))
    if len(numbers) > operations.MANY_MAX:
        raise BadRequest(
            "too many", fields=[FieldError("number", "too_many", {"at_most": operations.MANY_MAX})]
        )
    return numbers


def _back(raw: str) -> str:
    """Where the reader came from: a list of ours with its filter, nothing else."""
    return raw if raw.partition("?")[0] in _LISTS else _LISTS[0]
