/* Keeps a draft: every change is written at once, one after the other; what is typed meanwhile goes with the next. */

import { saveDraft } from "../core/drafts.js";
import { clock } from "./format.js";
import { fill, h, icon } from "./dom.js";
import { sentenceOf } from "./trouble.js";
import { t } from "./words.js";

const holding = new Map();

/** Photos of a draft are being stored: whoever opens or leaves it waits, or an older draft would be written over them. */
export function hold(id, work) {
  const all = Promise.allSettled([holding.get(id), work]);
  holding.set(id, all);
  all.then(() => holding.get(id) === all && holding.delete(id));
  return work;
}

/** Resolves when nothing of the draft is being stored any more. */
export const settled = async (id) => void (await holding.get(id));

/** A keeper of one draft; `line` is the node that says when it was last saved. */
export function keep(draft) {
  const line = h("span.muted.grow.cut", { role: "status" });
  let [isWriting, isDirty, isOver] = [false, false, false];
  let written = Promise.resolve();

  const say = (fault) =>
    fill(
      line,
      fault
        ? [icon("alert-circle"), " ", sentenceOf(fault)]
        : [icon("device-floppy"), " ", t("field.draft.saved", { at: clock(draft.updated_at) })],
    );
  // one after the other: an older state must never be written over a newer one
  const write = async () => {
    isWriting = true;
    while (isDirty) {
      isDirty = false;
      await saveDraft(draft).then(() => say(), say);
    }
    isWriting = false;
  };
  const save = () => {
    if (isOver) return written;
    isDirty = true;
    if (!isWriting) written = write();
    return written;
  };
  if (draft.updated_at) say();

  return {
    draft,
    line,
    /** Something changed: it is being written when this returns. */
    soon: () => {
      draft.is_touched = true;
      save();
    },
    /** Written when this resolves: before a camera opens, before a step is left. */
    now: save,
    /** No further saves: the draft went into the outbox or was thrown away. */
    stop: () => ((isOver = true), written),
  };
}
