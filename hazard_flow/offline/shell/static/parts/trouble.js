/* What went wrong, in words, with what to do: one sentence for every code of the core. */

import { button, h, icon, linkButton } from "./dom.js";
import { known, t } from "./words.js";

/** The sentence of a fault: by its code, else the plain one. */
export function sentenceOf(fault) {
  const key = `field.error.${fault?.code}`;
  return known(key)
    ? t(key, fault.params ?? {})
    : t("field.error.unknown", { code: fault?.code ?? fault?.name ?? "?" });
}

/** A line under what failed. */
export const trouble = (fault) =>
  h("p.flag.outlined", { role: "alert" }, icon("alert-circle"), h("span", sentenceOf(fault)));

/** A whole screen for a screen that could not be drawn. */
export const troubled = (fault, app) =>
  h(
    "section.card.apology",
    h(
      "div.void",
      icon("alert-circle"),
      h("h1", t("field.trouble.title")),
      h("p", sentenceOf(fault)),
      h("p.sm.muted", t("field.trouble.kept")),
      h(
        "div.row",
        button(t("field.again"), { kind: "pri", glyph: "refresh", act: () => location.reload() }),
        linkButton(t("field.nav.home"), "#/home"),
      ),
    ),
  );
