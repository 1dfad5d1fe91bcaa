/* One record on its way: the manifest, then chunk after chunk, until the server has confirmed every byte. */

import { call } from "./calling.js";
import { CoreError, NetworkFault, Refusal, SignedOut } from "./errors.js";
import { sha256 } from "./identifiers.js";
import { giveReceipt, patchRecord } from "./outbox.js";
import { CHUNK_BYTES, nextChunkBytes } from "./pace.js";
import { read } from "./store.js";

const MISMATCHES_MAX = 20;
/* A lost answer is asked for again at once, before the whole round is given up. */
const TRIES = 3;
const BETWEEN_TRIES_MS = 150;
const REFUSALS = { 400: "not_accepted", 403: "not_allowed", 409: "id_reused", 413: "too_big", 415: "not_accepted", 422: "not_accepted" };

let chunkBytes = CHUNK_BYTES;
let taken = 0;

/** How many chunks the server has confirmed to this page: a line that brings one now and then is not a dead one. */
export function chunksTaken() {
  return taken;
}

/** The server could not just now, for this record: the others go on. */
export class ServerFault extends CoreError {}

/**
 * Bring a record as far as `role` allows: "display" puts the manifest and what makes it usable, "original" the rest too.
 *
 * Returns the record as it stands, or null when it is confirmed or gone. Raises Refusal, ServerFault, NetworkFault, SignedOut.
 */
export async function sendRecord(record, role) {
  // a contested one stays what it is while it is asked about
  let now = await patchRecord(record.id, record.state === "contested" ? {} : { state: "sending" });
  if (!now) return null;
  now = await note(now, await putManifest(now));
  for (const file of now?.attachments ?? []) {
    if (!now) return null;
    if (role === "display" && file.role === "original") continue;
    if (file.sha256 in now.answer.missing) now = await sendFile(now, file);
  }
  return now && settle(now);
}

/** The state a record is in by the server's last answer: what it falls back to when sending stops. */
export function restingState(record) {
  if (!record.answer) return "queued";
  if (record.answer.outcome === "contested") return "contested";
  return record.answer.state === "arriving" ? "arriving" : "usable";
}

async function putManifest(record) {
  const reply = await insist(() =>
    call(`/api/v1/submissions/${record.id}`, {
      method: "PUT",
      body: record.body,
      headers: { "Content-Type": "application/json", "X-HF-Owner": record.owner },
    }),
  );
  if (reply.status === 200 || reply.status === 201) return ownAnswer(record, reply);
  throw refusalOf(reply);
}

async function sendFile(record, file) {
  const buffer = await read("blobs", `${record.id}/${file.sha256}`);
  if (buffer?.byteLength !== file.size) throw new Refusal("photo_unreadable", { filename: file.filename, sha256: file.sha256 });
  let now = record;
  let offset = now.answer.missing[file.sha256];
  let mismatches = 0;
  while (now && file.sha256 in now.answer.missing) {
    const reply = await sendChunk(now, file, buffer, offset);
    if (reply.status === 200) {
      now = await note(now, ownAnswer(now, reply));
      taken += 1;
      offset = now?.answer.missing[file.sha256];
    } else if (reply.status === 409 && Number.isInteger(reply.body?.offset)) {
      // the server took a chunk whose answer was lost, or another tab sent it: go on from what it truly has
      offset = reply.body.offset;
      mismatches += 1;
    } else if (reply.status === 422 && reply.body?.code === "hash_differs") {
      await demandWhole(file, buffer);
      offset = 0;
      mismatches += 1;
    } else {
      throw refusalOf(reply);
    }
    if (mismatches > MISMATCHES_MAX) throw new ServerFault("server_fault", { status: reply.status });
  }
  return now;
}

async function sendChunk(record, file, buffer, offset) {
  const reply = await insist(
    () =>
      call(`/api/v1/submissions/${record.id}/attachments/${file.sha256}`, {
        method: "PATCH",
        body: buffer.slice(offset, offset + chunkBytes),
        headers: { "Content-Type": "application/octet-stream", "Upload-Offset": String(offset), "X-HF-Owner": record.owner },
      }),
    () => (chunkBytes = nextChunkBytes(chunkBytes, false)),
  );
  chunkBytes = nextChunkBytes(chunkBytes, true);
  return reply;
}

/* A few times in a row; the last failure stands. */
async function insist(ask, onFault = () => {}) {
  for (let tries = 1; ; tries++) {
    try {
      const reply = await ask();
      if (reply.status < 500 || tries === TRIES) return reply;
    } catch (error) {
      if (!(error instanceof NetworkFault)) throw error;
      onFault();
      if (tries === TRIES || !navigator.onLine) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MS * tries));
  }
}

async function demandWhole(file, buffer) {
  if ((await sha256(buffer)) !== file.sha256) throw new Refusal("photo_damaged", { filename: file.filename, sha256: file.sha256 });
}

/* Write down what the server said; null when another sender has finished the record. */
async function note(record, answer) {
  const attachments = record.attachments.map((file) => ({ ...file, sent: answer.missing[file.sha256] ?? file.size }));
  const changed = await patchRecord(record.id, { answer, attachments, number: answer.hazard ?? record.number, error: null, tries: 0, next_try_at: null });
  return changed ?? null;
}

async function settle(record) {
  const { state, outcome } = record.answer;
  if (state === "complete" && outcome === "entered") {
    await giveReceipt(record, record.answer);
    return null;
  }
  return patchRecord(record.id, { state: restingState(record) });
}

/* A portal may answer JSON as well: only a body about this very record counts. */
function ownAnswer(record, { body, status }) {
  if (body?.id !== record.id || typeof body.missing !== "object") throw new NetworkFault("not_our_server", { status });
  return body;
}

function refusalOf({ status, body, header }) {
  // somebody else signed in between two requests: wait for the owner, as after any sign-out
  if (status === 403 && body?.code === "signed_in_as_another") return new SignedOut();
  // 404: a server that was put back to yesterday; the next round begins with the manifest again
  if (status >= 500 || status === 429 || status === 404) return new ServerFault("server_fault", { status, retry_after: Number(header("Retry-After")) || null });
  const code = status === 403 && body?.code === "submission_of_another" ? "other_owner" : (REFUSALS[status] ?? "not_accepted");
  return new Refusal(code, { status, said: body?.code ?? null, detail: body?.detail ?? null, errors: body?.errors ?? [] });
}
