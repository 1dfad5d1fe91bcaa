"""What the lines of planned rounds come to: due, done, in time, invalid, missed, found; for a regulator's page and the scorecard."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.inspections.models import Round
from hazard_flow.inspections.work_lines import LineFigures
from hazard_flow.schedule.bulk import among
from hazard_flow.storage.unit import scope_of_session

#: lines that are walked: counted by their kilometres; the others by rounds
WALKED = ("pipeline_patrol", "leak_survey")
COUNTED = ("station_inspection", "regulators", "valves", "corrosion", "commercial", "lpg", "duty")
LINES = (*WALKED, *COUNTED)


def figures(
    session: Session, organisation_ids: Sequence[uuid.UUID], since: date, until: date
) -> Mapping[uuid.UUID, Sequence[LineFigures]]:
    """Figures of the lines rounds belong to, by enterprise, over the days they were planned on; lines without a round are left out.

    A walked line's `done` is the kilometres covered by valid rounds; a round that was made up for by a later one stays missed.
    """
    if not organisation_ids:
        return {}
    scope = scope_of_session(session)
    rows = session.execute(
        sa.select(Round.home_id, Round.line, *_sums())
        .where(
            among(session, Round.home_id, organisation_ids),
            Round.planned_on >= since,
            Round.planned_on <= until,
            scope.where(Round.path, Round.division, Round.parties),
        )
        .group_by(Round.home_id, Round.line)
    )
    found: dict[uuid.UUID, list[LineFigures]] = {}
    for row in rows:
        found.setdefault(row.home_id, []).append(_line(row, since, until))
    for lines in found.values():
        lines.sort(key=lambda one: LINES.index(one.line) if one.line in LINES else len(LINES))
    return found


def _sums() -> list[sa.ColumnElement[Any]]:
    km = sa.func.coalesce(Round.due_m, 0.0) / 1000.0
    covered_km = sa.func.coalesce(Round.covered_m, 0.0) / 1000.0
    is_done = Round.state == "done"
    is_valid = sa.and_(is_done, Round.is_valid.is_(True))
    is_invalid = sa.and_(is_done, Round.is_valid.is_not(True))
    # the term is over and nothing valid came
    is_missed = sa.or_(Round.state == "missed", is_invalid)
    in_time = sa.and_(is_valid, Round.is_late.is_(False))

    def total(what: Any, where: sa.ColumnElement[bool] | None, name: str) -> sa.ColumnElement[Any]:
        return sa.func.sum(what if where is None else sa.case((where, what), else_=0)).label(name)

    return [
        total(km, None, "due_km"),
        total(covered_km, is_valid, "done_km"),
        total(covered_km, in_time, "on_time_km"),
        total(km, is_invalid, "invalid_km"),
        total(km, is_missed, "missed_km"),
        total(1, None, "due"),
        total(1, is_valid, "done"),
        total(1, in_time, "on_time"),
        total(1, is_invalid, "invalid"),
        total(1, is_missed, "missed"),
        total(Round.findings, None, "findings"),
    ]


def _line(row: Any, since: date, until: date) -> LineFigures:
    unit, end = ("km", "_km") if row.line in WALKED else ("rounds", "")
    numbers = {
        name: float(getattr(row, name + end) or 0) for name in ("due", "done", "on_time", "invalid", "missed")
    }
    return LineFigures(
        line=row.line,
        unit=unit,
        **numbers,
        findings=int(row.findings or 0),
        href=f"/rounds?line={row.line}&organisation={row.home_id}&since={since}&until={until}",
    )
