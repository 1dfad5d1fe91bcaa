"""The rules for a browser that sends: an own header and an own origin with a cookie, JSON and never a sign-in page, small bodies."""

import pytest

from tests.harness.cast import PASSWORD
from tests.harness.client import Client
from tests.harness.site import Site
from tests.harness.tablet import Tablet, report, sha256


def signed_in(site: Site, name: str = "李巡检") -> Client:
    """A browser's cookie after signing in through the page."""
    stranger = site.stranger()
    page = stranger.get("/sign-in")
    token = page.body.decode().split('name="csrf_token" value="')[1].split('"')[0]
    cookie = page.headers["Set-Cookie"].split(";")[0]
    form = {"csrf_token": token, "username": site.username(name), "password": PASSWORD}
    answer = stranger.form("/sign-in", form, cookie=cookie)
    assert answer.status == 303, answer.body.decode()
    return site.stranger(Cookie=answer.headers["Set-Cookie"].split(";")[0])


def test_with_a_cookie_and_the_header_it_is_taken(small_site: Site):
    one = report()

    assert Tablet(signed_in(small_site)).put(one).status == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"X-HF-Client": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
    ],
)
def test_from_anywhere_else_it_is_refused(small_site: Site, headers: dict[str, str]):
    one = report()

    answer = Tablet(signed_in(small_site)).put(one, **headers)

    assert (answer.status, answer.json["code"]) == (403, "cross_site")


def test_signed_out_the_answer_is_json_and_no_redirect(small_site: Site):
    one = report()
    nobody = Tablet(small_site.stranger())

    answers = [nobody.put(one), nobody.patch(one, sha256(one.files[0]), 0, b"x"), nobody.get(one)]

    assert [(a.status, a.json["code"]) for a in answers] == [(401, "sign_in_needed")] * 3
    assert {a.headers["Content-Type"] for a in answers} == {"application/problem+json"}


def test_a_token_that_may_only_read_hands_nothing_in(small_site: Site):
    answer = Tablet(small_site.client("李巡检", rights="read")).put(report())

    assert (answer.status, answer.json["code"]) == (403, "read_only_token")


def test_a_manifest_beyond_all_measure_is_refused(small_site: Site):
    one = report()

    assert Tablet(small_site.client("李巡检")).put(one, one.body + b" " * 1_100_000).status == 413


@pytest.mark.parametrize("raw", ["", "-1", "x", "1e3", "9" * 20])
def test_an_offset_that_is_none_is_said(small_site: Site, raw: str):
    one, mine = report(), Tablet(small_site.client("李巡检"))
    mine.put(one)

    answer = mine.client.send(
        "PATCH", f"/api/v1/submissions/{one.id}/attachments/{sha256(one.files[0])}", b"x",
        headers={"Upload-Offset": raw, "Content-Type": "application/octet-stream"},
    )  # fmt: skip

    assert (answer.status, answer.wrong) == (400, {("Upload-Offset", "not_an_integer")})
