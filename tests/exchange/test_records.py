"""Files as people hand them in: read by their ending, each row with its line, what is unreadable said and never raised."""

import pytest

from hazard_flow.exchange import records
from hazard_flow.exchange.records import SourceFile, read
from hazard_flow.exchange.writing import write
from hazard_flow.i18n import LOCALES


def codes(file: SourceFile) -> list[tuple[int, str]]:
    found = read(file)
    assert found.records == ()
    for fault in found.faults:
        for locale in LOCALES:
            assert "{" not in fault.reason(locale).replace("{{", "")
            assert fault.mend(locale)
    return [(fault.row, fault.code) for fault in found.faults]


def test_rows_of_a_csv_know_the_line_they_begin_on():
    """A quoted cell may span lines, empty lines count, the byte order mark of a spreadsheet does not."""
    file = SourceFile("a.csv", '\ufeffkey,note\na,"one\ntwo"\n\nb,x\n'.encode())

    assert [(r.row, dict(r.cells)) for r in read(file).records] == [
        (2, {"key": "a", "note": "one\ntwo"}),
        (5, {"key": "b", "note": "x"}),
    ]


def test_what_excel_saves_on_a_chinese_windows_is_read():
    """GB18030, the default there."""
    [row] = read(SourceFile("a.csv", "key,source\na,青岛市燃气管理条例\n".encode("gb18030"))).records

    assert row.text("source") == "青岛市燃气管理条例"


def test_yaml_and_json_give_the_same_rows():
    """A list, or a list under `rows`; YAML with its lines, JSON with its places."""
    yaml = read(SourceFile("a.yaml", b"rows:\n  - {key: a, value: {general: 1}}\n  - {key: b, value: yes}\n"))
    json = read(
        SourceFile("a.JSON", b'[{"key": "a", "value": {"general": 1}}, {"key": "b", "value": "yes"}]')
    )

    assert [r.cells for r in yaml.records] == [r.cells for r in json.records]
    assert [r.row for r in yaml.records] == [2, 3]
    assert [r.row for r in json.records] == [1, 2]


@pytest.mark.parametrize("ending", [".csv", ".yaml", ".json"])
def test_what_is_written_is_read_again(ending):
    rows = [{"key": "a", "note": '逗号，, 引号" 换行\n完'}, {"key": "b"}]

    again = read(SourceFile(f"x{ending}", write(ending, ("key", "note"), rows).encode())).records

    assert [(r.text("key"), r.text("note")) for r in again] == [("a", rows[0]["note"]), ("b", "")]


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.xlsx", b"PK", [(0, "unknown_ending")]),
        ("a", b"key\n", [(0, "unknown_ending")]),
        ("a.csv", b"", [(0, "empty_file")]),
        ("a.csv", b"key\0\n", [(0, "not_text")]),
        ("a.csv", b"\xff\xff\xff\xff", [(0, "not_text")]),
        ("a.csv", b'a,b\n"x', [(0, "not_csv")]),
        ("a.csv", b"a,a\n1,2\n", [(1, "bad_header")]),
        ("a.csv", b"a,b\n1\n1,2,3\n", [(2, "cell_count"), (3, "cell_count")]),
        ("a.json", b"{", [(0, "not_json")]),
        ("a.json", b"[" * 100_000, [(0, "not_json")]),
        ("a.json", b"3", [(0, "not_a_list")]),
        ("a.json", b"[1, {}]", [(1, "not_a_row")]),
        ("a.yaml", b"a: [\n", [(2, "not_yaml")]),
        ("a.yaml", b"- &x {a: 1}\n- *x\n", [(1, "not_yaml"), (2, "not_yaml")]),
        ("a.yaml", b"just words", [(0, "not_a_list")]),
        ("a.yaml", b"[]", [(0, "empty_file")]),
        ("a.csv", b"a\n" + b"1\n" * (records.ROWS_MAX + 1), [(0, "too_many_rows")]),
        ("a.csv", b"x" * (records.FILE_BYTES_MAX + 1), [(0, "file_too_large")]),
    ],
)
def test_what_cannot_be_read_is_said(name, data, expected):
    assert codes(SourceFile(name, data)) == expected
