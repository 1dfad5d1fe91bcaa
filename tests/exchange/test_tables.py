"""Large tables row by row: what they hold, and what must not be opened."""

import io
import json
import zipfile
from typing import Any

import pytest

from hazard_flow.exchange.formulas import guarded, unguarded
from hazard_flow.exchange.records import Record, SourceFile
from hazard_flow.exchange.tables import TableFault, open_table
from hazard_flow.exchange.workbook import write_rows


def rows_of(name: str, data: bytes) -> list[Any]:
    """Records as (row, cells), faults as (row, code)."""
    try:
        with open_table(SourceFile(name, data)) as table:
            return [
                (one.row, dict(one.cells)) if isinstance(one, Record) else (one.row, one.code)
                for one in table.rows
            ]
    except TableFault as fault:
        return [(fault.fault.row, fault.fault.code)]


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", data)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_the_encodings_spreadsheets_write(encoding: str):
    data = "code,名称\n1,阀井\n\n2,调压箱\n".encode(encoding)

    assert rows_of("a.csv", data) == [
        (2, {"code": "1", "名称": "阀井"}),
        (4, {"code": "2", "名称": "调压箱"}),
    ]


def test_a_row_is_numbered_by_the_line_it_begins_on():
    assert rows_of("a.csv", b'a,b\n"x\ny",1\nz,2\n') == [
        (2, {"a": "x\ny", "b": "1"}),
        (4, {"a": "z", "b": "2"}),
    ]


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.txt", b"a", [(0, "unknown_ending")]),
        ("a.csv", b"", [(0, "empty_file")]),
        ("a.csv", b"a,b\n", [(0, "empty_file")]),
        ("a.csv", b"a,a\n1,2\n", [(1, "bad_header")]),
        ("a.csv", b"a,b\n1\n2,3\n", [(2, "cell_count"), (3, {"a": "2", "b": "3"})]),
        ("a.csv", b"a,b\n1,\xff\xff\n", [(0, "not_text")]),
        ("a.csv", b"a,b\n1,\0\n", [(0, "not_text")]),
        ("a.csv", b'a,b\n1,"open\n', [(0, "not_csv")]),
        ("a.xlsx", b"nothing of the kind", [(0, "not_a_workbook")]),
        ("a.geojson", b"[1", [(0, "not_json")]),
        ("a.geojson", b'{"type": "Feature"}', [(0, "not_features")]),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', [(0, "empty_file")]),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [1]}', [(1, "not_a_feature")]),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [{"properties": {"n": NaN}}]}', [(0, "not_json")]),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', [(0, "not_json")]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(name: str, data: bytes, expected: list[Any]):
    assert rows_of(name, data) == expected


def test_features_come_with_their_properties_wherever_the_frame_stands():
    feature = {
        "type": "Feature",
        "properties": {"code": "1"},
        "geometry": {"type": "Point", "coordinates": [1, 2]},
    }
    whole = {
        "features": [feature, {**feature, "geometry": None}],
        "crs": {"properties": {"name": "EPSG:4490"}},
        "type": "FeatureCollection",
    }
    with open_table(SourceFile("a.json", json.dumps(whole, indent=1).encode())) as table:
        assert table.crs == "EPSG:4490"
        found = list(table.rows)

    assert [one.cells for one in found if isinstance(one, Record)] == [
        {"code": "1", "geometry": {"type": "Point", "coordinates": [1, 2]}},
        {"code": "1"},
    ]


def test_a_workbook_goes_out_and_in():
    data = write_rows(("code", "n", "note"), [("007", 1.5, "=1+1"), ("008", 3, ""), ("", "", "")], title="t")

    assert rows_of("a.xlsx", data) == [
        (2, {"code": "007", "n": "1.5", "note": "=1+1"}),
        (3, {"code": "008", "n": "3", "note": ""}),
    ]


def test_a_formula_is_not_computed():
    data = write_rows(("a",), [("x",)], title="t")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            body = old.read(part)
            if part.endswith("sheet1.xml"):
                body = body.replace(
                    b"</sheetData>", b'<row r="3"><c r="A3"><f>SUM(1,2)</f><v>42</v></c></row></sheetData>'
                )
            new.writestr(part, body)

    assert rows_of("a.xlsx", out.getvalue())[-1] == (3, {"a": "42"})


def test_a_bomb_is_not_unpacked():
    assert rows_of("a.xlsx", packed(xl__workbook=b"0" * 80_000_000)) == [(0, "unpacks_too_large")]
    assert rows_of("a.xlsx", packed(**{f"p{n}": b"1" for n in range(2_100)})) == [(0, "unpacks_too_large")]


def test_a_document_type_is_refused():
    lol = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><x>&a;</x>'

    assert rows_of("a.xlsx", packed(xl__workbook=lol)) == [(0, "not_a_workbook")]


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+A1",
        "-cmd",
        "@SUM(A1)",
        "'=1",
        "''=1",
        "\t=1",
        "-0.85",
        "+86 139",
        "plain",
        "",
        "'quoted'",
        "-",
    ],
)
def test_a_guarded_cell_is_no_formula_and_comes_back(cell: str):
    written = guarded(cell)

    assert unguarded(written) == cell
    assert written[:1] not in ("=", "@", "\t") or not written
    assert guarded("-0.85") == "-0.85"
