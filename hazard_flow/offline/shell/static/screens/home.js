/* Home: report, scan, resume; what waits here; my tasks by due time; the emergency line. */

import { data } from "../core/data.js";
import { listDrafts } from "../core/drafts.js";
import { storageStatus } from "../core/health.js";
import { listRecords } from "../core/outbox.js";
import { senderStatus } from "../core/sender.js";
import { lockedRecords, me } from "../core/session.js";
import { h, icon, linkButton } from "../parts/dom.js";
import { carry, placeOf, startReport, titleOf } from "../parts/drafts.js";
import { size, span, today } from "../parts/format.js";
import { heading, retry } from "../parts/frame.js";
import { avatar, chip, empty, progress } from "../parts/marks.js";
import { cameraInput } from "../parts/camera.js";
import { bytes, photosSent, standing } from "../parts/records.js";
import { roundRow } from "../parts/round_row.js";
import { byDue, dueToday, isRecheck, taskRow } from "../parts/task_row.js";
import { label, t } from "../parts/words.js";

const SHOWN_RECORDS = 4;
const SHOWN_TASKS = 8;
const LITTLE_ROOM = 0.1;
const MINUTE_MS = 60_000;
let wanted = "today";

export async function show(_args, app) {
  const person = await me();
  const [bundle, drafts, records, locked, storage] = await Promise.all([
    data(),
    listDrafts(person?.id ?? null),
    listRecords(person?.id ?? null),
    lockedRecords(),
    storageStatus(),
  ]);
  const node = [
    await heading(
      greeting(person),
      lead(bundle, person),
      h("a", { href: "#/me", "aria-label": t("field.nav.me") }, avatar(person?.name ?? "", "l")),
    ),
    h(
      "section.hero",
      { "aria-label": t("field.home.quick") },
      reportDoor(bundle, app),
      scanDoor(),
      await draftDoor(drafts),
    ),
    h(
      "div.home.field-home",
      h("div.side", outbox(records), room(storage), elsewhere(locked), emergency(bundle)),
      h("div.stack.l", rounds(bundle), tasks(bundle, app)),
    ),
  ];
  return {
    title: t("field.nav.home"),
    node,
    watch: ["records", "drafts", "sender", "session", "data", "storage"],
  };
}

function greeting(person, hour = new Date().getHours()) {
  const time = hour < 5 ? "night" : hour < 12 ? "morning" : hour < 18 ? "afternoon" : "evening";
  return person ? t(`field.hello.${time}`, { name: person.name }) : t("field.hello.nobody");
}

const lead = (bundle, person) =>
  [today(), person && label(bundle?.me?.organisation?.label)].filter(Boolean).join(" · ");

function reportDoor(bundle, app) {
  if (bundle && !bundle.me.may_report) {
    return h(
      "div.go.quiet",
      h("span.disc", icon("lock")),
      h("span", h("strong", t("field.home.report")), h("small", t("field.home.may_not"))),
    );
  }
  // one tap: the draft is kept, the camera opens, and whoever turns it away stands on the first step
  let begun = null;
  const camera = cameraInput({
    id: "report",
    begin: () => (begun = startReport()),
    taken: async (files) => {
      const draft = await begun;
      carry(draft.id, files);
      app.go(`report/${draft.id}/1`);
    },
    cancelled: async () => app.go(`report/${(await begun).id}/1`),
  });
  return h(
    "label.go",
    { for: "report" },
    h("span.disc", icon("camera")),
    h(
      "span",
      h("strong", t("field.home.report")),
      h("small", h("span.ib", t("field.home.report_how_1")), " ", h("span.ib", t("field.home.report_how_2"))),
    ),
    camera,
  );
}

const scanDoor = () =>
  h(
    "a.door-to",
    { href: "#/scan" },
    icon("qrcode"),
    h("span", h("strong", t("field.home.scan")), h("small", t("field.home.scan_what"))),
  );

const agoText = (since) => (since < MINUTE_MS ? t("field.just_now") : t("field.ago", { span: span(since) }));

async function draftDoor(drafts) {
  const latest = [...drafts].sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1))[0];
  if (!latest)
    return h(
      "div.door-to.quiet",
      icon("edit"),
      h("span", h("strong", t("field.home.resume")), h("small", t("field.home.no_draft"))),
    );
  const ago = agoText(Date.now() - new Date(latest.updated_at));
  const where = drafts.length > 1 ? "outbox" : placeOf(latest);
  const what =
    drafts.length > 1
      ? t("field.home.drafts", { n: drafts.length, ago })
      : `${await titleOf(latest)} · ${ago}`;
  return h(
    "a.door-to",
    { href: `#/${where}` },
    icon("edit"),
    h("span", h("strong", t("field.home.resume")), h("small.two-lines", what)),
  );
}

function outbox(records) {
  const status = senderStatus();
  const held = records.reduce((sum, one) => sum + bytes(one), 0);
  return h(
    "section.card",
    { "aria-labelledby": "h-outbox" },
    h("header", h("h2", { id: "h-outbox" }, t("field.outbox.title")), records.length > 0 && retry()),
    records.length
      ? h(
          "ul.list",
          records.slice(0, SHOWN_RECORDS).map((one) => outboxLine(one, status)),
        )
      : h("p.pad.muted", icon("cloud-check"), " ", t("field.outbox.empty")),
    records.length > 0 &&
      h("p.foot", icon("shield-check"), " ", t("field.outbox.safe", { size: size(held) })),
  );
}

function outboxLine(record, status) {
  const { text, glyph, kind } = standing(record, status);
  const { sent, total } = photosSent(record);
  return h(
    "li",
    h(
      "a.out",
      { href: `#/record/${record.id}` },
      h("div.split", h("b.cut", record.title), chip(text, { glyph, kind })),
      sent > 0 && progress(sent, total, t("field.record.sending", { sent, total })),
    ),
  );
}

function room({ quota_bytes: quota, usage_bytes: usage, persisted }) {
  if (quota && usage / quota > 1 - LITTLE_ROOM) {
    return h(
      "section.card.pad.stack",
      h("h2", icon("device-sd-card"), " ", t("field.storage.little")),
      progress(usage, quota, t("field.storage.used")),
      h("p.sm", t("field.storage.little_how")),
      h(
        "div.row.wrap",
        retry("sm pri"),
        linkButton(t("field.outbox.export"), "#/outbox", { kind: "sm", glyph: "download" }),
      ),
    );
  }
  return persisted
    ? null
    : h(
        "p.flag.outlined",
        icon("device-tablet"),
        h("span", t("field.storage.not_kept"), " ", h("a.link", { href: "#/me" }, t("field.more"))),
      );
}

const elsewhere = (locked) =>
  locked.length > 0 &&
  h(
    "div.stack",
    locked.map((one) =>
      h(
        "p.flag.outlined",
        icon("lock-check"),
        h("span", t("field.locked", { name: one.name ?? t("field.somebody"), n: one.records + one.drafts })),
      ),
    ),
  );

export function emergency(bundle, sentence = t("field.emergency.smell")) {
  const phone = bundle?.emergency_phone;
  return h(
    "section.note.sos.r1",
    { "aria-label": t("field.emergency.label") },
    icon("alert-triangle"),
    h("span.grow", sentence),
    phone
      ? h("a.btn.danger", { href: `tel:${phone}` }, icon("phone"), t("field.emergency.call", { phone }))
      : h("b", t("field.emergency.none")),
  );
}

/** The rounds of today; nothing for whoever goes round nothing. */
function rounds(bundle) {
  const found = [...(bundle?.rounds ?? [])].sort(byDue);
  if (!found.length) return null;
  return h(
    "section.card",
    { "aria-labelledby": "h-rounds" },
    h("header", h("h2", { id: "h-rounds" }, t("field.round.today")), h("b", found.length)),
    h("ul.list", found.slice(0, SHOWN_TASKS).map(roundRow)),
    found.length > SHOWN_TASKS && h("p.more", h("a.link", { href: "#/tasks" }, t("field.tasks.see_all", { n: found.length }))),
  );
}

function tasks(bundle, app) {
  const all = [...(bundle?.tasks ?? [])].sort(byDue);
  const sets = { today: all.filter((one) => dueToday(one)), recheck: all.filter(isRecheck), all };
  if (!sets[wanted].length && wanted === "today" && all.length) wanted = "all";
  const choose = (name) => ((wanted = name), app.redraw());
  return h(
    "section.card",
    { "aria-labelledby": "h-tasks" },
    h(
      "header",
      h("h2", { id: "h-tasks" }, t("field.tasks.mine")),
      h(
        "div.seg",
        { role: "group", "aria-label": t("field.tasks.which") },
        Object.entries(sets).map(([name, found]) =>
          h(
            "button",
            {
              type: "button",
              id: `set-${name}`,
              "aria-pressed": String(name === wanted),
              on: { click: () => choose(name) },
            },
            t(`field.tasks.${name}`),
            " ",
            h("b", found.length),
          ),
        ),
      ),
    ),
    list(sets[wanted], bundle),
    sets[wanted].length > SHOWN_TASKS &&
      h("p.more", h("a.link", { href: "#/tasks" }, t("field.tasks.see_all", { n: sets[wanted].length }))),
  );
}

function list(found, bundle) {
  if (!bundle) return empty("cloud-off", t("field.tasks.not_fetched"), t("field.tasks.not_fetched_how"));
  if (!found.length) return empty("checks", t("field.tasks.done"), t("field.tasks.done_how"));
  return h("ul.list", found.slice(0, SHOWN_TASKS).map(taskRow));
}
