"""Files of local policy rows: records in, judged entries out, and entries as records again. Decides nothing about what is stored."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hazard_flow.catalogue.cells import Fault, Once, Validity, at, flag_of, source_faults, validity
from hazard_flow.catalogue.places import division_of
from hazard_flow.catalogue.policy import MARKS, PolicyRow, parts_of
from hazard_flow.catalogue.policy_file import PolicyBook
from hazard_flow.catalogue.policy_keys import LIMIT_DAYS_MAX, LIMIT_GROUP, PolicyKey, hours
from hazard_flow.catalogue.rulebook import RuleBook
from hazard_flow.exchange.faults import RowFault
from hazard_flow.exchange.kinds import ImportOrder
from hazard_flow.exchange.records import Record, check_columns

COLUMNS = ("key", "division", "value", "valid_from", "valid_to", "source", "confidence", "withdrawn")
_NEEDED = ("key", "value", "source", "confidence")
Identity = tuple[str, str, date | None]


@dataclass(frozen=True)
class PolicyLine:
    """One row of a file without faults."""

    row: int
    definition: PolicyKey
    division: str
    value: Any
    days: Validity
    source: str
    confidence: str
    is_withdrawn: bool

    @property
    def identity(self) -> Identity:
        """What it is an entry of: the next entry of the same supersedes it."""
        return self.definition.key, self.division, self.days.valid_from

    @property
    def shown(self) -> str:
        """The value as people compare it."""
        return self.definition.write(self.value)


def read_lines(
    records: Sequence[Record],
    order: ImportOrder,
    *,
    keys: PolicyBook,
    book: RuleBook,
    within: Sequence[str],
    limits: Collection[str] | None,
) -> tuple[list[PolicyLine], list[RowFault]]:
    """The rows of a file and everything wrong with them. `limits`: time limits that exist, as `workflow.timer`; None takes any."""
    faults = check_columns(records, known=COLUMNS, needed=_NEEDED)
    if faults:
        return [], faults
    lines: list[PolicyLine] = []
    once: Once[Identity] = Once({})
    for record in records:
        line, wrong = _line(record, order, keys, within, limits)
        if line is not None:
            wrong += list(once.faults(record.row, line.identity, "key"))
            wrong += _short(line, book)
            lines.append(line)
        faults += at(record.row, wrong)
    return lines, faults


def _line(
    record: Record,
    order: ImportOrder,
    keys: PolicyBook,
    within: Sequence[str],
    limits: Collection[str] | None,
) -> tuple[PolicyLine | None, list[Fault]]:
    key = record.text("key")
    definition = keys.key(key)
    if definition is None:
        return None, [("key", "unknown_policy_key", {"value": key})]
    faults: list[Fault] = []
    if limits is not None and definition.group == LIMIT_GROUP and key.partition(".")[2] not in limits:
        faults.append(("key", "unknown_limit", {"value": key, "known": sorted(limits)}))
    division, wrong = division_of(record, "division", order, within)
    faults += wrong
    value, wrong_values = definition.read(record.cells.get("value"))
    faults += [("value", code, params) for code, params in wrong_values]
    if not wrong_values:
        faults += _out_of_range(definition, value)
    days, wrong = validity(record)
    faults += wrong
    faults += source_faults(record)
    confidence = record.text("confidence").upper()
    if confidence not in MARKS:
        faults.append(("confidence", "not_one_of", {"value": confidence, "choices": MARKS}))
    withdrawn, wrong = flag_of(record, "withdrawn")
    faults += wrong
    if faults:
        return None, faults
    line = PolicyLine(
        record.row, definition, division, value, days, record.text("source"), confidence, withdrawn
    )
    return line, []


def _out_of_range(definition: PolicyKey, value: Any) -> list[Fault]:
    """A limit of a workflow must run, and must not run for ever."""
    if definition.group != LIMIT_GROUP:
        return []
    spans = [definition.typed(plain) for plain in parts_of(definition, value).values()]
    wrong = any(span.amount == 0 or hours(span) > LIMIT_DAYS_MAX * 24 for span in spans)
    return [("value", "limit_out_of_range", {"days": LIMIT_DAYS_MAX})] if wrong else []


def _short(line: PolicyLine, book: RuleBook) -> list[Fault]:
    """A row that falls short of the national value on its first day would never count: better said now."""
    if line.is_withdrawn or line.days.valid_from is None:
        return []
    national = book.policy("", line.days.valid_from)
    found: list[Fault] = []
    for part, plain in parts_of(line.definition, line.value).items():
        entry = national.entries.get(line.definition.key, {}).get(part)
        if entry is not None and line.definition.falls_short(plain, entry.plain):
            found.append(("value", f"falls_short_{line.definition.bound}", {"national": str(entry.plain)}))
    return found


def as_record(row: PolicyRow, *, as_text: bool) -> dict[str, Any]:
    """A row as `read_lines` takes it; `as_text` for CSV."""
    return {
        "key": row.key,
        "division": row.division,
        "value": row.definition.write(row.value) if as_text else row.value,
        "valid_from": row.valid_from.isoformat() if row.valid_from else "",
        "valid_to": row.valid_to.isoformat() if row.valid_to else "",
        "source": row.source.zh,
        "confidence": row.confidence,
        "withdrawn": "yes" if row.is_withdrawn else "",
    }
