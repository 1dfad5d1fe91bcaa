/* What is on this tablet: records on their way, what needs the person, drafts, what was confirmed, what belongs to others. */

import { listDrafts, removeDraft } from "../core/drafts.js";
import { exportOutbox } from "../core/health.js";
import { listReceipts, listRecords } from "../core/outbox.js";
import { kick, senderStatus } from "../core/sender.js";
import { lockedRecords, me } from "../core/session.js";
import { button, fill, h, icon, linkButton } from "../parts/dom.js";
import { adopt, unowned } from "../parts/adopting.js";
import { placeOf, titleOf } from "../parts/drafts.js";
import { moment, size } from "../parts/format.js";
import { heading, retry } from "../parts/frame.js";
import { chip, empty, progress } from "../parts/marks.js";
import { bytes, filesIn, needsYou, photosSent, reasons, standing } from "../parts/records.js";
import { save } from "../parts/saving.js";
import { trouble } from "../parts/trouble.js";
import { t } from "../parts/words.js";

export async function show(_args, app) {
  const person = await me();
  const owner = person?.id ?? null;
  const [records, drafts, receipts, locked] = await Promise.all([
    listRecords(owner),
    listDrafts(owner),
    listReceipts(owner),
    lockedRecords(),
  ]);
  const status = senderStatus();
  const waiting = records.filter((one) => !needsYou(one));
  const node = [
    await heading(
      t("field.outbox.title"),
      person ? t("field.outbox.owner", { name: person.name }) : t("field.hello.nobody"),
    ),
    needing(records.filter(needsYou)),
    h(
      "div.outgrid",
      h(
        "div.stack.xl",
        (waiting.length || waiting.length === records.length) && onTheWay(waiting, status, person),
        await begun(drafts, app),
      ),
      h("div.stack.xl", confirmed(receipts), others(locked, person, app)),
    ),
  ];
  return {
    title: t("field.outbox.title"),
    nav: "outbox",
    node,
    watch: ["records", "drafts", "sender", "session"],
  };
}

function onTheWay(records, status, person) {
  const held = records.reduce((sum, one) => sum + bytes(one), 0);
  return h(
    "section.card",
    { "aria-labelledby": "h-way" },
    h(
      "header",
      h("h2", { id: "h-way" }, t("field.outbox.waiting", { n: records.length })),
      !status.signed_in && records.length > 0
        ? linkButton(t("field.sign_in"), "#/sign-in", { kind: "sm pri", glyph: "login" })
        : records.length > 0 && retry(),
    ),
    records.length
      ? h(
          "ul.list",
          records.map((one) => recordLine(one, status)),
        )
      : empty("cloud-check", t("field.outbox.empty"), t("field.outbox.empty_how")),
    records.length > 0 &&
      h("p.foot", icon("shield-check"), " ", t("field.outbox.safe", { size: size(held) }), contact(status)),
    status.originals_waiting &&
      h(
        "div.pad.row.wrap.lined",
        h("span.grow.sm", t("field.outbox.originals_wait")),
        button(t("field.outbox.originals_now"), {
          kind: "sm",
          glyph: "cloud-up",
          act: () => kick("originals"),
        }),
      ),
    records.length > 0 && exporting(person),
  );
}

const contact = (status) =>
  status.last_contact_at ? ` · ${t("field.outbox.contact", { at: moment(status.last_contact_at) })}` : "";

function recordLine(record, status) {
  const state = standing(record, status);
  const { sent, total } = photosSent(record);
  const below = [
    record.answer?.hazard ?? record.number ?? record.local_number,
    t("field.outbox.captured", { at: moment(record.captured_at) }),
    size(bytes(record)),
  ];
  return h(
    "li",
    h(
      "a.out",
      { href: `#/record/${record.id}`, id: `record-${record.id}` },
      h("div.split", h("b.cut", record.title || record.local_number), chip(state.text, state)),
      sent > 0 && progress(sent, total, t("field.record.sending", { sent, total })),
      h("span.sm.muted", below.join(" · ")),
    ),
  );
}

function needing(records) {
  if (!records.length) return null;
  return h(
    "section.card",
    { "aria-labelledby": "h-need" },
    h(
      "header",
      icon("alert-circle"),
      h("h2", { id: "h-need" }, t("field.outbox.needing", { n: records.length })),
    ),
    h(
      "ul.rows",
      records.map((one) =>
        h(
          "li.wrap",
          h(
            "span.grow",
            h("b", one.title || one.local_number),
            h("br"),
            h(
              "span.sm.soft",
              reasons(one)[0] ?? t(`field.record.${one.state === "contested" ? "contested" : "needs_you"}`),
            ),
            h("br"),
            h(
              "span.sm.muted",
              filesIn(one) ? t("field.outbox.kept", { n: filesIn(one) }) : t("field.outbox.kept_text"),
            ),
          ),
          linkButton(t("field.record.open"), `#/record/${one.id}`, { kind: "sm pri" }),
        ),
      ),
    ),
  );
}

function exporting(person) {
  const said = h("span.grow.sm", t("field.outbox.export_how"));
  const act = async (event) => {
    const knob = event.target.closest("button");
    knob.setAttribute("aria-busy", "true");
    try {
      const archive = await exportOutbox();
      save(
        archive,
        `outbox-${person?.username ?? "tablet"}-${new Date().toISOString().slice(0, 16).replace(/[T:]/g, "")}.zip`,
      );
      fill(said, [t("field.outbox.exported", { size: size(archive.size) })]);
    } catch (fault) {
      fill(said, [trouble(fault)]);
    }
    knob.removeAttribute("aria-busy");
  };
  return h(
    "div.pad.row.wrap.lined",
    said,
    button(t("field.outbox.export"), { kind: "sm", glyph: "download", act }),
  );
}

async function begun(drafts, app) {
  if (!drafts.length) return null;
  const lines = await Promise.all(drafts.map(async (one) => draftLine(one, await titleOf(one), app)));
  return h(
    "section.card",
    { "aria-labelledby": "h-drafts" },
    h("header", h("h2", { id: "h-drafts" }, t("field.outbox.drafts", { n: drafts.length }))),
    h("ul.rows", lines),
  );
}

function draftLine(draft, title, app) {
  const sure = h(
    "div.row.wrap.full",
    { hidden: true, data: { asking: "" } },
    h("span.sm.grow", t("field.draft.discard_sure", { n: draft.photos.length })),
    button(t("field.draft.discard_yes"), {
      kind: "sm danger",
      act: async () => (await removeDraft(draft.id), app.redraw()),
    }),
    button(t("field.draft.keep"), { kind: "sm", act: () => ((sure.hidden = true), undefined) }),
  );
  const ask = () => ((sure.hidden = false), sure.querySelector("button").focus());
  return h(
    "li.wrap",
    h(
      "span.grow",
      h("b", title),
      h("br"),
      h("span.sm.muted", t("field.draft.line", { at: moment(draft.updated_at), n: draft.photos.length })),
    ),
    linkButton(t("field.draft.resume"), `#/${placeOf(draft)}`, { kind: "sm", glyph: "edit" }),
    button("", {
      kind: "icon ghost",
      glyph: "trash",
      "aria-label": `${t("field.draft.discard")}：${title}`,
      act: ask,
    }),
    sure,
  );
}

function confirmed(receipts) {
  return h(
    "section.card",
    { "aria-labelledby": "h-done" },
    h(
      "header",
      h("h2", { id: "h-done" }, t("field.outbox.confirmed")),
      h("span.sm.muted", t("field.outbox.days")),
    ),
    receipts.length
      ? h(
          "ul.rows",
          receipts.map((one) =>
            h(
              "li",
              h(
                "span.grow",
                h("b", one.title || one.local_number),
                h("br"),
                h("span.sm.muted", [one.number ?? one.local_number, moment(one.at)].join(" · ")),
              ),
              one.outcome === "contested"
                ? chip(t("field.record.contested"), { glyph: "git-merge", kind: "line" })
                : chip(t("field.record.confirmed"), { glyph: "check", kind: "fine" }),
            ),
          ),
        )
      : empty("file-certificate", t("field.outbox.none_confirmed"), t("field.outbox.none_confirmed_how")),
  );
}

const others = (locked, person, app) =>
  locked.length > 0 &&
  h(
    "section.card",
    h("header", icon("lock-check"), h("h2", t("field.outbox.others"))),
    h(
      "ul.rows",
      locked.map((one) =>
        h(
          "li",
          h("span.grow", one.name ?? t("field.somebody")),
          h("span.sm.muted", t("field.outbox.others_count", { records: one.records, drafts: one.drafts })),
          one.owner === null && person && mineToo(app),
        ),
      ),
    ),
    h("p.foot", t("field.outbox.others_how")),
  );

/** What was captured before anybody had signed in belongs to nobody until a person says that it is theirs. */
const mineToo = (app) =>
  button(t("field.outbox.mine"), {
    kind: "sm",
    glyph: "user-check",
    act: async () => (await adopt(await unowned()), app.redraw()),
  });
