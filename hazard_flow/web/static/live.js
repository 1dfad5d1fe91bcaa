/* Pages that stay true while they are looked at. The server says on one line that something changed; the page then asks for itself again
   and takes over the parts marked `data-live-part`. Without this file the page is simply as old as its last load. */

const line = document.querySelector("[data-live]");
const GAP_MS = 2000; // between two looks; ten times as long as the last one took, so that a busy server is asked less
const GAP_MAX_MS = 30_000;
const AGAIN_MS = 30_000; // silence changes states too, and nobody announces it

let source, last, timer, gap = GAP_MS, lookedAt = Date.now();

if (line && "EventSource" in window) {
  last = line.dataset.since;
  connect();
  setInterval(() => look(0), AGAIN_MS);
  document.addEventListener("visibilitychange", () => (document.hidden ? part("paused") : (connect(), look(0))));
  addEventListener("pagehide", () => part("paused"));
  addEventListener("pageshow", (event) => event.persisted && (connect(), look(0)));
}

function connect() {
  if (source || document.hidden) return;
  source = new EventSource(`${line.dataset.live}&since=${encodeURIComponent(last)}`);
  source.onopen = () => tell("on");
  source.onerror = () => tell(navigator.onLine ? "waiting" : "off");
  source.onmessage = (event) => {
    last = event.lastEventId || last;
    tell("on");
    if (concerns(JSON.parse(event.data))) look(gap);
  };
}

function part(state) {
  source?.close();
  source = undefined;
  clearTimeout(timer);
  timer = undefined;
  tell(state);
}

/* a line that closes cleanly and comes back in a moment is no news to anybody */
function tell(state) {
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => {
    line.dataset.state = state;
    line.hidden = false;
    const words = line.querySelector("[data-words]");
    if (words) words.textContent = line.dataset[state === "on" ? "wordsOn" : "wordsOff"];
  }, state === "waiting" ? 8000 : 0);
}

function concerns({ changed }) {
  if (changed === null || "liveAll" in line.dataset) return true;
  const shown = new Set([...document.querySelectorAll("[data-device]")].map((one) => one.dataset.device));
  return changed.some((id) => shown.has(id));
}

function look(after) {
  if (timer !== undefined || document.hidden) return;
  timer = setTimeout(async () => {
    const began = Date.now();
    try {
      await renew();
    } finally {
      lookedAt = Date.now();
      gap = Math.min(GAP_MAX_MS, Math.max(GAP_MS, 10 * (lookedAt - began)));
      timer = undefined;
    }
  }, Math.max(0, after - (Date.now() - lookedAt)));
}

async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live-part]")) {
    const fresh = page.getElementById(old.id);
    if (!fresh || fresh.isEqualNode(old) || old.querySelector(":focus:is(input, select, textarea)")) continue;
    const held = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
    old.replaceChildren(...fresh.childNodes);
    if (held) [...old.querySelectorAll("a[href]")].find((link) => link.getAttribute("href") === held)?.focus({ preventScroll: true });
  }
  document.dispatchEvent(new CustomEvent("hf:live"));
}
