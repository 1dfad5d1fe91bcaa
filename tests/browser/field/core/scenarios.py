"""From a cold start without a network to exactly one hazard, under each kind of mistreatment. One function a line of the promise."""

import threading
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from playwright.sync_api import Error

from tests.browser.field.core.capturing import draft_with, submit, take
from tests.browser.field.core.ground import LI, ZHENG, Ground
from tests.browser.field.core.judging import nothing_of, once_and_whole
from tests.harness.cast import PASSWORD
from tests.harness.fault_proxy import Fault
from tests.harness.large_photos import large_jpeg
from tests.harness.tablet_browser import Tablet
from tests.harness.waiting import wait_for

#: photos of seven megabytes each
PHOTOS = 3
WITHIN_SECONDS = 240
#: keys of stored files, those apart that lie there so that tasks can be read offline
_FILES_LEFT = """async () => {
    const { transact } = await import("/field/static/core/store.js");
    const keys = await transact(["blobs"], "readonly", (tx) => tx.objectStore("blobs").getAllKeys());
    return keys.filter((key) => !key.startsWith("tasks/"));
}"""


def captured(tablet: Tablet, word: str) -> tuple[Any, list[Any]]:
    """Li reports without a network, from a cold start: three photos, submitted, the browser killed, opened again. Record and photos."""
    tablet.open()
    draft = draft_with(tablet, {"description": word, "place": "青梧路 12 号"})
    photos = [take(tablet, draft, large_jpeg(number), name=f"IMG_{number}.jpg") for number in range(PHOTOS)]
    record = submit(tablet, draft)
    tablet.kill()
    tablet.switch_on(offline=True)
    tablet.open()
    assert [(one["id"], one["state"]) for one in tablet.call("outbox", "listRecords")] == [
        (record["id"], "queued")
    ]
    return record, photos


def go_online(tablet: Tablet) -> None:
    """The network is back."""
    tablet.offline(False)
    tablet.page.evaluate("void import('/field/static/core/sender.js').then(({ kick }) => kick('online'))")


def confirmed(tablet: Tablet) -> list[Any]:
    """Wait until the outbox is empty. The receipts."""
    wait_for(lambda: looked_after(tablet), lambda seen: seen[0] == [], seconds=WITHIN_SECONDS)
    receipts: list[Any] = tablet.call("outbox", "listReceipts")
    return receipts


def looked_after(tablet: Tablet) -> tuple[list[Any], Any]:
    """How the records stand. Li signs in where asked to: the killed browser may not have written the cookie, its session may have ended."""
    seen = told(tablet)
    if seen[0] and seen[1]["signed_in"] is False:
        sign_in(tablet)
    return seen


def sign_in(tablet: Tablet) -> None:
    """As a person does it: where the server or the line fails, once more at the next look."""
    try:
        tablet.sign_in(LI, PASSWORD)
    except Error as failed:
        if not any(
            fault in failed.message for fault in ("server_fault", "not_our_server", "NetworkFault: network")
        ):
            raise


def told(tablet: Tablet) -> tuple[list[Any], Any]:
    """How the records stand, in short, and the sender."""
    return [_short(record) for record in tablet.call("outbox", "listRecords")], tablet.call(
        "sender", "senderStatus"
    )


def _short(record: Any) -> tuple[str, int, Any, list[int], Any]:
    problems = (record["answer"] or {}).get("problems")
    return (
        record["state"],
        record["tries"],
        record["error"],
        [file["sent"] for file in record["attachments"]],
        problems,
    )


def ends_well(ground: Ground, tablet: Tablet, word: str, photos: list[Any]) -> None:
    """Everything is confirmed, once, whole, and gone from the tablet."""
    [receipt] = confirmed(tablet)
    once_and_whole(ground, word, photos, owner=LI)
    assert receipt["number"].startswith("YH-")
    assert tablet.page.evaluate(_FILES_LEFT) == []


def plain(ground: Ground, tablet: Tablet, word: str) -> None:
    """Nothing but the browser's death."""
    _, photos = captured(tablet, word)
    go_online(tablet)
    ends_well(ground, tablet, word, photos)


def first_answer_lost(ground: Ground, tablet: Tablet, word: str) -> None:
    """The server has the report, the tablet does not know."""
    _, photos = captured(tablet, word)
    ground.line.rule = once_each(
        lambda method, path, headers: path if method == "PUT" else None, Fault.ANSWER_LOST
    )
    go_online(tablet)
    ends_well(ground, tablet, word, photos)
    assert len(ground.line.seen("PUT")) >= 2


def each_chunks_answer_lost(ground: Ground, tablet: Tablet, word: str) -> None:
    """Each chunk arrives, and each first answer to it is lost."""
    _, photos = captured(tablet, word)
    ground.line.rule = once_each(
        lambda method, path, headers: f"{path} {headers['upload-offset']}" if method == "PATCH" else None,
        Fault.ANSWER_LOST,
    )
    go_online(tablet)
    ends_well(ground, tablet, word, photos)
    assert sum(one.fault is not None for one in ground.line.seen("PATCH")) > 50


def one_in_five_fails(ground: Ground, tablet: Tablet, word: str) -> None:
    """Server errors, as pages and as JSON, on a fifth of everything."""
    _, photos = captured(tablet, word)
    dice, lock = Random(word), threading.Lock()

    def rule(method: str, path: str, headers: Mapping[str, str]) -> Fault | None:
        with lock:
            if not path.startswith("/api/") or dice.random() >= 0.2:
                return None
            return dice.choice((Fault.ERROR_PAGE, Fault.ERROR_JSON))

    go_online(tablet)
    ground.line.rule = rule
    ends_well(ground, tablet, word, photos)


def captive_portal(ground: Ground, tablet: Tablet, word: str) -> None:
    """The network at first belongs to a hotel."""
    record, photos = captured(tablet, word)
    ground.line.rule = lambda method, path, headers: Fault.PORTAL
    tablet.offline(False)
    tablet.call("sender", "kick", "online")
    # between two tries it is sending; then it says what it met, and when it tries again
    wait_for(
        lambda: tablet.call("sender", "senderStatus"),
        lambda seen: (
            (seen.get("fault"), seen["online"]) == ("not_our_server", False) and seen["waiting_until"]
        ),
        seconds=WITHIN_SECONDS,
    )
    assert nothing_of(ground, record["id"])
    ground.line.rule = None
    go_online(tablet)
    ends_well(ground, tablet, word, photos)


def session_expired(ground: Ground, tablet: Tablet, word: str) -> None:
    """The sign-in ended while nobody could know."""
    record, photos = captured(tablet, word)
    tablet.context.clear_cookies()
    tablet.offline(False)
    tablet.call("sender", "kick", "online")
    wait_for(
        lambda: tablet.call("sender", "senderStatus")["signed_in"],
        lambda known: known is False,
        seconds=WITHIN_SECONDS,
    )
    assert [one["state"] for one in tablet.call("outbox", "listRecords")] == ["queued"]
    assert nothing_of(ground, record["id"])
    tablet.sign_in(LI, PASSWORD)
    ends_well(ground, tablet, word, photos)


def two_tabs(ground: Ground, tablet: Tablet, word: str) -> None:
    """Two pages of the app come back at once."""
    _, photos = captured(tablet, word)
    other = tablet.open(new=True)
    tablet.offline(False)
    for _ in range(3):
        for page in (tablet.page, other):
            page.evaluate("void import('/field/static/core/sender.js').then(({ kick }) => kick('online'))")
    ends_well(ground, tablet, word, photos)
    assert (
        other.evaluate("import('/field/static/core/outbox.js').then(({ listRecords }) => listRecords())")
        == []
    )


def another_inspector(ground: Ground, tablet: Tablet, word: str) -> None:
    """Zheng has the tablet meanwhile: sees that something of Li's is there, and neither sees nor sends it."""
    record, photos = captured(tablet, word)
    go_out = tablet.call("session", "signOut", "keep")
    assert (go_out["unsent"], go_out["drafts"]) == (1, 0)
    tablet.offline(False)
    tablet.sign_in(ZHENG, PASSWORD)
    tablet.call("sender", "kick", "online")
    assert tablet.call("outbox", "listRecords") == []
    assert tablet.call("outbox", "listRecords", record["owner"]) == []
    assert not tablet.page.evaluate(
        f"import('/field/static/core/outbox.js').then(({{ getRecord }}) => getRecord('{record['id']}'))"
    )
    assert tablet.call("session", "lockedRecords") == [
        {"owner": record["owner"], "name": "李巡检", "records": 1, "drafts": 0}
    ]
    assert nothing_of(ground, record["id"])
    tablet.call("session", "signOut", "keep")
    tablet.sign_in(LI, PASSWORD)
    ends_well(ground, tablet, word, photos)


def server_killed_mid_chunk(ground: Ground, tablet: Tablet, word: str) -> None:
    """kill -9 of the server while chunks arrive, and a start some seconds later."""
    _, photos = captured(tablet, word)
    begun, killed = threading.Event(), threading.Event()

    def notice(passed: Any) -> None:
        if passed.method == "PATCH" and len(ground.line.seen("PATCH")) >= 7 and not begun.is_set():
            begun.set()
            ground.web.kill()
            killed.set()  # not before it is dead: whoever waits for this starts the next one

    ground.line.notice = notice
    go_online(tablet)
    wait_for(lambda: killed.is_set() or looked_after(tablet), lambda seen: seen is True, seconds=120)
    ground.web.start()
    ends_well(ground, tablet, word, photos)


def once_each(
    key: Callable[[str, str, Mapping[str, str]], str | None], fault: Fault
) -> Callable[..., Fault | None]:
    """A rule: the first request of each key is mistreated."""
    met: set[str] = set()

    def rule(method: str, path: str, headers: Mapping[str, str]) -> Fault | None:
        name = key(method, path, headers)
        if name is None or name in met:
            return None
        met.add(name)
        return fault

    return rule


SCENARIOS: Mapping[str, Callable[[Ground, Tablet, str], None]] = {
    one.__name__: one
    for one in (
        plain,
        first_answer_lost,
        each_chunks_answer_lost,
        one_in_five_fails,
        captive_portal,
        session_expired,
        two_tabs,
        another_inspector,
        server_killed_mid_chunk,
    )
}
