/* Step 3: everything once more, with the way back to each line; signature where a user is concerned; what happens next; submit. */

import { submitDraft } from "../core/outbox.js";
import { kick, senderStatus } from "../core/sender.js";
import { button, fill, h, icon } from "../parts/dom.js";
import { dayText } from "../parts/format.js";
import { badge, chip } from "../parts/marks.js";
import { pictures } from "../parts/photos.js";
import {
  descriptionFrom,
  missing,
  payloadOf,
  proposedDue,
  titleFrom,
  urgencyOf,
} from "../parts/report_payload.js";
import { signatureCard } from "../parts/signature.js";
import { trouble } from "../parts/trouble.js";
import { label, t } from "../parts/words.js";

const USER = "user";

export async function check(turn) {
  const { keeper, draft, bundle, previous } = turn;
  const entry = (bundle?.catalogue ?? []).find((one) => one.code === draft.form.code) ?? null;
  const asset = (bundle?.assets ?? []).find((one) => one.code === draft.form.asset) ?? null;
  const gaps = missing(draft, entry);
  const said = h("div");
  const submit = button(t("field.submit"), {
    kind: "pri",
    glyph: "check",
    disabled: gaps.length > 0,
    act: () => send({ ...turn, entry, submit, said }),
  });
  return {
    node: [
      h("h1.vh", t("field.step.3")),
      h(
        "div.capg",
        h("div.stack.xl", await summary({ ...turn, entry, asset }), gaps.length > 0 && gapsCard(gaps, turn)),
        h(
          "div.stack.xl",
          asset?.kind === USER && signatureCard({ keeper, kind: "SIGNATURE" }),
          after({ draft, entry, bundle }),
          said,
        ),
      ),
    ],
    foot: [button(t("field.previous"), { glyph: "arrow-left", act: previous }), footLine(gaps), submit],
  };
}

function footLine(gaps) {
  if (gaps.length)
    return h(
      "span.grow.missing",
      t("field.missing", { what: gaps.map((one) => t(`field.gap.${one.what}`)).join(t("field.and")) }),
    );
  return senderStatus().online
    ? h("span.muted.grow.cut", icon("cloud-up"), " ", t("field.check.online"))
    : h("span.muted.grow.cut", icon("cloud-off"), " ", t("field.check.offline"));
}

async function summary({ draft, entry, asset, go }) {
  const { form } = draft;
  const due = proposedDue(entry, draft.captured_at ?? draft.created_at);
  const change = (step, what) =>
    button(t("field.change"), {
      kind: "ghost link",
      "aria-label": t("field.change_what", { what }),
      act: () => go(`report/${draft.id}/${step}`),
    });
  const row = (name, value, step) =>
    value && h("li", h("span.k", name), h("span.grow", value), step && change(step, name));
  const urgency = urgencyOf(form, entry);
  return h(
    "section.card",
    h(
      "div.pad.stack.l",
      draft.photos.length > 0 && (await pictures(draft.id, draft.photos)),
      h("h2.big", titleFrom(form, entry) || t("field.draft.untitled")),
      h(
        "div.badges",
        badge({ level: urgency === "M" ? "major" : "general", urgency }),
        entry && chip(entry.code),
        entry?.clause && chip(entry.clause, { kind: "wraps" }),
      ),
    ),
    h(
      "ul.rows.lined",
      row(t("field.check.place"), asset ? `${label(asset.label)} ${asset.code}` : form.place || "—", 1),
      asset && row(t("field.place.text_short"), form.place, 1),
      row(
        t("field.fix.label"),
        form.fix ? t("field.fix.accuracy", { m: Math.round(form.fix.accuracy_m) }) : t("field.fix.without"),
        1,
      ),
      row(t("field.check.description"), descriptionFrom(form, entry) || "—", 2),
      due && row(t("field.terms.due"), t("field.terms.by", { day: dayText(new Date(due - 1)) })),
      row(t("field.done_on_site"), form.done, 2),
      form.reading &&
        row(
          t("field.check.reading"),
          [`${form.reading} ${t(`field.unit.${form.unit ?? "pct_lel"}`)}`, form.instrument]
            .filter(Boolean)
            .join(" · "),
          2,
        ),
    ),
  );
}

const gapsCard = (gaps, { go, draft }) =>
  h(
    "section.card",
    h("header", icon("alert-circle"), h("h2", t("field.check.gaps"))),
    h(
      "ul.rows",
      gaps.map((one) =>
        h(
          "li",
          h("span.grow", t(`field.gap_long.${one.what}`)),
          button(t("field.check.mend"), { kind: "sm", act: () => go(`report/${draft.id}/${one.step}`) }),
        ),
      ),
    ),
  );

function after({ draft, entry, bundle }) {
  const due = proposedDue(entry, draft.captured_at ?? draft.created_at);
  const major = urgencyOf(draft.form, entry) === "M";
  const lines = [
    [t("field.after.now"), t("field.after.stored"), t("field.after.stored_how")],
    [t("field.after.online"), t("field.after.number"), t("field.after.number_how")],
    entry?.response_hours && [
      t("field.after.within", { n: entry.response_hours }),
      t("field.after.response"),
      t("field.after.response_how"),
    ],
    due && [dayText(new Date(due - 1)), t("field.after.due"), t("field.after.due_how")],
  ].filter(Boolean);
  return h(
    "section.card",
    h("header", h("h2", t("field.after.title"))),
    h(
      "ol.fires",
      lines.map(([when, what, how]) => h("li", h("b.when", when), h("p", what, h("small", how)))),
    ),
    major &&
      bundle?.emergency_phone &&
      h("p.foot.strong", icon("phone"), " ", t("field.after.phone", { phone: bundle.emergency_phone })),
  );
}

async function send({ keeper, draft, entry, submit, said, app }) {
  submit.disabled = true;
  submit.setAttribute("aria-busy", "true");
  Object.assign(draft, { title: titleFrom(draft.form, entry), payload: payloadOf(draft, entry) });
  try {
    await keeper.now();
    await keeper.stop();
    const record = await submitDraft(draft);
    kick("submit");
    app.go(`stored/${record.id}`, { replace: true });
  } catch (fault) {
    console.error(fault);
    submit.disabled = false;
    submit.removeAttribute("aria-busy");
    fill(said, [trouble(fault)]);
    said.scrollIntoView({ block: "nearest" });
  }
}
