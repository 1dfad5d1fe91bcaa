/* Photos and files of a draft: the original kept bit by bit under its SHA-256, a display copy beside it, both stored before the screen shows it. */

import { emit } from "./bus.js";
import { putDraft, settle } from "./drafts.js";
import { PhotoError } from "./errors.js";
import { readExif } from "./exif.js";
import { sha256 } from "./identifiers.js";
import { drawCopies } from "./picture.js";
import { KINDS, properName, sniff } from "./sniffing.js";
import { read, transact } from "./store.js";

const urls = new Map();
let working = Promise.resolve();

/**
 * Take one file into the draft; several calls wait for each other, because two decoded photos may be more than a tablet's memory.
 *
 * The bytes and the draft with the photo in it are stored in one transaction, then the photo is also in `draft.photos`. Returns the photo:
 * {sha256, display_sha256 | null, size, display_size, mime, filename, kind, field, pair_of, captured_at, fix, exif, marks, thumb_url | null}.
 * `fix` is {lon, lat, accuracy_m, at, source?} or null. Raises PhotoError: photo_unreadable, photo_kind, photo_twice, too_large;
 * StoreError storage_full: the draft stays as it was.
 */
export function takePhoto(file, options) {
  const mine = working.then(() => take(file, options));
  working = mine.catch(() => {}); // one bad file does not stop the next
  return mine;
}

/** Take a photo out of the draft again, and its bytes. */
export async function removePhoto(draft, digest) {
  const gone = draft.photos.find((photo) => photo.sha256 === digest);
  if (!gone) return;
  const left = { ...draft, photos: draft.photos.filter((photo) => photo !== gone) };
  await settle(left);
  await transact(["drafts", "outbox", "blobs"], "readwrite", async (tx) => {
    await putDraft(tx, left);
    for (const one of [gone.sha256, gone.display_sha256]) if (one) await tx.objectStore("blobs").delete(`${draft.id}/${one}`);
  });
  draft.photos = left.photos;
  forgetUrl(`${draft.id}/${gone.sha256}`);
  forgetUrl(`${draft.id}/${gone.display_sha256}`);
  emit("drafts", { id: draft.id });
}

/** An address the page can show, of the original or the display copy in a draft or record; null when the tablet no longer holds it. */
export async function photoUrl(id, digest) {
  const key = `${id}/${digest}`;
  if (!urls.has(key)) {
    const buffer = await read("blobs", key);
    if (!buffer) return null;
    // asked twice at once: the first address stays the only one
    if (!urls.has(key)) urls.set(key, URL.createObjectURL(new Blob([buffer], { type: sniff(buffer) ?? "" })));
  }
  return urls.get(key);
}

/** Let go of the addresses of a draft or record when its screen closes: each holds a whole photo in memory. */
export function releasePhotoUrls(id) {
  for (const key of urls.keys()) if (key.startsWith(`${id}/`)) forgetUrl(key);
}

async function take(file, { draft, kind, field = null, pairOf = null, fix = null }) {
  const filename = file.name ?? "";
  const buffer = await bytesOf(file, filename);
  const mime = sniff(buffer);
  const known = KINDS[mime];
  if (!known) throw new PhotoError(buffer.byteLength ? "photo_kind" : "photo_unreadable", { filename });
  if (buffer.byteLength > known.bytesMax) {
    throw new PhotoError("too_large", { filename, bytes: buffer.byteLength, bytes_max: known.bytesMax });
  }
  const digest = await sha256(buffer);
  if (draft.photos.some((photo) => photo.sha256 === digest)) throw new PhotoError("photo_twice", { filename });

  const photo = {
    sha256: digest,
    display_sha256: null,
    size: buffer.byteLength,
    display_size: null,
    mime,
    filename: properName(filename, mime),
    kind,
    field,
    pair_of: pairOf,
    captured_at: new Date().toISOString(),
    fix,
    exif: known.family === "image" ? await readExif(buffer) : {},
    marks: null,
    thumb_url: null,
  };
  const blobs = { [digest]: buffer };
  if (known.family === "image") {
    const copies = await drawCopies(buffer, mime);
    // Few browsers read HEIC: the original goes alone, the server draws its copy.
    if (!copies && mime !== "image/heic") throw new PhotoError("photo_unreadable", { filename });
    if (copies) await addCopies(photo, copies, blobs, draft);
  }
  await keepPhoto(draft, photo, blobs);
  return photo;
}

async function bytesOf(file, filename) {
  try {
    return await file.arrayBuffer();
  } catch (error) {
    throw new PhotoError("photo_unreadable", { filename }, error);
  }
}

async function addCopies(photo, { display, thumb_url }, blobs, draft) {
  photo.thumb_url = thumb_url;
  const digest = await sha256(display);
  // Two originals may look alike to the last pixel, such as frames of a dark well: the second goes without a copy of its own.
  if (draft.photos.some((other) => other.display_sha256 === digest)) return;
  photo.display_sha256 = digest;
  photo.display_size = display.byteLength;
  blobs[digest] = display;
}

async function keepPhoto(draft, photo, blobs) {
  const grown = { ...draft, photos: [...draft.photos, photo] };
  await settle(grown);
  await transact(["drafts", "outbox", "blobs"], "readwrite", async (tx) => {
    const writes = Object.entries(blobs).map(([digest, bytes]) => tx.objectStore("blobs").put(bytes, `${draft.id}/${digest}`));
    await Promise.all([...writes, putDraft(tx, grown)]);
  });
  draft.photos.push(photo);
  Object.assign(draft, { owner: grown.owner, captured_at: grown.captured_at, updated_at: grown.updated_at });
  emit("drafts", { id: draft.id });
}

function forgetUrl(key) {
  if (urls.has(key)) URL.revokeObjectURL(urls.get(key));
  urls.delete(key);
}
