"""The manual inside the program: Markdown files of `hazard_flow/help/`, in the reader's language."""

import re
from dataclasses import dataclass
from functools import cache

from flask import Blueprint, render_template
from markdown_it import MarkdownIt
from markupsafe import Markup

from hazard_flow.errors import NotFound
from hazard_flow.i18n import text
from hazard_flow.resources import PACKAGE
from hazard_flow.web.auth import public
from hazard_flow.web.context import kernel
from hazard_flow.web.locale import current_locale

#: the chapters in reading order; each is a file in both languages
CHAPTERS = (
    "start",
    "sign-in",
    "report",
    "tablets",
    "roles",
    "files",
    "audit",
    "watch",
    "alarms",
    "sources",
    "broker",
    "api",
    "settings",
    "speed",
    "changelog",
)

blueprint = Blueprint("help", __name__)


@dataclass(frozen=True)
class Chapter:
    """One page of the manual in the list at its side."""

    key: str
    href: str
    label: str


@blueprint.get("/help/")
@blueprint.get("/help/<page>")
@public
def page(page: str = "start") -> str:
    """One chapter."""
    locale = current_locale()
    if page not in CHAPTERS:
        raise NotFound("no such chapter")
    title, body = read_chapter(page, locale)
    chapters = [Chapter(key, f"/help/{key}", read_chapter(key, locale)[0]) for key in CHAPTERS]
    chapters += [Chapter(one.key, one.href, text(one.label, locale)) for one in kernel().manual]
    return render_template("help.html", title=title, body=body, chapters=chapters, current=page)


@cache
def read_chapter(key: str, locale: str) -> tuple[str, Markup]:
    """Title and HTML of a chapter. Raw HTML in the Markdown is shown as text: our own files need none."""
    source = (PACKAGE / "help" / locale / f"{key}.md").read_text("utf-8")
    title = re.match(r"# (.+)\n", source)
    assert title is not None, f"help/{locale}/{key}.md must begin with a title"
    rendered = MarkdownIt("commonmark", {"html": False}).enable("table").render(source[title.end() :])
    # a block wider than the page scrolls, so the keyboard must reach it
    rendered = rendered.replace("<pre>", '<pre tabindex="0">')
    return title.group(1).strip(), Markup(rendered)  # noqa: S704 - rendered from our own files with HTML switched off
