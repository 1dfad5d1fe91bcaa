"""The report form, and small words the hazard pages need: action labels, as whom somebody acts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.assets import queries as assets
from hazard_flow.catalogue import rows as catalogue
from hazard_flow.hazards import queries
from hazard_flow.hazards.acting import allowed_roles
from hazard_flow.hazards.drawing import Returned, draw
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rows import rows
from hazard_flow.hazards.rules import rules_of
from hazard_flow.hazards.views import EvidenceSlot, ReportForm
from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.roles import ROLE_LABELS
from hazard_flow.storage.base import new_id
from hazard_flow.web.views import FormError, FormField
from hazard_flow.workflow import forms

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


def form(
    session: Session,
    *,
    asset_code: str,
    locale: str,
    now: datetime,
    zone: ZoneInfo,
    returned: Returned | None = None,
) -> ReportForm:
    """The report form: the workflow's own fields, with assets and catalogue to pick from."""
    rules = rules_of(session)
    action = next(a for a in rules.newest("general").actions.values() if a.from_states is None)
    known = {f.name: f for f in forms.form_fields(action, locale)}
    fields = {name: draw(known[name], zone, returned) for name in _SHOWN}
    back = returned.values if returned else {}
    fields["found_at"] = _with_value(
        fields["found_at"], str(back.get("found_at") or now.astimezone(zone).strftime("%Y-%m-%dT%H:%M"))
    )
    fields["asset_id"] = _asset_field(session, str(back.get("asset_id", asset_code)), returned, locale)
    fields["catalogue_code"] = _catalogue_field(str(back.get("catalogue_code", "")), locale)
    fields["suspected_urgency"] = _urgency_field(
        known["suspected_urgency"], rules, str(back.get("suspected_urgency", "B")), zone, locale
    )
    chosen = assets.by_code(session, asset_code) if asset_code else None
    nearby = queries.at_asset(session, chosen.id) if chosen else []
    return ReportForm(
        fields=fields,
        request_key=returned.request_key if returned and returned.request_key else str(new_id()),
        photos=EvidenceSlot(
            name="photos", label=text("hazards.report.photos", locale), needed=1, error=_photo_error(returned)
        ),
        errors=_errors(returned),
        nearby=rows(session, nearby, locale=locale, now=now),
    )


def read(values: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The form's answers as the door takes them, and the asset's code apart."""
    data = dict(values)
    code = str(data.pop("asset_id", "")).strip()
    for name in ("lon", "lat", "accuracy_m"):
        found = data.pop(f"place_{name}", "")
        if found:
            data[name] = found
    if "lon" in data:
        data["crs"] = "WGS84"
    if data.get("suspected_urgency") == "M":
        data["suspected_level"] = "major"
    return data, code


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


def _catalogue_field(value: str, locale: str) -> FormField:
    choices = tuple((r.code, f"{r.code} {r.title.in_(locale)}") for r in catalogue.load().values())
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
        FormError(field="photos" if e.field == "evidence" else e.field, text=s)
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
