/* Starting drafts, and what a draft says of itself in lists. */

import { newDraft, saveDraft } from "../core/drafts.js";
import { data } from "../core/data.js";
import { label, t } from "./words.js";

/** A new report, saved; what is known already (an asset that was scanned) goes in. */
export async function startReport(form = {}) {
  const draft = await newDraft("report", {});
  Object.assign(draft, { step: 1, form, photos: draft.photos ?? [] });
  await saveDraft(draft);
  return draft;
}

/** A new act on a hazard, or the one that was begun before. */
export async function startAct(task, action, drafts) {
  const begun = drafts.find(
    (one) => one.kind === "act" && one.number === task.number && one.action === action,
  );
  if (begun) return begun;
  const draft = await newDraft("act", { number: task.number, action });
  Object.assign(draft, {
    step: 1,
    form: { title: task.title },
    photos: draft.photos ?? [],
  });
  await saveDraft(draft);
  return draft;
}

/** Where a draft is taken up again. */
export const placeOf = (draft) =>
  draft.kind === "report"
    ? `report/${draft.id}/${draft.step ?? 1}`
    : draft.kind === "round"
      ? `round/${draft.payload.round}`
      : `act/${draft.id}`;

/** One line for a draft. */
export async function titleOf(draft) {
  if (draft.kind === "round") return draft.title;
  if (draft.kind === "act") return draft.form?.title ?? draft.number;
  const bundle = await data();
  const entry = bundle?.catalogue.find((one) => one.code === draft.form?.code);
  return draft.form?.title || label(entry?.title) || t("field.draft.untitled");
}

/* Files the camera gave on one screen and the next one stores. */
const carried = new Map();
export const carry = (id, files) => void carried.set(id, files);
export function takeCarried(id) {
  const files = carried.get(id) ?? [];
  carried.delete(id);
  return files;
}
