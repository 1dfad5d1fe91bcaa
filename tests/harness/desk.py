"""One person in front of a browser: signs in, opens pages, fills forms, and notices everything the browser complains about."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urljoin

from tests.harness.cast import PASSWORD
from tests.harness.photos import tiny_jpeg
from tests.harness.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FilePayload, Locator, Page

#: a desk and a tablet held upright
SIZES = {"desk": (1280, 800), "tablet": (834, 1112)}
WAIT_MS = 20_000


@dataclass
class Desk:
    """A browser of one's own."""

    page: "Page"
    url: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> int:
        """Go to a page; its status."""
        answer = self.page.goto(self.url + path, wait_until="load")
        assert answer is not None
        return answer.status

    def sign_in(self, username: str, password: str = PASSWORD) -> None:
        """Through the sign-in page."""
        self.open("/sign-in")
        self.page.fill("#username", username)
        self.page.fill("#password", password)
        self.page.click("#signin button.pri")
        self.page.wait_for_selector("header.top details.menu")
        self.page.wait_for_load_state()

    def follow(self, selector: str) -> None:
        """Click the first such link and be on the page it names: a click alone returns while the old page still stands."""
        link = self.page.locator(selector).first
        target = urljoin(self.page.url, link.get_attribute("href"))
        link.click()
        self.page.wait_for_url(lambda url: url == target)

    def form(self, action: str) -> "Locator":
        """The opened form of an action on a hazard's page, and the group it lies in."""
        panel = self.page.locator(f"#action-{action}")
        group = self.page.locator("details.group").filter(has=panel)
        if group.count() and group.get_attribute("open") is None:
            group.locator("> summary").click()
        if panel.get_attribute("open") is None:
            panel.locator("> summary").click()
        form = panel.locator("form")
        form.wait_for(state="visible")
        return form

    def send(self, form: "Locator", path: str = "/actions/") -> int:
        """Press the form's button and wait until the page has taken the answer; the answer's status."""
        self.page.evaluate("document.body.dataset.before = 'yes'")
        with self.page.expect_response(lambda r: r.request.method == "POST" and path in r.url) as told:
            form.locator("button.pri").last.click()
        # the page's policy forbids waiting for an expression
        self.page.wait_for_selector("body:not([data-before]), [data-refusal]")
        self.page.wait_for_load_state()
        return told.value.status


def choose(form: "Locator", values: Mapping[str, Any]) -> None:
    """Fill inputs by name: text, selects, radio tiles, checkboxes (True, or the values to tick)."""
    for name, value in values.items():
        one = form.locator(f"[name='{name}']")
        kind = one.first.evaluate("e => e.tagName === 'INPUT' ? e.type : e.tagName.toLowerCase()")
        if kind == "select":
            one.select_option(str(value))
        elif kind in ("radio", "checkbox"):
            for wanted in value if isinstance(value, list) else [value]:
                target = form.locator(f"[name='{name}'][value='{'true' if wanted is True else wanted}']")
                target.check(force=True)
        else:
            one.first.fill(str(value))


def photo(name: str = "photo.jpg") -> "FilePayload":
    """A picture as a file input takes it."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": tiny_jpeg()}


@contextlib.contextmanager
def sitting(
    browser: "Browser",
    site: Site,
    *,
    locale: Literal["zh", "en"] = "zh",
    theme: Literal["light", "dark"] = "light",
    size: str = "desk",
    storage: Any = None,
) -> Iterator[Desk]:
    """A fresh browser profile in one language, theme and size; complaints are what console and policy reported."""
    width, height = SIZES[size]
    context = browser.new_context(
        locale="zh-CN" if locale == "zh" else "en-GB",
        timezone_id="Asia/Shanghai",
        color_scheme=theme,
        viewport={"width": width, "height": height},
        accept_downloads=True,
        storage_state=storage,
    )
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    desk = Desk(page, site.url)
    # a refusal's own status line is no fault of the page
    page.on(
        "console",
        lambda m: (
            desk.complaints.append(m.text)
            if m.type in ("error", "warning") and "the server responded with a status of 4" not in m.text
            else None
        ),
    )
    page.on("pageerror", lambda e: desk.complaints.append(str(e)))
    # a page left before its icon had arrived cancels that request (ERR_ABORTED): the browser's haste, not a fault.
    # What is missing, refused or blocked by policy fails under other names.
    page.on(
        "requestfailed",
        lambda r: (
            desk.complaints.append(f"failed: {r.url} {r.failure}")
            if "/static/" in r.url and r.failure != "net::ERR_ABORTED"
            else None
        ),
    )
    try:
        yield desk
    finally:
        context.close()


def choose_language(site: Site, names: list[str], locale: str) -> None:
    """What each of these people chose as their language."""
    import sqlalchemy as sa

    from hazard_flow.identity.models import Person
    from hazard_flow.storage.scope import SYSTEM

    ids = [site.city.person(name) for name in names]
    with site.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Person).where(Person.id.in_(ids)).values(locale=locale))
