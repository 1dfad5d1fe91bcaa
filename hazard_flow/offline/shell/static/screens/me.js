/* Who is signed in, how this tablet is, language and look, the new version, and signing out with the three ways to go. */

import { askToPersist, deviceInfo, storageStatus } from "../core/health.js";
import { listRecords } from "../core/outbox.js";
import { lockedRecords, me, signOut } from "../core/session.js";
import { data } from "../core/data.js";
import { button, fill, h, icon, linkButton } from "../parts/dom.js";
import { moment, size } from "../parts/format.js";
import { heading } from "../parts/frame.js";
import { avatar, chip, progress } from "../parts/marks.js";
import { save } from "../parts/saving.js";
import { chooseTheme, theme, THEMES } from "../parts/theme.js";
import { trouble } from "../parts/trouble.js";
import { chooseLanguage, label, language, LANGUAGES, t } from "../parts/words.js";

export async function show(_args, app) {
  const [person, bundle, storage, device, locked] = await Promise.all([
    me(),
    data(),
    storageStatus(),
    deviceInfo(),
    lockedRecords(),
  ]);
  const records = await listRecords(person?.id ?? null);
  const node = [
    await heading(
      t("field.me.title"),
      person ? label(bundle?.me?.organisation?.label) : t("field.hello.nobody"),
    ),
    h(
      "div.outgrid",
      h("div.stack.xl", who(person, bundle, records, app), tablet(storage, app)),
      h("div.stack.xl", choices(app), about(device), others(locked)),
    ),
  ];
  return { title: t("field.me.title"), nav: "me", node, watch: ["session", "storage"] };
}

function who(person, bundle, records, app) {
  if (!person)
    return h(
      "section.card.pad.stack.l",
      h("h2", t("field.hello.nobody")),
      h("p.sm.soft", t("field.me.capture_works")),
      linkButton(t("field.sign_in"), "#/sign-in", { kind: "pri big", glyph: "login" }),
    );
  return h(
    "section.card",
    h(
      "div.pad.row",
      avatar(person.name, "l"),
      h(
        "div.grow",
        h("b", person.name),
        h("br"),
        h(
          "span.sm.muted",
          [person.username, label(bundle?.me?.organisation?.label ?? person.organisation?.label)]
            .filter(Boolean)
            .join(" · "),
        ),
      ),
    ),
    h(
      "details.fold",
      h("summary", icon("logout"), t("field.out.title"), icon("chevron-down", "chev")),
      leaving(records, app),
    ),
  );
}

/** Whatever is unsent stays, locked to its owner; the three ways differ in what happens before. */
function leaving(records, app) {
  const said = h("div", { role: "status" });
  const go = (choice) => async (event) => {
    const knob = event.target.closest("button");
    knob.setAttribute("aria-busy", "true");
    try {
      const { archive } = await signOut(choice);
      if (archive) save(archive, `outbox-${new Date().toISOString().slice(0, 10)}.zip`);
      app.go("sign-in", { replace: true });
    } catch (fault) {
      knob.removeAttribute("aria-busy");
      fill(said, [trouble(fault)]);
    }
  };
  const way = (choice, glyph, kind) =>
    h(
      "li.wrap",
      h(
        "span.grow",
        h("b", t(`field.out.${choice}`)),
        h("br"),
        h("span.sm.muted", t(`field.out.${choice}_how`)),
      ),
      button(t("field.out.do"), {
        kind,
        glyph,
        "aria-label": `${t("field.out.do")}: ${t(`field.out.${choice}`)}`,
        act: go(choice),
      }),
    );
  return [
    h(
      "p.pad.sm.soft",
      records.length ? t("field.out.unsent", { n: records.length }) : t("field.out.nothing"),
    ),
    records.length
      ? h(
          "ul.rows.lined",
          way("send", "cloud-up", "sm pri"),
          way("export", "download", "sm"),
          way("keep", "lock", "sm"),
        )
      : h("div.pad", button(t("field.out.title"), { kind: "pri wide", glyph: "logout", act: go("keep") })),
    said,
  ];
}

function tablet({ persisted, usage_bytes: usage, quota_bytes: quota }, app) {
  const ask = async (event) => {
    const agreed = await askToPersist();
    if (agreed) app.redraw();
    else
      event.target.closest("li").append(h("p.sm.soft.full", { role: "status" }, t("field.storage.refused")));
  };
  return h(
    "section.card",
    h("header", icon("device-tablet"), h("h2", t("field.storage.title"))),
    h(
      "ul.rows",
      h(
        "li.wrap",
        h(
          "span.grow",
          t("field.storage.persisted"),
          h("br"),
          h("span.sm.muted", t(persisted ? "field.storage.kept" : "field.storage.not_kept")),
        ),
        persisted
          ? chip(t("field.yes"), { glyph: "check", kind: "fine" })
          : button(t("field.storage.ask"), { kind: "sm", act: ask }),
      ),
      quota
        ? h(
            "li.wrap",
            h("span.grow", t("field.storage.used")),
            h("span.sm.muted", t("field.storage.of", { used: size(usage), quota: size(quota) })),
            h("div.full", progress(usage, quota, t("field.storage.used"))),
          )
        : null,
    ),
    h("p.foot", t("field.storage.warning")),
  );
}

function choices(app) {
  const speak = (one) => async () => (await chooseLanguage(one), app.redraw());
  const look = (one) => () => (chooseTheme(one), app.redraw());
  return h(
    "section.card",
    h("header", h("h2", t("field.me.look"))),
    h(
      "ul.rows",
      h(
        "li.wrap",
        h("span.grow", t("field.me.language")),
        h(
          "span.seg",
          { role: "group", "aria-label": t("field.me.language") },
          LANGUAGES.map((one) =>
            h(
              "button",
              {
                type: "button",
                id: `lang-${one}`,
                lang: one === "zh" ? "zh-CN" : "en",
                "aria-pressed": String(one === language()),
                on: { click: speak(one) },
              },
              t(`field.language.${one}`),
            ),
          ),
        ),
      ),
      h(
        "li.wrap",
        h("span.grow", t("field.me.theme")),
        h(
          "span.seg",
          { role: "group", "aria-label": t("field.me.theme") },
          THEMES.map((one) =>
            h(
              "button",
              {
                type: "button",
                id: `theme-${one}`,
                "aria-pressed": String(one === theme()),
                on: { click: look(one) },
              },
              t(`field.theme.${one}`),
            ),
          ),
        ),
      ),
    ),
  );
}

function about(device) {
  const skew = device.clock_skew_seconds;
  const rows = [
    [t("field.about.version"), device.version],
    [t("field.about.tablet"), device.tablet_id?.slice(0, 8)],
    [
      t("field.about.contact"),
      device.last_contact_at ? moment(device.last_contact_at) : t("field.about.never"),
    ],
    [
      t("field.about.clock"),
      skew === null || skew === undefined
        ? t("field.about.unknown")
        : Math.abs(skew) < 60
          ? t("field.about.clock_fine")
          : t("field.about.clock_off", { n: Math.abs(skew) }),
    ],
    [
      t("field.about.offline"),
      t(
        device.worker === "active"
          ? "field.about.offline_ready"
          : device.secure
            ? "field.about.offline_not_yet"
            : "field.about.insecure",
      ),
    ],
  ];
  return h(
    "section.card",
    h("header", h("h2", t("field.about.title"))),
    h(
      "dl.facts.one",
      rows.map(([name, value]) => h("div", h("dt", name), h("dd", value))),
    ),
    h("p.foot", h("a.link", { href: "/" }, t("field.about.desk"))),
  );
}

const others = (locked) =>
  locked.length > 0 &&
  h(
    "section.card.pad.stack",
    locked.map((one) =>
      h(
        "p.flag.outlined",
        icon("lock-check"),
        h("span", t("field.locked", { name: one.name ?? t("field.somebody"), n: one.records + one.drafts })),
      ),
    ),
  );
