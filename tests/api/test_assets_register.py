"""The API of the register: entered once, corrected by its version, refused with everything wrong; and where a label leads."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from hazard_flow.assets.models import Asset
from hazard_flow.storage.scope import SYSTEM
from tests.harness.assets import PIPE, SHOWN
from tests.harness.client import Answer
from tests.harness.site import Site

ASSETS = "/api/v1/assets"


def patch(site: Site, who: str, code: str, body: dict[str, Any]) -> Answer:
    return site.client(who).send(
        "PATCH", f"{ASSETS}/{code}", json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )


def well(code: str, **other: Any) -> dict[str, Any]:
    return {
        "code": code,
        "kind": "valve_well",
        "name_zh": "新阀井",
        "lon": 119.4,
        "lat": 32.4,
        "crs": "GCJ02",
        **other,
    }


def test_the_same_body_twice_is_one_asset(small_site: Site):
    director = small_site.client("何安全")
    first, again = director.post(ASSETS, well("N-1")), director.post(ASSETS, well("N-1"))

    assert (first.status, again.status) == (201, 201)
    assert first.json["id"] == again.json["id"]
    assert director.post(ASSETS, well("N-1", name_zh="别的阀井")).wrong == {("code", "taken")}


def test_a_pipe_keeps_its_shape_and_frame(small_site: Site):
    answer = small_site.client("何安全").post(ASSETS, {**SHOWN["pipe"], "code": "N-2"})

    assert answer.status == 201
    assert (answer.json["geometry"], answer.json["crs"]) == (PIPE, "CGCS2000")
    assert answer.json["details"]["length_m"] > 1_000
    assert answer.json["box_wgs84"] == [119.4, 32.4, 119.4125, 32.4048]


def test_everything_wrong_is_listed(small_site: Site):
    answer = small_site.client("何安全").post(
        ASSETS,
        {
            "code": "N-3",
            "kind": "user",
            "lon": 200,
            "lat": 32,
            "division": "1",
            "details": {"user_type": "castle", "depth_m": 3},
        },
    )

    assert answer.status == 422
    assert answer.wrong == {
        ("division", "unknown_division"), ("crs", "frame_needed"), ("lon", "out_of_range"), ("user_type", "not_one_of"),
        ("depth_m", "not_of_this_kind"),
    }  # fmt: skip
    assert small_site.client("何安全").get(f"{ASSETS}/N-3").status == 404


@pytest.mark.parametrize(
    "body", [{"code": "N-4"}, {"code": "N-4", "kind": "valve_well", "colour": 1}, {"code": 4, "kind": []}]
)
def test_a_body_that_does_not_fit_is_malformed(small_site: Site, body: dict[str, Any]):
    assert small_site.client("何安全").post(ASSETS, body).status == 400


def test_a_correction_is_recorded_and_asks_for_the_version_looked_at(small_site: Site):
    director = small_site.client("何安全")
    director.post(ASSETS, well("N-5"))

    done = patch(small_site, "何安全", "N-5", {"details": {"depth_m": 1.2}, "expected_version": 1})
    late = patch(small_site, "何安全", "N-5", {"details": {"depth_m": 9}, "expected_version": 1})

    assert (done.status, done.json["version"], done.json["details"]) == (200, 2, {"depth_m": 1.2})
    assert (late.status, late.json["current"]["version"]) == (409, 2)
    newest, first = director.get(f"{ASSETS}/N-5/changes").json["items"]
    assert newest["changes"] == {"depth_m": [None, 1.2]}
    assert newest["person"] == str(small_site.city.person("何安全"))
    assert "entered" in first["changes"]


def test_out_of_use_it_leaves_the_list_and_comes_back(small_site: Site):
    director = small_site.client("何安全")
    director.post(ASSETS, well("N-6"))

    assert patch(small_site, "何安全", "N-6", {"in_use": False}).json["in_use"] is False
    assert director.get(f"{ASSETS}?q=N-6").json["items"] == []
    assert len(director.get(f"{ASSETS}?q=N-6&in_use=no").json["items"]) == 1
    assert patch(small_site, "何安全", "N-6", {"in_use": True}).json["in_use"] is True


@pytest.mark.parametrize(
    ("who", "status"), [("李巡检", 403), ("唐监管", 403), ("马安全", 404), ("赵经理", 403)]
)
def test_who_may_correct(small_site: Site, who: str, status: int):
    small_site.client("何安全").post(ASSETS, well("N-7"))

    assert patch(small_site, who, "N-7", {"address": "x"}).status == status


def test_lists_are_filtered_and_a_wrong_filter_is_refused(small_site: Site):
    director = small_site.client("何安全")
    director.post(ASSETS, {**SHOWN["pipe"], "code": "N-8"})

    found = director.get(f"{ASSETS}?kind=pipe_segment&tier=medium_a&q=N-8&division=99").json["items"]
    assert [one["code"] for one in found] == ["N-8"]
    assert director.get(f"{ASSETS}?tier=high_a&q=N-8").json["items"] == []
    for wrong in ("kind=castle", "tier=x", "in_use=maybe", "division=a", "cursor=x", "limit=0"):
        assert director.get(f"{ASSETS}?{wrong}").status == 400


def test_personal_values_are_in_no_answer(small_site: Site):
    director = small_site.client("何安全")
    answer = director.post(ASSETS, {**SHOWN["user"], "code": "N-9"})

    assert answer.status == 201
    for body in (answer.body, director.get(f"{ASSETS}/N-9").body, director.get(f"{ASSETS}/N-9/changes").body):
        assert "林女士".encode() not in body
        assert b"13900000000" not in body


def test_a_label_leads_its_people_to_the_asset_and_others_to_reporting(small_site: Site):
    with small_site.database.reading(SYSTEM) as session:
        key, id_ = session.execute(select(Asset.label_key, Asset.id).where(Asset.code == "VW-1")).one()

    assert small_site.client("李巡检").get(f"/a/{key}").headers["Location"] == f"/assets/{id_}"
    assert small_site.client("马安全").get(f"/a/{key}").headers["Location"] == f"/r/{key}"
    assert small_site.stranger().get(f"/a/{key}").headers["Location"] == f"/r/{key}"


@pytest.mark.parametrize(
    ("who", "sees"), [("何安全", True), ("李巡检", False), ("郑巡检", False), ("唐监管", False)]
)
def test_an_export_tells_names_and_telephones_only_to_who_looks_after_the_users(
    small_site: Site, who: str, sees: bool
):
    small_site.client("何安全").post(ASSETS, {**SHOWN["user"], "code": "N-10"})

    answer = small_site.client(who).get("/assets/export/users.csv")

    assert answer.status == 200
    assert b"N-10" in answer.body
    assert ("林女士".encode() in answer.body) == sees
    assert small_site.client(who).get("/assets/export/users.exe").status == 400
    assert small_site.client("马安全").get("/assets/export/users.csv").body.count(b"N-10") == 0
