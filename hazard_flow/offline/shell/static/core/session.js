/* Signing in and out of a tablet that several people share. Capture works signed out; sending needs the very person who captured. */

import { emit } from "./bus.js";
import { call } from "./calling.js";
import { wipeLists } from "./data.js";
import { hasContent } from "./drafts.js";
import { CoreError } from "./errors.js";
import { askWho, flush } from "./flush.js";
import { exportOutbox } from "./health.js";
import { listRecords } from "./outbox.js";
import { forget, keep, readAll, transact, within } from "./store.js";
import { currentMe, currentOwner, forgetMe, knownNames, remember } from "./who.js";

/** The person who has the tablet: {id, username, name, organisation, roles, …}, also without a network; null when nobody. */
export function me() {
  return currentMe();
}

/** Ask the server who this browser is, for instance after the desk's sign-in page. The person, or null. Raises NetworkFault. */
export async function checkSession() {
  const found = await askWho();
  if (found) await take(found);
  return found;
}

/**
 * Sign in; the person. Raises CoreError signin_wrong {asks_code}, signin_locked {minutes}, NetworkFault.
 *
 * Another person than before finds nothing of theirs; what theirs is unsent stays, locked to them.
 */
export async function signIn(username, password, totp = "") {
  const reply = await call("/api/v1/session", {
    method: "POST",
    body: JSON.stringify({ username, password, ...(totp ? { totp } : {}) }),
    headers: { "Content-Type": "application/json" },
    mayRefuse: true,
  });
  if (reply.status !== 200 && reply.status !== 201) throw refused(reply);
  // whoever signs in has overtaken a sign-out that still waited for the network
  await forget("sign_out_pending");
  await take(reply.body);
  return reply.body;
}

/**
 * Sign out. "send" sends first and refuses (unsent_left) while something of the person's is left; "export" gives it as a zip; "keep" does
 * neither. Whatever is unsent stays on the tablet, locked to its owner; lists, task photos and receipts are wiped. Drafts with content count
 * as unsent unless `dropDrafts`.
 *
 * Returns {unsent, drafts, archive: Blob | null}. Without a network the server is told at the next contact, before anything else.
 */
export async function signOut(choice, { dropDrafts = false } = {}) {
  const owner = await currentOwner();
  if (choice === "send") await sendAll();
  const unsent = (await listRecords()).length;
  if (choice === "send" && unsent) throw new CoreError("unsent_left", { unsent });
  const archive = choice === "export" ? await exportOutbox() : null;
  const drafts = await wipeDrafts(owner, dropDrafts);
  await wipeLists(owner);
  await keep("sign_out_pending", true);
  await forgetMe();
  emit("session", { signed_in: false });
  await askWho().catch(() => {}); // tells the server now, or at the next contact
  return { unsent, drafts, archive };
}

/** What of other people lies on this tablet: [{owner, name, records, drafts}]. Counts and names, nothing else. */
export async function lockedRecords() {
  const mine = await currentOwner();
  const names = await knownNames();
  const found = new Map();
  for (const [store, word] of [["outbox", "records"], ["drafts", "drafts"]]) {
    for (const { owner } of await readAll(store)) {
      if (owner === mine) continue;
      const line = found.get(owner) ?? { owner, name: names[owner] ?? null, records: 0, drafts: 0 };
      line[word] += 1;
      found.set(owner, line);
    }
  }
  return [...found.values()];
}

async function take(person) {
  const before = await currentOwner();
  if (before && before !== person.id) await wipeLists(before);
  await remember(person);
  emit("session", { signed_in: true, changed: before !== person.id });
}

async function sendAll() {
  for (let tries = 0; tries < 20; tries++) {
    const { outcome } = await flush({ force: true, originals: true });
    if (outcome !== "busy") return;
    await new Promise((resolve) => setTimeout(resolve, 500)); // another tab is sending: let it
  }
}

/* Empty drafts go; others only when the person said so. How many stay. */
async function wipeDrafts(owner, dropAll) {
  let kept = 0;
  await transact(["drafts", "blobs"], "readwrite", async (tx) => {
    kept = 0;
    for (const draft of await tx.objectStore("drafts").getAll()) {
      if (draft.owner !== owner) continue;
      if (!dropAll && hasContent(draft)) {
        kept += 1;
        continue;
      }
      await tx.objectStore("blobs").delete(within(`${draft.id}/`));
      await tx.objectStore("drafts").delete(draft.id);
    }
  });
  emit("drafts");
  return kept;
}

function refused({ status, body, header }) {
  if (status === 429) {
    const minutes = Math.max(1, Math.ceil((Number(header("Retry-After")) || 60) / 60));
    return new CoreError("signin_locked", { minutes: body?.minutes ?? minutes });
  }
  if (status >= 500) return new CoreError("server_fault", { status });
  const asksCode = (body?.errors ?? []).some(({ field }) => field === "totp");
  return new CoreError("signin_wrong", { asks_code: asksCode, detail: body?.detail ?? null });
}
