/* A new version never interrupts: it is fetched whole beside the old one and takes over when the person says so, and never while a draft is open. */

import { emit } from "./bus.js";
import { CoreError } from "./errors.js";

const SCOPE = "/field";
const DRAFT_LOCK = "hf-draft";
const LOOK_AGAIN_MS = 1_800_000;

let closeDraft = null;
let lookedAt = 0;

/** Register the worker and watch for a new version; `onNewVersion()` is called when one is ready to take over. The registration, or null. */
export async function watchUpdates(onNewVersion) {
  if (!navigator.serviceWorker) return null;
  const hadWorker = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    // the first worker only begins to watch over this page; a later one brings other modules
    if (hadWorker) location.reload();
  });
  const registration = await register();
  if (!registration) return null;
  const ready = () => {
    if (!registration.waiting || !navigator.serviceWorker.controller) return;
    onNewVersion?.();
    emit("update", { ready: true });
  };
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", ready));
  ready();
  lookedAt = Date.now();
  document.addEventListener("visibilitychange", () => look(registration));
  setInterval(() => look(registration), LOOK_AGAIN_MS);
  return registration;
}

/** Say that a draft is open in this page, or no longer: a lock that all tabs see and that dies with the page. */
export async function setDraftOpen(isOpen) {
  if (!isOpen) {
    closeDraft?.();
    closeDraft = null;
    return;
  }
  if (closeDraft || !navigator.locks) return;
  const closed = new Promise((resolve) => (closeDraft = resolve));
  await new Promise((held) => {
    navigator.locks.request(DRAFT_LOCK, { mode: "shared" }, () => {
      held();
      return closed;
    });
  });
}

/** Whether a draft is open in any tab. */
export async function isDraftOpen() {
  const { held = [], pending = [] } = (await navigator.locks?.query()) ?? {};
  return [...held, ...pending].some(({ name }) => name === DRAFT_LOCK);
}

/** Let the new version take over; every page of the app reloads. Raises CoreError draft_open; false when there is no new version. */
export async function restartNow() {
  if (await isDraftOpen()) throw new CoreError("draft_open");
  const registration = await navigator.serviceWorker?.getRegistration(SCOPE);
  if (!registration?.waiting) return false;
  registration.waiting.postMessage({ type: "take-over" });
  return true;
}

/* The module worker can send by itself; browsers that know only classic workers get the same worker without that bonus. */
async function register() {
  const options = { scope: SCOPE, updateViaCache: "none" };
  try {
    return await navigator.serviceWorker.register("/field/sw.js?sends=1", { ...options, type: "module" });
  } catch {
    return navigator.serviceWorker.register("/field/sw.js", options).catch((error) => {
      emit("update", { worker: "refused", reason: error.name });
      return null;
    });
  }
}

function look(registration) {
  if (document.visibilityState !== "visible" || Date.now() - lookedAt < LOOK_AGAIN_MS) return;
  lookedAt = Date.now();
  registration.update().catch(() => {}); // no network: the next look finds it
}
