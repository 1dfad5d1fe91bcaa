/* Acting on a task with no network: the form the workflow asks for, its photos, and what is still missing, all at once. */

import { data } from "../core/data.js";
import { getDraft, removeDraft } from "../core/drafts.js";
import { listReceipts, listRecords, submitDraft } from "../core/outbox.js";
import { kick } from "../core/sender.js";
import { setDraftOpen } from "../core/updates.js";
import { dataOf, defaults, lacking, shown } from "../parts/act_form.js";
import { formOf, gapText, offlineLine, sentence, withPeople } from "../parts/act_view.js";
import { button, fill, h, icon, linkButton } from "../parts/dom.js";
import { evidenceCards } from "../parts/evidence.js";
import { fieldOf, mark } from "../parts/fields.js";
import { watchPosition } from "../parts/geo.js";
import { keep, settled } from "../parts/keeping.js";
import { badge, empty, emptyPage } from "../parts/marks.js";
import { trouble } from "../parts/trouble.js";
import { label, t } from "../parts/words.js";
import { recheck } from "./recheck.js";

const RECHECK = ["pass", "fail"];

export async function show([id], app) {
  await settled(id);
  const [draft, bundle] = [await getDraft(id), await data()];
  const task = draft && bundle?.tasks.find((one) => one.number === draft.number);
  const form = task && formOf(task, draft.action, bundle);
  if (!draft)
    return {
      title: t("field.draft.gone"),
      nav: "tasks",
      node: emptyPage(
        "edit",
        t("field.draft.gone"),
        t("field.draft.gone_how"),
        linkButton(t("field.nav.tasks"), "#/tasks", { kind: "pri" }),
      ),
    };
  const keeper = keep(draft);
  if (!form) return gone({ draft, task, keeper, app });
  draft.form ??= {};
  draft.form.values ??= startValues(draft, task, bundle);
  draft.title = `${label(form.name)} · ${task.title}`;
  const turn = {
    draft,
    bundle,
    task,
    form,
    keeper,
    app,
    submit: (action) => send({ draft, keeper, bundle, task, app, action }),
  };
  const drawn = RECHECK.includes(draft.action) ? await recheck(turn) : await plain(turn);
  turn.stop = watchPosition(({ fix }) => fix && ((draft.form.fix = fix), keeper.now(), drawn.moved?.()));
  return {
    title: label(form.name),
    lead: [task.title, task.place, task.number].filter(Boolean).join(" · "),
    plain: true,
    mark: badge(task),
    backLabel: t("field.draft.back"),
    back: async () => (
      await settled(id),
      await keeper.now(),
      app.go(`task/${encodeURIComponent(task.number)}`)
    ),
    ...drawn,
    entered: () => setDraftOpen(true),
    leave: () => {
      drawn.leave?.();
      turn.stop();
      keeper.stop();
      setDraftOpen(false);
    },
  };
}

/** What the form begins with; a re-check may end in either of two acts, each with its own fields. */
function startValues(draft, task, bundle) {
  const names = RECHECK.includes(draft.action) ? RECHECK : [draft.action];
  return Object.assign(
    {},
    ...names.map((name) => defaults(formOf(task, name, bundle)?.needs ?? [], bundle.fields)),
  );
}

async function plain({ draft, bundle, task, form, keeper, submit }) {
  const { values } = draft.form;
  const [fields, said, left] = [h("div.form"), h("div"), h("span.grow.missing", { role: "status" })];
  const go = button(label(form.name), { kind: "pri", glyph: "check", act: () => attempt() });
  const photos = evidenceCards({
    slots: form.evidence,
    keeper,
    task,
    fix: () => draft.form.fix ?? null,
    changed: () => tell(),
  });
  const tell = () => {
    const gaps = lacking(form, bundle.fields, values, draft.photos);
    fill(left, [gapText(gaps, bundle) || offlineLine()]);
    return gaps;
  };
  const draw = () =>
    fill(
      fields,
      shown(form.needs, bundle.fields, values).map((need) =>
        fieldOf({
          need: withPeople(need, bundle),
          known: bundle.fields[need.field],
          value: values[need.field],
          changed: (value) => changed(need, value),
        }),
      ),
    );
  const changed = (need, value) => {
    const before = shown(form.needs, bundle.fields, values).length;
    values[need.field] = value;
    keeper.soon();
    mark(fields, need.field, null);
    if (shown(form.needs, bundle.fields, values).length !== before) draw();
    tell();
  };
  const attempt = async () => {
    const gaps = tell();
    for (const gap of gaps.fields) mark(fields, gap.field, sentence(gap));
    if (gaps.fields.length || gaps.evidence.length)
      return fields.querySelector(".bad")?.scrollIntoView({ block: "center" });
    go.setAttribute("aria-busy", "true");
    await submit(draft.action).catch(
      (fault) => (go.removeAttribute("aria-busy"), fill(said, [trouble(fault)])),
    );
  };
  draw();
  tell();
  return {
    node: [
      h(
        "div.capg",
        h("div.stack.xl", photos.nodes),
        h(
          "div.stack.xl",
          form.needs.length > 0 &&
            h(
              "section.card.pad",
              { "aria-label": label(form.name) },
              fields,
              readingBeside(form, bundle, values, keeper),
            ),
          said,
          h("p.sm.muted", t("field.task.offline")),
        ),
      ),
    ],
    foot: [left, go],
    leave: photos.stop,
  };
}

/** Units and instruments of the readings that show. */
function readingBeside(form, bundle, values, keeper) {
  const asked = new Set(form.needs.map((need) => need.field));
  const beside = [
    ...new Set(
      Object.entries(bundle.fields)
        .filter(([name]) => asked.has(name))
        .flatMap(([, one]) => [one.unit_field, one.instrument])
        .filter((name) => name && asked.has(name)),
    ),
  ];
  if (!beside.length) return null;
  return h(
    "div.form",
    beside.map((name) =>
      fieldOf({
        need: form.needs.find((need) => need.field === name),
        known: bundle.fields[name],
        value: values[name],
        changed: (value) => ((values[name] = value), keeper.soon()),
      }),
    ),
  );
}

/**
 * Whether this person's own earlier act on the hazard is on its way, or came through after the lists were fetched: then the version on the
 * tablet is older than their own doing, and would set them against themselves.
 */
async function hasActedSince({ owner, number }, { fetched_at }) {
  const [records, receipts] = await Promise.all([listRecords(owner), listReceipts(owner)]);
  return [...records, ...receipts.filter((one) => one.at > fetched_at)].some((one) => one.number === number);
}

/** Freeze the act and put it into the outbox. */
async function send({ draft, keeper, bundle, task, app, action }) {
  const form = formOf(task, action, bundle);
  await settled(draft.id);
  draft.action = action;
  draft.title = `${label(form.name)} · ${task.title}`;
  draft.payload = {
    expected_version: (await hasActedSince(draft, bundle)) ? null : task.version,
    data: dataOf(form, bundle.fields, draft.form.values, draft.form.fix),
  };
  await keeper.now();
  const record = await submitDraft(draft);
  await keeper.stop();
  kick("submit");
  app.go(`stored/${record.id}`, { replace: true });
}

/** The act is no longer open: what was entered is shown, and nothing is thrown away without being asked. */
function gone({ draft, task, keeper, app }) {
  const discard = async () => {
    await keeper.stop();
    await removeDraft(draft.id);
    app.go("tasks", { replace: true });
  };
  const entered = Object.entries(draft.form?.values ?? {}).filter(([, value]) => value);
  return {
    title: t("field.act.gone"),
    nav: "tasks",
    node: h(
      "section.card",
      empty(
        "refresh-alert",
        t("field.act.gone"),
        t("field.act.gone_how"),
        task &&
          linkButton(t("field.act.see_task"), `#/task/${encodeURIComponent(task.number)}`, { kind: "pri" }),
      ),
      entered.length > 0 &&
        h(
          "dl.facts.one",
          entered.map(([name, value]) => h("div", h("dt", name), h("dd", String(value)))),
        ),
      h(
        "details.fold",
        h("summary", t("field.draft.discard"), icon("chevron-down", "chev")),
        h(
          "div.pad.row.wrap",
          h("p.grow", t("field.draft.discard_sure", { n: draft.photos.length })),
          button(t("field.draft.discard_yes"), { kind: "danger", glyph: "trash", act: discard }),
        ),
      ),
    ),
  };
}
