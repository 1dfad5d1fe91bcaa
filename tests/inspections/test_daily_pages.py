"""Pages and API of household checks and of works near pipes, through the running application."""

import pytest

from tests.harness import calling, daily_scenes
from tests.harness.client import File
from tests.harness.photos import tiny_jpeg
from tests.harness.site import Site


@pytest.fixture(scope="module")
def scenes(small_site: Site) -> dict[str, str]:
    return {**daily_scenes.a_street(small_site.city), **daily_scenes.works_at_a_pipe(small_site.city)}


def test_every_page_answers_whoever_may_see_it(small_site: Site, scenes: dict[str, str]):
    wrong = []
    for who in ("李巡检", "赵经理", "唐监管"):
        client = small_site.client(who)
        for path in (
            "/households",
            "/households/users?stand=overdue",
            "/construction?stand=in_zone",
            *scenes.values(),
        ):
            expected = 403 if path.endswith("/visit") and who != "李巡检" else 200
            answer = client.get(path)
            if answer.status != expected:
                wrong.append((who, path, answer.status))
    assert wrong == []
    assert small_site.client("赵经理").get("/households/plan").status == 200
    assert small_site.client("李巡检").get("/households/plan").status == 403
    assert small_site.client("孙巡检").get(scenes["user"]).status == 404
    assert small_site.client("孙巡检").get(scenes["guarded"]).status == 404


def test_a_visit_by_the_api_with_its_files(small_site: Site):
    flat = calling.settle_in(small_site.city, "API-1", building="接口路 1 号楼")[0]
    client, path = small_site.client("李巡检"), f"/api/v1/households/{flat}/visits"
    refused = client.form(path, {"data": '{"result": "absent"}'})
    assert (refused.status, refused.wrong) == (422, {("notice", "notice_photo_needed")})

    made = client.form(
        path,
        {"data": '{"result": "absent", "lon": 119.4, "lat": 32.4}'},
        [File("notice", "door.jpg", tiny_jpeg(), "image/jpeg")],
        Idempotency_Key="api-visit-1",
    )

    assert made.status == 201, made.body
    assert (made.json["result"], made.json["number"], made.json["doubts"]) == ("absent", 1, [])
    assert client.get(path).json["items"] == [made.json]
    assert client.get(f"/api/v1/households/{flat}").json["visits_in_vain"] == 1
    assert client.form(path, {"data": "{"}).status == 400
    assert client.form(path, {"data": '{"result": "absent", "who": "me"}'}).wrong == {
        ("who", "unknown_field")
    }
    assert small_site.client("孙巡检").get(path).status == 404
    assert small_site.client("赵经理").form(path, {"data": '{"result": "absent"}'}).status == 403


def test_a_site_by_the_api_from_registration_to_a_guarded_day(small_site: Site):
    client = small_site.client("李巡检")
    unit = str(small_site.city.founded.units["运行一班"])
    day = calling.today(small_site.city).isoformat()
    body = {
        "organisation": unit,
        "code": "API-SG",
        "project": "接口工程",
        "starts_on": day,
        "ends_on": day,
        "lon": 119.4,
        "lat": 32.4,
    }
    wrong = client.post("/api/v1/construction-sites", body)
    assert wrong.wrong == {("builder", "required"), ("constructor", "required")}

    made = client.post("/api/v1/construction-sites", {**body, "builder": "甲", "constructor": "乙"})
    assert (made.status, made.json["state"]) == (201, "registered")
    signed = client.form(
        "/api/v1/construction-sites/API-SG/papers",
        {"data": '{"step": "agreement"}'},
        [File("paper", "agreement.jpg", tiny_jpeg(), "image/jpeg")],
    )
    assert (signed.status, signed.json["state"]) == (201, "agreed")
    stale = client.form(
        "/api/v1/construction-sites/API-SG/papers",
        {"data": '{"step": "briefing", "expected_version": 1}'},
        [File("paper", "briefing.jpg", tiny_jpeg(), "image/jpeg")],
    )
    assert stale.status == 409
    assert client.post("/api/v1/construction-sites/API-SG/days", {"came_at": "soon"}).status == 422
