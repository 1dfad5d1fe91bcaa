"""What an inspector does on the tablet, through the modules the screens use."""

from typing import TYPE_CHECKING, Any

from tests.harness.tablet_browser import Tablet

if TYPE_CHECKING:
    from playwright.sync_api import Page

_NEW = """async ([kind, options, data, title]) => {
    const { newDraft, saveDraft } = await import("/field/static/core/drafts.js");
    const draft = newDraft(kind, options);
    Object.assign(draft.payload.data, data);
    draft.title = title;
    return saveDraft(draft);
}"""
_INPUT = (
    """() => document.body.appendChild(Object.assign(document.createElement("input"), { type: "file" }))"""
)
_TAKE = """async ([input, id, options]) => {
    const { getDraft } = await import("/field/static/core/drafts.js");
    const { takePhoto } = await import("/field/static/core/photos.js");
    try {
        return await takePhoto(input.files[0], { draft: await getDraft(id), kind: "PHOTO_BEFORE", ...options });
    } catch (error) {
        return { code: error.code ?? String(error), params: error.params };
    } finally {
        input.remove();
    }
}"""
_SUBMIT = """async (id) => {
    const { getDraft } = await import("/field/static/core/drafts.js");
    const { submitDraft } = await import("/field/static/core/outbox.js");
    return submitDraft(await getDraft(id));
}"""


def draft_with(
    tablet: Tablet, data: dict[str, Any], *, kind: str = "report", title: str = "", **options: Any
) -> Any:
    """A saved draft."""
    return tablet.page.evaluate(_NEW, [kind, options, data, title])


def take(
    tablet: Tablet,
    draft: Any,
    data: bytes,
    *,
    name: str = "photo.jpg",
    type: str = "image/jpeg",
    **options: Any,
) -> Any:
    """A photo taken into the stored draft, through a file input as the camera gives it; {code, params} where it was refused."""
    chosen = tablet.page.evaluate_handle(_INPUT)
    chosen.as_element().set_input_files({"name": name, "mimeType": type, "buffer": data})
    return tablet.page.evaluate(_TAKE, [chosen, draft["id"], options])


def submit(tablet: Tablet, draft: Any, *, page: "Page | None" = None) -> Any:
    """The record made of the stored draft."""
    return (page or tablet.page).evaluate(_SUBMIT, draft["id"])
