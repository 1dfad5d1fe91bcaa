"""Spreadsheets (`.xlsx`) in and out, row by row. The one importer of openpyxl.

A workbook is a zip of XML: before anything is unpacked, what it would unpack to is bounded. Formulas are never computed: a cell that holds
one counts as the value its program last saved.
"""

import math
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time
from io import BytesIO
from typing import Any, BinaryIO

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

#: what all parts of a workbook may unpack to; a hundred thousand users are some 60 MB
UNPACKED_BYTES_MAX = 600_000_000
#: text of tables packs ten to forty times; a bomb a thousand times
PACKING_MAX = 250
PARTS_MAX = 2_000
CELLS_IN_ROW_MAX = 500
#: a document type is where entities would be declared; no spreadsheet program writes one
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_CHUNK_BYTES = 1 << 20
#: below it no ratio means anything
_SMALL_BYTES = 5_000_000


class BadWorkbook(ValueError):
    """It cannot be read, or must not be; the code of the sentence that says why."""


def read_rows(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first sheet with their numbers, as text; empty ones are left out. Raises BadWorkbook."""
    _examine(file)
    file.seek(0)
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl says what it likes about broken files
        raise BadWorkbook("not_a_workbook") from error
    try:
        sheet = book.worksheets[0] if book.worksheets else None
        if sheet is None:
            raise BadWorkbook("not_a_workbook")
        # what the file says of its own size would make rows of 16 384 cells
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            if len(row) > CELLS_IN_ROW_MAX:
                raise BadWorkbook("too_many_cells")
            cells = [_text(value) for value in row]
            if any(cells):
                yield number, cells
    except (BadWorkbook, GeneratorExit):
        raise
    except Exception as error:
        raise BadWorkbook("not_a_workbook") from error
    finally:
        book.close()


def write_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str) -> bytes:
    """A workbook of one sheet. Texts stay texts whatever they begin with: nothing in it is a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, name) for name in columns])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _examine(file: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
            if len(parts) > PARTS_MAX:
                raise BadWorkbook("unpacks_too_large")
            unpacked = sum(part.file_size for part in parts)
            most = max(_SMALL_BYTES, PACKING_MAX * sum(part.compress_size for part in parts))
            # zipfile never unpacks more of a part than its header says
            if unpacked > min(UNPACKED_BYTES_MAX, most):
                raise BadWorkbook("unpacks_too_large")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _demand_plain(packed, part)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise BadWorkbook("not_a_workbook") from error
    except zipfile.zlib.error as error:  # type: ignore[attr-defined] # the module zipfile unpacks with
        raise BadWorkbook("not_a_workbook") from error


def _demand_plain(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Declarations stand before the first element, so the beginning tells; other encodings than UTF-8 could hide them."""
    with packed.open(part) as opened:
        beginning = opened.read(_CHUNK_BYTES)
    if beginning[:2] in (b"\xff\xfe", b"\xfe\xff") or any(one in beginning for one in _DECLARATIONS):
        raise BadWorkbook("not_a_workbook")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # a spreadsheet knows only one kind of number: 2019 comes as 2019.0
        return (
            str(int(value))
            if math.isfinite(value) and value == int(value) and abs(value) < 1e15
            else repr(value)
        )
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def _cell(sheet: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, None)
    with suppress(InvalidFileException):
        cell.value = value
    cell.data_type = "s"
    return cell
