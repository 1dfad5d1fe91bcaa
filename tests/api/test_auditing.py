"""A closure file audited over the API: queue, taking, verdicts, decision; samples and exports; who may, and what is out of sight."""

import io
import itertools
import json
import zipfile
from typing import Any

from tests.audits.bench import closed_at
from tests.harness.client import Client
from tests.harness.contract import Contract
from tests.harness.site import Site

_keys = itertools.count(1)
#: every route of the desk with something that fits it
READING = ("/queue", "", "/plans", "/exports", "/mismatches")


def key() -> str:
    return f"audit-{next(_keys)}"


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.post(f"/api/v1/audits{path}", body, **{"Idempotency_Key": key(), **headers})


def agreed(audit: dict[str, Any], **other: tuple[str, str]) -> list[dict[str, str]]:
    """A verdict on every point: the machine's where it has one that passes, a remark for its doubts."""
    given = []
    for one in audit["points"]:
        verdict, reason = other.get(one["point"], (one["machine"], ""))
        if one["point"] not in other and verdict in ("fail", "open"):
            verdict, reason = "remark", "已当面核实，情况属实"
        given.append({"point": one["point"], "verdict": verdict, "reason": reason})
    return given


def test_a_file_from_the_queue_to_the_hazard_opened_anew(site: Site):
    hazard = closed_at(site, "核查接口：阀井井盖松动")
    officer = site.client("唐监管")
    [waits] = officer.get(f"/api/v1/audits/queue?q={hazard.number}").json["items"]
    assert (waits["number"], waits["audit"], waits["stage"]) == (hazard.number, None, "closed")

    once = key()
    taken = post(officer, "", {"number": hazard.number}, Idempotency_Key=once)
    again = post(officer, "", {"number": hazard.number}, Idempotency_Key=once)
    assert (taken.status, again.status) == (201, 201)
    audit = taken.json
    assert again.json["id"] == audit["id"]
    assert [one["number"] for one in audit["points"]] == list(range(1, 21))
    assert {one["machine"] for one in audit["points"]} >= {"pass", "fail", "na"}
    path = f"/{audit['id']}"

    early = post(officer, f"{path}/decision", {"outcome": "pass"})
    assert early.status == 422
    assert len(early.wrong) == 20
    wrong = post(officer, f"{path}/verdicts", {"verdicts": [{"point": "photos", "verdict": "fail"}]})
    assert (wrong.status, wrong.wrong) == (422, {("photos", "override_needs_reason")})
    said = agreed(audit, photos=("fail", "整改后照片不是这口井"))
    judged = post(officer, f"{path}/verdicts", {"verdicts": said, "expected_version": 1})
    assert (judged.status, judged.json["version"]) == (200, 2)
    stale = post(officer, f"{path}/verdicts", {"verdicts": said[:1], "expected_version": 1})
    assert (stale.status, stale.json["code"]) == (409, "version_conflict")

    decided = post(
        officer, f"{path}/decision", {"outcome": "return", "opinion": "照片与现场不符，须重新整改"}
    )
    assert (decided.status, decided.json["state"], decided.json["failed"]) == (200, "returned", 1)
    opened = officer.get(f"/api/v1/hazards/{decided.json['reopened']}").json
    assert (opened["stage"], opened["reopen_of"]) == ("reported", hazard.number)
    assert officer.get(f"/api/v1/audits/queue?q={hazard.number}").json["items"] == []
    late = post(officer, f"{path}/release", None)
    assert (late.status, late.json["code"]) == (409, "audit_closed")
    contract = Contract(site.stranger().get("/api/v1/openapi.json").json)
    assert [breach for answer in officer.answers for breach in contract.breaches(answer)] == []


def test_two_programs_take_one_file(site: Site):
    hazard = closed_at(site, "核查接口：两人同取")
    first, second = (post(site.client(who), "", {"number": hazard.number}) for who in ("唐监管", "陈处长"))

    assert (first.status, second.status, second.json["code"]) == (201, 409, "file_taken")
    other = post(site.client("陈处长"), f"/{first.json['id']}/verdicts",
                 {"verdicts": [{"point": "level", "verdict": "remark", "reason": "等级偏低，须说明"}]})  # fmt: skip
    assert (other.status, other.wrong) == (403, {("", "audit_of_another")})


def test_who_may_and_what_is_out_of_sight(site: Site):
    """Role by route: operators nothing, the committee reads, officers do; another district finds nothing."""
    hazard = closed_at(site, "核查接口：权限")
    audit = post(site.client("唐监管"), "", {"number": hazard.number}).json
    for who, status in (("何安全", 403), ("李巡检", 403), ("顾管理", 403), ("卢主任", 200), ("唐监管", 200)):
        answers = {path: site.client(who).get(f"/api/v1/audits{path}").status for path in READING}
        expected = dict.fromkeys(READING, status) | ({"/exports": 403} if who == "卢主任" else {})
        assert answers == expected, who
    for path, body in (
        ("", {"number": hazard.number}),
        (
            f"/{audit['id']}/verdicts",
            {"verdicts": [{"point": "level", "verdict": "na", "reason": "不适用此项"}]},
        ),
        (f"/{audit['id']}/decision", {"outcome": "pass"}),
        (f"/{audit['id']}/release", None),
        ("/plans", {"first_day": "2020-01-01", "last_day": "2020-01-02"}),
        ("/exports", {"numbers": [hazard.number]}),
    ):
        assert {who: post(site.client(who), path, body).status for who in ("何安全", "卢主任")} == {
            "何安全": 403, "卢主任": 403,
        }, path  # fmt: skip
        assert post(site.client("唐监管", rights="read"), path, body).status == 403
        if "/plans" not in path:
            assert post(site.client("方监管"), path, body).status in (404, 422), path
    assert site.client("方监管").get(f"/api/v1/audits/{audit['id']}").status == 404
    assert hazard.number not in json.dumps(site.client("方监管").get("/api/v1/audits/queue?limit=200").json)


def test_a_sample_is_refused_with_every_reason(site: Site):
    officer = site.client("唐监管")
    empty = post(officer, "/plans", {"first_day": "2020-01-01", "last_day": "2020-01-31"})
    wrong = post(officer, "/plans", {"first_day": "2999-01-02", "last_day": "2999-01-31", "percent": 90})
    odd = post(officer, "/plans", {"first_day": "yesterday", "last_day": "2020-01-31"})

    assert (empty.status, empty.wrong) == (422, {("last_day", "nothing_to_draw")})
    assert (wrong.status, wrong.wrong) == (
        422,
        {("last_day", "period_not_over"), ("percent", "out_of_range")},
    )
    assert odd.status == 400


def test_an_export_is_listed_then_fetched_by_whoever_asked(site: Site):
    hazards = [closed_at(site, f"核查接口：导出第 {n} 件") for n in (1, 2)]
    officer = site.client("唐监管")
    asked = post(officer, "/exports", {"numbers": [h.number for h in hazards]})
    assert (asked.status, asked.json["files"]) == (201, 2)
    fetched = officer.get(asked.json["url"])
    with zipfile.ZipFile(io.BytesIO(fetched.body)) as archive:
        listed = json.loads(archive.read("manifest.json"))
        assert {one["number"] for one in listed["files"]} == {h.number for h in hazards}
        assert archive.testzip() is None

    assert fetched.headers["Content-Type"] == "application/zip"
    assert int(fetched.headers["Content-Length"]) == len(fetched.body)
    assert site.client("陈处长").get(asked.json["url"]).status in (403, 404)
    assert site.client("方监管").get(asked.json["url"]).status == 404
    none = post(officer, "/exports", {})
    assert (none.status, none.wrong) == (422, {("", "nothing_chosen")})
