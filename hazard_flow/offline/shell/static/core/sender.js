/* When to send: at once after submitting, when the network, the page or a person comes back, and by a timer for everything that waits. */

import { bus, emit } from "./bus.js";
import { lastContact } from "./calling.js";
import { flush } from "./flush.js";
import { bearsOriginals, retryDelayMs } from "./pace.js";
import { listRecords } from "./outbox.js";
import { currentOwner } from "./who.js";

const BUSY_MS = 1_500;
const SIGNED_OUT_MS = 60_000;
const ORIGINALS_MS = 60_000;
const CONTESTED_MS = 300_000;
const MINUTE_MS = 60_000;

const status = {
  online: navigator.onLine,
  signed_in: true, // until the server says otherwise: a start without a network is no reason to ask for a password
  sending: false,
  waiting_until: null,
  originals_waiting: false,
  last_contact_at: null,
  clock_skew_seconds: null,
};
let started = false;
let timer;
let faults = 0;
let asked = null; // what the next round is asked for while one is running
let withOriginals = false;

/** Begin to watch and to send; once a page. */
export function startSender() {
  if (started) return;
  started = true;
  addEventListener("online", () => kick("online"));
  addEventListener("offline", () => tell({ online: false }));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && kick("visible"));
  navigator.connection?.addEventListener?.("change", () => kick("connection"));
  navigator.serviceWorker?.addEventListener("message", ({ data }) => data?.type === "kick" && kick("worker"));
  bus.addEventListener("records", ({ detail }) => detail.reason === "submitted" && kick("submitted"));
  bus.addEventListener("sender", ({ detail }) => detail.remote && follow(detail));
  bus.addEventListener("session", ({ detail }) => detail.signed_in && kick("signed_in"));
  kick("start");
}

/** Send now. Reason "originals" also sends originals over a paid connection, until they are through. */
export function kick(reason) {
  if (reason === "originals") withOriginals = true;
  if (reason === "submitted") askForSync();
  return round({ force: reason !== "timer" });
}

/** {online, signed_in, sending, waiting_until, originals_waiting, last_contact_at, clock_skew_seconds}: `online` means that the server answers. */
export function senderStatus() {
  return { ...status };
}

async function round({ force }) {
  clearTimeout(timer);
  if (status.sending) {
    asked = { force: force || (asked?.force ?? false) };
    return;
  }
  tell({ sending: true, waiting_until: null });
  let result;
  try {
    result = await flush({ force, originals: withOriginals });
  } catch (error) {
    result = { outcome: "fault", code: error.code ?? "storage_failed" }; // the store failed: it is opened again at the next try
    if (!error.code) reportError(error);
  }
  await settle(result);
  if (asked) {
    const next = asked;
    asked = null;
    await round(next);
  }
}

async function settle({ outcome, code, me, sent = false }) {
  faults = outcome !== "fault" ? 0 : sent ? 1 : faults + 1;
  const records = await listRecords().catch(() => []);
  const left = records.filter((record) => record.state !== "needs_attention");
  if (outcome === "done" && !left.some(({ state }) => state === "usable")) withOriginals = false;
  const waitMs = untilNext(outcome, left, faults);
  const isOwner = outcome === "done" && me.id === (await currentOwner().catch(() => null));
  const { at, clock_skew_seconds } = await lastContact().catch(() => ({ at: null, clock_skew_seconds: null }));
  if (waitMs !== null) timer = setTimeout(() => kick("timer"), waitMs);
  tell({
    sending: false,
    online: outcome === "busy" ? status.online : outcome !== "fault",
    fault: outcome === "fault" ? code : null,
    signed_in: outcome === "signed_out" ? false : outcome === "done" ? isOwner : status.signed_in,
    waiting_until: waitMs === null ? null : new Date(Date.now() + waitMs).toISOString(),
    originals_waiting: outcome === "done" && !bearsOriginals(navigator.connection) && left.some(({ state }) => state === "usable"),
    last_contact_at: at,
    clock_skew_seconds,
  });
}

/** Milliseconds until somebody must look again, null when nothing waits: every state but *done* has a wake-up. */
export function untilNext(outcome, left, faultsInARow, now = Date.now(), dice = Math.random()) {
  if (outcome === "busy") return BUSY_MS;
  if (outcome === "fault") return retryDelayMs(faultsInARow, dice);
  if (!left.length) return null;
  if (outcome === "signed_out") return SIGNED_OUT_MS;
  const waits = left.map((record) => {
    if (record.next_try_at) return Math.max(0, Date.parse(record.next_try_at) - now);
    if (record.state === "contested") return CONTESTED_MS;
    return record.state === "usable" ? ORIGINALS_MS : MINUTE_MS;
  });
  return Math.max(250, Math.min(...waits));
}

/* A bonus where the browser has it: the worker sends when all pages are closed. Nothing relies on it. */
async function askForSync() {
  const worker = await navigator.serviceWorker?.getRegistration("/field").catch(() => undefined);
  await worker?.sync?.register("hf-flush").catch(() => {});
}

/* Another tab's sender has learnt it for all. */
function follow({ online, signed_in, last_contact_at, clock_skew_seconds }) {
  if (!status.sending) Object.assign(status, { online, signed_in, last_contact_at, clock_skew_seconds });
}

function tell(change) {
  Object.assign(status, change);
  emit("sender", { ...status });
}
