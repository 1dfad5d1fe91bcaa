"""What is decided without acting: when to try again, what is due, which bytes are frozen."""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.field.core.ground import Ground
from tests.harness.tablet_browser import tablet

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

NOW = 1_800_000_000_000
PHOTO = {
    "sha256": "a" * 64, "display_sha256": "b" * 64, "size": 7_000_000, "display_size": 1_400_000, "mime": "image/jpeg",
    "filename": "IMG_1.jpg", "kind": "PHOTO_BEFORE", "pair_of": None, "captured_at": "2026-11-30T01:00:00.000Z", "exif": {},
    "fix": {"lon": 119.4120004, "lat": 32.4, "accuracy_m": 7.2}, "marks": [],
}  # fmt: skip

_FREEZE = """async ([draft, now]) => {
    const { freeze } = await import("/field/static/core/manifest.js");
    try {
        return freeze(draft, new Date(now));
    } catch (error) {
        return { code: error.code, params: error.params };
    }
}"""


@pytest.fixture(scope="module")
def page(
    driver: "Playwright", standing: Ground, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Any]]:
    """Calls a function of a module in one page."""
    with tablet(driver, tmp_path_factory.mktemp("decisions"), standing.line) as one:
        one.open()

        def ask(module: str = "", name: str = "", *args: Any, draft: Any = None) -> Any:
            return one.page.evaluate(_FREEZE, [draft, NOW]) if draft else one.call(module, name, *args)

        yield ask


def test_waiting_doubles_from_two_seconds_to_five_minutes_and_spreads(page: Callable[..., Any]):
    most = [page("pace", "retryDelayMs", faults, 1) for faults in range(1, 11)]

    assert most == [2000, 4000, 8000, 16000, 32000, 64000, 128000, 256000, 300000, 300000]
    assert page("pace", "retryDelayMs", 1, 0) == 1000


def test_chunks_shrink_on_a_slow_line_and_grow_again(page: Callable[..., Any]):
    assert page("pace", "nextChunkBytes", 256 * 1024, False) == 128 * 1024
    assert page("pace", "nextChunkBytes", 16 * 1024, False) == 16 * 1024
    assert page("pace", "nextChunkBytes", 200 * 1024, True) == 256 * 1024


@pytest.mark.parametrize(
    ("connection", "bears"),
    [(None, True), ({"type": "wifi"}, True), ({"type": "cellular"}, False), ({"type": "wifi", "saveData": True}, False)],
)  # fmt: skip
def test_originals_wait_for_a_line_nobody_pays_for(page: Callable[..., Any], connection: Any, bears: bool):
    assert page("pace", "bearsOriginals", connection) is bears


@pytest.mark.parametrize("outcome", ["busy", "fault", "signed_out", "done"])
@pytest.mark.parametrize("state", ["queued", "sending", "arriving", "usable", "contested"])
def test_every_state_that_waits_has_a_wake_up(page: Callable[..., Any], outcome: str, state: str):
    left = [{"state": state, "next_try_at": None}]

    assert 0 < page("sender", "untilNext", outcome, left, 9, NOW, 1) <= 300_000


def test_nothing_left_sleeps(page: Callable[..., Any]):
    assert page("sender", "untilNext", "done", [], 0, NOW, 1) is None


@pytest.mark.parametrize(
    ("record", "role", "force", "due"),
    [
        ({"state": "queued"}, "display", False, True),
        ({"state": "needs_attention"}, "display", True, False),
        ({"state": "queued", "next_try_at": "2100-01-01T00:00:00Z"}, "display", False, False),
        ({"state": "queued", "next_try_at": "2100-01-01T00:00:00Z"}, "display", True, True),
        ({"state": "usable", "answer": {"state": "usable", "missing": {"a": 0}}}, "display", True, False),
        ({"state": "usable", "answer": {"state": "usable", "missing": {"a": 0}}}, "original", False, True),
        ({"state": "contested", "answer": {"state": "complete", "missing": {}}}, "display", False, True),
    ],
)
def test_what_is_due(page: Callable[..., Any], record: Any, role: str, force: bool, due: bool):
    assert page("flush", "isDue", record, role, force, NOW) is due


def test_the_manifest_is_exact_and_the_same_each_time(page: Callable[..., Any]):
    draft = {
        "id": "x", "kind": "report", "number": None, "action": None, "captured_at": "2026-11-30T01:00:00.000Z",
        "payload": {"asset": "VW-1", "data": {"ch4_lel": 0.1, "count": 3, "place": "井旁", "list": [1.5, 2]}}, "photos": [PHOTO],
    }  # fmt: skip

    first, again = (page(draft=draft) for _ in range(2))

    assert first["body"] == again["body"]
    manifest = json.loads(first["body"])
    assert manifest["captured_at"] == "2026-11-30T01:00:00.000Z"
    assert manifest["payload"] == {
        "asset": "VW-1", "organisation": None, "source": "self_inspection", "action": None, "reopen_of": None,
        "data": {"ch4_lel": "0.1", "count": 3, "place": "井旁", "list": ["1.5", 2]},
    }  # fmt: skip
    [attachment] = manifest["attachments"]
    assert (
        attachment["meta"] | {"lon": "119.412000", "lat": "32.400000", "accuracy_m": 8, "marks": None}
        == attachment["meta"]
    )
    assert [(file["role"], file["size"]) for file in first["attachments"]] == [
        ("display", 1_400_000),
        ("original", 7_000_000),
    ]


def test_an_act_names_its_hazard_or_is_refused(page: Callable[..., Any]):
    draft = {
        "kind": "act",
        "number": None,
        "action": "progress",
        "payload": {"data": {}},
        "photos": [],
        "captured_at": None,
    }

    assert page(draft=draft) == {"code": "draft_incomplete", "params": {"field": "number"}}
