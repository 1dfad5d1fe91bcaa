"""What is the same for everybody goes out packed to whoever takes it; nothing of a person ever does."""

import gzip

import pytest

from tests.web.office import Office

STYLE = "/static/hf.css"
PACKED = {"Accept-Encoding": "gzip, deflate, br"}


def test_a_style_is_packed_for_a_browser_that_takes_it(desk: Office):
    with desk.browser().get(STYLE) as plain, desk.browser().get(STYLE, headers=PACKED) as packed:
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert len(packed.data) < len(plain.data) / 2
        assert "Content-Encoding" not in plain.headers
        assert "Accept-Encoding" in plain.headers["Vary"]


def test_what_is_kept_is_not_fetched_again(desk: Office):
    with desk.browser().get(STYLE, headers=PACKED) as first:
        tag = first.headers["ETag"]
    with desk.browser().get(STYLE, headers={**PACKED, "If-None-Match": tag}) as again:
        assert again.status_code == 304
        assert again.data == b""


@pytest.mark.parametrize("headers", [{"Range": "bytes=0-99"}, {"Accept-Encoding": "gzip;q=0"}])
def test_a_part_and_a_browser_without_gzip_get_plain_bytes(desk: Office, headers: dict[str, str]):
    with desk.browser().get(STYLE, headers={**PACKED, **headers}) as answer:
        assert "Content-Encoding" not in answer.headers


def test_a_page_of_a_person_is_never_packed(desk: Office):
    assert "Content-Encoding" not in desk.browser("li").get("/sample", headers=PACKED).headers
    assert "Content-Encoding" not in desk.browser("li").get("/api/v1/me", headers=PACKED).headers
