/* What the person's work needs without a network: the bundle of lists, and the photos of their tasks. Kept by owner, wiped when they leave. */

import { emit } from "./bus.js";
import { call, callBytes } from "./calling.js";
import { CoreError, SignedOut } from "./errors.js";
import { read, transact, within } from "./store.js";
import { currentOwner, remember } from "./who.js";

const PHOTOS_MAX = 300;
const urls = new Map();
let refreshing = null;

/** Fetch the bundle if it has changed, and the photos it names; whether it had. Raises NetworkFault, SignedOut, CoreError. */
export function refreshData() {
  refreshing ??= refresh().finally(() => (refreshing = null));
  return refreshing;
}

/** The last bundle of the person who has the tablet, with `fetched_at` (when the server last confirmed it); null before the first. */
export async function data() {
  const owner = await currentOwner();
  const kept = owner && (await read("kv", `data/${owner}`));
  return kept ? { ...kept.bundle, fetched_at: kept.fetched_at } : null;
}

/** An address the page can show of a task's photo; null where it has not been fetched. */
export async function taskPhotoUrl(digest) {
  const key = `tasks/${await currentOwner()}/${digest}`;
  if (!urls.has(key)) {
    const buffer = await read("blobs", key);
    if (!buffer) return null;
    if (!urls.has(key)) urls.set(key, URL.createObjectURL(new Blob([buffer], { type: "image/jpeg" })));
  }
  return urls.get(key);
}

/** Forget a person's bundle, task photos and receipts. */
export async function wipeLists(owner) {
  for (const url of urls.values()) URL.revokeObjectURL(url);
  urls.clear();
  await transact(["kv", "blobs", "receipts"], "readwrite", async (tx) => {
    await tx.objectStore("kv").delete(`data/${owner}`);
    await tx.objectStore("blobs").delete(within(`tasks/${owner}/`));
    for (const receipt of await tx.objectStore("receipts").getAll()) {
      if (receipt.owner === owner) await tx.objectStore("receipts").delete(receipt.id);
    }
  });
  emit("data");
}

async function refresh() {
  const owner = await currentOwner();
  const kept = owner && (await read("kv", `data/${owner}`));
  const reply = await call("/api/v1/field/data", { headers: kept?.etag ? { "If-None-Match": kept.etag } : {} });
  if (reply.status !== 304 && reply.status !== 200) throw new CoreError("server_fault", { status: reply.status });
  const bundle = reply.status === 304 ? kept.bundle : reply.body;
  const etag = reply.status === 304 ? kept.etag : reply.header("ETag");
  // the cookie is somebody else's: they have to say so themselves before the tablet is theirs
  if (owner && bundle.me.id !== owner) throw new SignedOut();
  if (!owner) {
    await remember(bundle.me);
    emit("session", { signed_in: true, changed: true });
  }
  await transact(["kv"], "readwrite", (tx) =>
    tx.objectStore("kv").put({ etag, fetched_at: new Date().toISOString(), bundle }, `data/${bundle.me.id}`),
  );
  emit("data", { changed: reply.status === 200 });
  await fetchPhotos(bundle);
  return reply.status === 200;
}

/* Those of the most urgent tasks first: the bundle is sorted so. */
async function fetchPhotos({ me, tasks }) {
  const prefix = `tasks/${me.id}/`;
  const wanted = new Map();
  for (const photo of tasks.flatMap((task) => task.photos)) {
    if (photo.display_url && wanted.size < PHOTOS_MAX) wanted.set(prefix + photo.sha256, photo.display_url);
  }
  const known = new Set(await transact(["blobs"], "readonly", (tx) => tx.objectStore("blobs").getAllKeys(within(prefix))));
  const gone = [...known].filter((key) => !wanted.has(key));
  await transact(["blobs"], "readwrite", (tx) => Promise.all(gone.map((key) => tx.objectStore("blobs").delete(key))));
  for (const [key, url] of wanted) {
    if (known.has(key)) continue;
    const buffer = await callBytes(url, "image/");
    if (buffer) await transact(["blobs"], "readwrite", (tx) => tx.objectStore("blobs").put(buffer, key));
  }
  if ([...wanted.keys()].some((key) => !known.has(key))) emit("data", { photos: true });
}
