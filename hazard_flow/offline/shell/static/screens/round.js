/* One round: its places with their checklist, photos, the walked track; handed in whole, or kept as a draft. */

import { data } from "../core/data.js";
import { listDrafts, newDraft, saveDraft } from "../core/drafts.js";
import { submitDraft } from "../core/outbox.js";
import { removePhoto, takePhoto } from "../core/photos.js";
import { kick } from "../core/sender.js";
import { cameraInput } from "../parts/camera.js";
import { button, fill, h, icon, linkButton, uid } from "../parts/dom.js";
import { heading } from "../parts/frame.js";
import { hold, keep, settled } from "../parts/keeping.js";
import { emptyPage } from "../parts/marks.js";
import { pictureOf } from "../parts/photos.js";
import { BAD, GOOD, NOT_THERE, failed, keyOf, missingAt, paperOf, wantsPhoto } from "../parts/sheet.js";
import { recordTrack } from "../parts/track.js";
import { trouble } from "../parts/trouble.js";
import { label, t } from "../parts/words.js";

const BEFORE = "PHOTO_BEFORE";

export async function show([id], app) {
  const bundle = await data();
  const drafts = await listDrafts();
  const begun = drafts.find((one) => one.kind === "round" && one.payload.round === id);
  const round = (bundle?.rounds ?? []).find((one) => one.id === id) ?? begun?.form?.round;
  const sheet = bundle?.checklists?.[round?.checklist] ?? begun?.form?.sheet;
  if (!round || !sheet) return gone();
  const draft = begun ?? (await begin(round, sheet));
  await settled(draft.id);
  const turn = { draft, round, sheet, app, keeper: keep(draft), fix: null };
  const said = h("div.stack");
  const places = round.places.map((place) => placeCard(turn, place));
  const at = h("span.sm.muted", { role: "status" }, t("field.round.no_fix"));
  const stop = recordTrack(draft.form, turn.keeper, (fix) => {
    turn.fix = fix ?? turn.fix;
    fill(at, [fix ? t("field.round.fix", { m: Math.round(fix.accuracy_m), n: draft.form.track.length }) : t("field.round.no_fix")]);
  });
  const remark = h("textarea.in", {
    id: uid("remark"),
    rows: "2",
    maxlength: "500",
    value: draft.form.remark ?? "",
    on: { input: (event) => ((draft.form.remark = event.target.value), turn.keeper.soon()) },
  });
  const node = [
    await heading(label(round.name), `${round.planned_on} · ${t("field.round.places", { n: round.places.length })}`),
    h("p.row.wrap", icon("current-location"), at, turn.keeper.line),
    places.map((one) => one.node),
    h("section.card.pad.f", h("label", { for: remark.id }, t("field.round.remark")), remark),
    said,
    h("div.row.end", button(t("field.round.submit"), { kind: "pri big", glyph: "check", act: (event) => submit(turn, places, said, event) })),
  ];
  return {
    title: label(round.name),
    nav: "tasks",
    node,
    leave: () => (stop(), turn.keeper.stop()),
  };
}

function gone() {
  const node = emptyPage(
    "checklist",
    t("field.round.gone"),
    t("field.round.gone_how"),
    linkButton(t("field.nav.home"), "#/home", { kind: "pri" }),
  );
  return { title: t("field.round.title"), nav: "tasks", node };
}

/** The round and its checklist go into the draft: a fetch in between must not take them away from under somebody's hands. */
async function begin(round, sheet) {
  const draft = newDraft("round", { payload: { round: round.id } });
  Object.assign(draft, {
    title: label(round.name),
    form: { round, sheet, answers: {}, skipped: {}, visited: {}, stood: {}, track: [], started_at: new Date().toISOString() },
  });
  await saveDraft(draft);
  return draft;
}

function placeCard(turn, place) {
  const { draft, sheet } = turn;
  const state = h("span.sm.muted");
  const body = h("div");
  const items = sheet.items.map((item) => itemRow(turn, place, item, () => mark()));
  const mark = () => {
    const left = missingAt(draft, place, sheet.items).length;
    fill(state, [left ? t("field.round.left", { n: left }) : [icon("check"), " ", t("field.round.whole")]]);
    turn.keeper.soon();
  };
  const skip = uid("skip");
  let part = "";
  const rows = items.flatMap(({ item, node }) => {
    const head = item.part && item.part !== part ? h("h3.part", label(sheet.parts[(part = item.part)])) : null;
    return [head, node];
  });
  fill(body, [
    h("div.sheet", rows),
    h(
      "div.pad.f",
      h("label", { for: skip }, t("field.round.skip")),
      h("input.in", {
        id: skip,
        maxlength: "500",
        value: draft.form.skipped[place.asset] ?? "",
        on: { input: (event) => ((draft.form.skipped[place.asset] = event.target.value), mark()) },
      }),
    ),
  ]);
  const left = missingAt(draft, place, sheet.items).length;
  fill(state, [left ? t("field.round.left", { n: left }) : t("field.round.whole")]);
  const node = h(
    "section.card",
    { "aria-label": place.asset },
    h("header", h("h2", `${place.asset} ${label(place.name)}`), state),
    body,
  );
  return { node, place, items };
}

function itemRow(turn, place, item, changed) {
  const { draft } = turn;
  const key = keyOf(place, item);
  const said = (draft.form.answers[key] ??= {});
  const text = uid("item");
  const photos = h("span.row.wrap");
  const node = h("div.item");
  const set = (value) => {
    said.value = value;
    draft.form.visited[place.asset] ??= new Date().toISOString();
    if (turn.fix) draft.form.stood[place.asset] ??= turn.fix;
    redraw();
    changed();
  };
  const camera = async () => {
    const id = uid("camera");
    const own = draft.photos.filter((one) => one.field === key);
    const shown = await Promise.all(
      own.map(async (one) => {
        const url = await pictureOf(draft.id, one).catch(() => null);
        return h(
          "button.shot.small",
          { type: "button", "aria-label": t("field.photo.remove"), on: { click: () => removePhoto(draft, one.sha256).then(redraw).then(changed) } },
          url ? h("img", { src: url, alt: "" }) : icon("photo"),
        );
      }),
    );
    const input = cameraInput({
      id,
      begin: turn.keeper.now,
      taken: async ([file]) => {
        try {
          const photo = await hold(draft.id, takePhoto(file, { draft, kind: BEFORE, pairOf: null, fix: turn.fix }));
          photo.field = key;
          draft.photos.find((one) => one.sha256 === photo.sha256).field = key;
          await turn.keeper.now();
        } catch (fault) {
          fill(photos, [trouble(fault)]);
          return;
        }
        await redraw();
        changed();
      },
    });
    const wanted = wantsPhoto(draft.form, place, item);
    fill(photos, [
      shown,
      h("label.btn.sm", { for: id, class: wanted && !own.length ? "pri" : "" }, icon("camera"), wanted ? t("field.round.photo_needed") : t("field.photo.take"), input),
    ]);
  };
  const redraw = async () => {
    const isBad = failed(draft.form, place, item);
    node.classList.toggle("failed", isBad);
    fill(answer, [control(item, said, set, text)]);
    note.hidden = !isBad && !said.note;
    await camera();
  };
  const answer = h("div");
  const note = h("input.in", {
    "aria-label": t("field.round.note"),
    placeholder: t("field.round.note"),
    maxlength: "500",
    value: said.note ?? "",
    on: { input: (event) => ((said.note = event.target.value), changed()) },
  });
  fill(node, [
    h("div.grow", h("p", { id: text }, label(item.text)), h("p.xs.muted", item.clause, limits(item))),
    h("div.stack", answer, note, photos),
  ]);
  redraw();
  return { item, node };
}

function limits({ low, high, unit, times }) {
  if (low === null && high === null) return "";
  const words = [low !== null && `≥ ${low}`, high !== null && `≤ ${high}`].filter(Boolean).join(" · ");
  return ` · ${words} ${times ? t("field.round.times") : unit}`;
}

function control(item, said, set, text) {
  if (item.answer === "photo") return null;
  if (item.answer === "reading") {
    const input = h("input.in", {
      inputmode: "decimal",
      maxlength: "20",
      value: said.value ?? "",
      "aria-labelledby": text,
      on: { change: (event) => set(event.target.value.trim()) },
    });
    return h("span.with-unit", input, h("span", item.unit));
  }
  const words =
    item.answer === "choice"
      ? item.choices.map((one) => [one.key, label(one.label)])
      : [GOOD, BAD, ...(item.optional ? [NOT_THERE] : [])].map((one) => [one, t(`field.round.${one}`)]);
  return h(
    "div.seg.wide",
    { role: "group", "aria-labelledby": text },
    words.map(([value, word]) =>
      h("button", { type: "button", "aria-pressed": String(said.value === value), on: { click: () => set(value) } }, word),
    ),
  );
}

async function submit({ draft, round, sheet, app, keeper }, places, said, event) {
  const gaps = places.flatMap(({ place }) =>
    missingAt(draft, place, sheet.items).map(({ item, what }) => `${place.asset} ${label(item.text)}：${t(`field.round.missing.${what}`)}`),
  );
  if (gaps.length) {
    fill(said, [
      h("div.flag.outlined", { role: "alert" }, icon("alert-circle"), h("div.grow", h("b", t("field.round.not_whole", { n: gaps.length })), h("ul", gaps.slice(0, 8).map((one) => h("li", one))))),
    ]);
    said.scrollIntoView({ block: "nearest" });
    return;
  }
  const target = event.target.closest("button");
  target.disabled = true;
  draft.payload = { round: round.id, data: paperOf(draft, round, sheet.items) };
  draft.form.ended_at = draft.payload.data.ended_at;
  try {
    await settled(draft.id);
    await keeper.now();
    await keeper.stop();
    const record = await submitDraft(draft);
    kick("submit");
    app.go(`stored/${record.id}`, { replace: true });
  } catch (fault) {
    console.error(fault);
    target.disabled = false;
    fill(said, [trouble(fault)]);
  }
}

