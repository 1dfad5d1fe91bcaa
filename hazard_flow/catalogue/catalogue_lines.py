"""Files of local catalogue rows: records in, judged rows out. A local list may add dangers and judge known ones more strictly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from hazard_flow.catalogue import rows as catalogue
from hazard_flow.catalogue.cells import Fault, Once, Validity, at, flag_of, source_faults, validity
from hazard_flow.catalogue.places import division_of
from hazard_flow.catalogue.rows import CatalogueRow
from hazard_flow.catalogue.rulebook import RuleBook, laxer
from hazard_flow.exchange.faults import RowFault
from hazard_flow.exchange.kinds import ImportOrder
from hazard_flow.exchange.records import Record, check_columns

_NEEDED = (
    "code", "title_zh", "title_en", "default_level", "urgency", "legal_basis", "basis_confidence", "response_hours",
    "deadline_days", "interim_control", "suggested_evidence", "source",
)  # fmt: skip
COLUMNS = (
    "authority_division", "code", "title_zh", "title_en", "default_level", "urgency", "legal_basis", "basis_confidence",
    "response_hours", "deadline_days", "interim_control", "suggested_evidence", "telemetry_trigger", "note",
    "valid_from", "valid_to", "source", "withdrawn",
)  # fmt: skip
#: columns of the shipped file that follow from others: taken and not looked at, so that rows can be copied from it
_DERIVED = ("category", "category_zh", "default_level_zh")
Identity = tuple[str, str, date | None]


@dataclass(frozen=True)
class CatalogueLine:
    """One row of a file without faults."""

    row: int
    #: as it would count
    entry: CatalogueRow
    #: the cells as they are stored
    cells: dict[str, str]
    days: Validity
    is_withdrawn: bool

    @property
    def identity(self) -> Identity:
        """What it is an entry of: the next entry of the same supersedes it."""
        return self.entry.code, self.entry.authority_division, self.days.valid_from


def read_lines(
    records: Sequence[Record], order: ImportOrder, *, book: RuleBook, within: Sequence[str]
) -> tuple[list[CatalogueLine], list[RowFault]]:
    """The rows of a file and everything wrong with them."""
    faults = check_columns(records, known=(*COLUMNS, *_DERIVED), needed=_NEEDED)
    if faults:
        return [], faults
    lines: list[CatalogueLine] = []
    once: Once[Identity] = Once({})
    for record in records:
        line, wrong = _line(record, order, within)
        if line is not None:
            wrong += list(once.faults(record.row, line.identity, "code"))
            wrong += _lax(line, book)
            lines.append(line)
        faults += at(record.row, wrong)
    return lines, faults


def _line(
    record: Record, order: ImportOrder, within: Sequence[str]
) -> tuple[CatalogueLine | None, list[Fault]]:
    cells = {name: _text(record, name) for name in COLUMNS}
    cells["code"] = cells["code"].upper()
    shipped = catalogue.load().get(cells["code"])
    faults: list[Fault] = list(catalogue.cell_faults(cells, is_raising=shipped is not None))
    number = cells["code"][-2:]
    if shipped is None and number.isdigit() and int(number) < catalogue.LOCAL_NUMBER_FROM:
        faults.append(("code", "number_is_national", {"first": catalogue.LOCAL_NUMBER_FROM}))
    division, wrong = division_of(record, "authority_division", order, within)
    faults += wrong
    days, wrong = validity(record)
    faults += wrong
    faults += source_faults(record)
    faults += [
        (name, "too_long", {"limit": catalogue.TEXT_LENGTH_MAX})
        for name in ("note", "telemetry_trigger")
        if len(cells[name]) > catalogue.TEXT_LENGTH_MAX
    ]
    withdrawn, wrong = flag_of(record, "withdrawn")
    faults += wrong
    if faults:
        return None, faults
    entry = replace(
        catalogue.row_of(cells, ""),
        authority_division=division,
        national_level="",
        valid_from=days.valid_from,
        valid_to=days.valid_to,
        source=cells["source"],
    )
    return CatalogueLine(record.row, entry, cells, days, withdrawn), []


def _lax(line: CatalogueLine, book: RuleBook) -> list[Fault]:
    """Where a row asks for less than what counts there without it: in the shipped catalogue and in the lists above its division."""
    if line.is_withdrawn or line.days.valid_from is None:
        return []
    above = tuple(
        row
        for row in book.local_rows
        if row.authority_division != line.entry.authority_division
        and line.entry.authority_division.startswith(row.authority_division)
    )
    without = RuleBook(policy_rows=(), local_rows=above)
    known = without.catalogue(line.entry.authority_division, line.days.valid_from).get(line.entry.code)
    if known is None:
        return []
    return [(column, "laxer_than_above", {"bound": bound}) for column, bound in laxer(known, line.entry)]


def as_record(row: CatalogueRow, *, is_withdrawn: bool = False) -> dict[str, Any]:
    """A row as `read_lines` takes it."""
    return {
        "authority_division": row.authority_division,
        "code": row.code,
        "title_zh": row.title.zh,
        "title_en": row.title.en,
        "default_level": row.level,
        "urgency": row.urgency,
        "legal_basis": row.legal_basis,
        "basis_confidence": row.basis_confidence,
        "response_hours": catalogue.hours_text(row.response_within),
        "deadline_days": str(row.deadline_days),
        "interim_control": row.interim_control,
        "suggested_evidence": ";".join(row.suggested_evidence),
        "telemetry_trigger": row.telemetry_trigger,
        "note": row.note,
        "valid_from": row.valid_from.isoformat() if row.valid_from else "",
        "valid_to": row.valid_to.isoformat() if row.valid_to else "",
        "source": row.source,
        "withdrawn": "yes" if is_withdrawn else "",
    }


def _text(record: Record, name: str) -> str:
    """A cell as text; a list of codes (YAML, JSON) is joined."""
    value = record.cells.get(name)
    return ";".join(map(str, value)) if isinstance(value, list) else record.text(name)
