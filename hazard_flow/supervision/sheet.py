"""The regulator's view of a month as rows of a table, for a file."""

import uuid
from collections.abc import Mapping, Sequence

from hazard_flow.i18n import text
from hazard_flow.identity.models import Organisation
from hazard_flow.inspections.work_lines import UNITS, WORK_LINES
from hazard_flow.supervision.lines import Cell

COLUMNS = (
    "enterprise", "line", "unit", "due", "done", "percent", "on_time", "invalid", "missed", "findings", "rechecked", "contradicted",
)  # fmt: skip


def columns(locale: str) -> list[str]:
    """The head of the table."""
    return [text(f"supervision.column.{name}", locale) for name in COLUMNS]


def rows(
    units: Sequence[Organisation], board: Mapping[uuid.UUID, Mapping[str, Cell]], locale: str
) -> list[list[str | int | float]]:
    """One row for each line of each enterprise; a figure nobody offers is empty, never nought."""
    found: list[list[str | int | float]] = []
    for unit in units:
        for line, cell in board.get(unit.id, {}).items():
            one = cell.figures
            figures: list[str | int | float] = ["", "", "", "", "", "", "", ""]
            if one is not None:
                percent: str | int = cell.percent if cell.percent is not None else ""
                figures = [
                    unit_name(one.unit, locale),
                    one.due,
                    one.done,
                    percent,
                    one.on_time,
                    one.invalid,
                    one.missed,
                    one.findings,
                ]
            found.append(
                [
                    unit.label.in_(locale),
                    WORK_LINES[line].in_(locale),
                    *figures,
                    cell.rate.checked,
                    cell.rate.contradicted,
                ]
            )
    return found


def unit_name(unit: str, locale: str) -> str:
    """A line's unit in words."""
    return UNITS[unit].in_(locale)
