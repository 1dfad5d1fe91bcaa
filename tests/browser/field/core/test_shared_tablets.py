"""One tablet, several people: each sees and sends their own, and nothing of anybody is lost when they leave."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.field.core.capturing import draft_with, submit, take
from tests.browser.field.core.ground import LI, ZHENG, Ground
from tests.browser.field.core.judging import nothing_of, once_and_whole
from tests.browser.field.core.scenarios import confirmed
from tests.harness.cast import PASSWORD
from tests.harness.photos import tiny_jpeg
from tests.harness.tablet_browser import Tablet
from tests.harness.waiting import wait_for

_TRY = """async ([module, name, args]) => {
    try {
        return await (await import(`/field/static/core/${module}.js`))[name](...args);
    } catch (error) {
        return { code: error.code ?? String(error), params: error.params };
    }
}"""


def attempt(tablet: Tablet, module: str, name: str, *args: Any) -> Any:
    """The result, or {code, params} of what was raised."""
    return tablet.page.evaluate(_TRY, [module, name, list(args)])


@pytest.fixture
def one(ground: Ground, tablets: Callable[..., Tablet]) -> Tablet:
    made = tablets()
    made.install()
    return made


def test_a_wrong_password_is_told_and_changes_nothing(one: Tablet):
    said = attempt(one, "session", "signIn", LI, "not this one")

    assert (said["code"], said["params"]["asks_code"]) == ("signin_wrong", False)
    assert one.call("session", "me") is None
    assert one.sign_in(LI, PASSWORD)["name"] == "李巡检"
    assert one.call("session", "me")["username"] == LI
    assert one.call("session", "lockedRecords") == []


def test_the_lists_come_along_and_go_with_their_owner(one: Tablet):
    one.sign_in(LI, PASSWORD)
    assert one.call("data", "refreshData") is True
    assert one.call("data", "refreshData") is False, "unchanged: not sent again"
    one.offline()
    one.kill()
    one.switch_on(offline=True)
    one.open()
    lists = one.call("data", "data")
    assert lists["me"]["username"] == LI
    assert lists["catalogue"]
    assert lists["fetched_at"]

    gone = one.call("session", "signOut", "keep")

    assert gone == {"unsent": 0, "drafts": 0, "archive": None}
    assert one.call("data", "data") is None
    assert one.call("session", "me") is None


def test_leaving_with_send_refuses_while_something_cannot_be_sent(ground: Ground, one: Tablet):
    one.sign_in(LI, PASSWORD)
    one.offline()
    draft = draft_with(one, {"description": "下班之前发现漏气", "place": "青梧路 12 号"})
    photo = take(one, draft, tiny_jpeg())
    submit(one, draft)

    assert attempt(one, "session", "signOut", "send") == {"code": "unsent_left", "params": {"unsent": 1}}
    assert one.call("session", "me")["username"] == LI
    one.offline(False)
    one.call("session", "signOut", "send")

    once_and_whole(ground, "下班之前发现漏气", [photo], owner=LI)
    assert one.call("session", "me") is None


def test_leaving_without_a_network_is_told_to_the_server_before_anything_else(ground: Ground, one: Tablet):
    one.sign_in(LI, PASSWORD)
    one.offline()
    draft = draft_with(one, {"description": "锁在平板里", "place": "青梧路 12 号"})
    photo = take(one, draft, tiny_jpeg())
    record = submit(one, draft)
    unfinished = draft_with(one, {"description": "还没写完"})
    draft_with(one, {})

    assert one.call("session", "signOut", "export") == {"unsent": 1, "drafts": 1, "archive": {}}
    ground.line.passed.clear()
    one.offline(False)
    one.call("sender", "kick", "online")
    wait_for(lambda: ground.line.seen("DELETE", "/session"), bool)

    first = next(passed for passed in ground.line.passed if passed.path.startswith("/api/"))
    assert (first.method, first.path) == ("DELETE", "/api/v1/session")
    assert nothing_of(ground, record["id"])
    one.sign_in(ZHENG, PASSWORD)
    assert one.call("drafts", "listDrafts") == one.call("outbox", "listRecords") == []
    assert one.call("session", "lockedRecords") == [
        {"owner": record["owner"], "name": "李巡检", "records": 1, "drafts": 1}
    ]
    one.call("session", "signOut", "keep")
    one.sign_in(LI, PASSWORD)
    assert [found["id"] for found in one.call("drafts", "listDrafts")] == [unfinished["id"]]
    confirmed(one)
    once_and_whole(ground, "锁在平板里", [photo], owner=LI)


def test_what_was_captured_before_anybody_signed_in_waits_to_be_claimed(ground: Ground, one: Tablet):
    draft = draft_with(one, {"description": "没有人登录时上报", "place": "青梧路 12 号"})
    photo = take(one, draft, tiny_jpeg())
    record = submit(one, draft)

    one.sign_in(LI, PASSWORD)

    assert one.call("outbox", "listRecords") == []
    assert one.call("session", "lockedRecords") == [{"owner": None, "name": None, "records": 1, "drafts": 0}]
    one.call("outbox", "adoptRecord", record["id"])
    confirmed(one)
    once_and_whole(ground, "没有人登录时上报", [photo], owner=LI)
