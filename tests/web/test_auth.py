"""Signing in, staying in, going out: and nothing without it."""

from datetime import timedelta

import pytest

from hazard_flow.identity.sessions import IDLE_MAX
from hazard_flow.web.auth import safe_next
from tests.web.office import PASSWORD, Office, office


def test_a_page_sends_a_stranger_to_the_sign_in_and_back(desk: Office):
    client = desk.browser()

    away = client.get("/sample?x=1")

    assert away.status_code == 303
    assert away.location == "/sign-in?next=/sample?x%3D1"
    back = desk.post(
        client, "/sign-in", page=away.location, username="li", password=PASSWORD, next="/sample?x=1"
    )
    assert (back.status_code, back.location) == (303, "/sample?x=1")
    assert client.get("/sample").text == "李巡检"


def test_a_wrong_password_says_nothing_about_which_was_wrong(desk: Office):
    client = desk.browser()

    wrong = desk.post(client, "/sign-in", page="/sign-in", username="li", password="wrong password")
    nobody = desk.post(client, "/sign-in", page="/sign-in", username="nobody", password="wrong password")

    assert wrong.status_code == nobody.status_code == 401
    assert "账号或密码不对" in wrong.text
    assert "账号或密码不对" in nobody.text


def test_five_wrong_passwords_make_the_account_rest(desk: Office):
    client = desk.browser()
    for _ in range(5):
        desk.post(client, "/sign-in", page="/sign-in", username="li", password="wrong password")

    resting = desk.post(client, "/sign-in", page="/sign-in", username="li", password=PASSWORD)

    assert resting.status_code == 429
    desk.clock.advance(timedelta(minutes=2))
    assert desk.post(client, "/sign-in", page="/sign-in", username="li", password=PASSWORD).status_code == 303


def test_signing_out_ends_the_session_on_the_server(desk: Office):
    client = desk.browser("li")
    kept = client.get_cookie("hf")
    assert kept is not None

    out = desk.post(client, "/sign-out")

    assert out.status_code == 303
    assert "storage" not in out.headers["Clear-Site-Data"]
    client.set_cookie("hf", kept.value)
    assert client.get("/sample").status_code == 303, "a replayed cookie is worth nothing"


def test_a_session_rests_and_ends(desk: Office):
    client = desk.browser("li")
    desk.clock.advance(IDLE_MAX - timedelta(minutes=1))
    assert client.get("/sample").status_code == 200
    desk.clock.advance(IDLE_MAX - timedelta(minutes=1))
    assert client.get("/sample").status_code == 200, "use keeps it alive"

    desk.clock.advance(IDLE_MAX + timedelta(minutes=1))

    assert client.get("/sample").status_code == 303


def test_the_session_changes_at_sign_in(desk: Office):
    client = desk.browser()
    client.get("/sign-in")
    before = client.get_cookie("hf")

    desk.post(client, "/sign-in", page="/sign-in", username="li", password=PASSWORD)

    after = client.get_cookie("hf")
    assert before is not None
    assert after is not None
    assert before.value != after.value


def test_cookies_are_closed_to_scripts_and_bear_the_prefix_under_tls(tmp_path):
    with office(tmp_path, PUBLIC_URL="https://gas.example") as made:
        client = made.app.test_client()
        set_cookie = client.get("/sign-in", base_url="https://gas.example").headers["Set-Cookie"]
        assert set_cookie.startswith("__Host-hf=")
        for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert word in set_cookie
        assert "max-age=31536000" in client.get("/livez").headers["Strict-Transport-Security"]


def test_a_program_is_told_with_problem_json(desk: Office):
    answer = desk.browser().get("/api/v1/me")

    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == "sign_in_needed"
    assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_a_bearer_token_signs_in_and_wins_over_a_cookie(desk: Office):
    client = desk.browser("li")

    assert client.get("/api/v1/me", headers=desk.bearer("zhao")).json["name"] == "Zhao"
    assert client.get("/api/v1/me", headers={"Authorization": "Bearer hf_wrong"}).status_code == 401
    assert client.get("/api/v1/me").json["name"] == "李巡检"


def test_a_reading_token_may_not_write(desk: Office):
    client = desk.browser()
    header = {"Authorization": f"Bearer {desk.tokens['li-reads']}"}

    assert client.get("/api/v1/me", headers=header).status_code == 200
    refused = client.post("/api/v1/notes", json={"text": "hello"}, headers=header)

    assert (refused.status_code, refused.json["code"]) == (403, "read_only_token")


def test_a_right_is_demanded(desk: Office):
    assert desk.browser("li").get("/sample/admin").status_code == 403
    assert desk.browser("gao").get("/sample/admin").text == "ok"


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/\tevil", "javascript:alert(1)", "", None, "evil",
     "/sign-out", "\\\\evil", "/ok\r\nX: y", "///evil.example"],
)  # fmt: skip
def test_signing_in_never_leads_elsewhere(target):
    assert safe_next(target) == "/"


def test_a_path_of_this_site_is_kept():
    assert safe_next("/hazards/YH-1?tab=2#x") == "/hazards/YH-1?tab=2#x"
