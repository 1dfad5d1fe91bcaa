"""The pages of the rules: catalogue, policy and working days for everybody; files come in from a regulator's administrator."""

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.catalogue import queries, views
from hazard_flow.catalogue import rows as catalogue
from hazard_flow.catalogue.cells import FIRST_DAY, LAST_DAY, day_of
from hazard_flow.catalogue.models import LocalCatalogueRow
from hazard_flow.catalogue.places import is_division, may_make_rules
from hazard_flow.catalogue.policy_file import shipped_policy
from hazard_flow.catalogue.proposals import propose
from hazard_flow.catalogue.rows import CatalogueRow
from hazard_flow.catalogue.wording import control_name, days_words, evidence_name, key_name, tier_of
from hazard_flow.errors import BadRequest, FieldError, NotAllowed, NotFound
from hazard_flow.exchange.kinds import ImportOrder, ImportReport, Kind, Kinds
from hazard_flow.exchange.records import SourceFile
from hazard_flow.i18n import Label
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import division_labels, names
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web import forms
from hazard_flow.web.auth import current_actor, require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.locale import current_locale, say

blueprint = Blueprint("catalogue", __name__, template_folder="templates")

RIGHT = "rules.write"
SEARCH_LENGTH_MAX = 100
#: a form carries the file twice, to be looked at and to be stored; larger ones come in by the command line
FILE_BYTES_MAX = 400_000


@dataclass(frozen=True)
class Asked:
    """For which place and day the rules are asked."""

    division: str
    on: date
    places: dict[str, Label]


@blueprint.get("/catalogue")
def rows() -> str:
    actor, locale = current_actor(), current_locale()
    category, level = _one_of("category", catalogue.CATEGORY_LABELS), _one_of("level", catalogue.LEVELS)
    words = request.args.get("q", "").strip()
    if len(words) > SEARCH_LENGTH_MAX:
        raise BadRequest("long query", fields=[FieldError("q", "too_long", {"at_most": SEARCH_LENGTH_MAX})])
    with reading(actor) as session:
        asked = _asked(session, actor)
        listed = queries.rows_at(session, asked.division, asked.on)
    found = catalogue.search(
        words, category=category or None, level=level or None, limit=len(listed), among=listed.values()
    )
    return render_template(
        "catalogue/rows.html",
        rows=found,
        asked=asked,
        q=words,
        category=category,
        level=level,
        categories=[(key, label.in_(locale)) for key, label in catalogue.CATEGORY_LABELS.items()],
        levels=catalogue.LEVELS,
        total=len(listed),
        tier=tier_of,
        marks=catalogue.CONFIDENCE_MARKS,
        version=catalogue.version_on(asked.on),
        may_import=may_make_rules(actor),
    )


@blueprint.get("/catalogue/<code>")
def row(code: str) -> str:
    actor, locale = current_actor(), current_locale()
    with reading(actor) as session:
        asked = _asked(session, actor)
        book = queries.rulebook_at(session)
        entries = queries.catalogue_entries(session, code.upper())
        newest = queries.newest_catalogue(session)
        found = book.catalogue(asked.division, asked.on).get(code.upper()) or _only_elsewhere(entries)
        if found is None:
            raise NotFound(f"catalogue row {code}")
        people = names(session, views.people_of([entry.entered_by for entry in entries]))
        proposal = propose(
            found,
            book.policy(asked.division, asked.on),
            now(),
            kernel().settings.zone,
            book.calendar(asked.division),
        )
    return render_template(
        "catalogue/row.html",
        row=found,
        asked=asked,
        proposal=proposal,
        tier=tier_of(found),
        mark=catalogue.CONFIDENCE_MARKS[found.basis_confidence],
        control=control_name(proposal.control, locale),
        evidence=[evidence_name(one, locale) for one in proposal.evidence],
        entries=[
            (
                entry,
                views.place_name(entry.authority_division, asked.places, locale),
                views.local_state(entry, newest, asked.on),
                views.person_name(entry.entered_by, people, locale),
                days_words(entry.valid_from, entry.valid_to, locale),
                catalogue.CONFIDENCE_MARKS[entry.basis_confidence],
            )
            for entry in reversed(entries)
        ],
        place=views.place_name(found.authority_division, asked.places, locale),
        may_import=may_make_rules(actor),
    )


@blueprint.get("/policy")
def policy() -> str:
    actor, locale = current_actor(), current_locale()
    with reading(actor) as session:
        asked = _asked(session, actor)
        found = queries.policies(session, [asked.division], asked.on)[asked.division]
    return render_template(
        "catalogue/policy.html",
        asked=asked,
        groups=views.policy_groups(found, asked.places, locale),
        ignored=[
            (
                key_name(one.definition, locale),
                views.value_line(one, asked.places, locale, only=[part_]),
                one.key,
            )
            for one, part_ in found.ignored
        ],
        may_import=may_make_rules(actor),
    )


@blueprint.get("/policy/<key>")
def policy_key(key: str) -> str:
    actor, locale = current_actor(), current_locale()
    definition = shipped_policy().key(key)
    if definition is None:
        raise NotFound(f"policy key {key}")
    with reading(actor) as session:
        asked = _asked(session, actor)
        book = queries.rulebook_at(session)
        entered = queries.policy_entries(session, key)
        found = book.policy(asked.division, asked.on)
        people = names(session, views.people_of([one.entered_by for one in entered]))
    rows_of_key = [one for one in book.policy_rows if one.key == key]
    standing = {(one.division, one.valid_from, one.version): one for one in rows_of_key if one.is_local}
    # the very rows the policy counts with, so that "in force" is told by identity
    known = [standing.get((one.division, one.valid_from, one.version), one) for one in entered]
    shipped = [one for one in rows_of_key if not one.is_local]
    return render_template(
        "catalogue/policy_key.html",
        asked=asked,
        key=key,
        name=key_name(definition, locale),
        lines=views.history([*shipped, *known], found, people, asked.places, locale),
        may_import=may_make_rules(actor),
    )


@blueprint.get("/calendar")
def calendar() -> str:
    actor = current_actor()
    with reading(actor) as session:
        asked = _asked(session, actor)
        calendars = queries.rulebook_at(session).calendars
    year = _year(asked.on)
    years = sorted({*calendars.at(asked.division).table_years, year})
    return render_template(
        "catalogue/calendar.html",
        asked=asked,
        year=views.year_view(calendars, asked.division, year, current_locale()),
        years=years,
        may_import=may_make_rules(actor),
    )


@blueprint.get("/rules/import")
def import_form() -> str:
    actor = _importer()
    return _import_page(actor, _kind(request.args.get("kind", "policy")))


@blueprint.post("/rules/import")
def import_check() -> str | tuple[str, int]:
    """A dry run: what the file would do, or everything that is wrong with it."""
    actor = _importer()
    kind = _kind(forms.value("kind"))
    given = forms.files()
    if not given:
        raise BadRequest("no file", fields=[FieldError("file", "required")])
    file = SourceFile(given[0].filename, given[0].read())
    if len(file.data) > FILE_BYTES_MAX:
        raise BadRequest(
            "large file", fields=[FieldError("file", "file_too_large", {"kb": FILE_BYTES_MAX // 1000})]
        )
    order = ImportOrder(actor=actor, now=now(), division=_division_given(), dry_run=True)
    with kernel().database.reading(SYSTEM) as session:
        report = kind.read_in(session, file, order)
    page = _import_page(actor, kind, report=report, file=file, division=order.division)
    return (page, 422) if report.faults else page


@blueprint.post("/rules/import/store")
def import_store() -> Response | tuple[str, int]:
    """The file looked at a moment ago, judged again and stored."""
    actor = _importer()
    kind = _kind(forms.value("kind"))
    try:
        data = base64.b64decode(forms.value("content"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("broken content", fields=[FieldError("content", "not_a_form")]) from error
    file = SourceFile(forms.value("name"), data)
    order = ImportOrder(actor=actor, now=now(), division=_division_given())
    with kernel().database.transaction(SYSTEM) as session:
        report = kind.read_in(session, file, order)
    if report.faults:
        return _import_page(actor, kind, report=report, file=file, division=order.division), 422
    flash(
        say(
            "catalogue.import.stored" if report.is_stored else "catalogue.import.nothing_new",
            n=len(report.changes),
        ),
        "done",
    )
    return make_response(redirect(_PAGES[kind.key], code=303))


#: where each kind is looked at
_PAGES = {"catalogue": "/catalogue", "policy": "/policy", "calendar": "/calendar"}


def _import_page(
    actor: Actor,
    kind: Kind,
    *,
    report: ImportReport | None = None,
    file: SourceFile | None = None,
    division: str = "",
) -> str:
    locale = current_locale()
    kinds = [(one.key, one.label.in_(locale)) for one in part(Kinds) if one.key in _PAGES]
    return render_template(
        "catalogue/import.html",
        kinds=kinds,
        kind=kind.key,
        kind_name=kind.label.in_(locale),
        endings=", ".join(kind.endings),
        report=report,
        file_name=file.name if file else "",
        content=base64.b64encode(file.data).decode() if file else "",
        division=division,
        locale=locale,
        back=_PAGES[kind.key],
    )


def _importer() -> Actor:
    actor = require(RIGHT)
    if not may_make_rules(actor):
        raise NotAllowed("not a regulator's administrator", right=RIGHT)
    return actor


def _kind(key: str) -> Kind:
    kind = part(Kinds).get(key)
    if kind is None or key not in _PAGES:
        raise BadRequest("unknown kind", fields=[FieldError("kind", "unknown_choice", {"value": key})])
    return kind


def _division_given() -> str:
    division = forms.value("division")
    if division and not is_division(division):
        raise BadRequest("bad division", fields=[FieldError("division", "not_a_division")])
    return division


def _asked(session: Session, actor: Actor) -> Asked:
    """The place and day of the query; else the reader's own place, today."""
    own = actor.holdings[0].division if actor.holdings else ""
    division = request.args.get("division", own).strip()
    if division and not is_division(division):
        raise BadRequest("bad division", fields=[FieldError("division", "not_a_division")])
    raw = request.args.get("on", "").strip()
    day = day_of(raw) if raw else now().astimezone(kernel().settings.zone).date()
    if day is None:
        raise BadRequest("bad date", fields=[FieldError("on", "not_a_date")])
    return Asked(division, day, division_labels(session))


def _year(on: date) -> int:
    raw = request.args.get("year", "").strip()
    if not raw:
        return on.year
    if not (
        raw.isascii() and raw.isdigit() and len(raw) == 4 and FIRST_DAY.year <= int(raw) <= LAST_DAY.year
    ):
        raise BadRequest(
            "bad year",
            fields=[
                FieldError("year", "year_out_of_range", {"minimum": FIRST_DAY.year, "maximum": LAST_DAY.year})
            ],
        )
    return int(raw)


def _one_of(name: str, allowed: Collection[str]) -> str:
    value = request.args.get(name, "").strip()
    if value and value not in allowed:
        raise BadRequest("bad filter", fields=[FieldError(name, "unknown_choice", {"value": value})])
    return value


def _only_elsewhere(entries: list[LocalCatalogueRow]) -> CatalogueRow | None:
    """A danger only lists of other places name is shown as they word it."""
    return queries.catalogue_row(entries[-1]) if entries else None
