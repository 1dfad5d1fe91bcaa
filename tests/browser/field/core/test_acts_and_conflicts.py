"""Acts captured without a network: two tablets on one hazard, the photos of a task at hand, files no browser can draw."""

from collections.abc import Callable
from typing import Any

import pytest

from hazard_flow.clock import SystemClock
from tests.browser.field.core.capturing import draft_with, submit, take
from tests.browser.field.core.ground import LI, Ground
from tests.browser.field.core.judging import stands
from tests.browser.field.core.scenarios import confirmed
from tests.evidence.photos import photo
from tests.harness.cast import PASSWORD
from tests.harness.city import City
from tests.harness.tablet_browser import Tablet
from tests.harness.waiting import wait_for

WANG = "wang"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_DISPLAYED = """async (digest) => {
    const { taskPhotoUrl } = await import("/field/static/core/data.js");
    const image = new Image();
    image.src = await taskPhotoUrl(digest);
    await image.decode();
    return image.naturalWidth;
}"""


@pytest.fixture
def city(ground: Ground) -> City:
    made = City(
        ground.place.database, ground.place.founded, owner_url="", store=ground.place.application.store
    )
    made.clock = SystemClock()  # type: ignore[assignment]
    return made


def test_two_tablets_on_one_hazard_both_are_kept(city: City, tablets: Callable[..., Tablet]):
    hazard = city.bring_to(city.report(), "rectifying")
    first, second = tablets(), tablets()
    for one in (first, second):
        one.install()
        one.sign_in(WANG, PASSWORD)
        one.call("data", "refreshData")
    first.offline()
    for one, percent in ((first, "40"), (second, "60")):
        task = next(task for task in one.call("data", "data")["tasks"] if task["number"] == hazard.number)
        options = {
            "number": hazard.number,
            "action": "progress",
            "payload": {"expected_version": task["version"], "data": {}},
        }
        draft = draft_with(
            one, {"percent": percent, "note": "管段已开挖"}, kind="act", title=task["title"], **options
        )
        submit(one, draft)

    first.offline(False)
    for one in (first, second):
        one.call("sender", "kick", "online")
        wait_for(lambda one=one: one.call("outbox", "listRecords"), decided)
    winner, loser = sorted((first, second), key=lambda one: len(one.call("outbox", "listRecords")))
    [receipt], [lost] = winner.call("outbox", "listReceipts"), loser.call("outbox", "listRecords")

    assert (receipt["number"], receipt["outcome"]) == (hazard.number, "entered")
    assert lost["answer"]["problems"]
    assert all(problem["sentence"] for problem in lost["answer"]["problems"])
    assert '"note":"管段已开挖"' in lost["body"]
    assert loser.call("outbox", "deleteContested", lost["id"]) is True
    [kept] = loser.call("outbox", "listReceipts")
    assert (kept["outcome"], loser.call("outbox", "listRecords")) == ("contested", [])


def decided(records: list[Any]) -> bool:
    """Whether the server has taken it, or a person has to look."""
    return [record["state"] for record in records] in ([], ["contested"])


def test_the_photos_of_a_task_are_there_without_a_network(city: City, tablets: Callable[..., Tablet]):
    hazard = city.bring_to(city.report(), "rectifying")
    one = tablets()
    one.install()
    one.sign_in(WANG, PASSWORD)
    one.call("data", "refreshData")
    one.offline()
    one.open()

    task = next(task for task in one.call("data", "data")["tasks"] if task["number"] == hazard.number)

    [photo, *_] = task["photos"]
    assert one.page.evaluate(_DISPLAYED, photo["sha256"]) > 0
    one.call("session", "signOut", "keep")
    assert one.call("data", "taskPhotoUrl", photo["sha256"]) is None


def test_what_the_browser_cannot_draw_goes_as_it_is(ground: Ground, tablets: Callable[..., Tablet]):
    one = tablets()
    one.install()
    one.sign_in(LI, PASSWORD)
    word = "浏览器画不出的文件"
    draft = draft_with(one, {"description": word, "place": "青梧路 12 号"})
    phone = take(one, draft, photo(form="HEIF"), name="IMG_7.HEIC", type="")
    paper = take(one, draft, PDF, name="现场 记录.pdf", type="", kind="SITE_RECORD")

    submit(one, draft)
    confirmed(one)

    assert [(file["mime"], file["display_sha256"], file["thumb_url"]) for file in (phone, paper)] == [
        ("image/heic", None, None),
        ("application/pdf", None, None),
    ]
    found = stands(ground, word)
    assert (found.hazards, found.originals) == (1, {phone["sha256"], paper["sha256"]})
