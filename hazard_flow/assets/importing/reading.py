"""Reads a file of assets in: judged whole, stored whole or not at all, in bounded memory."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy.orm import Session

from hazard_flow.assets.importing.judging import Judge, Judged
from hazard_flow.assets.importing.storing import Store
from hazard_flow.errors import NotAllowed
from hazard_flow.exchange.faults import RowFault
from hazard_flow.exchange.kinds import ImportOrder, ImportReport, RowChange
from hazard_flow.exchange.mapping import ColumnMapping, read_mapping
from hazard_flow.exchange.records import Record, SourceFile
from hazard_flow.exchange.tables import Table, TableFault, open_table
from hazard_flow.identity.rights import may

RIGHT = "assets.write"
#: rows compared with what is stored at once
BATCH = 2_000
#: a file with more faults is another file than it was taken for
FAULTS_MAX: Final = 10_000
#: changes told one by one; the others are counted
CHANGES_SHOWN: Final = 200


def read_in(session: Session, file: SourceFile, order: ImportOrder, *, key: str, kind: str) -> ImportReport:
    """Assets by their enterprise's own code: new ones are entered, known ones corrected, what says nothing new is left alone.

    `kind` is what rows are that name none; empty where each must. Raises NotAllowed for who may not write assets.
    """
    if not may(order.actor, RIGHT):
        raise NotAllowed(RIGHT, right=RIGHT)
    reader = _Reader(session, file, order, key=key)
    mapping = read_mapping(order.mapping, name="mapping") if order.mapping else None
    if isinstance(mapping, list):
        return ImportReport(key, faults=tuple(mapping))
    trial = session.begin_nested()
    try:
        with open_table(file) as table:
            reader.go_through(table, mapping, Judge(session, order, kind=kind, crs=table.crs))
    except TableFault as fault:
        reader.faults.append(fault.fault)
    except BaseException:
        trial.rollback()
        raise
    report = reader.report(writes=not order.dry_run)
    if report.is_stored:
        trial.commit()
    else:
        trial.rollback()
    session.expire_all()
    return report


class _Reader:
    def __init__(self, session: Session, file: SourceFile, order: ImportOrder, *, key: str) -> None:
        self._order, self._key = order, key
        self._store = Store(session, source=file.name[:120], actor=order.actor, now=order.now)
        self.faults: list[RowFault] = []
        self._changes: list[RowChange] = []
        self._counts = {"added": 0, "changed": 0}
        self._rows = 0

    def go_through(self, table: Table, mapping: ColumnMapping | None, judge: Judge) -> None:
        """Every row, unless there are more faults than anybody would read."""
        if mapping is not None:
            self.faults += judge.unknown(tuple(mapping.columns), 0)
            self.faults += mapping.missing(table.columns) if table.columns else []
        elif table.columns:
            self.faults += judge.unknown(table.columns, 1)
        if self.faults:
            return
        strangers: set[str] = set()
        for batch in _batches(table.rows):
            judged: list[Judged] = []
            for one in batch:
                if isinstance(one, RowFault):
                    self.faults.append(one)
                    self._rows += one.row > 0
                    continue
                self._rows += 1
                cells = one
                faults: list[RowFault] = []
                if mapping is not None:
                    cells, faults = mapping.record(one)
                elif not table.columns:
                    cells, faults = _of_feature(one, judge, strangers)
                self.faults += faults
                found = judge.row(cells)
                if isinstance(found, Judged):
                    judged.append(found)
                else:
                    self.faults += found
            changes, faults = self._store.take(judged, writes=not self.faults and not self._order.dry_run)
            self.faults += faults
            self._count(changes)
            self._order.progress(self._rows, table.share())
            if len(self.faults) > FAULTS_MAX:
                del self.faults[FAULTS_MAX:]
                self.faults.append(RowFault(batch[-1].row, "", "too_many_faults", {"limit": FAULTS_MAX}))
                return

    def report(self, *, writes: bool) -> ImportReport:
        """What was done, or would be."""
        faults = tuple(sorted(self.faults, key=lambda fault: fault.row))
        if faults:
            return ImportReport(self._key, self._rows, faults=faults)
        changed = sum(self._counts.values())
        return ImportReport(
            self._key,
            self._rows,
            tuple(self._changes),
            is_stored=writes and changed > 0,
            counts=self._counts,
        )

    def _count(self, changes: list[RowChange]) -> None:
        for change in changes:
            self._counts[change.what] += 1
        self._changes += changes[: CHANGES_SHOWN - len(self._changes)]


def _batches(rows: Iterator[Record | RowFault]) -> Iterator[list[Record | RowFault]]:
    batch: list[Record | RowFault] = []
    for one in rows:
        batch.append(one)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _of_feature(record: Record, judge: Judge, strangers: set[str]) -> tuple[Record, list[RowFault]]:
    """A feature has properties of its own; one that nobody knows is told once for the whole file."""
    faults = [
        fault for fault in judge.unknown(tuple(record.cells), record.row) if fault.code == "unknown_column"
    ]
    fresh = [fault for fault in faults if fault.field not in strangers]
    strangers |= {fault.field for fault in fresh}
    if not faults:
        return record, []
    names = {fault.field for fault in faults}
    return Record(record.row, {name: cell for name, cell in record.cells.items() if name not in names}), fresh
