"""The disk is full, the browser loses its database: said plainly, nothing half stored, and the rest goes on."""

import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.field.core.capturing import draft_with, submit, take
from tests.chaos.small_disk import small_disk
from tests.harness.large_photos import large_jpeg
from tests.harness.photos import tiny_jpeg
from tests.harness.tablet_browser import Tablet
from tests.harness.waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

DISK_MEGABYTES = 160
_HALF = """async () => {
    const { transact } = await import("/field/static/core/store.js");
    try {
        await transact(["drafts", "blobs"], "readwrite", async (tx) => {
            await tx.objectStore("drafts").put({ id: "half" });
            await tx.objectStore("blobs").put(new ArrayBuffer(8), "half/one");
            await tx.objectStore("blobs").put(() => 0, "half/two");
        });
    } catch (error) {
        return error.code;
    }
}"""
_COUNTS = """async () => {
    const { readAll } = await import("/field/static/core/store.js");
    return [(await readAll("drafts")).length, (await readAll("blobs")).length, (await readAll("outbox")).length];
}"""
_ARCHIVE = """async () => {
    const { exportOutbox } = await import("/field/static/core/health.js");
    const bytes = new Uint8Array(await (await exportOutbox()).arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return btoa(text);
}"""


def test_a_full_disk_is_said_and_what_was_stored_stays(tablets: Callable[..., Tablet]):
    with small_disk(megabytes=DISK_MEGABYTES) as disk:
        one = tablets(disk.folder / "profile")
        one.install()
        one.offline()
        draft = draft_with(one, {"description": "盘满之前"})
        kept = take(one, draft, tiny_jpeg(), name="before.jpg")
        disk.fill()

        said = take(one, draft, large_jpeg(2), name="after.jpg")

        assert said["code"] == "storage_full"
        disk.free()
        assert wait_for(lambda: one.page.evaluate(_COUNTS), bool) == [1, 2, 0]
        again = wait_for(
            lambda: take(one, draft, large_jpeg(2), name="after.jpg"),
            lambda got: "code" not in got,
            seconds=40,
        )
        [found] = one.call("drafts", "listDrafts")
        assert [photo["sha256"] for photo in found["photos"]] == [kept["sha256"], again["sha256"]]
        one.switch_off()


def test_half_a_record_is_never_stored(tablets: Callable[..., Tablet]):
    one = tablets()
    one.install()

    assert one.page.evaluate(_HALF) == "storage_failed"

    assert one.page.evaluate(_COUNTS) == [0, 0, 0]


def test_a_lost_database_connection_is_opened_again(tablets: Callable[..., Tablet]):
    one = tablets()
    one.install()
    draft = draft_with(one, {"description": "连接丢失"})
    page = one.page
    internals = one.context.new_page()
    internals.goto("chrome://indexeddb-internals")

    force_close(internals)
    taken = take(one, draft, tiny_jpeg())
    force_close(internals)
    record = submit(one, draft)
    # and once more, found out by the next use alone
    page.evaluate('(async () => (await (await import("/field/static/core/store.js")).openStore()).close())()')

    assert [found["id"] for found in one.call("outbox", "listRecords")] == [record["id"]]
    assert "code" not in taken
    assert one.page.evaluate(_COUNTS) == [0, 2, 1]


def force_close(internals: "Page") -> None:
    """As if the browser's database service had died: all connections end, nothing is asked."""
    internals.reload()
    internals.get_by_text("Force close").first.click()
    wait_for(lambda: "Open connections: 0" in internals.evaluate("document.body.innerText"), bool)


def test_the_outbox_can_be_carried_to_an_administrator(tablets: Callable[..., Tablet], tmp_path: Path):
    one = tablets()
    one.install()
    one.offline()
    draft = draft_with(one, {"description": "导出"})
    photo = take(one, draft, large_jpeg(3), name="../odd name.jpeg")
    record = submit(one, draft)

    import base64

    with zipfile.ZipFile(BytesIO(base64.b64decode(one.page.evaluate(_ARCHIVE)))) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        index = json.loads(archive.read("index.json"))
        manifest = archive.read(f"{record['id']}/manifest.json")
        original = archive.read(f"{record['id']}/{photo['sha256']}.jpg")

    assert manifest.decode() == record["body"]
    assert sha256(original).hexdigest() == photo["sha256"] == sha256(large_jpeg(3)).hexdigest()
    assert names == {
        "index.json",
        *(
            f"{record['id']}/{name}"
            for name in ("manifest.json", f"{photo['sha256']}.jpg", f"{photo['display_sha256']}.jpg")
        ),
    }
    assert [known["local_number"] for known in index["records"]] == [record["local_number"]]
    assert json.loads(manifest)["attachments"][0]["original"]["filename"] == "odd name.jpg"
