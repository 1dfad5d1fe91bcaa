"""Why a tablet needs the certificate: a browser that trusts it keeps an app, one that was clicked through does not."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.offline.tls.serving import browser_at, port_of, secure

pytestmark = pytest.mark.browser

REGISTER = """async () => {
  try { await navigator.serviceWorker.register("/sw.js"); await navigator.serviceWorker.ready; return "registered" }
  catch (error) { return error.name }
}"""
FILES = {
    "/": ("text/html", b"<!doctype html><title>well</title>"),
    "/sw.js": ("text/javascript", b"self.addEventListener('fetch', () => {})"),
}


def small_app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """One page and a worker."""
    mime, body = FILES.get(environ["PATH_INFO"], ("text/plain", b""))
    start_response("200 OK", [("Content-Type", mime), ("Content-Length", str(len(body)))])
    return [body]


def test_a_tablet_that_trusts_the_authority_keeps_the_app(tmp_path: Path):
    with secure(small_app, tmp_path / "tls") as server:
        url = f"https://127.0.0.1:{port_of(server)}/"
        with browser_at(tmp_path / "home", trusting=tmp_path / "tls" / "ca.crt") as browser:
            page = browser.new_page()
            page.goto(url)

            assert page.evaluate("isSecureContext")
            assert page.evaluate(REGISTER) == "registered"


def test_one_that_was_clicked_through_looks_right_and_keeps_nothing(tmp_path: Path):
    with secure(small_app, tmp_path / "tls") as server:
        url = f"https://127.0.0.1:{port_of(server)}/"
        with browser_at(tmp_path / "home") as browser:
            with pytest.raises(Exception, match="ERR_CERT_AUTHORITY_INVALID"):
                browser.new_page().goto(url)
            page = browser.new_context(ignore_https_errors=True).new_page()
            page.goto(url)

            assert page.title() == "well"
            assert page.evaluate(REGISTER) == "SecurityError"
