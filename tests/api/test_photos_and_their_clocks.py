"""What programs send with a photo and what comes back: three clocks kept apart, a photo used again refused, doubts for whoever judges."""

import io
import json
import zipfile
from datetime import datetime, timedelta

import pytest

from tests.harness.client import Answer, Client, File
from tests.harness.inspecting import examine
from tests.harness.photos import tiny_jpeg
from tests.harness.scenes import jpeg, scene
from tests.harness.site import Site

WHY = "两处隐患在同一张照片里，现场无法分开拍摄"


def photo(data: bytes, name: str = "photo.jpg", field: str = "file") -> File:
    return File(field, name, data, "image/jpeg")


def report(client: Client, *files: File, **parts: str) -> Answer:
    fields = {"data": json.dumps({"description": "阀井漏气，读数偏高", "place": "青梧路 12 号"}), **parts}
    return client.form("/api/v1/hazards", fields, files)


def pieces(client: Client, number: str) -> list[dict]:
    return client.get(f"/api/v1/hazards/{number}/evidence").json["items"]


def submit(site: Site, hazard, data: bytes, **more: str) -> Answer:
    client = site.client("王班长", **{"Accept-Language": more.pop("language", "zh")})
    [before] = [p for p in pieces(client, hazard.number) if p["kind"] == "PHOTO_BEFORE"]
    form = {
        "completed_at": site.city.now.isoformat(), "measures_done": "已更换井盖并加固井圈，复测合格", "funds_used": "1", **more,
    }  # fmt: skip
    files = [
        photo(data, "井盖.jpg", f"after_for_{before['sha256']}"),
        *(photo(tiny_jpeg(), field=code) for code in {p.kind for p in site.city.papers(hazard)}),
    ]
    return client.form(f"/api/v1/hazards/{hazard.number}/actions/submit", {"data": json.dumps(form)}, files)


def test_the_device_s_clock_is_measured_and_nobody_s_time_replaced(site: Site):
    inspector, now = site.client("李巡检"), site.city.now
    taken = now - timedelta(hours=3) + timedelta(minutes=7)
    made = report(
        inspector,
        photo(jpeg(scene("clock"), taken=taken)),
        captured_at=taken.isoformat(),
        device_at=(now + timedelta(minutes=7)).isoformat(),
    )
    assert made.status == 201, made.body.decode()

    [piece] = pieces(inspector, made.json["number"])

    assert 415 <= piece["clock_skew_s"] <= 425
    assert datetime.fromisoformat(piece["captured_at"]) == taken
    assert datetime.fromisoformat(piece["exif_at"]) == taken.replace(microsecond=0)
    assert datetime.fromisoformat(piece["received_at"]) >= now


@pytest.mark.parametrize(
    "wrong", ["yesterday", "2026-11-23T08:00:00", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59-23:00"]
)
@pytest.mark.parametrize("part", ["captured_at", "device_at"])
def test_a_time_that_is_none_is_said(site: Site, part: str, wrong: str):
    refused = report(site.client("李巡检"), photo(tiny_jpeg()), **{part: wrong})

    assert refused.status == 400
    assert refused.wrong == {(part, "not_an_instant_with_zone")}


def test_a_photo_used_again_is_refused_in_both_languages_until_it_is_explained(site: Site):
    city, data = site.city, tiny_jpeg()
    first, second = (city.bring_to(city.report(), "rectifying") for _ in range(2))
    assert submit(site, first, data).status == 200

    in_chinese = submit(site, second, data)
    in_english = submit(site, second, data, language="en")
    explained = submit(site, second, data, reuse_reason=WHY)

    assert (in_chinese.status, in_english.status) == (422, 422)
    assert in_chinese.wrong == {("evidence", "photo_reused_elsewhere")}
    [zh], [en] = in_chinese.json["errors"], in_english.json["errors"]
    assert "井盖.jpg" in zh["message"]
    assert first.number in zh["message"]
    assert "请重新拍摄" in zh["message"]
    assert "take a new one" in en["message"]
    assert explained.status == 200, explained.body.decode()
    events = site.client("唐监管").get(f"/api/v1/hazards/{second.number}/events").json["items"]
    assert events[-1]["data"]["reused"]["reason"] == WHY


def test_doubts_are_for_whoever_judges(site: Site):
    city, data = site.city, tiny_jpeg()
    first, second = (city.bring_to(city.report(), "rectifying") for _ in range(2))
    submit(site, first, data)
    submit(site, second, data, reuse_reason=WHY)
    examine(city)
    address = f"/api/v1/hazards/{second.number}/originality"

    seen = site.client("徐复查").get(address).json

    assert {flag["doubt"] for flag in seen["flags"]} >= {"reuse_explained", "reused_exact"}
    assert {flag["compared_hazard"] for flag in seen["flags"] if flag["sha256"]} == {first.number}
    assert seen["score"] >= 95
    assert site.client("唐监管").get(address).status == 200
    assert site.client("王班长").get(address).status == 403
    assert site.client("马安全").get(address).status == 404


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("hidden.exe", b"MZ")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("and an archive", tiny_jpeg() + _archive()),
        ("and a page", tiny_jpeg()[:20] + b"<script>alert(1)</script>" + tiny_jpeg()[20:]),
        ("and a document", tiny_jpeg()[:20] + b"%PDF-1.7\n" + tiny_jpeg()[20:]),
    ],
)
def test_two_files_in_one_are_refused_with_a_sentence(site: Site, name: str, data: bytes):
    refused = report(site.client("李巡检", **{"Accept-Language": "en"}), photo(data, f"{name}.jpg"))

    assert refused.status == 422
    assert refused.wrong == {("file", "evidence_two_in_one")}
    assert "second kind of file" in refused.json["errors"][0]["message"]
    assert f"{name}.jpg" in refused.json["errors"][0]["message"]
