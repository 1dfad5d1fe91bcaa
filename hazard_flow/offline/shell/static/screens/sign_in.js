/* Signing in on the tablet. Records of others are named, never shown; capture works without anybody signed in. */

import { refreshData } from "../core/data.js";
import { lockedRecords, me, signIn } from "../core/session.js";
import { button, fill, h, icon, uid } from "../parts/dom.js";
import { logo } from "../parts/frame.js";
import { STAGES } from "../parts/marks.js";
import { trouble } from "../parts/trouble.js";
import { chooseLanguage, language, LANGUAGES, t } from "../parts/words.js";

export async function show(_args, app) {
  const [person, locked] = [await me(), await lockedRecords()];
  return {
    title: t("field.sign_in"),
    bare: true,
    node: h(
      "div.door",
      h(
        "div.left",
        h("div.brand", logo(), h("span", t("field.product"))),
        h(
          "div.whole",
          h("p.claim", t("field.door.claim")),
          h(
            "ol.door-steps",
            STAGES.map((one) => h("li", h("i"), t(`field.stage.${one}`))),
          ),
        ),
        h("p.dim", t("field.door.lead")),
      ),
      h("div.right", form({ person, locked, app })),
    ),
  };
}

function form({ person, locked, app }) {
  const [name, password, code] = [uid(), uid(), uid()];
  const said = h("div");
  const reveal = (event) => {
    const input = document.getElementById(password);
    input.type = input.type === "password" ? "text" : "password";
    event.currentTarget.setAttribute("aria-pressed", String(input.type === "text"));
  };
  const go = button(t("field.sign_in"), { kind: "pri big wide", type: "submit" });
  const submit = async (event) => {
    event.preventDefault();
    const [username, secret, totp] = [name, password, code].map((id) =>
      document.getElementById(id).value.trim(),
    );
    if (!username || !secret) return fill(said, [trouble({ code: "signin_empty" })]);
    go.setAttribute("aria-busy", "true");
    try {
      await signIn(username, secret, totp);
      await refreshData().catch(() => {}); // the lists follow as soon as there is a network
      app.go("home", { replace: true });
    } catch (fault) {
      go.removeAttribute("aria-busy");
      fill(said, [trouble(fault)]);
    }
  };
  const speak = (one) => async () => (await chooseLanguage(one), app.redraw());
  return h(
    "form",
    { id: "signin", novalidate: true, on: { submit } },
    h(
      "div.split",
      h("h1", t("field.sign_in")),
      h(
        "div.seg",
        { role: "group", "aria-label": t("field.me.language") },
        LANGUAGES.map((one) =>
          h(
            "button",
            {
              type: "button",
              lang: one === "zh" ? "zh-CN" : "en",
              "aria-pressed": String(one === language()),
              on: { click: speak(one) },
            },
            t(`field.language.${one}`),
          ),
        ),
      ),
    ),
    locked.map((one) =>
      h(
        "p.flag.outlined",
        icon("device-tablet"),
        h("span", t("field.locked", { name: one.name ?? t("field.somebody"), n: one.records + one.drafts })),
      ),
    ),
    h(
      "div.f",
      h("label", { for: name }, t("field.door.account")),
      h(
        "span.in",
        icon("user"),
        h("input.bare", {
          id: name,
          autocomplete: "username",
          autocapitalize: "none",
          value: person?.username ?? "",
        }),
      ),
    ),
    h(
      "div.f",
      h("label", { for: password }, t("field.door.password")),
      h(
        "span.in",
        icon("lock"),
        h("input.bare", { id: password, type: "password", autocomplete: "current-password" }),
        h(
          "button.btn.ghost.icon",
          {
            type: "button",
            "aria-label": t("field.door.reveal"),
            "aria-pressed": "false",
            on: { click: reveal },
          },
          icon("eye"),
        ),
      ),
    ),
    h(
      "div.f",
      h("label", { for: code }, t("field.door.code"), " ", h("em", t("field.door.code_who"))),
      h("input.in.otp", { id: code, inputmode: "numeric", autocomplete: "one-time-code", maxlength: "6" }),
    ),
    said,
    go,
    h("a.btn.wide.big", { href: "#/home" }, t("field.door.without")),
    h("p.sm.muted", t("field.door.without_how")),
  );
}
