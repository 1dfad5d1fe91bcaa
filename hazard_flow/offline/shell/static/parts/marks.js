/* Small marks: level badge, stage circle, progress bar, avatar. Colour = level only. */

import { h, icon, svgNode } from "./dom.js";
import { t } from "./words.js";

export const STAGES = ["reported", "assigned", "rectifying", "verified", "closed"];
const TIERS = { M: 1, A: 2, B: 3, C: 4 };
const SHAPES = {
  1: ["path", { d: "M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z" }],
  2: ["path", { d: "M8 1 15.5 14.5H.5z" }],
  3: ["path", { d: "M8 .6 15.4 8 8 15.4.6 8z" }],
  4: ["circle", { cx: 8, cy: 8, r: 7 }],
  0: ["circle", { cx: 8, cy: 8, r: 6 }],
};

/** 0 not graded, 1 major, 2–4 general A–C. */
export const tier = ({ level, urgency }) => (level === "major" ? 1 : (TIERS[urgency] ?? 0));

/** The shape of a tier. */
export const shape = (n) =>
  svgNode("svg", { class: "shape", viewBox: "0 0 16 16", "aria-hidden": "true" }, svgNode(...SHAPES[n]));

/** Shape and word of a level on its colour. */
export const badge = (subject) => {
  const n = tier(subject);
  return h(`span.risk.r${n}`, shape(n), t(`field.tier.${n}`));
};

/** A chip with an icon. */
export const chip = (text, { glyph, kind = "" } = {}) =>
  h("span.chip", { class: kind }, glyph && icon(glyph), text);

/** The circle that fills as a hazard moves. */
export const pie = (percent) =>
  svgNode(
    "svg",
    { class: "pie", viewBox: "0 0 16 16", "aria-hidden": "true" },
    svgNode("circle", { class: "ring", cx: 8, cy: 8, r: 7 }),
    percent
      ? svgNode("circle", {
          class: "fill",
          cx: 8,
          cy: 8,
          r: 3.5,
          pathLength: 100,
          "stroke-dasharray": `${percent} 100`,
        })
      : [],
  );

/** A bar of work done, with its count for readers of the screen. */
export const progress = (done, total, text) =>
  h(
    "div.bar",
    {
      role: "progressbar",
      "aria-valuenow": done,
      "aria-valuemin": 0,
      "aria-valuemax": total,
      "aria-label": text,
    },
    h("i", { style: { width: `${total ? Math.round((100 * done) / total) : 0}%` } }),
  );

/** The family name of a Chinese name, two letters of a Latin one. */
export function avatar(name, cls = "") {
  const latin = name && name.codePointAt(0) < 0x2e80;
  const words = name?.split(" ") ?? [];
  const letters = !name
    ? ""
    : latin
      ? (words[1] ? words[0][0] + words.at(-1)[0] : name.slice(0, 2)).toUpperCase()
      : name[0];
  return h("span.av", { class: cls, "aria-hidden": "true" }, letters || icon("user"));
}

/** What is not there, and what to do about it. */
export const empty = (glyph, title, sentence, ...actions) => nothing("h2", glyph, title, sentence, actions);

/** The same as a whole screen. */
export const emptyPage = (glyph, title, sentence, ...actions) =>
  h("section.card", nothing("h1", glyph, title, sentence, actions));

const nothing = (heading, glyph, title, sentence, actions) =>
  h(
    "div.void",
    icon(glyph),
    h(heading, title),
    sentence && h("p", sentence),
    actions.length > 0 && h("div.row", actions),
  );
