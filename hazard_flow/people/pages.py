"""Signing in and out, the choice of language, and the list of people for administrators."""

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, redirect, render_template, request

from hazard_flow.i18n import LOCALES, text
from hazard_flow.identity.queries import organisation_labels
from hazard_flow.identity.roles import ROLE_LABELS
from hazard_flow.identity.sessions import sign_out
from hazard_flow.people import queries
from hazard_flow.people.operations import choose_locale
from hazard_flow.people.session.entering import Entry, enter
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import begin, end, public, require, safe_next, signed_in
from hazard_flow.web.context import kernel, now, reading
from hazard_flow.web.locale import LANGUAGE_COOKIE, current_locale, keep
from hazard_flow.web.sentences import error_sentence

blueprint = Blueprint("people", __name__, template_folder="templates")


@dataclass(frozen=True)
class Row:
    """One person in the administrators' list."""

    name: str
    username: str
    organisation: str
    roles: str


@blueprint.get("/sign-in")
@public
def sign_in_form() -> Response:
    target = safe_next(request.args.get("next"))
    if signed_in() is not None:
        return make_response(redirect(target, code=303))
    return make_response(_form(target=target))


@blueprint.post("/sign-in")
@public
def sign_in_try() -> Response:
    username, target = forms.value("username"), safe_next(request.form.get("next"))
    at = now()
    with kernel().database.transaction(SYSTEM) as session:
        entry = enter(
            session,
            username=username,
            password=request.form.get("password", ""),
            user_agent=request.user_agent.string,
            now=at,
        )
    if isinstance(entry, Entry):
        begin(entry.actor, entry.secret)
        return make_response(redirect(target, code=303))
    problem = error_sentence(entry.code, entry.params, current_locale(), kernel().settings.zone)
    return make_response(_form(target=target, username=username, problem=problem), entry.status)


@blueprint.post("/sign-out")
@public
def sign_out_now() -> Response:
    secret = end()
    if secret:
        with kernel().database.transaction(SYSTEM) as session:
            sign_out(session, secret=secret, now=now())
    response = make_response(redirect("/sign-in", code=303))
    # Pages of this person must not come back from the cache; the tablet's unsent records stay.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.post("/language")
@public
def language() -> Response:
    locale, actor = forms.value("locale"), signed_in()
    response = make_response(redirect(_back_to(request.form.get("next")), code=303))
    if locale in LOCALES:
        if actor is not None:
            with kernel().database.transaction(SYSTEM) as session:
                choose_locale(session, actor, locale)
        keep(response, LANGUAGE_COOKIE, locale, is_tls=kernel().settings.PUBLIC_URL.startswith("https://"))
    return response


@blueprint.get("/people")
def people() -> str:
    actor = require("people.write")
    cursor, limit = paging.asked()
    with reading(actor) as session:
        page = queries.people(session, cursor=cursor, limit=limit)
        roles = queries.roles_of(session, [one.id for one in page.items])
        units = organisation_labels(session, [one.organisation_id for one in page.items])
        locale = current_locale()
        rows = [
            Row(
                name=one.name,
                username=one.username,
                organisation=units[one.organisation_id].label.in_(locale)
                if one.organisation_id in units
                else "",
                roles=text("web.and", locale).join(ROLE_LABELS[role].in_(locale) for role in roles[one.id]),
            )
            for one in page.items
        ]
    return render_template("people/people.html", rows=rows, page=paging.links(page))


def _back_to(target: str | None) -> str:
    """Where to go on after switching the language, which visitors do on the sign-in page itself."""
    return (
        target if target and (target == "/sign-in" or target.startswith("/sign-in?")) else safe_next(target)
    )


def _form(*, target: str, username: str = "", problem: str = "") -> str:
    return render_template(
        "people/signin.html",
        next="" if target == "/" else target,
        username=username,
        problem=problem,
        asks_code=False,
        place_line="",
        demo_accounts=kernel().demo_accounts,
    )
