"""The app as it is handed out: the same for everybody, whole by its own table, asked for anew each time."""

import base64
import hashlib
import json
import re

import pytest

from hazard_flow.offline.shell import assets
from tests.harness.client import Answer
from tests.harness.site import Site


def get(site: Site, path: str, **headers: str) -> Answer:
    return site.stranger().get(path, **headers)


def table_of(worker: str) -> dict[str, str]:
    listed = re.search(r"^const SHELL = (.*);$", worker, re.MULTILINE)
    assert listed
    return {entry["url"]: entry["integrity"] for entry in json.loads(listed[1])}


def test_every_file_of_the_table_is_served_as_the_table_says(small_site: Site):
    table = table_of(get(small_site, "/field/sw.js").body.decode())

    assert {"/field", "/field/version.js", "/field/words/zh.json", "/field/words/en.json"} <= set(table)
    assert "/field/static/core/outbox.js" in table
    assert "/field/static/sw.js" not in table
    for url, integrity in table.items():
        answer = get(small_site, url)
        digest = base64.b64encode(hashlib.sha256(answer.body).digest()).decode()
        assert (answer.status, f"sha256-{digest}") == (200, integrity), url


def test_every_module_the_app_imports_is_in_the_table(small_site: Site):
    table = table_of(get(small_site, "/field/sw.js").body.decode())
    missing = []
    for path in assets.STATIC.rglob("*.js"):
        for named in re.findall(r"""(?:from|import\()\s*["']([^"']+\.js)["']""", path.read_text("utf-8")):
            place = (path.parent / named).resolve().relative_to(assets.STATIC) if named[0] == "." else None
            url = f"{assets.STATIC_URL}/{place.as_posix()}" if place else named
            missing += [] if url in table else [f"{path.name}: {named}"]

    assert missing == []


def test_the_worker_may_watch_over_the_address_without_a_slash(small_site: Site):
    plain, sending = get(small_site, "/field/sw.js"), get(small_site, "/field/sw.js?sends=1")

    for answer in (plain, sending):
        assert answer.headers["Service-Worker-Allowed"] == "/field"
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.headers["Content-Type"].startswith("text/javascript")
    assert b"import {" not in plain.body, "browsers without module workers take this one"
    assert sending.body.startswith(b"import { flush as send }")


@pytest.mark.parametrize("path", ["/field", "/field/", "/field/tasks/YH-1", "/field/static/app.js"])
def test_it_is_the_same_for_everybody_and_asked_for_each_time(small_site: Site, path: str):
    anonymous, known = get(small_site, path), small_site.client("李巡检").get(path)

    assert anonymous.status == 200
    assert anonymous.body == known.body
    assert anonymous.headers["Cache-Control"] == "no-cache"
    assert get(small_site, path, **{"If-None-Match": anonymous.headers["Etag"]}).status == 304
    assert "Set-Cookie" not in anonymous.headers


@pytest.mark.parametrize(
    "path", ["/field/static/none.js", "/field/static/../pages.py", "/field/words/de.json"]
)
def test_what_is_not_the_app_s_is_no_file_of_it(small_site: Site, path: str):
    answer = get(small_site, path)

    assert (answer.status, answer.headers["Content-Type"][:9]) in {(404, "text/html"), (200, "text/html")}
    assert b"Blueprint" not in answer.body


@pytest.mark.parametrize(
    ("asked", "lang", "name"),
    [("zh", "zh-CN", "隐患闭环"), ("en", "en", "Hazard Flow"), ("xx", "zh-CN", "隐患闭环")],
)
def test_it_can_be_put_on_the_home_screen(small_site: Site, asked: str, lang: str, name: str):
    answer = get(small_site, f"/field/manifest.webmanifest?lang={asked}")

    assert answer.headers["Content-Type"] == "application/manifest+json"
    found = answer.json
    assert (found["lang"], found["display"], found["start_url"], found["scope"]) == (
        lang,
        "standalone",
        "/field",
        "/field",
    )
    assert found["name"].startswith(name)
    for icon in found["icons"]:
        image = get(small_site, icon["src"])
        assert (image.status, image.headers["Content-Type"]) == (200, "image/png")
    assert {icon["purpose"] for icon in found["icons"]} == {"any", "maskable"}


def test_a_byte_of_any_file_makes_another_version():
    one = (assets.ShellFile("/a", b"1" * 32), assets.ShellFile("/b", b"2" * 32))
    other = (one[0], assets.ShellFile("/b", b"3" * 32))

    assert assets.version_of(one) == assets.version_of(one)
    assert assets.version_of(one) != assets.version_of(other)
    assert assets.version(b"<p>") != assets.version(b"<p> ")
