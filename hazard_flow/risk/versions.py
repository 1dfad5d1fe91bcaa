"""The history of a point's entry: after each change the whole of it, never altered afterwards."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.risk.models import (
    CheckItem,
    ControlMeasure,
    RiskEvent,
    RiskPoint,
    RiskPointVersion,
    RiskUnit,
)

_OWN = (
    "code", "name_zh", "name_en", "kind", "category", "asset_id", "organisation_id", "place", "lon", "lat", "responsible_company",
    "responsible_department", "responsible_team", "responsible_post", "phone", "emergency", "exposed_people", "has_board", "inherent",
    "residual", "next_review_on", "ended_at",
)  # fmt: skip
_LINKS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "units": (RiskUnit, ()),
    "events": (RiskEvent, ("unit_id", "accidents")),
    "measures": (ControlMeasure, ("event_id", "code", "kind", "is_effective", "test_cycle")),
    "items": (CheckItem, ("measure_id", "control_level", "method", "check_rule")),
}


def note(session: Session, point: RiskPoint, what: str, *, now: datetime, by: uuid.UUID | None) -> None:
    """Write down how the entry stands after `what`; the point's version goes up."""
    session.flush()
    point.version += 1
    point.changed_at, point.changed_by = now, by
    session.add(
        RiskPointVersion(
            point_id=point.id,
            version=point.version,
            at=now,
            changed_by=by,
            what=what,
            data=snapshot(session, point),
        )
    )
    session.flush()


def snapshot(session: Session, point: RiskPoint) -> dict[str, Any]:
    """The point and its chain as plain values."""
    found = {name: _plain(getattr(point, name)) for name in _OWN}
    for key, (model, more) in _LINKS.items():
        rows = session.scalars(
            sa.select(model)
            .where(model.point_id == point.id, model.ended_at.is_(None))
            .order_by(model.place, model.id)
        )
        found[key] = [
            {name: _plain(getattr(row, name)) for name in ("id", "text_zh", "text_en", *more)} for row in rows
        ]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
