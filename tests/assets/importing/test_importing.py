"""A file of assets comes in whole or not at all; what was wrong is told by row, field and reason; the same file again changes nothing."""

import io
import json
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa

from hazard_flow.assets.models import Asset, AssetChange
from hazard_flow.assets.operations import personal_text
from hazard_flow.errors import NotAllowed
from hazard_flow.exchange.records import SourceFile
from hazard_flow.identity.models import Personal
from hazard_flow.storage.scope import SYSTEM
from tests.harness.assets import PIPE, bring_in, said, table, take_out
from tests.harness.city import City


def user(n: int, **other: Any) -> dict[str, Any]:
    return {
        "code": f"U-{n:04d}", "address": f"青梧路 {n} 号", "lon": round(119.4 + n / 10_000, 4), "lat": 32.4, "crs": "CGCS2000",
        "user_type": "resident", "meter_no": f"M{n}", "contact_name": "林女士", "contact_phone": "13900000000", **other,
    }  # fmt: skip


def by_code(city: City, code: str) -> Asset:
    [found] = city.all(sa.select(Asset).where(Asset.code == code))
    return found


def personal(city: City, asset: Asset) -> dict[str, str]:
    with city.database.reading(SYSTEM) as session:
        return json.loads(personal_text(session, asset) or "{}")


def snapshot(city: City) -> list[tuple[Any, ...]]:
    columns = [column for column in Asset.__table__.columns if column.key != "created_at"]
    with city.database.reading(SYSTEM) as session:
        rows = session.execute(sa.select(*columns).order_by(Asset.id)).all()
        notes = session.scalar(sa.select(sa.func.count()).select_from(AssetChange))
        kept = session.scalar(sa.select(sa.func.count()).select_from(Personal))
    return [*(tuple(map(str, row)) for row in rows), (notes, kept)]


def test_users_come_in_and_their_names_are_kept_apart(city: City):
    report = bring_in(city, "users", table([user(n) for n in range(5)]))

    assert (report.faults, report.count("added"), report.is_stored) == ((), 5, True)
    asset = by_code(city, "U-0003")
    assert asset.details == {"user_type": "resident", "meter_no": "M3"}
    assert (asset.name_zh, asset.name_en) == ("居民用户 U-0003", "Resident U-0003")
    assert (asset.lon, asset.west, asset.north) == (119.4003, 119.4003, 32.4)
    assert asset.source == "rows.csv"
    assert "林女士" not in json.dumps(snapshot(city), ensure_ascii=False)
    assert personal(city, asset) == {"contact_name": "林女士", "contact_phone": "13900000000"}


def test_a_second_import_changes_nothing(city: City):
    file = table([user(n) for n in range(5)])
    bring_in(city, "users", file)
    before = snapshot(city)

    report = bring_in(city, "users", file)

    assert (report.changed, report.unchanged, report.is_stored) == (0, 5, False)
    assert snapshot(city) == before


def test_a_dry_run_stores_nothing(city: City):
    before = snapshot(city)

    report = bring_in(city, "users", table([user(1)]), dry_run=True)

    assert (report.count("added"), report.is_stored) == (1, False)
    assert snapshot(city) == before


def test_what_differs_is_corrected_and_told(city: City):
    bring_in(city, "users", table([user(1), user(2)]))

    report = bring_in(
        city, "users", table([user(1, meter_no="M99", contact_phone="13811111111"), user(2)]), by="何安全"
    )

    assert (report.count("changed"), report.unchanged) == (1, 1)
    asset = by_code(city, "U-0001")
    assert (asset.details["meter_no"], asset.version) == ("M99", 2)
    assert personal(city, asset)["contact_phone"] == "13811111111"
    [note] = city.all(sa.select(AssetChange))
    assert note.changes == {"meter_no": ["M1", "M99"], "contact_phone": []}
    assert (note.person_id, note.source) == (city.person("何安全"), "rows.csv")
    assert len(city.all(sa.select(Personal))) == 2


def test_a_column_the_file_does_not_have_keeps_what_is_stored(city: City):
    bring_in(city, "users", table([user(1)]))

    report = bring_in(city, "users", table([{"code": "U-0001", "address": "听潮路 9 号"}]))

    assert report.count("changed") == 1
    asset = by_code(city, "U-0001")
    assert (asset.address, asset.lon, asset.details["meter_no"]) == ("听潮路 9 号", 119.4001, "M1")
    assert personal(city, asset)["contact_name"] == "林女士"


def test_an_empty_cell_clears(city: City):
    bring_in(city, "users", table([user(1)]))

    bring_in(city, "users", table([user(1, meter_no="", contact_name="", contact_phone="", lon="", lat="")]))

    asset = by_code(city, "U-0001")
    assert (asset.details, asset.lon, asset.west) == ({"user_type": "resident"}, None, None)
    assert personal(city, asset) == {}
    assert city.all(sa.select(Personal)) == []


def test_everything_wrong_is_listed_and_nothing_is_stored(city: City):
    before = snapshot(city)
    rows = [
        user(1),
        user(2, lon=219.4),
        user(3, user_type="castle"),
        user(4, crs="BD09"),
        user(5, code=""),
        user(6, lat=""),
        user(1),
        user(8, meter_no="x" * 41),
        user(9, lat="32,4"),
        user(10, crs=""),
    ]

    report = bring_in(city, "users", table(rows))

    assert said(report) == {
        (3, "lon", "out_of_range"), (4, "user_type", "not_one_of"), (5, "crs", "not_one_of"), (6, "code", "needed"),
        (7, "lat", "needed"), (8, "code", "twice"), (9, "meter_no", "too_long"), (10, "lat", "not_a_decimal"),
        (11, "crs", "frame_needed"),
    }  # fmt: skip
    assert all(
        fault.reason(locale) and fault.mend(locale) for fault in report.faults for locale in ("zh", "en")
    )
    assert snapshot(city) == before


def test_a_fault_in_the_last_row_takes_back_all_before_it(city: City):
    before = snapshot(city)

    report = bring_in(city, "users", table([*(user(n) for n in range(4_500)), user(5_000, lon="east")]))

    assert said(report) == {(4_502, "lon", "not_a_decimal")}
    assert snapshot(city) == before


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ([{"code": "A", "kind": "valve_well", "colour": "red"}], {(1, "colour", "unknown_column")}),
        ([{"kind": "valve_well"}], {(1, "code", "missing_column")}),
        ([{"code": "A"}], {(1, "kind", "missing_column")}),
        ([{"code": "A", "kind": "castle"}], {(2, "kind", "not_one_of")}),
        ([{"code": "A", "kind": "valve_well", "meter_no": "M1"}], {(2, "meter_no", "not_of_this_kind")}),
        ([{"code": "A", "kind": "user"}], {(2, "user_type", "needed")}),
        ([{"code": "A", "kind": "valve_well", "organisation": "安乐燃气"}], {(2, "organisation", "unknown_owner")}),
        ([{"code": "A", "kind": "valve_well", "division": "123456"}], {(2, "division", "unknown_division")}),
        ([{"code": "A", "kind": "valve_well", "geometry": "LINESTRING (1 2, 3 4)", "crs": "WGS84"}], {(2, "geometry", "wrong_shape")}),
    ],
)  # fmt: skip
def test_each_kind_of_fault(city: City, rows: list[dict[str, Any]], wrong: set[Any]):
    assert said(bring_in(city, "assets", table(rows))) == wrong


def test_words_of_a_spreadsheet_are_taken_beside_our_own(city: City):
    row = {
        "code": "TY-1",
        "kind": "调压设施",
        "regulator_type": "调压箱",
        "pressure_tier": "中压 A",
        "inlet_kpa": "300",
    }

    assert bring_in(city, "assets", table([row])).faults == ()
    assert by_code(city, "TY-1").details == {
        "regulator_type": "box",
        "inlet_kpa": 300,
        "pressure_tier": "medium_a",
    }


def features(*rows: dict[str, Any], **top: Any) -> SourceFile:
    listed = [{"type": "Feature", "geometry": row.pop("geometry", PIPE), "properties": row} for row in rows]
    return SourceFile(
        "net.geojson", json.dumps({"type": "FeatureCollection", "features": listed, **top}).encode()
    )


def test_a_network_comes_as_geojson_with_its_frame(city: City):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    report = bring_in(city, "network", features({"code": "GD-1", "pressure_tier": "low"}, crs=crs))

    assert report.faults == ()
    pipe = by_code(city, "GD-1")
    assert (pipe.kind, pipe.crs, pipe.lon) == ("pipe_segment", "CGCS2000", None)
    assert json.loads(pipe.geometry or "") == PIPE
    assert (pipe.west, pipe.south, pipe.east, pipe.north) == (119.4, 32.4, 119.4125, 32.4048)
    assert 1_400 < pipe.details["length_m"] < 1_500
    assert bring_in(city, "network", features({"code": "GD-1", "pressure_tier": "low"}, crs=crs)).changed == 0


def test_a_shifted_frame_is_kept_and_only_the_box_converted(city: City):
    bring_in(city, "network", features({"code": "GD-1", "pressure_tier": "low"}), crs="GCJ02")

    pipe = by_code(city, "GD-1")
    assert (pipe.crs, json.loads(pipe.geometry or "")) == ("GCJ02", PIPE)
    assert pipe.west is not None
    assert 0.003 < 119.4 - pipe.west < 0.007


def test_features_are_numbered_by_their_place(city: City):
    file = features(
        {"code": "GD-1", "pressure_tier": "low", "OBJECTID": 7},
        {
            "code": "GD-2",
            "pressure_tier": "low",
            "OBJECTID": 8,
            "geometry": {"type": "LineString", "coordinates": [[119.4, 32.4]]},
        },
    )

    assert said(bring_in(city, "network", file, crs="WGS84")) == {
        (1, "OBJECTID", "unknown_column"),
        (2, "geometry", "shape_too_short"),
    }


def test_what_goes_out_comes_in_again_unchanged(city: City):
    bring_in(city, "users", table([user(n, address="=1+1" if n == 1 else "青梧路") for n in range(3)]))
    bring_in(city, "network", features({"code": "GD-1", "pressure_tier": "low"}), crs="GCJ02")
    before = snapshot(city)

    for kind, ending in [
        (k, e) for k in ("assets", "users", "network") for e in (".csv", ".xlsx", ".geojson")
    ]:
        report = bring_in(city, kind, take_out(city, kind, ending))
        assert (kind, ending, report.faults, report.changed) == (kind, ending, (), 0)
    assert snapshot(city) == before


def test_no_cell_of_an_export_is_a_formula(city: City):
    bring_in(city, "users", table([user(1, address='=HYPERLINK("http://x")')]))

    text = take_out(city, "users", ".csv").data.decode()
    assert "'=HYPERLINK" in text
    assert ",=HYPERLINK" not in text
    assert b"<f>" not in _sheet(take_out(city, "users", ".xlsx").data)


def _sheet(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return packed.read("xl/worksheets/sheet1.xml")


def test_who_may_import(city: City):
    row = {"code": "VW-77", "kind": "valve_well"}
    with pytest.raises(NotAllowed):
        bring_in(city, "assets", table([row]), by="李巡检")
    assert bring_in(city, "assets", table([row]), by="何安全").is_stored

    foreign = bring_in(city, "assets", table([{**row, "organisation": "安平燃气"}]), by="何安全")
    assert said(foreign) == {(2, "organisation", "unknown_owner")}
    # the manager of one department does not correct what another looks after
    assert said(bring_in(city, "assets", table([{**row, "address": "他处"}]), by="赵经理")) == {
        (2, "code", "of_another_unit")
    }


def test_an_asset_out_of_use_is_not_brought_back_by_a_file(city: City):
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Asset).where(Asset.code == "VW-1").values(ended_at=city.now))

    report = bring_in(city, "assets", table([{"code": "VW-1", "kind": "valve_well"}]))

    assert said(report) == {(2, "code", "out_of_use")}
