/* IndexedDB `hf`: drafts, outbox, blobs, receipts, kv. Upgrades only ever add. Photos lie in it as ArrayBuffers: stored Files come back broken
   on some tablets. Every write is one strict transaction that lands whole or not at all, and a lost connection is opened again. */

import { openDB } from "/static/vendor/idb.js";
import { emit } from "./bus.js";
import { CoreError, StoreError } from "./errors.js";

const NAME = "hf";
const VERSION = 1;
const ATTEMPTS = 3;
/* Opening has been seen to hang for ever on a tablet whose database service died. */
const OPEN_TIMEOUT_MS = 10_000;
/* The same of a transaction on a full disk; three large photos take a slow tablet some seconds. */
const WORK_TIMEOUT_MS = 60_000;
const ROOM_TIMEOUT_MS = 5_000;
const ROOM_BYTES = 65_536; // what one call for random bytes gives

let opening;
/* What pages were last told of the store: "lost", "full", or null where all is well. */
let told = null;

/** The open database; opened again after the connection was lost. Raises StoreError. */
export function openStore() {
  opening ??= inTime(OPEN_TIMEOUT_MS, openDB(NAME, VERSION, { upgrade, blocking, terminated })).catch(async (error) => {
    opening = undefined;
    throw await storeError(error);
  });
  return opening;
}

/**
 * Run `work(tx)` in one transaction over the stores named and wait until it is on the disk; its result.
 *
 * If `work` throws, everything in the transaction is undone. When the connection was lost it is run again on a new one, so `work` must
 * only read, put and delete by key. `durability` "relaxed" is for what may be forgotten with the power, such as how far a file has come.
 * Raises StoreError (`storage_full`, `storage_lost`, …) or what `work` threw.
 */
export async function transact(stores, mode, work, durability = "strict") {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(stores, mode, work, durability);
    } catch (error) {
      if (error instanceof CoreError) throw error;
      if (!isLost(error) || attempt === ATTEMPTS) throw await storeError(error);
      await closeLost();
    }
  }
}

/** One value by its key: `read("kv", "me")`. */
export function read(store, key) {
  return transact([store], "readonly", (tx) => tx.objectStore(store).get(key));
}

/** Everything in a store, optionally in a range of keys. */
export function readAll(store, range) {
  return transact([store], "readonly", (tx) => tx.objectStore(store).getAll(range));
}

/** Put a value of `kv`. */
export function keep(key, value) {
  return transact(["kv"], "readwrite", (tx) => tx.objectStore("kv").put(value, key));
}

/** Forget a value of `kv`. */
export function forget(key) {
  return transact(["kv"], "readwrite", (tx) => tx.objectStore("kv").delete(key));
}

/** All keys that begin so. */
export function within(prefix) {
  return IDBKeyRange.bound(prefix, `${prefix}\uffff`);
}

async function once(stores, mode, work, durability) {
  const db = await openStore();
  const tx = db.transaction(stores, mode, { durability });
  tx.done.catch(() => {}); // awaited below; until then its failure is nobody's surprise
  let result;
  try {
    result = await inTime(WORK_TIMEOUT_MS, work(tx));
  } catch (error) {
    // A put that throws does not undo the puts before it: without this, half a record would stay.
    abort(tx);
    if (error?.name !== "TimeoutError") await tx.done.catch(() => {});
    throw tx.error ?? error;
  }
  await inTime(WORK_TIMEOUT_MS, tx.done);
  // reading says nothing about room
  if (told === "lost" || mode === "readwrite") tell(null);
  return result;
}

/* Once for each turn of things: whoever hears of a full disk draws anew, reads, and would hear of it again, for ever. */
function tell(trouble) {
  if (trouble === told) return;
  told = trouble;
  emit("storage", { lost: trouble === "lost", full: trouble === "full" });
}

function abort(tx) {
  try {
    tx.abort();
  } catch {
    // it has aborted by itself
  }
}

function upgrade(db, from) {
  if (from < 1) {
    db.createObjectStore("drafts", { keyPath: "id" });
    db.createObjectStore("outbox", { keyPath: "id" }).createIndex("owner", "owner");
    db.createObjectStore("blobs"); // "{id}/{sha256}" -> ArrayBuffer
    db.createObjectStore("receipts", { keyPath: "id" });
    db.createObjectStore("kv");
  }
}

/* A newer version of the app wants to upgrade: this old page lets go, so that it can. */
function blocking(_current, _wanted, event) {
  event.target.close();
  opening = undefined;
  emit("update", { reason: "storage_newer" });
}

function terminated() {
  opening = undefined;
  tell("lost");
}

async function closeLost() {
  const lost = opening;
  opening = undefined;
  const db = await lost?.catch(() => undefined);
  db?.close();
  tell("lost");
}

function isLost(error) {
  return ["InvalidStateError", "AbortError", "UnknownError"].includes(error?.name) || error?.code === "storage_lost";
}

/* Only a quota's end has a name of its own. On a disk without room the database fails to write, then even to open, under any name. */
async function storeError(error) {
  if (error instanceof CoreError) return error;
  const isVague = isLost(error) || ["DataError", "TimeoutError"].includes(error?.name);
  let code = isVague ? "storage_lost" : "storage_failed";
  if (error?.name === "VersionError") code = "storage_newer";
  if (error?.name === "QuotaExceededError" || (isVague && !(await hasRoom()))) code = "storage_full";
  if (code === "storage_full") tell("full");
  return new StoreError(code, { reason: String(error?.message ?? error) }, error);
}

/* Asked of the other store that browsers have: whether anything can be written at all. */
async function hasRoom() {
  const name = "hf-room";
  try {
    const cache = await caches.open(name);
    const some = new Response(crypto.getRandomValues(new Uint8Array(ROOM_BYTES)));
    await inTime(ROOM_TIMEOUT_MS, cache.put("/room", some));
    return true;
  } catch {
    return false;
  } finally {
    caches.delete(name).catch(() => {});
  }
}

function inTime(timeoutMs, promise) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new DOMException("the store does not answer", "TimeoutError")), timeoutMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
