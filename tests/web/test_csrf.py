"""Nobody else's page acts in a person's name."""

import pytest

from tests.web.office import Office


def test_a_form_without_its_token_is_refused(desk: Office):
    client = desk.browser("li")

    refused = client.post("/sample", data={"a": "1"})

    assert refused.status_code == 403
    assert "页面已过期" in refused.text
    assert desk.post(client, "/sample", a="1").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_origin_is_refused_even_with_a_token(desk: Office, headers):
    client = desk.browser("li")

    assert desk.post(client, "/sample", headers=headers, a="1").status_code == 403


def test_the_api_asks_pages_for_its_header(desk: Office):
    client = desk.browser("li")

    bare = client.post("/api/v1/notes", json={"text": "hello"})
    ours = client.post("/api/v1/notes", json={"text": "hello"}, headers={"X-HF-Client": "1"})
    foreign = client.post(
        "/api/v1/notes",
        json={"text": "hello"},
        headers={"X-HF-Client": "1", "Origin": "https://evil.example"},
    )

    assert [bare.status_code, ours.status_code, foreign.status_code] == [403, 201, 403]
    assert bare.json["code"] == "cross_site"


def test_programs_with_a_token_need_neither(desk: Office):
    answer = desk.browser().post("/api/v1/notes", json={"text": "hello"}, headers=desk.bearer("li"))

    assert answer.status_code == 201


def test_intake_knows_its_callers_by_itself(desk: Office):
    assert desk.browser().post("/machine").status_code == 200
