"""The field app in somebody's hand: a tablet of its own, a place, a network that can go; every touch is counted."""

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from PIL import Image, ImageDraw

from tests.harness.cast import PASSWORD
from tests.harness.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, FilePayload, Locator, Page

#: upright, on its side, and a small desk
SIZES = {"upright": (834, 1112), "lying": (1112, 834), "desk": (1280, 800)}
#: beside the valve well VW-1 of the founded city
HERE = {"longitude": 119.4001, "latitude": 32.4001, "accuracy": 6}
WAIT_MS = 15_000
#: what a refused or cut request says in the console is the story, not a fault of the page
EXPECTED = (
    "the server responded with a status of",
    "net::ERR_INTERNET_DISCONNECTED",
    "net::ERR_FAILED",
    "net::ERR_ABORTED",
)


def scene(number: int, size: tuple[int, int] = (1280, 960)) -> bytes:
    """A picture like no other: a pipe, a wall, and the number of the picture in both."""
    shade = (90 + number * 23 % 120, 110 + number * 41 % 110, 100 + number * 67 % 100)
    drawn = Image.new("RGB", size, shade)
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((120, 140 + number * 7, 520, 820), fill=(70, 82, 80))
    pen.line((200, 60, 640 + number * 9, 520, 1180, 600), fill=(222, 140, 58), width=64, joint="curve")
    pen.ellipse((820, 520, 1180, 800), fill=(52, 58, 58))
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=88, comment=b"scene %d" % number)
    return out.getvalue()


def shot(number: int = 1) -> "FilePayload":
    """What the camera gives to a file input."""
    return {"name": f"IMG_{number:04d}.JPG", "mimeType": "image/jpeg", "buffer": scene(number)}


@dataclass
class Hand:
    """One person with a tablet."""

    page: "Page"
    site: Site
    taps: int = 0
    complaints: list[str] = field(default_factory=list)

    @property
    def context(self) -> "BrowserContext":
        """The tablet's own profile."""
        return self.page.context

    def open(self, screen: str = "home") -> None:
        """Go to a screen by its address, and wait until it stands."""
        self.page.goto(f"{self.site.url}/field#/{screen}")
        self.settle()

    def settle(self) -> None:
        """Wait until a screen is drawn."""
        self.page.wait_for_selector("#app main")

    def sign_in(self, name: str) -> None:
        """Through the app's own sign-in screen; the lists are on the tablet when this returns."""
        self.open("sign-in")
        self.page.fill("#signin input[autocomplete=username]", self.site.username(name))
        self.page.fill("#signin input[autocomplete=current-password]", PASSWORD)
        self.page.click("#signin button[type=submit]")
        self.page.wait_for_selector(".hero")
        self.wait_for_event("(await import('/field/static/core/data.js')).data()")

    def wait_for_event(self, script: str) -> Any:
        """Ask the page again until the script gives something; the page's policy forbids waiting for an expression."""
        ask = f"""async () => {{
            for (let n = 0; n < 150; n++) {{
                const found = await (async () => ({script}))();
                if (found) return found;
                await new Promise((again) => setTimeout(again, 100));
            }}
            return null;
        }}"""
        found = self.page.evaluate(ask)
        assert found, f"never: {script}"
        return found

    def tap(self, what: "str | Locator") -> None:
        """One touch."""
        self.taps += 1
        one = self.page.locator(what).first if isinstance(what, str) else what
        one.click()

    def take(self, what: "str | Locator", *shots: "FilePayload") -> None:
        """One touch that opens the camera, which gives these pictures."""
        with self.page.expect_file_chooser() as chosen:
            self.tap(what)
        chosen.value.set_files(cast("Sequence[FilePayload]", list(shots)))

    def offline(self, is_gone: bool = True) -> None:
        """The network goes, or comes back."""
        self.context.set_offline(is_gone)

    def installed(self) -> None:
        """Wait until the worker watches over the app, so that it opens without a network."""
        self.page.evaluate("async () => void (await navigator.serviceWorker.ready)")
        self.page.reload()
        self.settle()

    def call(self, module: str, function: str, *args: Any) -> Any:
        """What a module of the app answers."""
        script = f"async (args) => (await import('/field/static/{module}.js')).{function}(...args)"
        return self.page.evaluate(script, list(args))

    def records(self) -> list[Any]:
        """What waits on the tablet."""
        return cast("list[Any]", self.call("core/outbox", "listRecords"))

    def drafts(self) -> list[Any]:
        """What was begun."""
        return cast("list[Any]", self.call("core/drafts", "listDrafts"))

    def step(self, number: int) -> None:
        """On to the next step of a report, and wait until it stands."""
        self.tap("footer .btn.pri")
        self.page.wait_for_selector(f".prog li:nth-child({number}).now")

    def submit(self) -> None:
        """Submit, and wait until it is said to be stored."""
        self.tap("footer .btn.pri")
        self.page.wait_for_selector(".stored")

    def contested(self) -> None:
        """Wait until the server has refused the first record, and keeps all of it."""
        outbox = "(await import('/field/static/core/outbox.js'))"
        settled = "r[0]?.state === 'contested' && r[0].answer.state === 'complete'"
        self.wait_for_event(f"{outbox}.listRecords().then((r) => {settled})")

    def sent(self) -> list[Any]:
        """Wait until the server has confirmed everything; the receipts."""
        outbox = "(await import('/field/static/core/outbox.js'))"
        self.wait_for_event(
            f"!(await {outbox}.listRecords()).length && (await {outbox}.listReceipts()).length"
        )
        return cast("list[Any]", self.call("core/outbox", "listReceipts"))


@contextlib.contextmanager
def in_hand(
    browser: "Browser",
    site: Site,
    *,
    locale: Literal["zh", "en"] = "zh",
    theme: Literal["light", "dark"] = "light",
    size: str = "upright",
    here: dict[str, float] | None = None,
    knows_where: bool = True,
) -> Iterator[Hand]:
    """A fresh tablet; whatever its console complains of fails the test at the end."""
    width, height = SIZES[size]
    context = browser.new_context(
        locale="zh-CN" if locale == "zh" else "en-GB",
        timezone_id="Asia/Shanghai",
        color_scheme=theme,
        viewport={"width": width, "height": height},
        has_touch=size != "desk",
        reduced_motion="reduce",
        accept_downloads=True,
        geolocation=cast("Any", here or HERE) if knows_where else None,
        permissions=["geolocation"] if knows_where else [],
    )
    context.set_default_timeout(WAIT_MS)
    hand = Hand(context.new_page(), site)
    hand.page.on(
        "console",
        lambda m: (
            hand.complaints.append(m.text)
            if m.type in ("error", "warning") and not any(known in m.text for known in EXPECTED)
            else None
        ),
    )
    hand.page.on("pageerror", lambda e: hand.complaints.append(str(e)))
    try:
        yield hand
        assert hand.complaints == []
    finally:
        context.close()
