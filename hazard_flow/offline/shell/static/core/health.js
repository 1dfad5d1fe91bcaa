/* How the tablet is: room, permission to stay, version; and the way out for records when a tablet cannot send any more. */

import { lastContact } from "./calling.js";
import { utf8 } from "./identifiers.js";
import { listRecords } from "./outbox.js";
import { KINDS } from "./sniffing.js";
import { read } from "./store.js";
import { tabletId } from "./who.js";
import { zip } from "./zip.js";
import { VERSION } from "/field/version.js";

/** {persisted: bool | null, usage_bytes, quota_bytes}; null where the browser does not say. */
export async function storageStatus() {
  const estimate = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  const persisted = (await navigator.storage?.persisted?.().catch(() => null)) ?? null;
  return { persisted, usage_bytes: estimate.usage ?? null, quota_bytes: estimate.quota ?? null };
}

/** Ask the browser never to clear this site by itself; whether it agrees. Best asked after the person has used the app. */
export async function askToPersist() {
  return (await navigator.storage?.persist?.().catch(() => false)) ?? false;
}

/**
 * Everything of the person's outbox as a zip an administrator can send: each record's manifest byte by byte, its files by their SHA-256,
 * and what the tablet knows of it. Other people's records are never in it.
 */
export async function exportOutbox() {
  const records = await listRecords();
  return zip(filesOf(records, await deviceInfo()));
}

/** {tablet_id, version, user_agent, secure, standalone, worker, background_sync, online, last_contact_at, clock_skew_seconds}. */
export async function deviceInfo() {
  const worker = await navigator.serviceWorker?.getRegistration("/field").catch(() => undefined);
  const contact = await lastContact();
  return {
    tablet_id: await tabletId(),
    version: VERSION,
    user_agent: navigator.userAgent,
    secure: isSecureContext,
    standalone: matchMedia("(display-mode: standalone)").matches || navigator.standalone === true,
    worker: worker?.active ? "active" : worker ? "installing" : "none",
    background_sync: Boolean(worker && "sync" in worker),
    online: navigator.onLine,
    last_contact_at: contact.at,
    clock_skew_seconds: contact.clock_skew_seconds,
  };
}

async function* filesOf(records, device) {
  const index = records.map(({ body, photos, ...known }) => known);
  yield { name: "index.json", bytes: utf8(JSON.stringify({ v: 1, exported_at: new Date().toISOString(), device, records: index }, null, 2)) };
  for (const record of records) {
    yield { name: `${record.id}/manifest.json`, bytes: utf8(record.body) };
    for (const file of record.attachments) {
      const bytes = await read("blobs", `${record.id}/${file.sha256}`);
      if (bytes) yield { name: `${record.id}/${file.sha256}.${KINDS[file.mime].ending}`, bytes };
    }
  }
}
