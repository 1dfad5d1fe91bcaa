"""The pages of accidents and supervision over HTTP: everybody sees theirs, nobody sees a plan, bad input is told and stores nothing."""

import io
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hazard_flow.exchange.workbook import read_rows
from hazard_flow.supervision.spots.daily_records import ROUNDS
from hazard_flow.supervision.spots.records import Records
from tests.harness.cast import HENGCHUAN
from tests.harness.oversight import looked_again, scene
from tests.harness.rounds import hand_in, of_today, plan, work
from tests.harness.site import Site, small_site

__all__ = ["small_site"]


@pytest.fixture(scope="module")
def views(small_site: Site) -> dict[str, tuple[str, str]]:
    return scene(small_site.city)


def test_every_page_is_drawn_for_whom_it_is_for(small_site: Site, views: dict[str, tuple[str, str]]):
    answers = {name: small_site.client(who).get(path).status for name, (path, who) in views.items()}
    assert {name: status for name, status in answers.items() if status != 200} == {}


def test_a_plan_is_not_found_by_anybody_but_its_team(small_site: Site, views: dict[str, tuple[str, str]]):
    path, _ = views["supervision-check"]
    id_ = path.rsplit("/", 1)[1]
    team = {
        "唐监管",
        *(name for name in ("陈处长", "梁处长") if small_site.client(name).get(path).status == 200),
    }
    assert len(team) == 2
    for who in ("何安全", "韩总", "卢主任", "马安全", "方监管", *({"陈处长", "梁处长"} - team)):
        client = small_site.client(who)
        assert client.get(path).status == 404, who
        assert client.get(f"/api/v1/supervision/checks/{id_}").status == 404, who
        assert id_ not in client.get("/supervision/checks").body.decode(), who
        assert id_ not in client.get("/api/v1/supervision/checks").body.decode(), who
        assert id_ not in client.get("/").body.decode(), who


def test_the_contradiction_stands_on_the_records_page_the_enterprises_page_and_the_regulators(
    small_site: Site, views: dict[str, tuple[str, str]]
):
    spot = views["supervision-spot"][0]
    for name in ("hazard-contradicted", "supervision-enterprise"):
        for who in ("何安全", "唐监管"):
            assert spot in small_site.client(who).get(views[name][0]).body.decode(), (name, who)


def test_a_round_that_does_not_hold_says_so_on_its_page(small_site: Site):
    city = small_site.city
    plan(city, name="井室复核")
    work(city)
    made = hand_in(city, of_today(city, "井室复核"))
    page = f"/rounds/{made.id}"
    assert f"record_kind=round&amp;record_id={made.id}" in small_site.client("唐监管").get(page).body.decode()
    records = Records({ROUNDS.kind: ROUNDS})
    spot = looked_again(city, records=records, record_kind="round", record_id=str(made.id), asset="VW-1")
    for who in ("何安全", "唐监管"):
        assert f"/supervision/spots/{spot.id}" in small_site.client(who).get(page).body.decode(), who


def test_out_of_scope_is_not_found_and_without_the_right_not_allowed(
    small_site: Site, views: dict[str, tuple[str, str]]
):
    for name in ("accident", "supervision-task", "supervision-spot", "supervision-enterprise"):
        assert small_site.client("马安全").get(views[name][0]).status == 404, name
        assert small_site.client("方监管").get(views[name][0]).status == 404, name
    for path in ("/accidents", "/supervision", "/supervision/checks", "/supervision/spots"):
        assert small_site.client("李巡检").get(path).status == 403, path
    for path in ("/supervision/tasks/new", "/supervision/checks/new", "/supervision/spots/new"):
        assert small_site.client("何安全").get(path).status == 403, path


@pytest.mark.parametrize(
    "path",
    [
        "/accidents?kind=storm", "/accidents?organisation=x", "/supervision?month=soon", "/supervision?month=2026-13",
        "/supervision/board.csv?month=9999-01", "/supervision/tasks?state=x", "/supervision/tasks?organisation=x",
        "/supervision/spots?outcome=x", "/supervision/spots?line=x", "/supervision/spots?organisation=x",
        "/supervision/spots/new?record_id=x&record_kind=hazard", "/accidents?cursor=x", "/supervision/checks?limit=0",
        "/api/v1/accidents?class=x", "/api/v1/supervision/lines?month=x", "/api/v1/supervision/spot-checks?outcome=x",
        "/api/v1/supervision/tasks?side=x",
    ],
)  # fmt: skip
def test_a_bad_question_is_answered_not_stumbled_over(
    small_site: Site, views: dict[str, tuple[str, str]], path: str
):
    assert small_site.client("唐监管").get(path).status == 400


BODIES: list[tuple[str, Any]] = [
    (
        "/api/v1/accidents",
        {"category": "x", "title": "", "description": "", "occurred_at": "soon", "dead": -1},
    ),
    (
        "/api/v1/supervision/tasks",
        {"organisation": "x", "title": "", "reach": "", "content": "", "rule": "FREQ=MINUTELY"},
    ),
    ("/api/v1/supervision/spot-checks", {"found": "", "outcome": "x", "checked_at": "soon"}),
]


@pytest.mark.parametrize(("path", "body"), BODIES)
def test_what_a_program_sends_wrong_is_listed_field_by_field(
    small_site: Site, views: dict[str, tuple[str, str]], path: str, body: Any
):
    client = small_site.client("唐监管")
    before = client.get(path + "?limit=200").json["items"]
    answer = client.post(path, body)
    assert answer.status == 422
    assert all(one["message"] and one["field"] for one in answer.json["errors"])
    assert len(answer.json["errors"]) >= 3
    assert client.post(path, {"surprise": 1}).status == 400
    assert client.get(path + "?limit=200").json["items"] == before


def test_a_program_enters_an_accident_once_and_reports_it(
    small_site: Site, views: dict[str, tuple[str, str]]
):
    he, key = small_site.client("何安全"), uuid.uuid4().hex
    body = {
        "category": "leak", "title": "中压管线泄漏", "description": "施工挖断中压管线", "place": "东风路", "loss_yuan": 20000,
        "occurred_at": (datetime.now(UTC) - timedelta(minutes=5)).isoformat(), "gas_escaped_m3": 12.5,
    }  # fmt: skip
    first = he.post("/api/v1/accidents", body, Idempotency_Key=key)
    assert (first.status, first.json["accident_class"]) == (201, "ordinary")
    assert he.post("/api/v1/accidents", body, Idempotency_Key=key).json["id"] == first.json["id"]
    assert [(one["sender"], one["receiver"]) for one in first.json["owed"]] == [("enterprise", "county")]
    address = f"/api/v1/accidents/{first.json['id']}"
    assert he.post(f"{address}/reports", {"to": "nowhere"}).wrong == {("to", "unknown_choice")}
    assert [one["sender"] for one in he.post(f"{address}/reports", {"to": "county"}).json["owed"]] == [
        "county"
    ]
    assert small_site.client("唐监管").post(f"{address}/receipt", {}).status == 200
    changed = {"reason": "一人轻伤", "slightly_injured": 1, "loss_yuan": 20000, "gas_escaped_m3": 12.5}
    assert he.post(f"{address}/supplements", {**changed, "expected_version": 1}).status == 409
    assert he.post(f"{address}/supplements", changed).json["figures"] == 2


def test_a_program_answers_a_task_and_the_officer_judges_it(
    small_site: Site, views: dict[str, tuple[str, str]]
):
    tang, he = small_site.client("唐监管"), small_site.client("何安全")
    body = {
        "organisation": str(small_site.city.founded.units[HENGCHUAN]), "title": "开展专项排查", "reach": "全部阀井", "content": "逐井检测",
        "due_on": (datetime.now(UTC) + timedelta(days=9)).date().isoformat(),
    }  # fmt: skip
    made = tang.post("/api/v1/supervision/tasks", body)
    assert made.status == 201
    address = f"/api/v1/supervision/tasks/{made.json['id']}"
    assert he.post(f"{address}/accept", {}).status == 403
    assert he.post(f"{address}/feed_back", {}).wrong == {("words", "required")}
    assert he.post(f"{address}/feed_back", {"words": "已完成"}).json["state"] == "fed_back"
    assert he.post(f"{address}/progress", {"words": "再说一句"}).status == 409
    assert tang.post(f"{address}/accept", {}).json["state"] == "closed"


def test_the_month_goes_out_as_a_table_with_what_was_found(
    small_site: Site, views: dict[str, tuple[str, str]]
):
    client = small_site.client("陈处长")
    month = datetime.now(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m")
    sheet = list(read_rows(io.BytesIO(client.get(f"/supervision/board.xlsx?month={month}").body)))
    text = client.get(f"/supervision/board.csv?month={month}").body.decode("utf-8-sig")
    assert sheet[0][1] == text.splitlines()[0].split(",")
    assert any(row[0] == HENGCHUAN and row[-1] not in ("", "0") for _, row in sheet[1:])
    lines = client.get(f"/api/v1/supervision/lines?month={month}").json["items"]
    assert sum(one["contradicted"] for one in lines) == sum(int(row[-1] or 0) for _, row in sheet[1:])


def test_a_check_is_planned_through_the_form_with_enterprise_and_officer_drawn(
    small_site: Site, views: dict[str, tuple[str, str]]
):
    given = {
        "organisation": "draw", "draw_officers": "1", "purpose": "突击检查", "items": "值班在岗\n报警处置",
        "planned_on": datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat(), "csrf_token": "",
    }  # fmt: skip
    tang = small_site.client("唐监管")
    before = len(tang.get("/api/v1/supervision/checks").json["items"])
    assert tang.form("/supervision/checks", given | {"draw_officers": "0"}).status == 422
    assert tang.form("/supervision/checks", given).status == 303
    items = tang.get("/api/v1/supervision/checks").json["items"]
    assert len(items) == before + 1
    assert [one["text"] for one in items[0]["items"]] == ["值班在岗", "报警处置"]
