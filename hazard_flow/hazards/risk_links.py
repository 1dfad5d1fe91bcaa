"""Where a hazard meets the register of risks: its point, and the measure that failed. Both may be left out, neither made up."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError
from hazard_flow.risk import queries
from hazard_flow.storage.unit import beyond_scope
from hazard_flow.web.views import FormField

POINT, MEASURE = "risk_point", "failed_measure"
Choices = tuple[tuple[str, str], ...]


def offered(session: Session, asset_id: uuid.UUID | None, locale: str) -> Mapping[str, Choices]:
    """What the two fields offer: points and measures of the asset where it is known, else of everything in sight."""
    points = tuple((p.code, p.label.in_(locale)) for p in queries.choices(session, asset_id=asset_id))
    measures = tuple(
        (m.code, m.label.in_(locale)) for m in queries.measure_choices(session, asset_id=asset_id)
    )
    return {POINT: points, MEASURE: measures}


def problems(session: Session, home_id: uuid.UUID, data: Mapping[str, Any]) -> list[FieldError]:
    """Codes that the enterprise has no point or measure of."""
    point, measure = (str(data.get(name) or "").strip() for name in (POINT, MEASURE))
    if not point and not measure:
        return []
    found = []
    with beyond_scope(session):  # whoever finds a hazard may name what another team answers for
        if point and queries.by_code(session, point, home_id=home_id) is None:
            found.append(FieldError(POINT, "unknown_risk_point", {"value": point[:60]}))
        if measure and queries.measure_by_code(session, measure, home_id=home_id) is None:
            found.append(FieldError(MEASURE, "unknown_measure", {"value": measure[:60]}))
    return found


def drawn(field: FormField, choices: Mapping[str, Choices], known: Mapping[str, Any]) -> FormField | None:
    """One of the two fields with what it offers and what is known already; None where there is nothing to choose from."""
    if field.name not in (POINT, MEASURE):
        return field
    offered_here = choices.get(field.name, ())
    if not offered_here:
        return None
    return replace(
        field, type="asset", choices=offered_here, value=field.value or str(known.get(field.name) or "")
    )
