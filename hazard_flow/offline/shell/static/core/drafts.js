/* Drafts: kept on every change and before the camera opens, so that nothing typed or taken is ever lost with a page. */

import { emit } from "./bus.js";
import { CoreError } from "./errors.js";
import { uuid7 } from "./identifiers.js";
import { read, readAll, transact, within } from "./store.js";
import { currentOwner } from "./who.js";

/** A fresh draft; not stored until `saveDraft`. `kind` is "report" or "act"; an act names the hazard's number and the action. */
export function newDraft(kind, { number = null, action = null, payload = {} } = {}) {
  const now = new Date().toISOString();
  return {
    id: uuid7(),
    owner: null,
    kind,
    number,
    action,
    step: 1,
    title: "",
    payload: { data: {}, ...payload },
    photos: [],
    captured_at: null,
    created_at: now,
    updated_at: now,
  };
}

/** Store the draft as it stands; its owner is whoever has the tablet at the first save. Raises StoreError; the version stored before stays. */
export async function saveDraft(draft) {
  await settle(draft);
  await transact(["drafts", "outbox"], "readwrite", (tx) => putDraft(tx, draft));
  emit("drafts", { id: draft.id });
  return draft;
}

/** A draft by its id, or undefined; another person's draft is not there. */
export async function getDraft(id) {
  const draft = await read("drafts", id);
  return draft && draft.owner === (await currentOwner()) ? draft : undefined;
}

/** The person's drafts, last changed first. Nobody but the owner gets them. */
export async function listDrafts(owner) {
  const me = await currentOwner();
  if (owner !== undefined && owner !== me) return [];
  const mine = (await readAll("drafts")).filter((draft) => draft.owner === me);
  return mine.sort((one, other) => (one.updated_at < other.updated_at ? 1 : -1));
}

/** Throw a draft and its photos away: only a person asks for that. What was submitted meanwhile keeps its photos. */
export async function removeDraft(id) {
  await transact(["drafts", "outbox", "blobs"], "readwrite", async (tx) => {
    await tx.objectStore("drafts").delete(id);
    if (!(await tx.objectStore("outbox").get(id))) await tx.objectStore("blobs").delete(within(`${id}/`));
  });
  emit("drafts", { id });
}

/** Whether there is anything of the person's work in it: a photo, a value, or a form that somebody changed. */
export function hasContent(draft) {
  return draft.is_touched === true || draft.photos.length > 0 || Object.values(draft.payload.data ?? {}).some((value) => value !== "" && value != null);
}

/* --- for the modules beside this one --- */

/** Whose it is, when it was captured, when it changed. */
export async function settle(draft) {
  draft.owner ??= await currentOwner();
  draft.updated_at = new Date().toISOString();
  // The finding's time is that of the first thing captured, not of the moment it is sent: deadlines run from it.
  if (draft.captured_at === null && hasContent(draft)) draft.captured_at = draft.updated_at;
  draft.photos = onceEach(draft.photos);
}

/** Inside a transaction over drafts and outbox: a draft that was submitted in another tab does not come back to life. */
export async function putDraft(tx, draft) {
  if (await tx.objectStore("outbox").get(draft.id)) throw new CoreError("draft_incomplete", { field: "id", reason: "submitted" });
  await tx.objectStore("drafts").put(draft);
}

function onceEach(photos) {
  return [...new Map(photos.map((photo) => [photo.sha256, photo])).values()];
}
