"""Debian's Chromium, driven by Playwright: no browser is ever downloaded."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hazard_flow.simulation.servers import find_program

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FONTS = Path(__file__).parents[2] / "hazard_flow" / "web" / "static" / "vendor" / "fonts"
AXE = Path(__file__).parents[2] / "hazard_flow" / "web" / "vendor-dev" / "axe.min.js"


def chromium_path() -> str:
    """Where the browser is."""
    found = find_program("chromium", "chromium-browser", "google-chrome")
    assert found, "no Chromium here: python3 -m hazard_flow.dev test installs it"
    return found


@cache
def environment() -> dict[str, str | float | bool]:
    """What a browser starts with: a machine without Chinese letters borrows the ones our documents are set in."""
    file = Path(tempfile.mkdtemp(prefix="fonts-")) / "fonts.conf"
    file.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f'<include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{FONTS}</dir></fontconfig>',
        "utf-8",
    )
    return {**os.environ, "FONTCONFIG_FILE": str(file)}


@contextmanager
def chromium() -> Iterator["Browser"]:
    """A headless browser; give each person of a story a context of their own (`browser.new_context()`)."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        # root has no sandbox to give; a container's /dev/shm is too small for pages with photos
        options = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--font-render-hinting=none"]
        browser = driver.chromium.launch(executable_path=chromium_path(), args=options, env=environment())
        try:
            yield browser
        finally:
            browser.close()


def violations(page: "Page", *, context: str | None = None) -> list[dict[str, Any]]:
    """What axe finds wrong on the page as it stands: rule, impact, and where."""
    # evaluated rather than added as a script tag: the pages' content security policy would refuse that
    page.evaluate(AXE.read_text("utf-8"))
    # only what is wrong is described in full: naming every element that is right takes most of the time
    found = page.evaluate("(context) => axe.run(context || document, {resultTypes: ['violations']})", context)
    return [
        {"rule": item["id"], "impact": item["impact"], "where": [node["target"] for node in item["nodes"]]}
        for item in found["violations"]
    ]
