"""CSV, YAML and JSON files as numbered records of named cells. What cannot be read is a fault of the file, never an exception."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from hazard_flow.exchange.faults import RowFault
from hazard_flow.exchange.formulas import unguarded
from hazard_flow.workflow.yaml_lines import Node, YamlFault, parse

FILE_BYTES_MAX = 4_000_000
ROWS_MAX = 20_000
ENDINGS = (".csv", ".yaml", ".yml", ".json")
#: the key under which a YAML or JSON file may hold its list instead of being one
ROWS_KEY = "rows"


@dataclass(frozen=True)
class SourceFile:
    """A file as somebody handed it in: its bytes, or for a large one where it lies."""

    name: str
    data: bytes = b""
    path: Path | None = None

    @property
    def ending(self) -> str:
        """As `.csv`."""
        return PurePath(self.name).suffix.lower()

    @property
    def size(self) -> int:
        """In bytes."""
        return self.path.stat().st_size if self.path else len(self.data)

    def open(self) -> BinaryIO:
        """Its bytes from the beginning; to be closed by the caller."""
        return self.path.open("rb") if self.path else BytesIO(self.data)


@dataclass(frozen=True)
class Record:
    """One row of a file: text from CSV; text, numbers, flags, lists and maps from YAML and JSON."""

    row: int
    cells: Mapping[str, Any]

    def text(self, name: str) -> str:
        """The cell as trimmed text; empty where there is none."""
        value = self.cells.get(name)
        if isinstance(value, bool):
            return "yes" if value else "no"
        return "" if value is None else str(value).strip()


@dataclass(frozen=True)
class Reading:
    """What a file holds, and what is wrong with it as a file."""

    records: tuple[Record, ...] = ()
    faults: tuple[RowFault, ...] = ()
    #: the document of a YAML or JSON file that is no list, for formats of their own
    document: Any = None


def read(file: SourceFile) -> Reading:
    """The records of a file by its ending; with a fault there are no records."""
    ending = file.ending
    if ending not in ENDINGS:
        return _refused("unknown_ending", endings=ENDINGS)
    if len(file.data) > FILE_BYTES_MAX:
        return _refused("file_too_large", mb=FILE_BYTES_MAX // 1_000_000)
    text = _decoded(file.data)
    if text is None or "\0" in text:
        return _refused("not_text")
    if ending == ".csv":
        return _csv(text)
    return _json(text) if ending == ".json" else _yaml(text)


def check_columns(
    records: Sequence[Record], *, known: Sequence[str], needed: Sequence[str]
) -> list[RowFault]:
    """Unknown and missing columns; the first row stands for the whole file where all rows have the same."""
    faults: list[RowFault] = []
    for record in records:
        faults += [
            RowFault(record.row, name, "unknown_column", {"known": tuple(known)})
            for name in record.cells
            if name not in known
        ]
        faults += [
            RowFault(record.row, name, "missing_column") for name in needed if name not in record.cells
        ]
        if faults and _uniform(records):
            break
    return faults


def _uniform(records: Sequence[Record]) -> bool:
    return all(record.cells.keys() == records[0].cells.keys() for record in records)


def _decoded(data: bytes) -> str | None:
    """UTF-8, or GB18030 as Excel saves CSV on a Chinese Windows."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _csv(text: str) -> Reading:
    try:
        rows = list(_numbered(text))
    except csv.Error as error:
        return _refused("not_csv", detail=str(error))
    if not rows:
        return _refused("empty_file")
    (_, head), body = rows[0], rows[1:]
    names = [name.strip() for name in head]
    if len(set(names)) != len(names) or "" in names:
        return Reading(faults=(RowFault(1, "", "bad_header"),))
    if len(body) > ROWS_MAX:
        return _refused("too_many_rows", limit=ROWS_MAX)
    faults = [
        RowFault(row, "", "cell_count", {"found": len(cells), "wanted": len(names)})
        for row, cells in body
        if len(cells) != len(names)
    ]
    records = tuple(
        Record(row, dict(zip(names, map(unguarded, cells), strict=True))) for row, cells in body if not faults
    )
    return Reading(records=records, faults=tuple(faults))


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line each begins on: a quoted cell may span lines."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    begins = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1


def _json(text: str) -> Reading:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        return _refused("not_json", detail=str(error).splitlines()[0])
    listed = document.get(ROWS_KEY) if isinstance(document, dict) else document
    if not isinstance(listed, list):
        return Reading(document=document) if isinstance(document, dict) else _refused("not_a_list")
    return _listed([(place, one) for place, one in enumerate(listed, 1)])


def _yaml(text: str) -> Reading:
    try:
        root, refused = parse(text)
    except YamlFault as fault:
        return Reading(faults=(RowFault(fault.line, "", "not_yaml", {"detail": fault.message}),))
    if refused:
        faults = [RowFault(line, "", "not_yaml", {"detail": message}) for line, message, _ in refused]
        return Reading(faults=tuple(faults))
    listed = root.entries.get(ROWS_KEY, root)
    if not isinstance(listed.value, list):
        return Reading(document=root.plain()) if root.entries else _refused("not_a_list")
    return _listed([(node.line, _plain(node)) for node in listed.items])


def _plain(node: Node) -> Any:
    return node.plain()


def _listed(rows: Sequence[tuple[int, Any]]) -> Reading:
    if not rows:
        return _refused("empty_file")
    if len(rows) > ROWS_MAX:
        return _refused("too_many_rows", limit=ROWS_MAX)
    wrong = tuple(RowFault(row, "", "not_a_row") for row, cells in rows if not isinstance(cells, dict))
    if wrong:
        return Reading(faults=wrong)
    return Reading(records=tuple(Record(row, cells) for row, cells in rows))


def _refused(code: str, **params: Any) -> Reading:
    return Reading(faults=(RowFault(0, "", code, params),))
