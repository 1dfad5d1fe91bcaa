"""The field app's way in: it stays, it is the same person, and it can be ended from outside."""

import uuid
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from hazard_flow.identity.sessions import IDLE_MAX, TABLET_IDLE_MAX, TABLET_SESSION_MAX, sign_out_tablet
from hazard_flow.storage.scope import SYSTEM
from tests.web.office import PASSWORD, Office

OURS = {"X-HF-Client": "1", "Sec-Fetch-Site": "same-origin"}
TABLET = "018f6d1a-0000-7000-8000-000000000001"


def sign_in(desk: Office, username: str = "li", password: str = PASSWORD, **headers: str) -> FlaskClient:
    client = desk.browser()
    answer = client.post(
        "/api/v1/session", json={"username": username, "password": password}, headers=OURS | headers
    )
    assert answer.status_code == 200, answer.text
    return client


def test_signing_in_says_who_is_there_and_whether_they_may_report(desk: Office):
    client = sign_in(desk)

    me = client.get("/api/v1/session").json

    assert me == {
        "id": str(desk.ids["li"]),
        "username": "li",
        "name": "李巡检",
        "organisation": {"id": str(desk.ids["team"]), "label": {"zh": "巡线班", "en": "Patrol"}},
        "roles": ["inspector"],
        "may_report": True,
    }
    assert sign_in(desk, "gao").get("/api/v1/session").json["may_report"] is False


def test_the_cookie_outlives_the_browser_and_a_desk_s_does_not(desk: Office):
    kept = sign_in(desk).get_cookie("hf")
    passing = desk.browser("li").get_cookie("hf")

    assert kept is not None
    assert passing is not None
    assert kept.expires is not None, "closing the browser must not strand what is unsent"
    assert passing.expires is None


def test_use_renews_it_and_an_answer_in_between_leaves_it_alone(desk: Office):
    client = sign_in(desk)

    assert "Set-Cookie" not in client.get("/api/v1/session").headers
    desk.clock.advance(timedelta(days=20))
    assert "Expires" in client.get("/api/v1/session").headers["Set-Cookie"]


def test_it_rests_after_its_time_and_ends_in_any_case(desk: Office):
    client, idle = sign_in(desk), sign_in(desk)
    assert TABLET_IDLE_MAX > IDLE_MAX
    for _ in range(TABLET_SESSION_MAX // timedelta(days=29)):
        desk.clock.advance(timedelta(days=29))
        assert client.get("/api/v1/session").status_code == 200

    assert idle.get("/api/v1/session").status_code == 401
    desk.clock.advance(timedelta(days=29))
    assert client.get("/api/v1/session").status_code == 401


def test_signed_out_is_an_answer_a_program_reads_never_a_redirect(desk: Office):
    answer = desk.browser().get("/api/v1/session", headers={"Accept": "text/html"})

    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.json["code"] == "sign_in_needed"


def test_wrong_passwords_count_as_at_the_desk(desk: Office):
    client = desk.browser()
    for _ in range(5):
        wrong = client.post("/api/v1/session", json={"username": "li", "password": "nonsense"}, headers=OURS)
        assert (wrong.status_code, wrong.json["code"]) == (401, "sign_in_wrong")

    right = client.post("/api/v1/session", json={"username": "li", "password": PASSWORD}, headers=OURS)

    assert (right.status_code, right.json["code"]) == (429, "sign_in_locked")
    assert "分钟" in right.json["title"]
    page = desk.post(client, "/sign-in", page="/sign-in", username="li", password=PASSWORD)
    assert page.status_code == 429


def test_signing_out_ends_it_on_the_server_and_twice_is_once(desk: Office):
    client = sign_in(desk)
    kept = client.get_cookie("hf")
    assert kept is not None

    assert client.delete("/api/v1/session", headers=OURS).status_code == 204
    assert client.delete("/api/v1/session", headers=OURS).status_code == 204

    client.set_cookie("hf", kept.value)
    assert client.get("/api/v1/session").status_code == 401


def test_the_next_inspector_s_sign_in_ends_the_one_before(desk: Office):
    client = sign_in(desk)
    before = client.get_cookie("hf")
    assert before is not None

    client.post("/api/v1/session", json={"username": "chen", "password": PASSWORD}, headers=OURS)

    assert client.get("/api/v1/session").json["username"] == "chen"
    client.set_cookie("hf", before.value)
    assert client.get("/api/v1/session").status_code == 401


def test_a_lost_tablet_is_signed_out_and_no_other(desk: Office):
    lost, other = sign_in(desk, **{"X-HF-Tablet": TABLET}), sign_in(desk)
    elsewhere = sign_in(desk, "zhao", **{"X-HF-Tablet": TABLET})

    with desk.kernel.database.transaction(SYSTEM) as session:
        sign_out_tablet(
            session,
            tablet_id=uuid.UUID(TABLET),
            home_path=desk.ids["gas"].hex + "/",
            now=desk.clock.now(),
        )

    assert lost.get("/api/v1/session").status_code == 401
    assert other.get("/api/v1/session").status_code == 200
    assert elsewhere.get("/api/v1/session").status_code == 200, "another house's sign-in is not ours to end"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "li"}, "password"),
        ({"username": "li", "password": 7}, "password"),
        ({"username": "li", "password": "x", "extra": 1}, "extra"),
        ({"username": "l" * 201, "password": "x"}, "username"),
    ],
)
def test_what_does_not_fit_is_named(desk: Office, body, field):
    answer = desk.browser().post("/api/v1/session", json=body, headers=OURS)

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json["errors"]] == [field]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-HF-Client": "1", "Sec-Fetch-Site": "cross-site"},
        {"X-HF-Client": "1", "Sec-Fetch-Site": "none"},
        {"X-HF-Client": "1", "Origin": "https://evil.example"},
    ],
)
def test_nobody_else_s_page_signs_anybody_in(desk: Office, headers):
    answer = desk.browser().post(
        "/api/v1/session", json={"username": "li", "password": PASSWORD}, headers=headers
    )

    assert (answer.status_code, answer.json["code"]) == (403, "cross_site")


def test_a_tablet_s_id_that_is_none_is_refused(desk: Office):
    answer = desk.browser().post(
        "/api/v1/session",
        json={"username": "li", "password": PASSWORD},
        headers=OURS | {"X-HF-Tablet": "nr 5"},
    )

    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == "X-HF-Tablet"
