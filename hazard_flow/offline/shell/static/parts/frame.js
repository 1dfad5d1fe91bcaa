/* The frame around a screen: rail or capture header, the sync pill, banners. A screen gives {title, nav, node} or {steps, node, foot}. */

import { listRecords } from "../core/outbox.js";
import { kick, senderStatus } from "../core/sender.js";
import { me } from "../core/session.js";
import { restartNow } from "../core/updates.js";
import { button, fill, h, icon, linkButton, svgNode } from "./dom.js";
import { needsYou } from "./records.js";
import { known, t } from "./words.js";

const NAV = [
  ["home", "home"],
  ["tasks", "checklist"],
  ["scan", "qrcode"],
  ["outbox", "inbox"],
  ["me", "user"],
];
let version = false;

/** Draw a screen in its frame. */
export async function frame(screen, name) {
  if (screen.bare) return h("main", { id: "main", tabindex: "-1" }, screen.node);
  const situation = await situate();
  return screen.steps || screen.plain ? capture(screen, situation) : withRail(screen, name, situation);
}

/** How things stand between tablet and server, for pill and banners. */
async function situate() {
  const person = await me();
  const records = await listRecords(person?.id ?? null);
  return {
    person,
    records,
    status: senderStatus(),
    waiting: records.length,
    needing: records.filter(needsYou).length,
  };
}

function withRail(screen, name, situation) {
  const at = screen.nav ?? name;
  return h(
    "div.app",
    h("a.skip", { href: "#main", on: { click: toMain } }, t("field.skip")),
    h(
      "nav.rail",
      { "aria-label": t("field.nav.label") },
      h("a.logo", { href: "#/home", "aria-label": t("field.product") }, logo()),
      NAV.map(([key, glyph]) => [key === "me" && h("span.space"), navLink(key, glyph, at, situation)]),
    ),
    h(
      "div.page",
      h("div.banners", { id: "banners" }, banners.lines(situation)),
      h("main.main", { id: "main", tabindex: "-1" }, screen.node),
    ),
  );
}

function navLink(key, glyph, at, { waiting }) {
  const count =
    key === "outbox" && waiting > 0
      ? h("span.n", waiting, h("span.vh", t("field.pill.queued", { n: waiting })))
      : null;
  return h(
    "a",
    { href: `#/${key}`, "aria-current": at === key && "page" },
    icon(glyph),
    t(`field.nav.${key}`),
    count,
  );
}

function capture(screen, situation) {
  return h(
    "div.cap",
    h(
      "header",
      button("", {
        kind: "icon",
        glyph: "arrow-left",
        "aria-label": screen.backLabel ?? t("field.back"),
        act: screen.back,
      }),
      screen.steps
        ? steps(screen.steps)
        : h("div.grow", h("h1.cut", screen.title), screen.lead && h("p.sm.muted.cut", screen.lead)),
      screen.mark,
      h("span", { id: "pill" }, pill(situation, { short: true })),
    ),
    h("main.main", { id: "main", tabindex: "-1" }, screen.node),
    h("footer", { id: "foot" }, screen.foot),
  );
}

const steps = ({ now, names }) =>
  h(
    "ol.prog",
    { "aria-label": t("field.steps") },
    names.map((text, n) =>
      h(
        "li",
        { class: n + 1 < now ? "done" : n + 1 === now ? "now" : "", "aria-current": n + 1 === now && "step" },
        text,
      ),
    ),
  );

/** The header of a screen with a rail: title, a line below, the pill. */
export async function heading(title, lead, ...more) {
  return h(
    "header.split",
    h("div.grow", h("h1", title), lead && h("p.muted.cut", lead)),
    h("span", { id: "pill" }, pill(await situate())),
    more,
  );
}

/** The pill: dark while there is no connection, with the count of what waits here. */
function pill({ status, waiting, needing }, { short = false } = {}) {
  const [text, glyph, cls] = needing
    ? [t("field.pill.needs_you"), "alert-circle", "off"]
    : !status.online
      ? [t("field.pill.offline"), "cloud-off", "off"]
      : !status.signed_in
        ? [t("field.pill.signed_out"), "lock", "off"]
        : status.sending
          ? [t("field.pill.sending"), "cloud-up", ""]
          : [t("field.pill.online"), waiting ? "cloud" : "cloud-check", ""];
  const count = waiting && !short ? h("span.cnt", t("field.pill.queued", { n: waiting })) : null;
  return h(`a.pill`, { class: cls, href: "#/outbox" }, icon(glyph), h("span", text), count);
}

/** Bring pill and banners up to date without drawing the screen anew. */
export async function livePill() {
  const place = document.getElementById("pill");
  const lines = document.getElementById("banners");
  const situation = await situate().catch(() => null); // the disk is full or the store is being opened: the last word stands
  if (!situation) return;
  if (place) fill(place, [pill(situation, { short: Boolean(place.closest(".cap")) })]);
  if (lines) fill(lines, banners.lines(situation));
}

export const banners = {
  /** What needs the person, one line each. */
  lines({ status, waiting, person }) {
    return [
      version &&
        banner(
          "refresh",
          t("field.banner.update"),
          button(t("field.banner.restart"), { kind: "sm", act: restart }),
        ),
      status.online &&
        !status.signed_in &&
        waiting > 0 &&
        banner(
          "lock",
          t(person ? "field.banner.expired" : "field.banner.signed_out", { n: waiting }),
          linkButton(t("field.sign_in"), "#/sign-in", { kind: "sm" }),
        ),
    ].filter(Boolean);
  },
  /** A new version lies ready: say so, never take it by itself. */
  newVersion() {
    version = true;
    livePill();
  },
};

const banner = (glyph, text, action) =>
  h("p.banner", { role: "status" }, icon(glyph), h("span.grow", text), action);

async function restart(event) {
  const line = event.target.closest(".banner").querySelector(".grow");
  try {
    await restartNow();
  } catch (fault) {
    const key = `field.error.${fault.code}`;
    line.textContent = t(known(key) ? key : "field.error.draft_open");
  }
}

/** The button that tries sending at once. */
export const retry = (kind = "sm") =>
  button(t("field.retry"), { kind, glyph: "refresh", act: () => kick("button") });

function toMain(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

/** The flame with the tick. */
export const logo = () =>
  svgNode(
    "svg",
    { viewBox: "0 0 34 34", fill: "none", "aria-hidden": "true" },
    svgNode("path", {
      fill: "#58c2b1",
      d: "M17 3.2C20 8.6 27 11.6 27 20a10 10 0 0 1-20 0c0-4.4 2.4-6.6 4.4-9.2 1 2.2 1.8 3 3.2 3.8C14.4 10.6 15 6.6 17 3.2Z",
    }),
    svgNode("path", {
      d: "m12.6 20.4 3.2 3.2 6-6.4",
      stroke: "#10302d",
      "stroke-width": 2.6,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  );
