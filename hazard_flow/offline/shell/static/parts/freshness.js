/* When the lists on the tablet are fetched anew: somebody signed in, something was confirmed, the network or the person came back. */

import { bus } from "../core/bus.js";
import { data, refreshData } from "../core/data.js";

const PAUSE_MS = 1_000;
const OLD_MS = 300_000;
let timer = null;

/** Keep the lists fresh for as long as the page lives. Without a network they stay as they are. */
export function keepFresh() {
  bus.addEventListener("records", ({ detail }) => detail?.reason === "confirmed" && soon());
  bus.addEventListener("session", ({ detail }) => detail?.signed_in && soon());
  addEventListener("online", soon);
  document.addEventListener(
    "visibilitychange",
    async () => document.visibilityState === "visible" && (await isOld()) && soon(),
  );
  soon();
}

/** Several reasons at once are one fetch. */
function soon() {
  clearTimeout(timer);
  timer = setTimeout(() => refreshData().catch(() => {}), PAUSE_MS); // no network: what the tablet holds stays
}

async function isOld() {
  const bundle = await data().catch(() => null);
  return !bundle || Date.now() - Date.parse(bundle.fetched_at) > OLD_MS;
}
