/* Starts the field app and shows the screen that the address names: #/report/<draft>/2. Works from the cache, signed in or not. */

import { bus } from "./core/bus.js";
import { checkSession, me } from "./core/session.js";
import { startSender } from "./core/sender.js";
import { watchUpdates } from "./core/updates.js";
import { banners, frame, livePill } from "./parts/frame.js";
import { fill, h } from "./parts/dom.js";
import { keepFresh } from "./parts/freshness.js";
import { loadWords, t } from "./parts/words.js";
import { applyTheme } from "./parts/theme.js";
import { troubled } from "./parts/trouble.js";

const SCREENS = {
  home: () => import("./screens/home.js"),
  report: () => import("./screens/report.js"),
  stored: () => import("./screens/stored.js"),
  scan: () => import("./screens/scan.js"),
  tasks: () => import("./screens/tasks.js"),
  task: () => import("./screens/task.js"),
  act: () => import("./screens/act.js"),
  round: () => import("./screens/round.js"),
  outbox: () => import("./screens/outbox.js"),
  record: () => import("./screens/record.js"),
  me: () => import("./screens/me.js"),
  "sign-in": () => import("./screens/sign_in.js"),
};
const EVENTS = ["records", "drafts", "sender", "session", "data", "update", "storage"];
const REDRAW_MS = 120;
const MINUTE_MS = 60_000;
const ASK_MS = 1_500;

const root = document.getElementById("app");
let shown = null;
let drawing = 0;
let touching = false;

/** What a screen may ask of the app. */
const app = {
  go: (path, { replace = false } = {}) => {
    const target = `#/${path}`;
    if (replace) location.replace(target);
    else location.hash = target;
  },
  back: () => (history.length > 1 ? history.back() : app.go("home")),
  redraw: () => draw({ keep: true }),
  say: (text) => {
    const line = document.getElementById("said");
    line.textContent = text;
    clearTimeout(app.saying);
    app.saying = setTimeout(() => (line.textContent = ""), 3500);
  },
};

/** The screen's name and arguments in an address. */
export function parse(hash) {
  const [name, ...args] = hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  return { name: name in SCREENS ? name : "home", args };
}

async function draw({ keep = false } = {}) {
  const address = location.hash;
  if (keep && address !== shown?.address) return; // on the way to another screen: that one draws itself
  const turn = ++drawing;
  const { name, args } = parse(address);
  const [screen, framed] = await drawn(name, args);
  if (keep && screen.isApology && shown) return; // what stands there is worth more than an apology in its place
  if (turn !== drawing) return screen.leave?.(); // somebody went on while this one was being made
  const top = keep ? scrollY : 0;
  shown?.leave?.();
  shown = Object.assign(screen, { address });
  document.title = `${screen.title} · ${t("field.product")}`;
  const focused = keep ? document.activeElement?.id : null;
  fill(root, [framed]);
  scrollTo(0, top);
  if (!keep) root.querySelector("main")?.focus({ preventScroll: true });
  else if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  screen.entered?.();
}

/** A screen in its frame; one that cannot be drawn says why, without a frame where that cannot be read either. */
async function drawn(name, args) {
  try {
    const { show } = await SCREENS[name]();
    const screen = await show(args, app);
    return [screen, await frame(screen, name)];
  } catch (fault) {
    console.error(fault);
    const screen = {
      title: t("field.trouble.title"),
      nav: "home",
      node: troubled(fault, app),
      isApology: true,
    };
    return [screen, await frame(screen, name).catch(() => frame({ ...screen, bare: true }, name))];
  }
}

/** Screens that name an event are drawn anew when it comes, but never under somebody's fingers. */
function redrawSoon(event) {
  livePill();
  if (!shown?.watch?.includes(event.type)) return;
  clearTimeout(redrawSoon.timer);
  const asked = shown.address;
  redrawSoon.timer = setTimeout(
    () => shown.address === asked && (isBusy() ? redrawSoon(event) : draw({ keep: true })),
    REDRAW_MS,
  );
}

/** Somebody is typing, has a finger down (a button replaced under it would lose the tap), or has opened something to decide. */
function isBusy() {
  const at = document.activeElement;
  const typing = at?.matches?.("input:not([type=file]), textarea, select") && root.contains(at);
  return (
    typing || touching || root.querySelector("main details[open], main [data-asking]:not([hidden])") !== null
  );
}

async function start() {
  applyTheme();
  await loadWords();
  for (const name of EVENTS) bus.addEventListener(name, redrawSoon);
  for (const name of ["online", "offline"]) addEventListener(name, redrawSoon);
  addEventListener("pointerdown", () => (touching = true), true);
  for (const name of ["pointerup", "pointercancel"])
    addEventListener(name, () => setTimeout(() => (touching = false)), true);
  addEventListener("hashchange", () => draw());
  setInterval(
    () => shown?.watch?.length && !isBusy() && document.visibilityState === "visible" && draw({ keep: true }),
    MINUTE_MS,
  );
  await whoIsHere();
  await draw();
  startSender();
  watchUpdates(banners.newVersion);
  keepFresh();
}

/** Nobody known here may still be signed in at the desk; without an answer the sign-in screen comes, and capture works beside it. */
async function whoIsHere() {
  if (await me()) return;
  const asked = checkSession().catch(() => null);
  if (await Promise.race([asked, new Promise((tired) => setTimeout(tired, ASK_MS, null))])) return;
  app.go("sign-in", { replace: true });
  asked.then(
    (found) => found && parse(location.hash).name === "sign-in" && app.go("home", { replace: true }),
  );
}

start().catch((fault) => fill(root, [h("main.main", { id: "main" }, troubled(fault, app))]));
