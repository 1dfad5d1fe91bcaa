"""Large tables row by row: CSV, spreadsheets and GeoJSON features as records, without holding them all.

What is wrong with a row is handed over in its place, so that one reader tells everything about a file. What makes a file unreadable comes
as a fault of row 0, and nothing after it.
"""

import codecs
import contextlib
import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from typing import Any, BinaryIO, NoReturn, TextIO

from hazard_flow.exchange.faults import RowFault
from hazard_flow.exchange.formulas import unguarded
from hazard_flow.exchange.records import Record, SourceFile
from hazard_flow.exchange.workbook import BadWorkbook, read_rows

TABLE_BYTES_MAX = 200_000_000
#: a GeoJSON text is held whole, so less of it is taken
GEOJSON_BYTES_MAX = 64_000_000
TABLE_ROWS_MAX = 1_000_000
CELL_CHARACTERS_MAX = 200_000
ENDINGS = (".csv", ".xlsx", ".geojson")
#: the cell a feature's shape comes in
GEOMETRY = "geometry"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Table:
    """An opened table; its rows can be gone through once."""

    #: empty for GeoJSON, where each feature has properties of its own
    columns: tuple[str, ...]
    rows: Iterator[Record | RowFault]
    #: the coordinate frame the file itself declares; empty where it says nothing
    crs: str = ""
    #: how much of the file is read, 0 to 1; None where nobody knows
    share: Callable[[], float | None] = lambda: None


class TableFault(ValueError):
    """The file cannot be read as a table."""

    def __init__(self, code: str, row: int = 0, **params: Any) -> None:
        super().__init__(code)
        self.fault = RowFault(row, "", code, params)


@contextlib.contextmanager
def open_table(file: SourceFile) -> Iterator[Table]:
    """The table in a file by its ending; raises TableFault."""
    ending = ".geojson" if file.ending == ".json" else file.ending
    if ending not in ENDINGS:
        raise TableFault("unknown_ending", endings=ENDINGS)
    most = GEOJSON_BYTES_MAX if ending == ".geojson" else TABLE_BYTES_MAX
    if file.size > most:
        raise TableFault("file_too_large", mb=most // 1_000_000)
    with file.open() as opened:
        if ending == ".xlsx":
            yield _sheet(opened)
        elif ending == ".csv":
            yield _csv(opened, file.size)
        else:
            yield _features(opened)


def _csv(opened: BinaryIO, size: int) -> Table:
    encoding = _encoding(opened)
    opened.seek(0)
    text = TextIOWrapper(opened, encoding, newline="")
    reader = csv.reader(_lines(text), strict=True)
    try:
        names = next(reader, None)
    except csv.Error as error:
        raise TableFault("not_csv", detail=str(error)) from error
    columns = _header(names)

    def numbered() -> Iterator[tuple[int, list[str]]]:
        begins = reader.line_num + 1
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1

    def share() -> float:
        # asked of the wrapper, which would close the file if nobody held it any more
        return min(1.0, text.buffer.tell() / size) if size else 1.0

    return Table(columns, _records(columns, numbered(), is_csv=True), share=share)


def _lines(text: TextIO) -> Iterator[str]:
    """A quoted cell that is never closed would otherwise take the rest of the file into memory."""
    for line in text:
        if len(line) > CELL_CHARACTERS_MAX * 10:
            raise csv.Error("a line is longer than any table's")
        yield line


def _encoding(opened: BinaryIO) -> str:
    """UTF-8, or GB18030 as Excel saves CSV on a Chinese Windows; raises TableFault for anything else."""
    for encoding in ("utf-8-sig", "gb18030"):
        opened.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while chunk := opened.read(_CHUNK_BYTES):
                if b"\0" in chunk:
                    raise TableFault("not_text")
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
            return encoding
        except UnicodeDecodeError:
            continue
    raise TableFault("not_text")


def _sheet(opened: BinaryIO) -> Table:
    rows = read_rows(opened)
    try:
        _, names = next(rows, (0, None))
    except BadWorkbook as bad:
        raise TableFault(str(bad)) from bad
    columns = _header(names)
    return Table(columns, _records(columns, rows, is_csv=False))


def _header(names: Sequence[str] | None) -> tuple[str, ...]:
    if names is None:
        raise TableFault("empty_file")
    columns = [name.strip() for name in names]
    while columns and not columns[-1]:  # a spreadsheet keeps columns that were emptied
        columns.pop()
    if not columns or "" in columns or len(set(columns)) != len(columns):
        raise TableFault("bad_header", row=1)
    return tuple(columns)


def _records(
    columns: tuple[str, ...], rows: Iterator[tuple[int, list[str]]], *, is_csv: bool
) -> Iterator[Record | RowFault]:
    width, count = len(columns), 0
    while True:
        try:
            row, cells = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            yield RowFault(0, "", "not_csv", {"detail": str(error)})
            return
        except BadWorkbook as bad:
            yield RowFault(0, "", str(bad))
            return
        if not any(cells) or not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > TABLE_ROWS_MAX:
            yield RowFault(0, "", "too_many_rows", {"limit": TABLE_ROWS_MAX})
            return
        if is_csv:
            cells = [unguarded(cell) if cell[:1] == "'" else cell for cell in cells]
        elif len(cells) < width:
            cells += [""] * (width - len(cells))  # a sheet ends a row at its last cell
        if len(cells) != width:
            if not any(cells[width:]) and len(cells) > width:
                cells = cells[:width]
            else:
                yield RowFault(row, "", "cell_count", {"found": len(cells), "wanted": width})
                continue
        yield Record(row, dict(zip(columns, cells, strict=True)))
    if not count:
        yield RowFault(0, "", "empty_file")


def _features(opened: BinaryIO) -> Table:
    try:
        text = opened.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableFault("not_text") from error
    walker = _Walker(text)
    kind, crs = walker.declared()

    def numbered() -> Iterator[Record | RowFault]:
        place = 0
        try:
            for place, feature in enumerate(walker.features(), 1):
                if place > TABLE_ROWS_MAX:
                    yield RowFault(0, "", "too_many_rows", {"limit": TABLE_ROWS_MAX})
                    return
                yield _feature(place, feature)
        except (ValueError, RecursionError) as error:
            yield RowFault(0, "", "not_json", {"detail": str(error).splitlines()[0][:200]})
            return
        if not place:
            yield RowFault(0, "", "empty_file")

    if kind != "FeatureCollection":
        raise TableFault("not_features")
    return Table((), numbered(), crs=crs, share=walker.share)


def _feature(place: int, feature: Any) -> Record | RowFault:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict) or "geometry" not in feature:
        return RowFault(place, "", "not_a_feature")
    cells = dict(properties)
    if feature["geometry"] is not None:
        cells[GEOMETRY] = feature["geometry"]
    return Record(place, cells)


class _Walker:
    """Goes through a FeatureCollection's text without making a value of the whole: features come one by one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._decoder = json.JSONDecoder(parse_constant=_refuse)
        self._at = 0

    def share(self) -> float:
        return self._at / len(self._text) if self._text else 1.0

    def declared(self) -> tuple[str, str]:
        """The collection's type and the frame it names; raises TableFault where the text is no JSON object."""
        kind = crs = ""
        try:
            for name, value in self._members():
                if name == "type":
                    kind = str(value)
                elif name == "crs" and value is not None:
                    crs = _crs_name(value)
        except (ValueError, RecursionError) as error:
            raise TableFault("not_json", detail=str(error).splitlines()[0][:200]) from error
        return kind, crs

    def features(self) -> Iterator[Any]:
        """Each feature in turn; raises ValueError where the text breaks off."""
        for name, value in self._members(is_wanted=True):
            if name == "features":
                yield value

    def _members(self, *, is_wanted: bool = False) -> Iterator[tuple[str, Any]]:
        """The collection's members; of its features each alone, where they are wanted."""
        self._at = 0
        self._expect("{")
        while not self._skip("}"):
            name = self._value()
            self._expect(":")
            if name == "features" and self._skip("["):
                while not self._skip("]"):
                    feature = self._value()
                    if is_wanted:
                        yield "features", feature
                    self._skip(",")
            else:
                yield str(name), self._value()
            self._skip(",")

    def _value(self) -> Any:
        self._blank()
        value, self._at = self._decoder.raw_decode(self._text, self._at)
        return value

    def _blank(self) -> None:
        while self._text[self._at : self._at + 1] in (" ", "\n", "\r", "\t"):
            self._at += 1

    def _skip(self, sign: str) -> bool:
        self._blank()
        if self._text.startswith(sign, self._at):
            self._at += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._skip(sign):
            raise ValueError(f"{sign!r} is expected at character {self._at + 1}")


def _crs_name(value: Any) -> str:
    """`{"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}` of GeoJSON 2008, or the name itself."""
    named = value.get("properties") if isinstance(value, dict) else None
    return str(named.get("name", "")) if isinstance(named, dict) else str(value)[:80]


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
