"""Pages of posts: the list, one post with its duties, holders and signatures, and the check of who is missing."""

import uuid
from collections.abc import Sequence

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.daily_work import form
from hazard_flow.daily_work.pages import PLAN, READ
from hazard_flow.daily_work.posts import operations, queries, wording
from hazard_flow.daily_work.posts.models import Post
from hazard_flow.daily_work.posts.standing import SIGNED_FOR
from hazard_flow.daily_work.posts.templates_file import Duty, templates
from hazard_flow.errors import BadRequest, FieldError, NotFound, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import enterprises, names, organisation_labels, people_within
from hazard_flow.identity.rights import may
from hazard_flow.web import forms
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading, writing
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.sentences import field_sentence
from hazard_flow.web.views import FormError, Kpi

blueprint = Blueprint("posts", __name__, template_folder="templates")


@blueprint.get("/posts")
def listing() -> str:
    actor = require(READ)
    with reading(actor) as session:
        return _listing(session, actor, ())


@blueprint.post("/posts")
def make() -> Response:
    actor = require(PLAN)
    try:
        with writing(actor) as session:
            units = form.units(session, actor)
            unit = next((one for one in units if str(one.id) == forms.value("organisation")), None)
            if unit is None:
                raise Refused(fields=[FieldError("organisation", "unknown_organisation")])
            made = operations.make(
                session,
                organisation=unit,
                template=forms.value("template"),
                name=forms.value("name"),
                actor=actor,
                now=now(),
            ).id
    except Refused as refused:
        with reading(actor) as session:
            return make_response(_listing(session, actor, refused.fields), 422)
    flash(say("posts.made"), "done")
    return make_response(redirect(f"/posts/{made}", code=303))


@blueprint.get("/posts/check")
def check() -> str:
    """Who has no post, no signature, an old one, one that ran out."""
    actor, at, locale = require(READ), now(), current_locale()
    with reading(actor) as session:
        home = _home(session, actor)
        held = queries.held(session, now=at, home_id=home)
        without = queries.without_post(session, home_id=home)
        organisations = _organisations(session, actor)
    counts = queries.counts(held)
    kpis = [
        Kpi(say("posts.check.valid"), str(counts["valid"])),
        Kpi(say("posts.check.without"), str(len(without)), tone="strong" if without else "plain"),
        *(
            Kpi(say(f"posts.standing.{key}"), str(counts[key]), tone="strong" if counts[key] else "plain")
            for key in ("missing", "changed", "expired")
        ),
    ]
    return render_template(
        "posts/check.html",
        kpis=kpis,
        wanting=[one for one in held if one.standing != "valid"],
        without=[(one.name, one.unit.label.in_(locale)) for one in without],
        organisations=organisations,
        organisation=str(home or ""),
    )


@blueprint.get("/posts/<uuid:post_id>")
def show(post_id: uuid.UUID) -> str:
    actor = require(READ)
    with reading(actor) as session:
        return _show(session, actor, _one(session, post_id), ())


@blueprint.post("/posts/<uuid:post_id>/duties")
def change(post_id: uuid.UUID) -> Response:
    """Another list: lines that stay keep where they come from, new ones are the enterprise's own."""
    actor = require(PLAN)
    try:
        with writing(actor) as session:
            known = queries.duties(session, _one(session, post_id))
            before = [Duty.of(one) for one in known.duties] if known else []
            duties = wording.read(forms.value("duties"), before)
            operations.change_duties(session, post_id, duties, actor=actor, now=now(), why=forms.value("why"))
    except Refused as refused:
        with reading(actor) as session:
            return make_response(_show(session, actor, _one(session, post_id), refused.fields), 422)
    flash(say("posts.changed"), "done")
    return make_response(redirect(f"/posts/{post_id}", code=303))


@blueprint.post("/posts/<uuid:post_id>/holders")
def appoint(post_id: uuid.UUID) -> Response:
    actor = require(PLAN)
    try:
        with writing(actor) as session:
            operations.appoint(session, post_id, _id(forms.value("person")), actor=actor, now=now())
    except Refused as refused:
        with reading(actor) as session:
            return make_response(_show(session, actor, _one(session, post_id), refused.fields), 422)
    flash(say("posts.appointed"), "done")
    return make_response(redirect(f"/posts/{post_id}", code=303))


@blueprint.post("/posts/holders/<uuid:holder_id>/end")
def relieve(holder_id: uuid.UUID) -> Response:
    actor = require(PLAN)
    with writing(actor) as session:
        back = operations.relieve(session, holder_id, actor=actor, now=now()).post_id
    flash(say("posts.relieved"), "done")
    return make_response(redirect(f"/posts/{back}", code=303))


@blueprint.post("/posts/holders/<uuid:holder_id>/signature")
def sign(holder_id: uuid.UUID) -> Response:
    actor = require(READ)
    if forms.value("read") != "true":
        raise BadRequest("not read", fields=[FieldError("read", "not_confirmed")])
    with writing(actor) as session:
        operations.sign(session, holder_id, sha256=forms.value("sha256"), actor=actor, now=now())
    flash(say("posts.signed"), "done")
    return make_response(redirect("/posts", code=303))


def _listing(session: Session, actor: Actor, faults: Sequence[FieldError]) -> str:
    locale, at = current_locale(), now()
    home = _home(session, actor)
    posts = queries.posts(session, home_id=home)
    held = queries.held(session, now=at, home_id=home)
    units = organisation_labels(session, {one.organisation_id for one in posts})
    of_post: dict[uuid.UUID, list[queries.Held]] = {}
    for one in held:
        of_post.setdefault(one.post.id, []).append(one)
    return render_template(
        "posts/list.html",
        posts=[(one, units[one.organisation_id].label.in_(locale), of_post.get(one.id, [])) for one in posts],
        mine=[one for one in held if one.holder.person_id == actor.id],
        templates=[(key, one.label.in_(locale)) for key, one in templates().items()],
        units=[(str(one.id), one.label.in_(locale)) for one in form.units(session, actor)],
        may_plan=may(actor, PLAN),
        organisations=_organisations(session, actor),
        organisation=str(home or ""),
        errors=_errors(faults),
    )


def _show(session: Session, actor: Actor, post: Post, faults: Sequence[FieldError]) -> str:
    locale, at = current_locale(), now()
    known = queries.duties(session, post)
    held = queries.held(session, now=at, post_id=post.id)
    people = {one.holder.id: one.person for one in held}
    signed = queries.signatures(session, people.keys())
    versions = queries.versions(session, post)
    unit = organisation_labels(session, [post.organisation_id])[post.organisation_id]
    makers = names(session, {one.by for one in versions if one.by})
    mine = actor.scope.sees(path=post.path, division=post.division)
    home = post.path.split("/", 1)[0] + "/"
    duties = [Duty.of(one) for one in known.duties] if known else []
    return render_template(
        "posts/show.html",
        post=post,
        unit=unit.label.in_(locale),
        duties=duties,
        sha256=known.sha256 if known else "",
        written=wording.write(duties),
        held=held,
        ends={one.holder.id: one.holder.signed_at + SIGNED_FOR for one in held if one.holder.signed_at},
        own=next((one for one in held if one.holder.person_id == actor.id), None),
        signed=[(one, people[one.holder_id]) for one in signed],
        versions=[(one, makers.get(one.by, "") if one.by else "") for one in versions],
        people=[(str(p.id), p.name) for p, _ in people_within(session, home)],
        may_plan=may(actor, PLAN) and mine,
        errors=_errors(faults),
        given=forms.values() if faults else {},
    )


def _errors(faults: Sequence[FieldError]) -> list[FormError]:
    locale, zone = current_locale(), kernel().settings.zone
    return [FormError(one.field, field_sentence(one, locale, zone)) for one in faults]


def _organisations(session: Session, actor: Actor) -> list[tuple[str, str]]:
    if not any(one.regulator for one in actor.holdings):
        return []
    return [(str(one.id), one.label.in_(current_locale())) for one in enterprises(session)]


def _home(session: Session, actor: Actor) -> uuid.UUID | None:
    raw = request.args.get("organisation", "")
    if not raw:
        return None
    if raw not in {key for key, _ in _organisations(session, actor)}:
        raise NotFound(f"organisation {raw[:40]}")
    return uuid.UUID(raw)


def _one(session: Session, post_id: uuid.UUID) -> Post:
    post = queries.one(session, post_id)
    if post is None:
        raise NotFound(f"post {post_id}")
    return post


def _id(raw: str) -> uuid.UUID:
    try:
        return uuid.UUID(raw)
    except ValueError:
        raise Refused(fields=[FieldError("person", "person_unknown")]) from None
