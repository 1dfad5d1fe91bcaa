"""The pages and the API of daily work, as a browser's forms and a program use them."""

import json
import uuid

import pytest

from tests.harness.client import Client, File
from tests.harness.daily_work import cylinder
from tests.harness.photos import tiny_jpeg
from tests.harness.site import Site, site

__all__ = ["site"]
CYLINDER = {
    "registered_on": "2026-01-05",
    "owner": "own",
    "capacity": "ysp35",
    "made_on": "2021-03-01",
    "next_test_on": "2032-03-01",
    "use": "circulating",
}


@pytest.fixture
def he(site: Site) -> Client:
    """The safety director's program."""
    return site.client("何安全")


def number() -> str:
    """A number nobody has used."""
    return f"YQ-{uuid.uuid4().hex[:8]}"


def photo() -> File:
    return File("files", "photo.jpg", tiny_jpeg(), "image/jpeg")


def test_a_record_is_made_corrected_and_withdrawn(he: Client):
    own = number()
    made = he.post("/api/v1/work/records", {"kind": "cylinder", "data": {"cylinder_number": own, **CYLINDER}})
    assert (made.status, made.json["own_key"], made.json["version"]) == (201, own, 1), made.body
    at = f"/api/v1/work/records/{made.json['id']}"
    changed = he.post(f"{at}/corrections", {"data": {"use": "testing"}, "why": "送检", "expected_version": 1})
    assert (changed.status, changed.json["data"]["use"], changed.json["version"]) == (200, "testing", 2)
    late = he.post(f"{at}/corrections", {"data": {"use": "stored"}, "why": "入库", "expected_version": 1})
    assert (late.status, late.json["code"]) == (409, "version_conflict")
    gone = he.post(f"{at}/withdrawal", {"why": "误登"})
    assert (gone.status, gone.json["state"], gone.json["own_key"]) == (200, "withdrawn", None)
    assert he.post(f"{at}/corrections", {"data": {}, "why": "再改"}).status == 409


def test_the_same_key_is_the_same_effect(he: Client):
    key, own = uuid.uuid4().hex, number()
    body = {"kind": "cylinder", "data": {"cylinder_number": own, **CYLINDER}}
    first, second = (he.post("/api/v1/work/records", body, Idempotency_Key=key) for _ in range(2))
    assert (first.status, first.json["id"]) == (201, second.json["id"])


def test_everything_wrong_is_listed(he: Client):
    refused = he.post("/api/v1/work/records", {"kind": "cylinder", "data": {"owner": "thief", "nonsense": 1}})
    assert refused.status == 422
    assert {
        ("cylinder_number", "required"),
        ("owner", "not_a_choice"),
        ("nonsense", "unknown_field"),
    } <= refused.wrong


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "dance", "data": {}}, 422),
        ({"kind": "cylinder"}, 400),
        ({"kind": "cylinder", "data": [], "x": 1}, 400),
        ({"kind": "cylinder", "data": {}, "item": "x"}, 422),
    ],
)
def test_bad_bodies_are_refused(he: Client, body: object, status: int):
    assert he.post("/api/v1/work/records", body).status == status


def test_files_come_with_it_and_are_given_back(he: Client, site: Site):
    record = {
        "kind": "meeting",
        "data": {
            "held_on": "2026-01-05",
            "subject": "季度例会",
            "chair": "han",
            "people": "9",
            "resolutions": "补齐备件",
        },
    }
    assert ("files", "work_files_needed") in he.post("/api/v1/work/records", record).wrong
    made = he.form("/api/v1/work/records", {"record": json.dumps(record)}, [photo()])
    assert made.status == 201, made.body
    [file] = made.json["files"]
    got = he.get(f"/work/files/{file['id']}")
    assert got.status == 200
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert he.get(f"/work/files/{file['id']}/thumb").headers["Content-Type"] == "image/jpeg"
    assert site.client("马安全").get(f"/work/files/{file['id']}").status == 404


def test_lists_and_lines_answer(he: Client, site: Site):
    cylinder(site.city, number())
    found = he.get("/api/v1/work/records?kind=cylinder&limit=1")
    assert (found.status, len(found.json["items"])) == (200, 1)
    assert he.get("/api/v1/work/records?kind=dance").status == 400
    assert he.get("/api/v1/work/records?kind=cylinder&state=odd").status == 400
    lines = he.get("/api/v1/work/lines?period=month").json["items"]
    [lpg] = [one for one in lines if one["key"] == "lpg"]
    assert {one["key"] for one in lpg["figures"]} == {"expired_circulating", "delivery_checks", "traced"}
    assert he.get("/api/v1/work/lines?period=century").status == 400
    assert he.get("/api/v1/work/items?line=drills").status == 200
    assert he.get("/api/v1/work/items?line=dancing").status == 400


def test_out_of_scope_is_not_found_and_without_the_right_not_allowed(site: Site):
    row = cylinder(site.city, number())
    at = f"/api/v1/work/records/{row.id}"
    assert site.client("马安全").get(at).status == 404
    assert site.client("唐监管").get(at).status == 200
    assert site.client("唐监管").post(f"{at}/withdrawal", {"why": "误登"}).status == 403
    assert site.client("钱管理").get("/api/v1/work/lines").status == 403
    assert site.client("唐监管").post("/api/v1/work/records", {"kind": "cylinder", "data": {}}).status == 403
    assert site.client("郑巡检").post(f"{at}/withdrawal", {"why": "误登"}).status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/work", "/work?period=month", "/work/drills", "/work/lpg/cylinder", "/work/lpg/cylinder?q=YQ&expired=1&state=done",
        "/work/lpg/cylinder?figure=expired_circulating&part=above", "/work/drills?figure=drills_done&part=below", "/work/lpg/movement/new",
        "/work/training/certificate/new", "/work/duty/roster",
        "/work/duty/roster?week=2026-11-02", "/work/lpg/cylinder/import", "/posts", "/posts/check",
    ],
)  # fmt: skip
def test_pages_answer(he: Client, path: str):
    assert he.get(path).status == 200, path


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/work/dancing", 404), ("/work/lpg/dance", 404), ("/work/lpg/cylinder?figure=odd", 400),
        ("/work/lpg/cylinder?figure=delivery_checks&part=odd", 400),
        ("/work?period=odd", 400), ("/work?organisation=odd", 404), ("/work/duty/roster?week=odd", 400),
        ("/work/lpg/cylinder/file?ending=.exe", 400),
        ("/work/complaints/complaint/import", 404), ("/work/records/00000000-0000-0000-0000-000000000000", 404),
        ("/posts/00000000-0000-0000-0000-000000000000", 404),
        ("/work/lpg/cylinder?q=%00", 400),
    ],
)  # fmt: skip
def test_addresses_of_nothing_are_told_so(he: Client, path: str, status: int):
    assert he.get(path).status == status, path


def test_registers_go_out_as_files(he: Client):
    assert he.get("/work/lpg/cylinder/file?ending=.csv").body.startswith(
        b"\xef\xbb\xbforganisation,cylinder_number"
    )
    assert he.get("/work/lpg/cylinder/file?ending=.xlsx").body.startswith(b"PK")
