"""What strangers typed is printed, never run; a template that reaches out fails and reaches nothing."""

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pypdf
import pytest

from hazard_flow.errors import OutsideWorld
from hazard_flow.reports import render
from hazard_flow.reports.closure import template_data
from hazard_flow.reports.frames import read_frame
from hazard_flow.reports.worker import Press
from tests.reports.cases import Case


class Canary:
    """A server that counts who calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        canary = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                canary.calls.append(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def canary() -> Iterator[Canary]:
    canary = Canary()
    thread = threading.Thread(target=canary.server.serve_forever)
    thread.start()
    yield canary
    canary.server.shutdown()
    thread.join()
    canary.server.server_close()


def test_typed_text_stays_text(press: Press, canary: Canary) -> None:
    evil = (
        f"<script>alert(1)</script><img src='{canary.url}/a.png'><link rel=attachment href=file:///etc/passwd>"
        "{{7*7}} {% raw %} ${7*7} <svg/onload=alert(2)> ]]> <!-- \u202e反转 \x00\x07 𫚭 🔥"
    )
    case = Case(photos=0, events=3)
    data = replace(
        case.data,
        title=evil,
        organisation=evil,
        log=tuple(replace(entry, comment=evil, actor=evil) for entry in case.data.log),
        opinions=tuple(replace(opinion, text=evil, name=evil) for opinion in case.data.opinions),
    )
    made = press.render("closure", template_data(data), **case.arguments())
    reader = pypdf.PdfReader(io.BytesIO(made.pdf))
    text = "".join(page.extract_text() for page in reader.pages).replace("\n", "")
    assert "<script>alert(1)</script>" in text
    assert "{{7*7}} {% raw %}" in text
    assert "\u202e" not in text
    assert "〔U+1F525〕" in text
    assert list(reader.attachments) == ["record.json"]
    assert made.complaints == ()
    assert canary.calls == []


@pytest.mark.parametrize(
    "html",
    [
        "<img alt=x src='{url}/a.png'>",
        "<img alt=x src='file:///etc/hostname'>",
        "<img alt=x src='data:image/svg+xml,<svg/>'>",
        "<img alt=x src='asset:0000'>",
        "<link rel=stylesheet href='{url}/a.css'>",
        "<style>@import url({url}/b.css)</style>",
        "<style>p {{ background: url({url}/c.png) }}</style><p>x</p>",
        "<style>@font-face {{ font-family: x; src: url({url}/d.ttf) }} p {{ font-family: x }}</style><p>x</p>",
        "<object data='{url}/e.png'></object>",
        "{{% include '/etc/hostname' %}}",
        "{{% include '../../etc/hostname' %}}",
        "{{{{ ''.__class__.__mro__ }}}}",
        "{{{{ missing.name }}}}",
    ],
)
def test_a_template_that_reaches_out_fails(
    html: str, canary: Canary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write_template(tmp_path, html.format(url=canary.url))
    monkeypatch.setattr(render, "resource_dir", lambda _: tmp_path)
    out = io.BytesIO()
    render._answer(out, _JOB, [])
    out.seek(0)
    said, blobs = read_frame(out)
    assert not said["ok"]
    assert blobs == []
    assert canary.calls == []


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # WeasyPrint leaves its colour profile open
def test_a_template_cannot_attach_files_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write_template(tmp_path, "<link rel=attachment href='file:///etc/hostname'><p>x</p>")
    monkeypatch.setattr(render, "resource_dir", lambda _: tmp_path)
    _, pdf = render.render(_JOB, [])
    assert dict(pypdf.PdfReader(io.BytesIO(pdf)).attachments) == {}


def test_nothing_connects_or_starts_once_confined() -> None:
    for act in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system"):
        with pytest.raises(PermissionError):
            render._refuse_acts(act, ())
    render._refuse_acts("open", ("/tmp/x", "r", 0))


def test_an_unknown_template_is_our_own_mistake(press: Press, case: Case) -> None:
    for name in ("nothing", "../closure", "_base"):
        with pytest.raises(OutsideWorld) as caught:
            press.render(name, {}, **case.arguments())
        assert caught.value.permanent


_JOB = {
    "template": "trial", "data": {}, "zone": "Asia/Shanghai", "created": "2026-11-20T00:00:00+00:00",
    "identifier": "x", "assets": [], "attachments": [], "xmp": {},
}  # fmt: skip


def _write_template(root: Path, body: str) -> None:
    (root / "_base").mkdir()
    (root / "_base/base.css").write_text("p { color: black }")
    (root / "trial").mkdir()
    (root / "trial/theme.css").write_text("")
    (root / "trial/report.yaml").write_text("report: trial\nversion: 1\nname: {zh: 试, en: Trial}\n")
    (root / "trial/template.html").write_text(f"<html lang=zh><title>t</title><body>{body}</body></html>")
