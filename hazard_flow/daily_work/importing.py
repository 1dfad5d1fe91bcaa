"""Registers as files: rows come in from a table or spreadsheet and go out as one. Judged whole, stored whole or not at all."""

import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.owners import owners_named
from hazard_flow.daily_work import operations, queries, steps
from hazard_flow.daily_work.lines import RecordKind
from hazard_flow.daily_work.loading import line_book
from hazard_flow.daily_work.models import WorkRecord
from hazard_flow.daily_work.operations import RIGHT, Order
from hazard_flow.daily_work.references import ids, resolve
from hazard_flow.errors import FieldError, HazardFlowError, NotAllowed, NotFound
from hazard_flow.exchange.faults import RowFault
from hazard_flow.exchange.formulas import guarded
from hazard_flow.exchange.kinds import ExportOrder, ImportOrder, ImportReport, Kind, RowChange
from hazard_flow.exchange.records import Record, SourceFile
from hazard_flow.exchange.tables import TableFault, open_table
from hazard_flow.exchange.workbook import write_rows
from hazard_flow.identity.models import Organisation, Person
from hazard_flow.identity.rights import may

ENDINGS = (".csv", ".xlsx")
#: the unit a row belongs to: credit code, full name or id; the order's own where a file names none
UNIT = "organisation"
ROWS_MAX = 20_000
#: kind of file → kind of record
REGISTERS: Mapping[str, str] = {
    "cylinders": "cylinder",
    "cylinder_movements": "movement",
    "certificates": "certificate",
    "special_equipment": "equipment",
    "cp_readings": "cp_reading",
    "vouchers": "voucher",
}
_WHY = "import"
#: what a form says of a field → what a file says of it
_CODES = {"required": "needed", "not_a_number": "not_a_decimal", "not_an_integer": "not_a_whole_number"}
_SAME = ("not_a_date", "work_row")


def work_files() -> tuple[Kind, ...]:
    """The kinds of files this feature takes and writes."""
    kinds = line_book().kinds
    return tuple(
        Kind(key, kinds[kind].label, ENDINGS, partial(read_in, key=key), partial(write_out, key=key))
        for key, kind in REGISTERS.items()
    )


def columns(kind: RecordKind) -> tuple[str, ...]:
    """The columns of a register's file."""
    return (UNIT, *(one.key for one in kind.fields))


def read_in(session: Session, file: SourceFile, order: ImportOrder, *, key: str) -> ImportReport:
    """Rows by their own number: new ones are recorded, known ones corrected, what says nothing new is left alone.

    A register without own numbers keeps each row once, by what it says. Raises NotAllowed for who may not record.
    """
    if not may(order.actor, RIGHT):
        raise NotAllowed(RIGHT, right=RIGHT)
    reader = _Reader(session, order, line_book().kinds[REGISTERS[key]])
    trial = session.begin_nested()
    try:
        with open_table(file) as table:
            reader.go_through(table.columns, table.rows)
    except TableFault as fault:
        reader.faults.append(fault.fault)
    except BaseException:
        trial.rollback()
        raise
    stores = not reader.faults and not order.dry_run
    if stores:
        trial.commit()
    else:
        trial.rollback()
        session.expire_all()
    changes = () if reader.faults else tuple(reader.changes)
    return ImportReport(key, reader.rows, changes, tuple(reader.faults), is_stored=stores and bool(changes))


def write_out(session: Session, order: ExportOrder, *, key: str) -> str | bytes:
    """Everything of a register within reach, as `read_in` takes it; of one division or unit where asked."""
    kind = line_book().kinds[REGISTERS[key]]
    path = ""
    if order.organisation:
        found = owners_named(session, order.organisation)
        if len(found) != 1:
            raise NotFound(order.organisation, fields=[FieldError(UNIT, "unknown_organisation")])
        path = found[0].path
    rows = [
        row
        for row in queries.all_of(session, kind.key, home_path=path)
        if row.division.startswith(order.division)
    ]
    return written(session, kind, rows, order.ending)


def written(session: Session, kind: RecordKind, rows: list[WorkRecord], ending: str) -> str | bytes:
    """These records as a table or a spreadsheet."""
    named = _names(session, kind, rows)
    names = columns(kind)
    lines = [[cells.get(name, "") for name in names] for cells in (_cells(kind, row, named) for row in rows)]
    if ending == ".xlsx":
        return write_rows(names, lines, title=kind.key)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([guarded(str(cell)) for cell in line] for line in lines)
    return "\ufeff" + out.getvalue()  # the mark tells spreadsheets on Windows that this is UTF-8


class _Reader:
    def __init__(self, session: Session, order: ImportOrder, kind: RecordKind) -> None:
        self._session, self._order, self._kind = session, order, kind
        self._units: dict[str, Organisation | None] = {}
        self._seen: dict[str, int] = {}
        self.faults: list[RowFault] = []
        self.changes: list[RowChange] = []
        self.rows = 0

    def go_through(self, names: tuple[str, ...], rows: Any) -> None:
        """Every row, unless the header is wrong or there are more than one import takes."""
        known = columns(self._kind)
        self.faults += [
            RowFault(1, name, "unknown_column", {"known": known})
            for name in names
            if name and name not in known
        ]
        needed = [one.key for one in self._kind.fields if one.required and one.key not in names]
        self.faults += [RowFault(1, name, "missing_column") for name in needed]
        if self.faults:
            return
        for one in rows:
            if isinstance(one, RowFault):
                self.faults.append(one)
                continue
            self.rows += 1
            if self.rows > ROWS_MAX:
                self.faults.append(RowFault(0, "", "too_many_rows", {"limit": ROWS_MAX}))
                return
            self._row(one)

    def _row(self, record: Record) -> None:
        unit = self._unit(record)
        if unit is None:
            return
        given = {one.key: record.text(one.key) for one in self._kind.fields if one.key in record.cells}
        if not self._is_first(record, unit, given):
            return
        try:
            with self._session.begin_nested():
                self._store(record, unit, given)
        except HazardFlowError as refused:
            self.faults += [_fault(record, one, given) for one in refused.fields] or [
                RowFault(record.row, "", "work_row", {"value": refused.code})
            ]

    def _is_first(self, record: Record, unit: Organisation, given: Mapping[str, str]) -> bool:
        own = given.get(self._kind.own_key, "") if self._kind.own_key else ""
        if not own:
            return True
        first = self._seen.setdefault(f"{unit.root_id}:{own}", record.row)
        if first != record.row:
            self.faults.append(RowFault(record.row, self._kind.own_key, "twice", {"first": first}))
        return first == record.row

    def _store(self, record: Record, unit: Organisation, given: Mapping[str, str]) -> None:
        kind, session = self._kind, self._session
        own = given.get(kind.own_key, "") if kind.own_key else ""
        known = queries.by_own_key(session, kind.key, own, home_id=unit.root_id) if own else None
        content = "\n".join(f"{name}={value}" for name, value in sorted(given.items()) if value)
        digest = hashlib.sha256(content.encode()).hexdigest()
        if known is None:
            order = self._asked(f"import:{kind.key}:{unit.id.hex}:{digest}")
            is_known = steps.is_seen(session, unit.root_id, order.request_key)
            made = operations.record(session, self._filed(kind), given, order, organisation=unit)
            if not is_known:
                self.changes.append(RowChange(record.row, "added", own or made.words, after=made.words))
            return
        home = session.get_one(Organisation, unit.root_id)
        wanted, _ = resolve(session, kind, given, home=home)
        before = dict(known.data)
        if all(str(before.get(name, "")) == value for name, value in wanted.items()):
            return
        order = self._asked(f"import:{kind.key}:{known.id.hex}:{known.version}:{digest}")
        trial = session.begin_nested()
        operations.correct(session, known.id, wanted, order, why=_WHY)
        changed = [name for name in {**before, **known.data} if before.get(name) != known.data.get(name)]
        if not changed:
            trial.rollback()
            session.expire(known)
            return
        trial.commit()
        self.changes.append(
            RowChange(
                record.row,
                "changed",
                own,
                before=", ".join(f"{name}={before.get(name, '')}" for name in changed),
                after=", ".join(f"{name}={known.data.get(name, '')}" for name in changed),
            )
        )

    def _asked(self, key: str) -> Order:
        return Order(actor=self._order.actor, now=self._order.now, request_key=key)

    @staticmethod
    def _filed(kind: RecordKind) -> RecordKind:
        """A row brings no files: where a record needs some, they are added to it later and its page says so."""
        return replace(kind, files_least=0)

    def _unit(self, record: Record) -> Organisation | None:
        word = record.text(UNIT) or self._order.organisation
        if word not in self._units:
            found = owners_named(self._session, word) if word else self._own()
            self._units[word] = found[0] if len(found) == 1 else None
        unit = self._units[word]
        if unit is None:
            self.faults.append(RowFault(record.row, UNIT, "work_unit", {"value": word}))
        return unit

    def _own(self) -> list[Organisation]:
        """The unit of whoever imports; the system has none."""
        held = [one for one in self._order.actor.holdings if not one.regulator]
        if not held:
            return []
        return [self._session.get_one(Organisation, min(held, key=lambda one: len(one.path)).organisation_id)]


def _fault(record: Record, one: FieldError, given: Mapping[str, str]) -> RowFault:
    """A form's fault in the words of a file."""
    value = given.get(one.field, "")[:80]
    if one.code == "not_a_choice":
        return RowFault(
            record.row,
            one.field,
            "not_one_of",
            {"value": value, "choices": one.params["choices"].split(", ")},
        )
    if one.code == "too_long":
        return RowFault(record.row, one.field, "too_long", {"limit": one.params["at_most"]})
    code = _CODES.get(one.code, one.code)
    if code in ("needed", "not_a_decimal", "not_a_whole_number", *_SAME):
        return RowFault(record.row, one.field, code, {"value": value})
    if one.code in ("person_unknown", "unknown_asset", "unknown_record"):
        return RowFault(record.row, one.field, "work_unknown_name", {"value": value})
    return RowFault(record.row, one.field, "work_value", {"value": value})


def _names(session: Session, kind: RecordKind, rows: list[WorkRecord]) -> Mapping[str, str]:
    """What a file calls what these records name: user names, codes, own numbers, units."""
    people = {one for row in rows for one in ids(kind, row.data, "person")}
    things = {one for row in rows for one in ids(kind, row.data, "asset")}
    parents = queries.many(session, {one for row in rows for one in ids(kind, row.data, "parent")})
    found: dict[str, str] = {str(id_): row.own_key or str(id_) for id_, row in parents.items()}
    units = {row.organisation_id for row in rows}
    found |= {
        str(id_): name
        for table, column, wanted in (
            (Person.id, Person.username, people),
            (Asset.id, Asset.code, things),
            (Organisation.id, Organisation.name_zh, units),
        )
        if wanted
        for id_, name in session.execute(sa.select(table, column).where(table.in_(list(wanted))))
    }
    return found


def _cells(kind: RecordKind, row: WorkRecord, named: Mapping[str, str]) -> dict[str, Any]:
    cells: dict[str, Any] = {UNIT: named.get(str(row.organisation_id), "")}
    for one in kind.fields:
        value = row.data.get(one.key, "")
        cells[one.key] = named.get(value, value) if one.type in ("person", "asset", "parent") else value
    return cells
