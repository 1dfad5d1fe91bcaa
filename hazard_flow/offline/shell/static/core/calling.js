/* One way to call the server. Whatever is not the server's own voice is a network fault: a captive portal, a proxy's page, silence. */

import { NetworkFault, SignedOut } from "./errors.js";
import { read, transact } from "./store.js";
import { tabletId } from "./who.js";
import { VERSION } from "/field/version.js";

const TIMEOUT_MS = 15_000;
/* How often it is written down that the server answered: a chunk a moment needs no line each. */
const NOTE_EVERY_MS = 5_000;
/* A session cannot be told apart from a portal by its status alone: only the server sends problem+json. */
const JSON_KINDS = /^application\/([\w.+-]+\+)?json\b/;

let noted = null;

/**
 * Call the API: {status, body, header(name)}; `body` is the parsed JSON, null where there is none (204, 304).
 *
 * Raises NetworkFault (network, not_our_server) and SignedOut for the server's own 401, unless `mayRefuse` asks for it as an answer.
 */
export async function call(path, { method = "GET", body, headers = {}, mayRefuse = false } = {}) {
  const own = await contact();
  const sentAt = Date.now();
  const response = await reach(path, { method, body, headers: { ...own, ...headers } });
  const answer = await ownVoice(response);
  await noteContact(response.headers.get("Date"), sentAt, Date.now());
  if (response.status === 401 && !mayRefuse) throw new SignedOut();
  return { status: response.status, body: answer, header: (name) => response.headers.get(name) };
}

/** Fetch bytes that are no JSON, such as a task's photo: an ArrayBuffer, or null when the server has none to give. Raises NetworkFault. */
export async function callBytes(path, kind) {
  const response = await reach(path, { method: "GET", headers: {} });
  if (!response.ok || !(response.headers.get("Content-Type") ?? "").startsWith(kind)) return null;
  return response.arrayBuffer().catch((error) => {
    throw new NetworkFault("network", {}, error);
  });
}

/** When the server last answered, and by how many seconds the tablet's clock is ahead of it. */
export async function lastContact() {
  return (await read("kv", "contact")) ?? { at: null, clock_skew_seconds: null };
}

async function reach(path, { method, body, headers }) {
  try {
    return await fetch(path, {
      method,
      body,
      headers,
      credentials: "same-origin",
      redirect: "error",
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new NetworkFault("network", { reason: error.name }, error);
  }
}

async function ownVoice(response) {
  if (response.status === 204 || response.status === 304) return null;
  if (!JSON_KINDS.test(response.headers.get("Content-Type") ?? "")) {
    throw new NetworkFault("not_our_server", { status: response.status });
  }
  try {
    return await response.json();
  } catch (error) {
    throw new NetworkFault("network", { status: response.status }, error); // cut off in the middle
  }
}

/** What waits on this tablet, whoever it belongs to: {unsent, oldest_at}. */
export async function waiting() {
  return transact(["outbox"], "readonly", async (tx) => {
    const outbox = tx.objectStore("outbox");
    const [oldest] = await outbox.getAll(null, 1); // ids sort by age
    return { unsent: await outbox.count(), oldest_at: oldest?.queued_at ?? null };
  });
}

/* What the server's list of tablets learns at each contact. */
async function contact() {
  const { unsent, oldest_at } = await waiting();
  return {
    "X-HF-Client": "1",
    "X-HF-Device-At": new Date().toISOString(),
    "X-HF-Tablet": await tabletId(),
    "X-HF-Unsent": String(unsent),
    ...(oldest_at ? { "X-HF-Oldest-At": oldest_at } : {}),
    "X-HF-Version": VERSION,
    Accept: "application/json",
  };
}

async function noteContact(date, sentAt, answeredAt) {
  const served = Date.parse(date ?? "");
  // the header counts whole seconds: half a second is its middle
  const skew = Number.isNaN(served) ? null : Math.round(((sentAt + answeredAt) / 2 - served - 500) / 1000) + 0; // no minus nought
  if (noted && noted.skew === skew && answeredAt - noted.at < NOTE_EVERY_MS) return;
  noted = { at: answeredAt, skew };
  const line = { at: new Date(answeredAt).toISOString(), clock_skew_seconds: skew };
  await transact(["kv"], "readwrite", (tx) => tx.objectStore("kv").put(line, "contact"), "relaxed");
}
