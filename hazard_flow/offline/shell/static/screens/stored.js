/* After submitting: it is stored safely here, what its local number is, and the phone where a call must not wait. */

import { data } from "../core/data.js";
import { getRecord, listReceipts } from "../core/outbox.js";
import { senderStatus } from "../core/sender.js";
import { me } from "../core/session.js";
import { h, icon, linkButton } from "../parts/dom.js";
import { clock, size } from "../parts/format.js";
import { heading } from "../parts/frame.js";
import { chip } from "../parts/marks.js";
import { bytes, filesIn, needsYou, photosSent, standing } from "../parts/records.js";
import { t } from "../parts/words.js";
import { emergency } from "./home.js";

export async function show([id]) {
  const [record, person, bundle] = [await getRecord(id), await me(), await data()];
  const receipt = record ? null : (await listReceipts(person?.id ?? null)).find((one) => one.id === id);
  const title = t({ act: "field.act.title", round: "field.round.title" }[record?.kind] ?? "field.home.report");
  const node = [
    await heading(title),
    h("div.narrow", record ? waiting(record) : arrived(receipt), emergency(bundle, t("field.stored.major"))),
  ];
  return {
    title: t(record ? "field.stored.title" : "field.stored.arrived"),
    nav: "outbox",
    node,
    watch: ["records", "sender", "session"],
  };
}

function waiting(record) {
  const status = senderStatus();
  const state = standing(record, status);
  const photos = filesIn(record);
  const { sent, total } = photosSent(record);
  return h(
    "section.card.stored",
    h(
      "div.said-so",
      h("span.okdisc", icon("shield-check")),
      h("h2", t("field.stored.title")),
      h(
        "p.muted",
        h("span.ib", t("field.stored.sentence_1")),
        " ",
        h("span.ib", t("field.stored.sentence_2")),
      ),
    ),
    h(
      "ul.rows.lined",
      line(
        "file-text",
        t({ act: "field.stored.act", round: "field.round.title" }[record.kind] ?? "field.stored.record"),
        record.answer?.hazard ?? t("field.stored.local", { number: record.local_number }),
        chip(state.text, state),
      ),
      photos > 0 &&
        line(
          "photo",
          t("field.stored.photos", { n: photos }),
          t("field.stored.hashes", { size: size(bytes(record)) }),
          chip(sent ? t("field.record.sending", { sent, total }) : state.text, state),
        ),
      line(
        "clock-hour-4",
        t("field.stored.found", { at: clock(record.captured_at) }),
        t(record.kind === "report" ? "field.stored.clock" : "field.stored.act_clock"),
      ),
    ),
    needsYou(record)
      ? h("div.doors", linkButton(t("field.record.see_why"), `#/record/${record.id}`, { kind: "pri" }))
      : doors(record),
  );
}

function arrived(receipt) {
  return h(
    "section.card.stored",
    h(
      "div.said-so",
      h("span.okdisc", icon("check")),
      h("h2", receipt?.number ?? t("field.stored.arrived")),
      h("p.muted", t("field.stored.arrived_how")),
    ),
    doors({ kind: receipt?.kind ?? "report" }),
  );
}

const doors = ({ kind }) =>
  h(
    "div.doors",
    kind !== "report"
      ? linkButton(t("field.nav.tasks"), "#/tasks", { kind: "pri big", glyph: "checklist" })
      : linkButton(t("field.stored.another"), "#/report/new", { kind: "pri big", glyph: "camera" }),
    linkButton(t("field.outbox.see"), "#/outbox", { kind: "big", glyph: "inbox" }),
  );

const line = (glyph, title, below, mark) =>
  h("li", h("span.muted", icon(glyph)), h("span.grow", title, h("br"), h("span.sm.muted", below)), mark);
