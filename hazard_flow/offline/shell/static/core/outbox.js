/* The outbox: what the person has submitted and the server has not wholly confirmed. Records leave it through a receipt only. */

import { emit } from "./bus.js";
import { CoreError } from "./errors.js";
import { freeze } from "./manifest.js";
import { read, readAll, transact, within } from "./store.js";
import { currentOwner, tabletId } from "./who.js";

const RECEIPT_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * Turn a draft into a record of the outbox, in one transaction: the frozen manifest in, the draft out. Its photos stay where they lie.
 *
 * Submitting the same draft twice gives the same record. Raises CoreError draft_incomplete or photo_missing, StoreError; the draft stays.
 */
export async function submitDraft(draft) {
  const owner = draft.owner ?? (await currentOwner());
  const tablet = await tabletId();
  const now = new Date();
  const frozen = freeze(draft, now);
  const record = await transact(["drafts", "outbox", "blobs", "receipts", "kv"], "readwrite", async (tx) => {
    const earlier = (await tx.objectStore("outbox").get(draft.id)) ?? (await tx.objectStore("receipts").get(draft.id));
    if (earlier) return earlier;
    await demandPhotos(tx, draft.id, frozen.attachments);
    const made = recordOf(draft, frozen, { owner, now, local_number: await nextNumber(tx, tablet) });
    await tx.objectStore("outbox").put(made);
    await tx.objectStore("drafts").delete(draft.id);
    return made;
  });
  emit("drafts", { id: draft.id });
  emit("records", { id: draft.id, reason: "submitted" });
  return record;
}

/** The person's records, oldest first; nobody but the owner gets them. */
export async function listRecords(owner) {
  const me = await currentOwner();
  if (owner !== undefined && owner !== me) return [];
  return (await readAll("outbox")).filter((record) => record.owner === me);
}

/** One record of the person who has the tablet, or undefined. */
export async function getRecord(id) {
  const record = await read("outbox", id);
  return record && record.owner === (await currentOwner()) ? record : undefined;
}

/** What the server confirmed in the last 30 days, newest first. */
export async function listReceipts(owner) {
  const me = await currentOwner();
  if (owner !== undefined && owner !== me) return [];
  const mine = (await readAll("receipts")).filter((receipt) => receipt.owner === me);
  return mine.sort((one, other) => (one.at < other.at ? 1 : -1));
}

/** Try again what needed a person; the sender takes it up at once. */
export async function retryRecord(id) {
  if (!(await getRecord(id))) return;
  await patchRecord(id, { state: "queued", error: null, next_try_at: null, tries: 0 });
  emit("records", { id, reason: "submitted" });
}

/**
 * Make a record of nobody mine: captured before anybody had signed in on this tablet. Only a person decides that it is theirs.
 */
export async function adoptRecord(id) {
  const me = await currentOwner();
  if (me === null) return;
  await transact(["outbox"], "readwrite", async (tx) => {
    const record = await tx.objectStore("outbox").get(id);
    if (record?.owner === null) await tx.objectStore("outbox").put({ ...record, owner: me });
  });
  emit("records", { id, reason: "submitted" });
}

/**
 * Put a contested record away, once the person has seen both versions and confirmed. Only when the server holds every byte of it.
 *
 * Returns whether it was put away; a receipt that says *contested* stays.
 */
export async function deleteContested(id) {
  const record = await getRecord(id);
  const isKept = record?.state === "contested" && record.answer?.state === "complete";
  if (!isKept) return false;
  await giveReceipt(record, record.answer);
  return true;
}

/* --- for the sender --- */

/** Change a record if it is still there: a slow second sender must not bring a finished record back. The record, or undefined. */
export async function patchRecord(id, patch) {
  const change = async (tx) => {
    const record = await tx.objectStore("outbox").get(id);
    if (!record) return undefined;
    const grown = { ...record, ...patch };
    await tx.objectStore("outbox").put(grown);
    return grown;
  };
  // what the server knows anyway need not wait for the disk with every chunk
  const changed = await transact(["outbox"], "readwrite", change, "relaxed");
  if (changed) emit("records", { id });
  return changed;
}

/** The only way out: the receipt in, the record and its bytes out, in one transaction, after the server said it has everything. */
export async function giveReceipt(record, answer) {
  const receipt = {
    id: record.id,
    owner: record.owner,
    kind: record.kind,
    title: record.title,
    number: answer.hazard ?? record.number,
    local_number: record.local_number,
    outcome: answer.outcome,
    event_seq: answer.event_seq ?? null,
    captured_at: record.captured_at,
    at: new Date().toISOString(),
  };
  await transact(["outbox", "blobs", "receipts"], "readwrite", async (tx) => {
    if (!(await tx.objectStore("outbox").get(record.id))) return; // another sender was first
    await tx.objectStore("receipts").put(receipt);
    await tx.objectStore("blobs").delete(within(`${record.id}/`));
    await tx.objectStore("outbox").delete(record.id);
  });
  emit("records", { id: record.id, reason: "confirmed", number: receipt.number });
}

/** Drop receipts older than 30 days. */
export async function forgetOldReceipts(now = Date.now()) {
  const old = (await readAll("receipts")).filter((receipt) => now - Date.parse(receipt.at) > RECEIPT_DAYS * DAY_MS);
  if (!old.length) return;
  await transact(["receipts"], "readwrite", (tx) => Promise.all(old.map(({ id }) => tx.objectStore("receipts").delete(id))));
}

async function demandPhotos(tx, id, attachments) {
  for (const { sha256, filename } of attachments) {
    if ((await tx.objectStore("blobs").getKey(`${id}/${sha256}`)) === undefined) throw new CoreError("photo_missing", { sha256, filename });
  }
}

/* A number people can say on the phone before the server has given one: four characters of the tablet, then a count. */
async function nextNumber(tx, tablet) {
  const count = ((await tx.objectStore("kv").get("count")) ?? 0) + 1;
  await tx.objectStore("kv").put(count, "count");
  return `${tablet.slice(0, 4).toUpperCase()}-${String(count).padStart(4, "0")}`;
}

function recordOf(draft, { body, captured_at, attachments }, { owner, now, local_number }) {
  return {
    id: draft.id,
    owner,
    kind: draft.kind,
    title: draft.title || String(draft.payload.data?.title ?? draft.payload.data?.description ?? ""),
    number: draft.number,
    action: draft.action,
    local_number,
    body,
    state: "queued",
    attachments: attachments.map((file) => ({ ...file, sent: 0 })),
    photos: draft.photos.map(({ sha256, display_sha256, filename, kind, thumb_url }) => ({ sha256, display_sha256, filename, kind, thumb_url })),
    tries: 0,
    next_try_at: null,
    error: null,
    answer: null,
    captured_at,
    queued_at: now.toISOString(),
  };
}
