"""The report form, and small words the hazard pages need: action labels, as whom somebody acts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.assets import queries as assets
from hazard_flow.catalogue.rows import CatalogueRow, snapshot
from hazard_flow.errors import NotFound
from hazard_flow.hazards import queries, related, risk_links
from hazard_flow.hazards.acting import allowed_roles
from hazard_flow.hazards.drawing import Returned, draw
from hazard_flow.hazards.facts import proposals
from hazard_flow.hazards.listed import row_of, rows_for
from hazard_flow.hazards.matter_views import Related
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.opening import TITLE_LENGTH_MAX
from hazard_flow.hazards.rows import rows
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.hazards.shown import Words
from hazard_flow.hazards.views import EvidenceSlot, ReportForm
from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.roles import ROLE_LABELS
from hazard_flow.storage.base import new_id
from hazard_flow.web.views import FormError, FormField
from hazard_flow.workflow import forms
from hazard_flow.workflow.definition import Action

_SHOWN = (
    "title",
    "description",
    "found_at",
    "place",
    "site_condition",
    "leak_reading",
    "leak_unit",
    "onsite_action",
)
#: where errors that belong to no field of the form are looked for
_ANCHORS = {"evidence": "photos", "reopen_of": "", "role": "", "organisation_id": ""}


@dataclass(frozen=True)
class Way:
    """How somebody reports: the ordinary way or past their manager, anew or as a relapse of a closed hazard."""

    actor: Actor
    locale: str
    now: datetime
    zone: ZoneInfo
    is_protected: bool = False
    asset_code: str = ""
    reopen_of: str = ""


def form(session: Session, way: Way, returned: Returned | None = None) -> ReportForm:
    """The report form: the workflow's own fields, with assets and catalogue to pick from."""
    rules, locale = rules_of(session), way.locale
    action = creating(rules, protected=way.is_protected)
    known = {f.name: f for f in forms.form_fields(action, locale)}
    fields = {name: draw(known[name], way.zone, returned) for name in _SHOWN}
    origin = queries.by_number(session, way.reopen_of) if way.reopen_of else None
    asset_code = way.asset_code or _asset_code(session, origin)
    back = returned.values if returned else _of_origin(origin, asset_code, locale)
    chosen = assets.by_code(session, asset_code) if asset_code else None
    for name in ("title", "place"):
        fields[name] = _with_value(fields[name], str(back.get(name) or fields[name].value))
    fields["found_at"] = _with_value(
        fields["found_at"],
        str(back.get("found_at") or way.now.astimezone(way.zone).strftime("%Y-%m-%dT%H:%M")),
    )
    choices = risk_links.offered(session, chosen.id if chosen else None, locale)
    for name in (risk_links.POINT, risk_links.MEASURE):
        linked = risk_links.drawn(draw(known[name], way.zone, returned), choices, back)
        if linked is not None:
            fields[name] = linked
    code = str(back.get("catalogue_code", ""))
    fields["asset_id"] = _asset_field(session, str(back.get("asset_id", asset_code)), returned, locale)
    listed = rows_for(rules, division=chosen.division if chosen else "", now=way.now)
    fields["catalogue_code"] = _catalogue_field(listed, code, locale)
    fields["suspected_urgency"] = _urgency_field(
        known["suspected_urgency"], rules, str(back.get("suspected_urgency", "B")), way.zone, locale
    )
    nearby = queries.at_asset(session, chosen.id) if chosen else []
    row = row_of(listed, code)
    return ReportForm(
        fields=fields,
        request_key=returned.request_key if returned and returned.request_key else str(new_id()),
        photos=EvidenceSlot(
            name="photos", label=text("hazards.report.photos", locale), needed=1, error=_photo_error(returned)
        ),
        action=action.key if way.is_protected else "",
        may_protect=may_protect(rules, way.actor),
        origin=relapse_of(session, origin, locale) if origin is not None else None,
        proposals=proposals(Words(rules, locale), snapshot(row)) if row is not None else "",
        errors=_errors(returned),
        nearby=rows(session, nearby, locale=locale, now=way.now),
    )


def proposed(rules: Rules, code: str, *, division: str, locale: str, now: datetime) -> dict[str, Any]:
    """What the catalogue proposes for a row: its code, title, urgency, and everything in one line. `NotFound` for a code nobody knows."""
    row = row_of(rows_for(rules, division=division, now=now), code)
    if row is None:
        raise NotFound(f"catalogue row {code[:20]}")
    return {
        "code": row.code,
        "title": row.title.in_(locale),
        "urgency": row.urgency,
        "text": proposals(Words(rules, locale), snapshot(row)),
    }


def creating(rules: Rules, *, protected: bool) -> Action:
    """The ordinary report, or the one past a manager."""
    return next(a for a in rules.newest("general").creating if a.protects == protected)


def may_protect(rules: Rules, actor: Actor) -> bool:
    """Whether this person has a manager to report past."""
    return bool(actor.roles & set(creating(rules, protected=True).who))


def relapse_of(session: Session, origin: Hazard, locale: str) -> Related:
    """The closed hazard a report calls its origin."""
    return related.related(session, [related.Link("reopen_of", origin)], locale)[0]


def _asset_code(session: Session, origin: Hazard | None) -> str:
    asset = assets.by_id(session, origin.asset_id) if origin is not None and origin.asset_id else None
    return asset.code if asset is not None else ""


def _of_origin(origin: Hazard | None, asset_code: str, locale: str) -> Mapping[str, Any]:
    """What a relapse takes over from the closed hazard; the description is for whoever saw it again."""
    if origin is None:
        return {}
    return {
        "title": text("hazards.report.relapse_title", locale, title=origin.title)[:TITLE_LENGTH_MAX],
        "place": origin.place,
        "asset_id": asset_code,
        "catalogue_code": origin.catalogue_code or "",
        "suspected_urgency": origin.urgency or "B",
    }


@dataclass(frozen=True)
class Read:
    """A report form as it was sent: the fields of the workflow, and what stands beside them."""

    data: dict[str, Any]
    asset_code: str
    action: str | None
    reopen_of: str | None


def read(values: Mapping[str, Any]) -> Read:
    """The form's answers as the door takes them."""
    data = dict(values)
    code, action, reopen_of = (
        str(data.pop(name, "")).strip() for name in ("asset_id", "action", "reopen_of")
    )
    for name in ("lon", "lat", "accuracy_m"):
        found = data.pop(f"place_{name}", "")
        if found:
            data[name] = found
    if "lon" in data:
        data["crs"] = "WGS84"
    if data.get("suspected_urgency") == "M":
        data["suspected_level"] = "major"
    return Read(data, code, action or None, reopen_of or None)


def _asset_field(session: Session, value: str, returned: Returned | None, locale: str) -> FormField:
    choices = tuple((a.code, f"{a.label.in_(locale)} · {a.address}") for a in assets.choices(session))
    wrong = (
        [s for e, s in zip(returned.errors, returned.sentences, strict=True) if e.field == "asset_id"]
        if returned
        else []
    )
    return FormField(
        name="asset_id",
        type="asset",
        label=text("hazards.report.field.asset_id", locale),
        required=False,
        choices=choices,
        hint=text("hazards.report.field.asset_hint", locale),
        value=value,
        error=" ".join(wrong),
    )


def _catalogue_field(listed: Mapping[str, CatalogueRow], value: str, locale: str) -> FormField:
    choices = tuple((r.code, f"{r.code} {r.title.in_(locale)}") for r in listed.values())
    return FormField(
        name="catalogue_code",
        type="asset",
        label=text("hazards.report.field.catalogue", locale),
        required=False,
        choices=choices,
        hint=text("hazards.report.field.catalogue_hint", locale),
        value=value,
    )


def _urgency_field(known: forms.FormField, rules: Any, value: str, zone: ZoneInfo, locale: str) -> FormField:
    drawn = draw(known, zone, None)
    labels = rules.fields.urgencies
    return FormField(
        name=drawn.name,
        type="tiles",
        label=text("hazards.report.field.suspected_urgency", locale),
        choices=tuple((u, labels[u].in_(locale)) for u in ("M", "A", "B", "C")),
        value=value,
    )


def _with_value(field: FormField, value: str) -> FormField:
    return replace(field, value=value)


def _errors(returned: Returned | None) -> tuple[FormError, ...]:
    if returned is None:
        return ()
    return tuple(
        FormError(field=_ANCHORS.get(e.field, e.field), text=s)
        for e, s in zip(returned.errors, returned.sentences, strict=True)
    )


def _photo_error(returned: Returned | None) -> str:
    if returned is None:
        return ""
    return " ".join(
        s
        for e, s in zip(returned.errors, returned.sentences, strict=True)
        if e.field in ("evidence", "photos")
    )


def action_label(session: Session, hazard: Hazard, action: str, locale: str) -> str:
    """What people call an action of this hazard."""
    known = rules_of(session).pinned(hazard.workflow, hazard.workflow_version).actions.get(action)
    return known.label.in_(locale) if known else action


def acting_as(actor: Actor, hazard: Hazard, locale: str) -> str:
    """The person's name and the roles they have towards this hazard."""
    held = [r for r in ROLE_LABELS if r in allowed_roles(actor, hazard)]
    return " · ".join([actor.name, *(ROLE_LABELS[r].in_(locale) for r in held[-2:])])
