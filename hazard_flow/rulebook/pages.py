"""The pages of the rules: workflows drawn and told, their versions, and history tried on a draft."""

import time
from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.resources import resource_dir
from hazard_flow.rulebook import queries, showing, trial, versions
from hazard_flow.rulebook.queries import Standing
from hazard_flow.rulebook.views import Chapter, IndexRow, WorkflowPage
from hazard_flow.rulebook.words import Words
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web import forms
from hazard_flow.web.auth import current_actor, require
from hazard_flow.web.context import kernel, now, reading
from hazard_flow.web.locale import current_locale
from hazard_flow.workflow.definition import Workflow

blueprint = Blueprint("rulebook", __name__, template_folder="templates")

SEES = "hazards.read"


@blueprint.get("/help/workflows")
def index() -> str:
    actor = current_actor()
    with reading(actor) as session:
        rules = rules_of(session)
        counts = _counts(session, actor)
        rows = [_index_row(workflow, rules, counts) for workflow in _newest(rules)]
    return render_template("rulebook/index.html", rows=rows)


@blueprint.get("/help/workflows/<key>")
def workflow(key: str) -> str:
    actor = current_actor()
    with reading(actor) as session:
        page = _page(session, actor, _asked(rules_of(session), key))
    return render_template("rulebook/workflow.html", page=page)


@blueprint.get("/workflows")
def listing() -> str:
    actor = require("workflows.read")
    # Administrators see no hazards, yet must know what still runs under an old version: of the hazards their number, nothing else.
    with kernel().database.reading(SYSTEM) as session:
        rules = rules_of(session)
        counts = queries.open_by_version(session, seen=queries.counted_for(actor))
    families = versions.families(rules, counts, folder=resource_dir("workflows"), locale=current_locale())
    return render_template("rulebook/versions.html", families=families, may_try=may(actor, trial.RIGHT))


@blueprint.get("/workflows/replay")
def replay_form() -> str:
    actor = require(trial.RIGHT)
    with reading(actor) as session:
        rules = rules_of(session)
    form = trial.blank(
        now(), rules.zone, base=request.args.get("from", ""), rules=rules, folder=resource_dir("workflows")
    )
    return render_template("rulebook/replay.html", form=form, result=None)


@blueprint.post("/workflows/replay")
def replay() -> Response:
    actor, at, locale = require(trial.RIGHT), now(), current_locale()
    sent = [upload.read() for upload in forms.files()]
    with reading(actor) as session:
        rules = rules_of(session)
        asked = trial.read(
            text=request.form.get("text", ""),
            files=sent,
            since=forms.value("since"),
            until=forms.value("until"),
            now=at,
            zone=rules.zone,
        )
        begun = time.perf_counter()
        tried = trial.run(session, asked, Words(rules, locale), now=at)
        if tried.result is not None:
            tried = replace(tried, result=replace(tried.result, seconds=time.perf_counter() - begun))
    status = 200 if tried.result is not None else 422
    return make_response(
        render_template("rulebook/replay.html", form=tried.form, result=tried.result), status
    )


def _asked(rules: Rules, key: str) -> Workflow:
    """The newest version, or the one the address names; `NotFound` where there is none."""
    version = request.args.get("version", "")
    known = {one.version: one for one in rules.workflows.values() if one.key == key}
    if version and not (version.isascii() and version.isdigit() and len(version) < 7):
        raise NotFound(f"workflow {key} {version}")
    found = known.get(int(version) if version else max(known, default=0))
    if found is None:
        raise NotFound(f"workflow {key} {version}")
    return found


def _newest(rules: Rules) -> list[Workflow]:
    keys = dict.fromkeys(key for key, _ in sorted(rules.workflows))
    return [rules.newest(key) for key in keys]


def _counts(session: Session, actor: Actor) -> Mapping[tuple[str, int], int] | None:
    """Open hazards within scope by version; None for somebody who sees none."""
    if not may(actor, SEES):
        return None
    return queries.open_by_version(session, seen=queries.in_scope(session))


def _index_row(found: Workflow, rules: Rules, counts: Mapping[tuple[str, int], int] | None) -> IndexRow:
    locale = current_locale()
    return IndexRow(
        href=f"/help/workflows/{found.key}",
        id=found.id,
        label=found.label.in_(locale),
        source=found.source,
        states=len(found.states),
        actions=len(found.actions),
        open=None if counts is None else sum(n for (key, _), n in counts.items() if key == found.key),
    )


def _page(session: Session, actor: Actor, found: Workflow) -> WorkflowPage:
    rules, counts = rules_of(session), _counts(session, actor)
    words = Words(rules, current_locale())
    standing = None if counts is None else queries.standing(session, found.id, now=now())
    return WorkflowPage(
        id=found.id,
        label=found.label.in_(words.locale),
        source=found.source,
        diagram=showing.diagram(found, words, standing),
        states=showing.states(found, words),
        clocks=showing.clocks(found, words),
        actions=showing.actions(found, words),
        ladders=showing.ladders(found, words),
        chapters=tuple(_chapters(rules, counts, found, words)),
        total=_total(standing or {}),
        sees_hazards=standing is not None,
        may_try=may(actor, trial.RIGHT),
    )


def _chapters(
    rules: Rules, counts: Mapping[tuple[str, int], int] | None, shown: Workflow, words: Words
) -> list[Chapter]:
    """The newest version of every workflow, and older ones of this that hazards still run under."""
    newest = _newest(rules)
    older = [
        one
        for one in sorted(rules.workflows.values(), key=lambda w: -w.version)
        if one.key == shown.key
        and one not in newest
        and (one.id == shown.id or (counts or {}).get((one.key, one.version)))
    ]
    found = []
    for one in newest + older:
        query = f"?version={one.version}" if one in older else ""
        name = (
            f"{one.label.in_(words.locale)} v{one.version}" if one in older else one.label.in_(words.locale)
        )
        found.append(
            Chapter(
                href=f"/help/workflows/{one.key}{query}",
                label=name,
                open=(counts or {}).get((one.key, one.version), 0),
                is_current=one.id == shown.id,
            )
        )
    return found


def _total(standing: Mapping[str, Standing]) -> Standing:
    return Standing(sum(s.open for s in standing.values()), sum(s.late for s in standing.values()))
