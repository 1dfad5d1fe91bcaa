"""Whatever a program sends: the right status, every fault by name in its language, nothing stored, never a fault of ours."""

import json
import random
from typing import Any

import pytest

from tests.harness import bad_files
from tests.harness.client import Answer, Client, File
from tests.harness.photos import tiny_jpeg
from tests.harness.site import Site

KINDS = (
    "application/json",
    "application/problem+json",
    "multipart/form-data; boundary=x",
    "",
    "application/x-www-form-urlencoded",
)
FINE = {"description": "阀井漏气，读数偏高", "place": "青梧路 12 号"}


def refused(
    answer: Answer, status: int, *, code: str = "", wrong: set[tuple[str, str]] | None = None
) -> None:
    assert answer.status == status, (
        answer.method,
        answer.path,
        answer.status,
        answer.body[:600].decode(errors="replace"),
    )
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer.headers
    body = answer.json
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["type"].endswith(body["code"])
    assert all(e["message"] and "{" not in e["message"] for e in body["errors"]), body["errors"]
    if code:
        assert body["code"] == code
    if wrong is not None:
        assert wrong <= answer.wrong, (wrong, answer.wrong)


def photo() -> File:
    return File("file", "photo.jpg", tiny_jpeg(), "image/jpeg")


def report(client: Client, data: Any, *files: File, **fields: str) -> Answer:
    return client.form("/api/v1/hazards", {"data": json.dumps(data), **fields}, files)


@pytest.fixture
def inspector(small_site: Site) -> Client:
    return small_site.client("李巡检")


@pytest.fixture(autouse=True)
def nothing_is_stored(small_site: Site, made: Any):
    before = small_site.stored()
    yield
    assert small_site.stored() == before


@pytest.fixture
def made(small_site: Site) -> Any:
    """Made before the count, so that a test may need one."""
    return small_site.city.report("坏输入样本")


def test_every_wrong_field_of_a_report_is_named_at_once(inspector: Client):
    data = {
        "description": "短", "found_at": "2999-01-01T00:00:00+08:00", "lon": "190", "suspected_urgency": "Z",
        "leak_unit": "lumps", "leak_reading": "many", "colour": "red",
    }  # fmt: skip
    answer = report(inspector, data, photo())

    refused(answer, 422)
    fields = {field for field, _ in answer.wrong}
    assert {
        "description",
        "found_at",
        "lon",
        "suspected_urgency",
        "leak_unit",
        "leak_reading",
        "colour",
    } <= fields
    assert {"place"} <= fields


def test_a_refusal_speaks_the_language_asked_for(small_site: Site):
    said = {}
    for locale in ("zh-CN,zh;q=0.9", "en-GB"):
        answer = report(small_site.client("李巡检", **{"Accept-Language": locale}), {"description": "短"})
        refused(answer, 422)
        said[locale[:2]] = answer.json["detail"] + " ".join(e["message"] for e in answer.json["errors"])

    assert any("\u4e00" <= c <= "\u9fff" for c in said["zh"])
    assert not any("\u4e00" <= c <= "\u9fff" for c in said["en"]), said["en"]


def test_an_unknown_asset_or_unit_is_refused(small_site: Site, inspector: Client):
    refused(report(inspector, FINE, photo(), asset="VW-404"), 422, wrong={("asset", "unknown_asset")})
    refused(report(inspector, FINE, photo(), asset="AP-1"), 422, wrong={("asset", "unknown_asset")})
    refused(
        report(inspector, FINE, photo(), organisation="nonsense"), 400, wrong={("organisation", "not_an_id")}
    )
    foreign = str(small_site.city.founded.units["安平燃气"])
    answer = report(inspector, FINE, photo(), organisation=foreign)
    assert answer.status in (403, 404, 422), answer.body
    answer = report(inspector, FINE, photo(), organisation="0" * 32)
    assert answer.status in (403, 404, 422), answer.body
    answer = report(inspector, FINE, photo(), source="invented")
    assert answer.status in (400, 422), answer.body


@pytest.mark.parametrize("number", range(len(bad_files.REFUSED)))
def test_a_file_that_is_not_a_photo_is_refused(inspector: Client, number: int):
    name, data, status, code = bad_files.REFUSED[number]

    answer = report(inspector, FINE, File("file", name, data, "image/jpeg"))

    refused(answer, status, wrong={("file", code)})


def test_a_good_photo_beside_a_bad_one_is_not_kept(inspector: Client):
    answer = report(inspector, FINE, photo(), File("second", "x.svg", bad_files.SVG, "image/svg+xml"))

    refused(answer, 415, wrong={("second", "evidence_kind_unsupported")})


def test_a_good_photo_with_a_bad_form_is_not_kept(inspector: Client):
    refused(report(inspector, {"description": "短"}, photo()), 422)


def test_too_many_files_are_refused(inspector: Client, made: Any):
    files = [photo() for _ in range(21)]

    refused(report(inspector, FINE, *files), 422, wrong={("evidence", "too_many_files")})
    refused(
        inspector.form(f"/api/v1/hazards/{made.number}/evidence", {}, files),
        422,
        wrong={("evidence", "too_many_files")},
    )


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"[]", b"null", b"7", b'"text"', b"\xff\xfe{}", b'{"data": NaN}', b'{"data": {"percent": Infinity}}',
        b'{"data": {}} trailing', b'{"data": {"note": "a\\u0000b"}}', b'{"data": {"note": "\\ud800"}}',
        b'{"data": ' + b"[" * 100_000, b'{"data": "text"}', b'{"data": [1]}', b'{"data": {}, "extra": 1}',
        b'{"data": {}, "expected_version": "two"}', b'{"data": {}, "expected_version": -1}',
        b'{"data": {}, "expected_version": 1e400}', b'{"data": {}, "expected_version": ' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_a_body_that_makes_no_sense_is_400(small_site: Site, inspector: Client, made: Any, body: bytes):
    for path in ("/api/v1/hazards", f"/api/v1/hazards/{made.number}/actions/acknowledge"):
        refused(inspector.send("POST", path, body, headers={"Content-Type": "application/json"}), 400)


def test_other_kinds_of_bodies_are_415_or_400(inspector: Client, made: Any):
    path = f"/api/v1/hazards/{made.number}/actions/acknowledge"
    refused(inspector.send("POST", path, b"<a/>", headers={"Content-Type": "text/xml"}), 415)
    refused(inspector.send("POST", path, b"no parts", headers={"Content-Type": "multipart/form-data"}), 400)
    broken = inspector.send(
        "POST", path, b"--x\r\nno", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    refused(broken, 400)
    refused(inspector.form(path, {"data": "{"}), 400, wrong={("data", "not_json")})
    refused(inspector.form(f"/api/v1/hazards/{made.number}/evidence", {}), 400, wrong={("file", "required")})
    refused(inspector.form(f"/api/v1/hazards/{made.number}/evidence", {"kind": "NONSENSE"}, [photo()]), 422)
    refused(inspector.form(f"/api/v1/hazards/{made.number}/evidence", {"pair_of": "f" * 64}, [photo()]), 422)


@pytest.mark.parametrize(
    "value", [1, 1.5, True, None, [], {}, "x" * 100_000, "a\0b", 10**400, -1, "９", "1e999", "NaN"]
)
def test_wrong_types_in_fields_are_refused_by_name(small_site: Site, value: Any):
    director = small_site.client("何安全")
    hazard = small_site.city.look(small_site.city.hazards()[-1])
    names = ("urgency", "basis", "responsible", "verifiers", "closer", "due_at", "measures", "funds_planned")

    answer = director.post(
        f"/api/v1/hazards/{hazard.number}/actions/assign", {"data": dict.fromkeys(names, value)}
    )

    assert answer.status in (400, 422), answer.body.decode()
    refused(answer, answer.status)
    if answer.status == 422:
        assert {"urgency", "responsible"} <= {field for field, _ in answer.wrong}


def test_people_and_dates_that_cannot_be_are_refused(small_site: Site, made: Any):
    city, director = small_site.city, small_site.client("何安全")
    order = {
        **city.general_order(),
        "responsible": str(city.person("孙巡检")),
        "verifiers": ["0" * 32],
        "due_at": "2026-02-30",
    }

    answer = director.post(f"/api/v1/hazards/{made.number}/actions/assign", {"data": order})

    refused(answer, 422)
    assert {"responsible", "verifiers", "due_at"} <= {field for field, _ in answer.wrong}


def test_wrong_keys_versions_cursors_and_methods(inspector: Client, made: Any):
    path = f"/api/v1/hazards/{made.number}/actions/acknowledge"
    refused(
        inspector.post(path, {"data": {}}, Idempotency_Key="k" * 201),
        400,
        wrong={("Idempotency-Key", "bad_request_key")},
    )
    refused(
        inspector.post(path, {"data": {}}, If_Match="latest"), 400, wrong={("If-Match", "not_an_integer")}
    )
    for cursor in (
        "nonsense",
        "%00",
        "bnVsbA",
        "W10",
        "WzEsMl0",
        "5b5b",
        "A" * 5000,
        "WyIyMDI2LTAxLTAxIiwgIngiXQ",
        "W1tb" * 3000,
    ):
        refused(inspector.get(f"/api/v1/hazards?cursor={cursor}"), 400)
    for cursor in ("x", "-1", "9" * 30):
        refused(inspector.get(f"/api/v1/hazards/{made.number}/events?cursor={cursor}"), 400)
    for method in ("PUT", "DELETE", "PATCH"):
        answer = inspector.send(method, "/api/v1/hazards")
        refused(answer, 405)
        assert "POST" in answer.headers["Allow"]
    refused(inspector.get("/api/v1/nothing"), 404)
    refused(inspector.post(f"/api/v1/hazards/{made.number}/actions/dance", {"data": {}}), 404)


@pytest.mark.parametrize(
    "path",
    [
        "/evidence/{n}/..%2f..%2fsecret_key", "/evidence/{n}/%2e%2e/%2e%2e/etc/passwd", "/evidence/{n}/../../secret_key",
        "/evidence/{n}/" + "0" * 64, "/evidence/{n}/" + "0" * 64 + "/display", "/evidence/{n}/x/thumb", "/evidence/{n}/%00",
        "/evidence/{n}/" + "a" * 5000, "/api/v1/hazards/%00", "/api/v1/hazards/..%2f..", "/api/v1/hazards/' OR 1=1 --",
        "/hazards/%ff%fe", "/static/../settings.py", "/static/%2e%2e/settings.py", "/verify/..%2f..%2fx", "/verify/%00",
        "/help/..%2f..%2fsettings", "/help/%00",
    ],
)  # fmt: skip
def test_tricks_in_addresses_lead_nowhere(inspector: Client, made: Any, path: str):
    answer = inspector.get(path.format(n=made.number).replace(" ", "%20"))

    assert answer.status in (400, 404), (path, answer.status)
    assert b"root:" not in answer.body
    assert b"k" * 40 not in answer.body


def test_an_address_nobody_gave_out_takes_nothing(small_site: Site):
    stranger = small_site.stranger()
    for kind in ("alertmanager", "grafana", "generic", "nonsense", "%00"):
        for token in ("hf_in_wrong", "x", "%00", "a" * 4000):
            answer = stranger.post(f"/in/{kind}/{token}", {"alerts": []})
            refused(answer, 401)
    refused(stranger.get("/in/alertmanager/x"), 405)


def test_a_body_over_the_limit_is_413(small_site: Site, inspector: Client, made: Any):
    huge = b'{"username": "' + b"x" * 1_100_000 + b'"}'
    answer = small_site.stranger().send(
        "POST", "/sign-in", huge, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status in (403, 413)
    path = f"/api/v1/hazards/{made.number}/actions/acknowledge"
    form = {"data": json.dumps({"note": "长" * 600_000})}
    refused(inspector.form(path, form), 413)


def test_malformed_bodies_of_many_kinds_are_never_our_fault(small_site: Site, inspector: Client, made: Any):
    dice = random.Random(20261123)
    whole = json.dumps(
        {"data": {"percent": 10, "note": "开工"}, "expected_version": 1}, ensure_ascii=False
    ).encode()
    for _ in range(150):
        body = bytearray(whole)
        for _ in range(dice.randint(1, 6)):
            place = dice.randrange(len(body))
            match dice.randrange(3):
                case 0:
                    body[place] = dice.randrange(256)
                case 1:
                    del body[place]
                case _:
                    body[place:place] = dice.choice(
                        [b"{", b"[", b'"', b"\\u0000", b"null", b"1e999", b"\xff"]
                    )
        kind = dice.choice(KINDS)
        # an action that does not start from this state: whatever can be read is refused as well
        answer = inspector.send(
            "POST",
            f"/api/v1/hazards/{made.number}/actions/progress",
            bytes(body),
            headers={"Content-Type": kind},
        )
        assert 400 <= answer.status < 500, (bytes(body), kind, answer.status, answer.body)
