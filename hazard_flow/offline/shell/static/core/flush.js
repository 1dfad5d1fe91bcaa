/* Everything of the signed-in person that is due, once through, by one sender on this tablet: the page's, another tab's or the worker's. */

import { call, waiting } from "./calling.js";
import { NetworkFault, Refusal, SignedOut } from "./errors.js";
import { forgetOldReceipts, patchRecord } from "./outbox.js";
import { bearsOriginals, retryDelayMs } from "./pace.js";
import { chunksTaken, restingState, sendRecord, ServerFault } from "./sending.js";
import { forget, read, readAll, transact } from "./store.js";

const LOCK = "hf-flush";
const HELLO_EVERY_MS = 600_000;

let hello = null;

/**
 * Send what is due; {outcome: "done" | "busy" | "signed_out" | "fault", code, me, sent}: `sent` whether a chunk got through before the fault.
 *
 * `force` also takes what waits for its next try; `originals` sends them over a connection that is paid for, too. Raises nothing but what
 * the tablet's own store raises.
 */
export function flush({ force = false, originals = false } = {}) {
  if (!navigator.locks) return sendAll(force, originals);
  return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? sendAll(force, originals) : { outcome: "busy" }));
}

/** Whoever the server knows this browser as; null when nobody. Ends a session that was signed out without a network. Raises NetworkFault. */
export async function askWho() {
  if (await read("kv", "sign_out_pending")) {
    await call("/api/v1/session", { method: "DELETE", mayRefuse: true });
    await forget("sign_out_pending");
    return null;
  }
  const reply = await call("/api/v1/session", { mayRefuse: true });
  if (reply.status >= 500) throw new NetworkFault("server_fault", { status: reply.status });
  return reply.status === 200 ? reply.body : null;
}

async function sendAll(force, withOriginals) {
  let me = null;
  const before = chunksTaken();
  try {
    me = await askWho();
    if (!me) return { outcome: "signed_out", me };
    await rest(me.id);
    const bears = withOriginals || bearsOriginals(navigator.connection);
    // copies of all records before the first original: a deadline hangs on the news, not on the megabytes
    for (const role of bears ? ["display", "original"] : ["display"]) await sendEach(me.id, role, force);
    await forgetOldReceipts();
    await sayHello();
    return { outcome: "done", me };
  } catch (error) {
    if (error instanceof SignedOut) return { outcome: "signed_out", me: null };
    if (error instanceof NetworkFault) return { outcome: "fault", code: error.code, me, sent: chunksTaken() > before };
    throw error;
  }
}

async function sendEach(owner, role, force) {
  for (const { id } of await ownRecords(owner)) {
    const record = await read("outbox", id);
    if (record && isDue(record, role, force)) await sendOne(record, role);
  }
}

/* The server's list of tablets learns that nothing waits any more, or that this one is still about. */
async function sayHello() {
  const { unsent } = await waiting();
  if (hello && hello.unsent === unsent && Date.now() - hello.at < HELLO_EVERY_MS) return;
  await call("/api/v1/field/contact", { method: "POST", mayRefuse: true });
  hello = { unsent, at: Date.now() };
}

/* One record's trouble is its own: only a dead line or a lost session ends the round. */
async function sendOne(record, role) {
  try {
    await sendRecord(record, role);
  } catch (error) {
    const now = (await read("outbox", record.id)) ?? record;
    const told = { code: error.code ?? "server_fault", params: error.params ?? {} };
    if (error instanceof Refusal) {
      await patchRecord(record.id, { state: "needs_attention", error: told });
      return;
    }
    const tries = now.tries + 1;
    const patch = { state: restingState(now), tries };
    if (error instanceof ServerFault) {
      const delay = Math.max(retryDelayMs(tries, Math.random()), 1000 * (error.params.retry_after ?? 0));
      await patchRecord(record.id, { ...patch, error: told, next_try_at: new Date(Date.now() + delay).toISOString() });
      return;
    }
    // a session that ended is the person's news, not the record's
    await patchRecord(record.id, error instanceof SignedOut ? { state: patch.state } : { ...patch, error: told });
    throw error;
  }
}

/** Whether anything can be done for the record in this pass. Pure. */
export function isDue(record, role, force, now = Date.now()) {
  if (record.state === "needs_attention") return false;
  if (!force && record.next_try_at && Date.parse(record.next_try_at) > now) return false;
  if (!record.answer || record.answer.state === "arriving") return true;
  // usable and only originals left: nothing to do in the first pass
  if (Object.keys(record.answer.missing).length) return role === "original";
  return role === "display"; // complete, yet not entered: ask what became of it
}

async function ownRecords(owner) {
  return (await readAll("outbox")).filter((record) => record.owner === owner);
}

/* A browser that was killed in the middle left records that look as if they were being sent. */
async function rest(owner) {
  await transact(["outbox"], "readwrite", async (tx) => {
    for (const record of await tx.objectStore("outbox").getAll()) {
      if (record.owner === owner && record.state === "sending") {
        await tx.objectStore("outbox").put({ ...record, state: restingState(record) });
      }
    }
  });
}
