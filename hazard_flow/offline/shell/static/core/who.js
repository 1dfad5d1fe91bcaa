/* Whose tablet it is just now. The last person who signed in stays its owner without a network, until somebody signs out or another signs in. */

import { forget, read, transact } from "./store.js";

/** The person: {id, username, name, organisation, roles, …}, or null. */
export async function currentMe() {
  return (await read("kv", "me")) ?? null;
}

/** The person's id, or null. */
export async function currentOwner() {
  return (await currentMe())?.id ?? null;
}

/** From now on the tablet is this person's; the name stays known for the count of locked records. */
export async function remember(me) {
  await transact(["kv"], "readwrite", async (tx) => {
    const kv = tx.objectStore("kv");
    await kv.put(me, "me");
    await kv.put({ ...(await kv.get("names")), [me.id]: me.name }, "names");
  });
}

/** Nobody's, until the next sign-in. */
export function forgetMe() {
  return forget("me");
}

/** Names of everybody who has used this tablet, by id. */
export async function knownNames() {
  return (await read("kv", "names")) ?? {};
}

/** The tablet's own id: made once, says nothing about anybody. */
export async function tabletId() {
  const known = await read("kv", "tablet");
  if (known) return known;
  return transact(["kv"], "readwrite", async (tx) => {
    const kv = tx.objectStore("kv");
    const first = (await kv.get("tablet")) ?? crypto.randomUUID();
    await kv.put(first, "tablet");
    return first;
  });
}

