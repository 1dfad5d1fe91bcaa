"""The app opens with no network and no server, and what was typed or taken is there again."""

from collections.abc import Callable

from tests.browser.field.core.capturing import draft_with, take
from tests.browser.field.core.ground import Ground
from tests.harness.large_photos import TAKEN_AT, large_jpeg
from tests.harness.photos import tiny_jpeg
from tests.harness.tablet_browser import Tablet

SHOWN = """async ([id, original, display]) => {
    const { photoUrl } = await import("/field/static/core/photos.js");
    const { read } = await import("/field/static/core/store.js");
    const { sha256 } = await import("/field/static/core/identifiers.js");
    const image = new Image();
    image.src = await photoUrl(id, display);
    await image.decode();
    return { width: image.naturalWidth, height: image.naturalHeight, original: await sha256(await read("blobs", `${id}/${original}`)) };
}"""


def test_it_opens_cold_with_the_server_gone(ground: Ground, tablets: Callable[..., Tablet]):
    one = tablets()
    one.install()
    ground.web.stop()
    one.kill()
    one.switch_on(offline=True)

    page = one.open()

    assert page.evaluate("!!navigator.serviceWorker.controller")
    assert one.call("drafts", "listDrafts") == []
    assert (
        one.open("/field/tasks")
        .evaluate("document.querySelector('script[type=module]').src")
        .endswith("/app.js")
    )


def test_a_draft_and_its_photos_outlive_the_browser(ground: Ground, tablets: Callable[..., Tablet]):
    one = tablets()
    one.install()
    one.offline()
    draft = draft_with(one, {"description": "阀井内有燃气味"})
    photo = take(one, draft, large_jpeg(1), name="IMG_0001.JPG")
    one.kill()
    one.switch_on(offline=True)
    one.open()

    [found] = one.call("drafts", "listDrafts")

    assert found["payload"]["data"] == {"description": "阀井内有燃气味"}
    [kept] = found["photos"]
    assert kept == photo
    assert kept["size"] == len(large_jpeg(1))
    assert kept["exif"] == {
        "DateTimeOriginal": TAKEN_AT, "OffsetTimeOriginal": "+08:00", "Make": "Yunze", "Model": "Field 1", "Orientation": "6",
        "lon": "119.412000", "lat": "32.407000",
    }  # fmt: skip
    assert kept["display_size"] < 2_500_000
    shown = one.page.evaluate(SHOWN, [draft["id"], kept["sha256"], kept["display_sha256"]])
    # upright: the camera was held sideways
    assert shown == {"width": 1536, "height": 2048, "original": kept["sha256"]}


def test_one_unreadable_photo_does_not_stop_the_others(ground: Ground, tablets: Callable[..., Tablet]):
    one = tablets()
    one.install()
    draft = draft_with(one, {"description": "多张照片"})
    good, other = tiny_jpeg(), tiny_jpeg()
    broken = good[:40] + bytes(200)

    files = {
        "broken.jpg": broken,
        "empty.jpg": b"",
        "moving.gif": b"GIF89a" + bytes(40),
        "good.jpg": good,
        "again.jpg": good,
    }
    said = [take(one, draft, data, name=name) for name, data in (files | {"other.jpg": other}).items()]

    assert [one_said.get("code", "taken") for one_said in said] == [
        "photo_unreadable", "photo_unreadable", "photo_kind", "taken", "photo_twice", "taken",
    ]  # fmt: skip
    assert said[0]["params"] == {"filename": "broken.jpg"}
    [found] = one.call("drafts", "listDrafts")
    assert [photo["filename"] for photo in found["photos"]] == ["good.jpg", "other.jpg"]
