"""The catalogue rows a hazard was judged by: found for its place and day, kept by the hazard as they were."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from hazard_flow.catalogue.rows import CatalogueRow, load, snapshot
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import Rules

#: under this name in `details` and in events: code → row as it was
KEPT = "catalogue"
#: fields of forms that name rows, alone or in a list
_NAMING = ("catalogue_code", "basis", "clause")


def rows_for(rules: Rules, *, division: str, now: datetime) -> Mapping[str, CatalogueRow]:
    """The rows that count in a division now, local lists included, by code."""
    return rules.book.catalogue(division, rules.day_of(now))


def row_of(rows: Mapping[str, CatalogueRow], code: str) -> CatalogueRow | None:
    """The row with this code, letters in any case."""
    return rows.get(code.strip().upper())


def keep(hazard: Hazard, rows: Mapping[str, CatalogueRow], clean: Mapping[str, Any]) -> dict[str, Any]:
    """Let a hazard keep the rows a form names; what the event says of them, empty where it names none."""
    named = {
        row.code: snapshot(row) for code in _codes(clean) for row in [row_of(rows, code)] if row is not None
    }
    if not named:
        return {}
    hazard.details = {**hazard.details, KEPT: {**hazard.details.get(KEPT, {}), **named}}
    return {KEPT: named}


def kept_rows(hazard: Hazard) -> Mapping[str, Mapping[str, Any]]:
    """Every row the hazard was judged by, by code, as it was (`snapshot`)."""
    found: Mapping[str, Mapping[str, Any]] = hazard.details.get(KEPT, {})
    return found


def row_kept(hazard: Hazard) -> Mapping[str, Any] | None:
    """The row of the hazard's own code as it was when it was chosen (`snapshot`); one that kept none is shown the shipped row."""
    code = (hazard.catalogue_code or "").strip().upper()
    return known_row(hazard, code)


def known_row(hazard: Hazard, code: str) -> Mapping[str, Any] | None:
    """The row a hazard was judged by under a code, as it was; the shipped one where it kept none; None for what is no code."""
    wanted = code.strip().upper()
    kept: Mapping[str, Any] | None = kept_rows(hazard).get(wanted)
    shipped = load().get(wanted)
    return kept or (snapshot(shipped) if shipped is not None else None)


def kept_evidence(hazard: Hazard) -> tuple[str, ...]:
    """The evidence codes the hazard's own row asks for."""
    row = row_kept(hazard)
    return tuple(row["evidence"]) if row else ()


def _codes(clean: Mapping[str, Any]) -> Iterator[str]:
    for name in _NAMING:
        value = clean.get(name)
        yield from [value] if isinstance(value, str) else value or ()
