/* A round in a list. */

import { h, icon } from "./dom.js";
import { dueText, remaining } from "./format.js";
import { label, t } from "./words.js";

/** The row, a link to its sheet. */
export function roundRow(round) {
  const left = remaining(round.due_at);
  return h(
    "li",
    h(
      "a.task.r0",
      { href: `#/round/${round.id}` },
      h("span.photo", icon("route")),
      h(
        "div.stack",
        h("h3.cut", label(round.name)),
        h("div.meta", h("span.chip", t("field.round.places", { n: round.places.length })), h("span.cut", round.planned_on)),
      ),
      h("div.due", h(left.late ? "b.until.late.nowrap" : "b.until.nowrap", left.text), h("span.nowrap", dueText(round.due_at))),
      icon("chevron-right", "muted"),
    ),
  );
}
