/* One record: where it is, part by part; where it was not accepted, both versions side by side and what can be done. */

import { data } from "../core/data.js";
import { deleteContested, getRecord, listReceipts, retryRecord } from "../core/outbox.js";
import { photoUrl } from "../core/photos.js";
import { senderStatus } from "../core/sender.js";
import { me } from "../core/session.js";
import { button, fill, h, icon, linkButton } from "../parts/dom.js";
import { clock, deadline, moment, size } from "../parts/format.js";
import { heading } from "../parts/frame.js";
import { chip, emptyPage, progress } from "../parts/marks.js";
import { bytes, needsYou, photosSent, reasons, standing } from "../parts/records.js";
import { label, known, t } from "../parts/words.js";

export async function show([id], app) {
  const [record, person, bundle] = [await getRecord(id), await me(), await data()];
  if (!record) return done(id, person);
  const status = senderStatus();
  const body = JSON.parse(record.body);
  const node = [
    await heading(
      record.title || record.local_number,
      [record.answer?.hazard ?? record.number, t("field.stored.local_short", { number: record.local_number })]
        .filter(Boolean)
        .join(" · "),
    ),
    h(
      "div.capg",
      h("div.stack.xl", needsYou(record) && why(record, bundle, app), where(record, status)),
      h("div.stack.xl", await mine(record, body, bundle)),
    ),
  ];
  return {
    title: record.title || record.local_number,
    nav: "outbox",
    node,
    watch: ["records", "sender", "session"],
  };
}

async function done(id, person) {
  const receipt = (await listReceipts(person?.id ?? null)).find((one) => one.id === id);
  const title = receipt ? t("field.stored.arrived") : t("field.record.gone");
  const node = emptyPage(
    receipt ? "check" : "inbox",
    receipt?.number ?? title,
    receipt ? t("field.stored.arrived_how") : t("field.record.gone_how"),
    linkButton(t("field.outbox.see"), "#/outbox", { kind: "pri" }),
  );
  return { title, nav: "outbox", node };
}

function where(record, status) {
  const state = standing(record, status);
  const { sent, total } = photosSent(record);
  return h(
    "section.card",
    h("header", h("h2", t("field.record.where")), chip(state.text, state)),
    total > 0 && h("div.pad", progress(sent, total, t("field.record.sending", { sent, total }))),
    h(
      "ul.rows.lined",
      record.attachments.map((one) =>
        h(
          "li",
          icon(one.mime?.startsWith("image/") ? "photo" : "file-text"),
          h(
            "span.grow.cut",
            one.filename,
            h("br"),
            h(
              "span.sm.muted",
              [t(`field.record.role.${one.role}`), size(one.size), one.sha256.slice(0, 8)].join(" · "),
            ),
          ),
          part(one),
        ),
      ),
    ),
    h(
      "p.foot",
      icon("shield-check"),
      " ",
      t("field.outbox.safe", { size: size(bytes(record)) }),
      record.next_try_at ? ` · ${t("field.record.next_try", { at: clock(record.next_try_at) })}` : "",
    ),
  );
}

const part = ({ sent, size: whole }) =>
  sent >= whole
    ? chip(t("field.record.part_sent"), { glyph: "check", kind: "fine" })
    : chip(sent ? `${Math.floor((100 * sent) / whole)} %` : t("field.record.part_waits"), { glyph: "clock" });

function why(record, bundle, app) {
  const contested = record.state === "contested";
  const said = h("div", { role: "status" });
  const settled = record.answer?.state === "complete";
  return h(
    "section.card",
    h(
      "header",
      icon(contested ? "git-merge" : "alert-circle"),
      h("h2", t(contested ? "field.record.not_accepted" : "field.record.stopped")),
    ),
    h(
      "ul.pad.stack",
      reasons(record).map((one) => h("li.strong", one)),
    ),
    h(
      "p.pad.sm.soft.tight",
      t(
        contested
          ? settled
            ? "field.record.both_kept"
            : "field.record.still_sending"
          : "field.record.nothing_lost",
      ),
    ),
    h(
      "div.pad.row.wrap.lined",
      contested ? contestedDoors({ record, bundle, settled, said, app }) : stoppedDoors({ record, app }),
    ),
    said,
  );
}

function stoppedDoors({ record, app }) {
  const again = async () => (await retryRecord(record.id), app.redraw());
  return [
    button(t("field.retry"), { kind: "pri", glyph: "refresh", act: again }),
    record.error?.code === "other_owner" && linkButton(t("field.sign_in"), "#/sign-in", { glyph: "login" }),
    linkButton(t("field.outbox.export"), "#/outbox", { glyph: "download" }),
  ];
}

/** A contested record may be put away only when the server holds every byte of it, and only after the person has said so twice. */
function contestedDoors({ record, bundle, settled, said, app }) {
  const task = bundle?.tasks.find((one) => one.number === record.number);
  const putAway = async () => {
    if (await deleteContested(record.id)) app.go("outbox", { replace: true });
    else fill(said, [h("p.flag.outlined", icon("alert-circle"), t("field.record.not_yet"))]);
  };
  const ask = () => {
    fill(said, [
      h(
        "div.pad.row.wrap.lined",
        { data: { asking: "" } },
        h("span.grow", t("field.record.put_away_sure")),
        button(t("field.record.put_away_yes"), { kind: "danger", glyph: "archive", act: putAway }),
        button(t("field.cancel"), { act: () => fill(said, []) }),
      ),
    ]);
    said.querySelector("button").focus();
  };
  return [
    task &&
      linkButton(t("field.record.see_task"), `#/task/${encodeURIComponent(task.number)}`, {
        kind: "pri",
        glyph: "eye",
      }),
    button(t("field.record.put_away"), { glyph: "archive", disabled: !settled, act: ask }),
  ];
}

/** What this tablet holds, beside how the hazard stands now. */
async function mine(record, body, bundle) {
  const task = bundle?.tasks.find((one) => one.number === (record.answer?.hazard ?? record.number));
  const values = Object.entries(body.payload.data ?? {}).filter(
    ([, value]) => value !== null && value !== "",
  );
  return [
    h(
      "section.card",
      h("header", h("h2", t("field.record.yours")), h("span.sm.muted", moment(body.captured_at))),
      h(
        "dl.facts.one",
        values.map(([name, value]) =>
          h(
            "div",
            h("dt", label(bundle?.fields?.[name]?.label) || name),
            h("dd", shownValue(bundle, name, value)),
          ),
        ),
      ),
      record.photos?.length > 0 && h("div.pad", await pictures(record)),
    ),
    record.state === "contested" &&
      h(
        "section.card",
        h(
          "header",
          h("h2", t("field.record.theirs")),
          task && h("span.sm.muted", t("field.tasks.fetched", { at: moment(bundle.fetched_at) })),
        ),
        task
          ? h(
              "dl.facts.one",
              h("div", h("dt", t("field.record.state")), h("dd", label(task.state_name))),
              task.due_at && h("div", h("dt", t("field.task.due")), h("dd", deadline(task.due_at))),
              task.facts.map((one) => h("div", h("dt", label(one.label)), h("dd", label(one.value)))),
            )
          : h("p.pad.muted", t("field.record.theirs_gone")),
      ),
  ];
}

async function pictures(record) {
  const urls = await Promise.all(
    record.photos.map((one) =>
      one.display_sha256 ? photoUrl(record.id, one.display_sha256) : (one.thumb_url ?? null),
    ),
  );
  return h(
    "ul.strip.three",
    record.photos.map((one, n) =>
      h(
        "li.shot",
        urls[n] ? h("img", { src: urls[n], alt: t("field.photo.alt", { n: n + 1 }) }) : icon("photo"),
      ),
    ),
  );
}

function shownValue(bundle, name, value) {
  const field = bundle?.fields?.[name];
  const words = (one) =>
    label(field?.choices?.find((choice) => choice.value === String(one))?.label) ||
    bundle?.people?.[one]?.name ||
    String(one);
  if (value === true || value === false) return t(value ? "field.yes" : "field.no");
  if (Array.isArray(value)) return value.map(words).join(t("field.and"));
  if (field?.type === "instant") return moment(value);
  const unit = label(field?.unit);
  return known(`field.unit.${value}`)
    ? t(`field.unit.${value}`)
    : [words(value), unit].filter(Boolean).join(" ");
}
