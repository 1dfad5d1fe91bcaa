"""The whole loop over /api/v1 alone: six people's programs from the report to the closure file on disk."""

import io
import json
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from tests.harness.client import Answer, Client, File
from tests.harness.contract import Contract
from tests.harness.photos import tiny_jpeg
from tests.harness.site import Site
from tests.harness.stranger import faults
from tests.harness.waiting import wait_for


def photo(field: str = "file") -> File:
    return File(field, "photo.jpg", tiny_jpeg(), "image/jpeg")


def act(
    client: Client, number: str, action: str, data: dict[str, Any], *files: File, **headers: str
) -> Answer:
    fields = {"data": json.dumps(data)}
    answer = client.form(f"/api/v1/hazards/{number}/actions/{action}", fields, files, **headers)
    assert answer.status == 200, answer.body.decode()
    return answer


def test_a_hazard_walks_from_report_to_closure_file_by_api_alone(site: Site, tmp_path: Path):
    inspector, director, fitter = site.client("李巡检"), site.client("何安全"), site.client("王班长")
    checker, closer, officer = site.client("徐复查"), site.client("孟安全"), site.client("唐监管")
    report = {
        "description": "阀井漏气，读数偏高",
        "place": "青梧路 12 号",
        "leak_reading": "12.5",
        "leak_unit": "pct_lel",
    }

    made = inspector.form(
        "/api/v1/hazards",
        {"data": json.dumps(report), "asset": "VW-1"},
        [photo()],
        Idempotency_Key=f"loop-{site.url}",
    )
    assert made.status == 201, made.body.decode()
    hazard = made.json
    number = hazard["number"]
    assert made.headers["Location"] == f"/api/v1/hazards/{number}"
    assert (hazard["stage"], hazard["state"], hazard["version"]) == ("reported", "reported", 1)
    assert "何安全" in {one["name"] for timer in hazard["next_timers"] for one in timer["to"]}

    due_on = (site.city.now + timedelta(days=10)).date().isoformat()
    order = {
        "urgency": "B", "basis": ["VLV-G01"], "due_at": due_on, "measures": "更换阀门填料，复测气密性合格",
        "responsible": str(site.city.person("王班长")), "closer": str(site.city.person("孟安全")),
        "verifiers": [str(site.city.person("徐复查"))],
    }  # fmt: skip
    assigned = director.post(
        f"/api/v1/hazards/{number}/actions/assign", {"data": order, "expected_version": 1}
    )
    assert assigned.status == 200, assigned.body.decode()
    assert assigned.json["stage"] == "assigned"
    assert assigned.json["responsible_person"]["name"] == "王班长"

    act(fitter, number, "accept", {})
    act(fitter, number, "progress", {"percent": 60, "note": "填料已到货"})
    [before] = [
        e
        for e in fitter.get(f"/api/v1/hazards/{number}/evidence").json["items"]
        if e["kind"] == "PHOTO_BEFORE"
    ]
    done = {
        "completed_at": site.city.now.isoformat(), "measures_done": "已更换阀门填料，复测气密性合格", "funds_used": "1200.50",
        "leak_reading": "0", "leak_unit": "pct_lel", "instrument_number": "XJ-204",
    }  # fmt: skip
    submitted = act(fitter, number, "submit", done, photo(f"after_for_{before['sha256']}")).json
    assert (submitted["stage"], submitted["state"]) == ("rectifying", "submitted")

    cannot = fitter.post(
        f"/api/v1/hazards/{number}/actions/pass", {"data": {"on_site": True, "opinion": "合格"}}
    )
    assert cannot.status == 403

    passed = act(checker, number, "pass", {"on_site": True, "opinion": "整改到位，同意"}, photo()).json
    assert passed["stage"] == "verified"
    too_soon = closer.get(f"/api/v1/hazards/{number}/closure.pdf")
    assert too_soon.status == 409
    closed = act(closer, number, "close", {"opinion": "同意销号"}).json
    assert (closed["stage"], closed["resolution"], closed["next_timers"]) == ("closed", "rectified", [])

    first = officer.get(f"/api/v1/hazards/{number}/closure.pdf")
    assert first.status in (200, 202)
    if first.status == 202:
        assert 1 <= int(first.headers["Retry-After"]) <= 60
    file = wait_for(lambda: officer.get(f"/api/v1/hazards/{number}/closure.pdf"), lambda a: a.status == 200)
    assert file.headers["Content-Type"] == "application/pdf"
    on_disk = tmp_path / f"{number}.pdf"
    on_disk.write_bytes(file.body)
    subprocess.run(["qpdf", "--check", str(on_disk)], check=True, capture_output=True)

    record = json.loads(PdfReader(io.BytesIO(file.body)).attachments["record.json"][0])
    assert faults(record) == []
    assert record["hazard"]["number"] == number
    assert [e["data"]["action"] for e in record["events"]] == [
        "report",
        "assign",
        "accept",
        "progress",
        "submit",
        "pass",
        "close",
    ]
    assert (
        record["events"][-1]["type"].startswith("hazard.closed")
        or record["events"][-1]["data"]["action"] == "close"
    )
    chain = officer.get(f"/api/v1/hazards/{number}/events").json["items"]
    assert chain[-1]["hash"] == record["head"]
    for piece in record["evidence"]:
        assert officer.get(f"/evidence/{number}/{piece['sha256']}").status == 200

    contract = Contract(officer.get("/api/v1/openapi.json").json)
    everybody = (inspector, director, fitter, checker, closer, officer)
    told = [a for one in everybody for a in one.answers if a.path.startswith("/api/v1/hazards")]
    assert [breach for answer in told for breach in contract.breaches(answer)] == []


def test_a_record_that_was_touched_does_not_hold(site: Site):
    hazard = site.city.bring_to(site.city.report(), "closed")
    officer = site.client("唐监管")
    file = wait_for(
        lambda: officer.get(f"/api/v1/hazards/{hazard.number}/closure.pdf"), lambda a: a.status == 200
    )
    record = json.loads(PdfReader(io.BytesIO(file.body)).attachments["record.json"][0])
    assert faults(record) == []

    touched = json.loads(json.dumps(record))
    touched["events"][0]["data"]["description"] = "nothing was wrong"
    assert faults(touched) == ["event 2: prev"]
    assert "head" in faults({**record, "events": record["events"][:-1]})
    assert faults({**record, "evidence": record["evidence"][1:]}) != []
