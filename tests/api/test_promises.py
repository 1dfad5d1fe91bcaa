"""What the API promises every program: same key same effect, one winner, versions, pages, scope, tokens, its own description."""

import itertools
import json

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.harness.client import Answer, File
from tests.harness.contract import Contract
from tests.harness.photos import tiny_jpeg
from tests.harness.site import Site
from tests.harness.together import together

_keys = itertools.count(1)


def key() -> str:
    return f"promise-{next(_keys)}"


def test_the_same_key_a_hundred_times_is_one_event(site: Site):
    hazard = site.city.report()
    person, mine = site.client("周调度"), key()
    path = f"/api/v1/hazards/{hazard.number}/actions/acknowledge"

    answers = [person.post(path, {"data": {"note": "已知悉"}}, Idempotency_Key=mine) for _ in range(100)]

    assert {a.status for a in answers} == {200}
    assert [e.action for e in site.city.events(hazard)] == ["report", "acknowledge"]
    other = person.post(path, {"data": {"note": "另一句话"}}, Idempotency_Key=mine)
    assert (other.status, other.json["code"]) == (409, "key_reused")


def test_a_report_may_be_flat_and_speak_as_practice_forms_do(site: Site):
    person = site.client("李巡检")
    files = [File("file", "b.jpg", tiny_jpeg(), "image/jpeg")]

    answer = person.form(
        "/api/v1/hazards", {"description": "调压箱门锁损坏", "address": "青梧路 11 号"}, files
    )

    assert (answer.status, answer.json["place"]) == (201, "青梧路 11 号")
    wrong = person.form(
        "/api/v1/hazards",
        {"description": "调压箱门锁损坏", "address": "青梧路 11 号", "colour": "red"},
        files,
    )
    assert (wrong.status, wrong.json["errors"][0]["field"]) == (422, "colour")


def test_the_same_report_twice_is_one_hazard_and_says_so(site: Site):
    person, mine = site.client("李巡检"), key()
    form = {"data": json.dumps({"description": "调压箱门锁损坏", "place": "青梧路 9 号"})}
    files = [File("file", "a.jpg", tiny_jpeg(), "image/jpeg")]

    first = person.form("/api/v1/hazards", form, files, Idempotency_Key=mine)
    again = person.form("/api/v1/hazards", form, files, Idempotency_Key=mine)

    assert (first.status, again.status) == (201, 200)
    assert first.json["number"] == again.json["number"]


def test_of_eight_identical_acts_at_once_one_wins_and_seven_see_the_present_state(site: Site):
    hazard = site.city.bring_to(site.city.report(), "assigned")
    person = site.client("王班长")
    path = f"/api/v1/hazards/{hazard.number}/actions/accept"

    answers = together(8, lambda n: person.post(path, {"data": {}}, Idempotency_Key=f"{hazard.number}-{n}"))

    told = [a for a in answers if isinstance(a, Answer)]
    assert sorted(a.status for a in told) == [200] + [409] * 7
    for lost in (a for a in told if a.status == 409):
        assert lost.json["code"] == "state_conflict"
        assert lost.json["current"]["state"] == "rectifying"
        assert lost.json["current"]["version"] == 3
    assert [e.action for e in site.city.events(hazard)] == ["report", "assign", "accept"]


def test_an_old_version_is_refused_with_the_present_one(site: Site):
    hazard = site.city.bring_to(site.city.report(), "rectifying")
    person = site.client("王班长")
    path = f"/api/v1/hazards/{hazard.number}/actions/progress"
    seen = person.get(f"/api/v1/hazards/{hazard.number}").headers["Etag"]
    assert person.post(path, {"data": {"percent": 10, "note": "开工"}}, If_Match=seen).status == 200

    by_header = person.post(path, {"data": {"percent": 20, "note": "继续"}}, If_Match=seen)
    by_body = person.post(
        path, {"data": {"percent": 20, "note": "继续"}, "expected_version": int(seen.strip('"'))}
    )

    for old in (by_header, by_body):
        assert (old.status, old.json["code"]) == (409, "version_conflict")
        assert old.json["current"]["version"] == 4


def test_lists_come_in_pages_that_neither_repeat_nor_leave_out(site: Site):
    made = {site.city.report(f"分页第 {n} 号样本").number for n in range(5)}
    officer = site.client("唐监管")
    seen: list[str] = []
    path = "/api/v1/hazards?q=%E5%88%86%E9%A1%B5%E7%AC%AC&limit=2"
    cursor = ""
    for _ in range(10):
        page = officer.get(path + cursor).json
        assert len(page["items"]) <= 2
        seen += [h["number"] for h in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert len(seen) == len(set(seen))
    assert made <= set(seen)
    events = officer.get(f"/api/v1/hazards/{seen[0]}/events?limit=1").json
    assert [e["seq"] for e in events["items"]] == [1]
    assert events["next_cursor"] is None


def test_filters_narrow_and_wrong_ones_are_refused(site: Site):
    city, officer = site.city, site.client("唐监管")
    city.bring_to(city.report("过滤样本：调压箱"), "assigned")
    city.report("过滤样本：管线占压", major=True)
    sample = "/api/v1/hazards?limit=200&q=%E8%BF%87%E6%BB%A4%E6%A0%B7%E6%9C%AC"

    def titles(more: str) -> list[str]:
        return [h["level"] + " " + h["stage"] for h in officer.get(sample + more).json["items"]]

    assert set(titles("&stage=assigned")) == {"general assigned"}
    assert set(titles("&level=major")) == {"major reported"}
    assert titles("&urgency=C") == []
    assert titles("&overdue=true") == []
    assert set(titles("&division=9901")) == {"general assigned", "major reported"}
    assert titles("&division=990103") == []
    assert len(titles(f"&organisation={city.founded.units['恒川燃气']}")) >= 2
    assert titles(f"&organisation={city.founded.units['安平燃气']}") == []
    assert officer.get("/api/v1/hazards?limit=200").status == 200
    wrong = officer.get("/api/v1/hazards?stage=done&level=grave&organisation=x&overdue=perhaps&division=ab")
    assert wrong.status == 400
    assert {field for field, _ in wrong.wrong} == {"stage", "level", "organisation", "overdue", "division"}
    for limit in ("0", "201", "-1", "ten", "1e3", "99999999999999999999"):
        assert officer.get(f"/api/v1/hazards?limit={limit}").status == 400, limit


def test_another_enterprise_s_hazard_is_not_there_by_any_route(site: Site):
    hazard = site.city.bring_to(site.city.report(), "closed")
    [piece, *_] = site.city.evidence(hazard)
    before = site.stored()
    foreign, there = site.client("马安全"), hazard.number
    gets = [
        f"/api/v1/hazards/{there}", f"/api/v1/hazards/{there}/events", f"/api/v1/hazards/{there}/evidence",
        f"/api/v1/hazards/{there}/closure.pdf", f"/hazards/{there}", f"/hazards/{there}/closure.pdf",
        f"/evidence/{there}/{piece.sha256}", f"/evidence/{there}/{piece.display_sha256}/display",
        f"/evidence/{there}/{piece.display_sha256}/thumb",
    ]  # fmt: skip
    absent = "YH-990102-20200101-9999"

    for path in gets:
        assert (foreign.get(path).status, path) == (404, path)
        nothing = foreign.get(path.replace(there, absent))
        assert nothing.status == 404
        if path.startswith("/api/"):
            assert foreign.get(path).body == nothing.body
    for action in ("acknowledge", "close", "attach", "nonsense"):
        assert foreign.post(f"/api/v1/hazards/{there}/actions/{action}", {"data": {}}).status == 404
    files = [File("file", "a.jpg", tiny_jpeg(), "image/jpeg")]
    assert foreign.form(f"/api/v1/hazards/{there}/evidence", {}, files).status == 404
    assert foreign.form(f"/api/v1/hazards/{there}/actions/attach", {"data": "{}"}, files).status == 404
    assert there not in [h["number"] for h in foreign.get("/api/v1/hazards?limit=200").json["items"]]
    assert site.stored() == before


def test_a_reading_token_reads_and_writes_nothing(site: Site):
    hazard = site.city.report()
    before = site.stored()
    reader = site.client("何安全", rights="read")

    assert reader.get(f"/api/v1/hazards/{hazard.number}").status == 200
    for path in (
        "/api/v1/hazards",
        f"/api/v1/hazards/{hazard.number}/actions/acknowledge",
        f"/api/v1/hazards/{hazard.number}/evidence",
    ):
        answer = reader.post(path, {"data": {}})
        assert (answer.status, answer.json["code"]) == (403, "read_only_token"), path
    assert site.stored() == before


def test_who_has_no_token_is_told_to_bring_one(site: Site):
    for headers in ({}, {"Authorization": "Bearer hf_wrong"}, {"Authorization": "Basic eDp5"}):
        answer = site.stranger(**headers).get("/api/v1/hazards")
        assert (answer.status, answer.json["code"]) == (401, "sign_in_needed")
        assert answer.headers["Www-Authenticate"].startswith("Bearer")


def test_the_description_is_valid_and_refusals_keep_to_it(site: Site):
    hazard = site.city.report()
    person = site.client("李巡检")
    description = person.get("/api/v1/openapi.json").json
    assert list(OpenAPIV31SpecValidator(description).iter_errors()) == []

    person.get("/api/v1/hazards?limit=0")
    person.get("/api/v1/hazards/none")
    person.post("/api/v1/hazards", {"data": {}})
    person.post(f"/api/v1/hazards/{hazard.number}/actions/close", {"data": {}})
    person.post(f"/api/v1/hazards/{hazard.number}/actions/assign", {"data": {}})
    person.send("DELETE", f"/api/v1/hazards/{hazard.number}")
    contract = Contract(description)
    assert [
        breach for a in person.answers if a.path != "/api/v1/openapi.json" for breach in contract.breaches(a)
    ] == []
