"""A foreign file comes in by a mapping that is data: real incidents with their texts, dates and places."""

from pathlib import Path

import pytest
import sqlalchemy as sa

import hazard_flow
from hazard_flow.assets import queries
from hazard_flow.assets.models import Asset
from hazard_flow.exchange.mapping import load_mapping
from hazard_flow.exchange.records import Record, SourceFile
from hazard_flow.workflow.rule_file import RuleFileError
from tests.harness.assets import bring_in, said, table
from tests.harness.city import City

SHIPPED = (
    Path(hazard_flow.__file__).parent / "assets" / "importing" / "mappings" / "phmsa_gas_distribution.v1.yaml"
)
SHARED = Path("/work/shared/data/phmsa_gas_distribution_incidents_2004_2009.csv")


def made(rule: str, **cells: str) -> str:
    mapping = load_mapping(f"version: 1\ncolumns:\n  x: {rule}\n", name="m.yaml")
    record, faults = mapping.record(Record(2, cells))
    return f"fault {faults[0].code}" if faults else str(record.cells["x"])


@pytest.mark.parametrize(
    ("rule", "cells", "expected"),
    [
        ("{from: A}", {"A": " 1 "}, "1"),
        ('{template: "{A}, {B} {C}"}', {"A": "a", "B": "b", "C": "c"}, "a, b c"),
        ('{template: "{A}, {B}"}', {"A": "a", "B": ""}, "a"),
        ("{value: WGS84}", {}, "WGS84"),
        ("{from: A, clean: true}", {"A": "<P>a  &amp;\n b</P>"}, "a & b"),
        ('{from: A, words: {"Yes": "yes", "*": other}}', {"A": "Yes"}, "yes"),
        ('{from: A, words: {"Yes": "yes", "*": other}}', {"A": "Maybe"}, "other"),
        ('{from: A, dates: ["%m/%d/%y"]}', {"A": "2/27/04"}, "2004-02-27"),
        ('{from: A, dates: ["%m/%d/%y"]}', {"A": "27/2/04"}, "fault not_mapped"),
        ("{from: A, degrees: W}", {"A": "84.92216W"}, "-84.92216"),
        ("{from: A, degrees: W}", {"A": "77.39"}, "-77.39"),
        ("{from: A, degrees: W}", {"A": "-77.39"}, "-77.39"),
        ("{from: A, degrees: N}", {"A": "30.505972 N"}, "30.505972"),
        ("{from: A, degrees: N}", {"A": "north"}, "fault not_mapped"),
        ('{from: A, degrees: N, or: ""}', {"A": "north"}, ""),
        ("{from: A, degrees: N}", {"A": "61DEG15'N"}, "61.25"),
        ("{from: A, degrees: W}", {"A": "149 DG 30 MN 36 SECW"}, "-149.51"),
        ("{from: A, degrees: N}", {"A": "61.30.36"}, "61.51"),
        ("{from: A, degrees: W}", {"A": "W122.55960"}, "-122.55960"),
        ("{from: A, degrees: N}", {"A": "60DEG30SEC50 MIN N"}, "fault not_mapped"),
        ("{from: A, degrees: N}", {"A": "40519"}, "fault not_mapped"),
        ("{from: A, degrees: N}", {"A": "150 57' W"}, "fault not_mapped"),
        ('{from: A, times: "25.4"}', {"A": "4"}, "101.6"),
        ("{from: A, most: 3}", {"A": "abcdef"}, "ab…"),
        ("{from: A, degrees: N}", {"A": ""}, ""),
    ],
)  # fmt: skip
def test_each_rule(rule: str, cells: dict[str, str], expected: str):
    assert made(rule, **cells) == expected


def test_a_wrong_mapping_is_told_with_its_lines():
    with pytest.raises(RuleFileError) as refusal:
        load_mapping(
            "version: 1\ncolumns:\n  a: {form: A}\n  b: {from: B, value: 1}\n  c: {from: C, degrees: Q}\n",
            name="m.yaml",
        )

    assert [mistake.line for mistake in refusal.value.mistakes] == [3, 3, 4, 5]


def test_columns_a_mapping_asks_for_and_nobody_has(city: City):
    mapping = b"version: 1\ncolumns:\n  code: {from: ID}\n  kind: {value: valve_well}\n  colour: {from: ID}\n"

    assert said(bring_in(city, "assets", table([{"NO": "1"}]), mapping=mapping)) == {
        (0, "colour", "unknown_column"),
        (1, "ID", "missing_column"),
    }


def test_the_shipped_mapping_is_right():
    assert "narrative" in load_mapping(SHIPPED.read_text("utf-8"), name=SHIPPED.name).columns


@pytest.mark.skipif(not SHARED.exists(), reason="the incidents are not here")
def test_real_incidents_with_their_texts_dates_and_places(city: City):
    file = SourceFile(SHARED.name, path=SHARED)
    mapping = SHIPPED.read_bytes()

    report = bring_in(city, "incidents", file, mapping=mapping)
    assert [(fault.row, fault.field, fault.reason("en")) for fault in report.faults][:5] == []
    assert report.count("added") == 895
    assert bring_in(city, "incidents", file, mapping=mapping).changed == 0

    [first] = city.all(sa.select(Asset).where(Asset.code == "PHMSA-20040116"))
    assert first.details["occurred_on"] == "2004-02-27"
    assert first.details["narrative"].startswith("SOUTHWEST GAS EXPERIENCED A GAS LEAK")
    assert (first.lon, first.lat) == (-111.83972, 33.63194)
    placed = [
        one for one in city.all(sa.select(Asset).where(Asset.kind == "incident_site")) if one.lon is not None
    ]
    assert len(placed) > 500
    # some rows of the source give the two the wrong way round, or no sign: kept as told, and few
    assert sum(not one.lon < 0 < one.lat for one in placed) == 9
    with city.database.reading(city.actor("何安全").scope) as session:
        page = queries.page(session, cursor=None, limit=50, q="SCOTTSDALE")
    assert "PHMSA-20040116" in {one.code for one in page.items}
