"""What every answer carries and what a request may carry."""

import io
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.web.office import Office, token_of


def upload(photo: bytes, **fields: str) -> dict[str, Any]:
    """A form with one photo, encoded in memory."""
    boundary, body = encode_multipart({"photo": FileStorage(io.BytesIO(photo), "a.jpg"), **fields})
    return {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}


def test_every_answer_carries_the_policy(desk: Office):
    client = desk.browser("li")
    for path in ("/livez", "/sign-in", "/nowhere", "/api/v1/me"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in headers


def test_pages_of_a_person_are_not_kept_by_the_browser(desk: Office):
    assert desk.browser("li").get("/sample").headers["Cache-Control"] == "no-store"


def test_assets_are_kept_for_ever_under_a_name_that_follows_their_content(desk: Office):
    page = desk.browser().get("/sign-in").text
    address = page[page.index("/static/hf.css?v=") :].split('"')[0]

    with desk.browser().get(address) as asset:
        assert asset.status_code == 200
        assert "max-age=31536000" in asset.headers["Cache-Control"]
        assert "default-src 'self'" in asset.headers["Content-Security-Policy"]


def test_a_body_is_small_unless_the_view_takes_photos(desk: Office):
    client = desk.browser("li")
    big = b"x" * 2_000_000

    refused = client.post("/sample", **upload(big, csrf_token=token_of(client, "/help/")))
    taken = client.post("/sample/photos", **upload(big, csrf_token=token_of(client, "/help/")))

    assert refused.status_code == 413
    assert taken.json == {"sizes": [2_000_000]}


def test_a_stranger_cannot_make_us_read_a_large_body(desk: Office):
    answer = desk.browser().post("/sample/photos", **upload(b"x" * 2_000_000))

    assert answer.status_code == 303


def test_a_form_becomes_plain_values(desk: Office):
    client = desk.browser("li")

    answer = desk.post(
        client, "/sample", a="  text\x00\x07 \r\nline ", empty="", people=["p1"], two=["x", "y"], request_key="k-1", expected_version="7",
        photo=(io.BytesIO(b"123"), "井盖.jpg"),
    )  # fmt: skip

    assert answer.json == {
        "values": {"a": "text \nline", "people": ["p1"], "two": ["x", "y"]},
        "files": [["photo", "井盖.jpg", 3]],
        "key": "k-1",
        "version": 7,
    }


def test_bad_keys_and_versions_are_refused(desk: Office):
    client = desk.browser("li")

    assert desk.post(client, "/sample", request_key="k" * 201).status_code == 400
    assert desk.post(client, "/sample", expected_version="seven").status_code == 400


def test_key_and_version_come_from_headers(desk: Office):
    headers = {**desk.bearer("li"), "Idempotency-Key": "once", "If-Match": '"12"'}

    answer = desk.browser().post("/api/v1/notes", json={"text": "hello"}, headers=headers)

    assert answer.json == {"text": "hello", "key": "once", "version": 12}


def test_language_follows_the_person_then_the_cookie_then_the_browser(desk: Office):
    stranger = desk.browser()
    assert 'lang="zh-CN"' in stranger.get("/sign-in").text
    assert 'lang="en"' in stranger.get("/sign-in", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    desk.post(stranger, "/language", page="/sign-in", locale="en", next="/sign-in")
    assert 'lang="en"' in stranger.get("/sign-in").text
    assert 'lang="zh-CN"' in stranger.get("/sign-in?lang=zh").text

    li = desk.browser("li")
    assert 'lang="zh-CN"' in li.get("/help/").text
    desk.post(li, "/language", locale="en", next="/help/")
    assert 'lang="en"' in desk.browser("li").get("/help/").text, (
        "the choice is the person's, on every machine"
    )


def test_the_theme_is_drawn_from_the_first_byte(desk: Office):
    client = desk.browser()
    client.set_cookie("hf_theme", "dark")

    assert 'data-theme="dark"' in client.get("/sign-in").text
    client.set_cookie("hf_theme", '"><script>')
    assert "data-theme" not in client.get("/sign-in").text.split("<body")[0]
