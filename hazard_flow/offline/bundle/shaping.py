"""Rows of the catalogue, assets, people and hazards nearby, as short as a tablet can use them."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta

from hazard_flow.catalogue.rows import CATEGORY_LABELS, CONFIDENCE_MARKS, CatalogueRow
from hazard_flow.hazards.effects import NO_CONTROL
from hazard_flow.hazards.rules import Rules
from hazard_flow.i18n import LOCALES, text
from hazard_flow.identity.roles import ROLE_LABELS
from hazard_flow.offline.bundle.forms import Json, both
from hazard_flow.offline.bundle.gathering import Nameable
from hazard_flow.offline.bundle.queries import Near, Site

#: what the tablet's own positions are in
OURS = "WGS84"


def row(rules: Rules, one: CatalogueRow) -> Json:
    """One row of the catalogue, local lists included."""
    control = None if one.interim_control == NO_CONTROL else rules.fields.controls.get(one.interim_control)
    return {
        "code": one.code,
        "title": both(one.title),
        "area": one.category,
        "family": one.code[:3],
        "level": "major" if one.is_major else "general",
        "urgency": one.urgency,
        "clause": one.legal_basis,
        "mark": CONFIDENCE_MARKS[one.basis_confidence],
        "response_hours": f"{one.response_within / timedelta(hours=1):g}",
        "deadline_days": one.deadline_days,
        "control": one.interim_control,
        "interim_control": both(control) if control is not None else None,
        "evidence": list(one.suggested_evidence),
        "conditional": one.is_conditional,
    }


def areas() -> Json:
    """The names of the catalogue's areas, by area."""
    return {area: both(label) for area, label in CATEGORY_LABELS.items()}


def asset(one: Site) -> Json:
    """One asset; a position in another system than the tablet's own would send people to the wrong well, so it is left out."""
    here = one.crs == OURS
    return {
        "id": str(one.id),
        "code": one.code,
        "label": {"zh": one.name_zh, "en": one.name_en},
        "kind": one.kind,
        "lon": one.lon if here else None,
        "lat": one.lat if here else None,
        "organisation": str(one.organisation_id),
        "address": one.address,
    }


def near(one: Near, codes: Mapping[uuid.UUID, str]) -> Json:
    """An open hazard somebody may be about to report again."""
    return {
        "number": one.number,
        "title": one.title,
        "asset": codes.get(one.asset_id) if one.asset_id else None,
        "lon": one.lon,
        "lat": one.lat,
        "stage": one.stage,
        "level": one.level,
    }


def people(lists: Iterable[Nameable]) -> Json:
    """Whoever a form may name, by id, with their roles in words."""
    return {
        id_: {"name": name, "roles": {locale: _roles(roles, locale) for locale in LOCALES}}
        for one in lists
        for id_, name, roles in one
    }


def _roles(roles: Iterable[str], locale: str) -> str:
    return text("web.and", locale).join(ROLE_LABELS[role].in_(locale) for role in roles)
