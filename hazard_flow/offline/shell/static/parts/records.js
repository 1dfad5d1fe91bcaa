/* What a record waiting on this tablet says of itself. Pure: a record in, words and counts out. */

import { known, t } from "./words.js";

const NEEDS_YOU = new Set(["needs_attention", "contested"]);

/** Whether the person has to do something before it can go on. */
export const needsYou = (record) => NEEDS_YOU.has(record.state);

/** How many files a record has: one "display" part each, the original itself where there is no copy. */
export const filesIn = (record) => record.attachments.filter((one) => one.role === "display").length;

/** How many have gone of the part that is being sent: copies first, then the originals. */
export function photosSent(record) {
  const originals = record.state === "usable";
  const parts = record.attachments.filter((one) => one.role === (originals ? "original" : "display"));
  return { sent: parts.filter((one) => one.sent >= one.size).length, total: parts.length, originals };
}

/** The chip of a record: words and icon. */
export function standing(record, status) {
  if (record.state === "contested")
    return { text: t("field.record.contested"), glyph: "git-merge", kind: "dark" };
  if (record.state === "needs_attention")
    return { text: t("field.record.needs_you"), glyph: "alert-circle", kind: "dark" };
  if (!status.signed_in) return { text: t("field.record.sign_in"), glyph: "lock", kind: "line" };
  if (!status.online) return { text: t("field.record.waiting"), glyph: "clock" };
  const { sent, total, originals } = photosSent(record);
  if (originals) return { text: t("field.record.originals", { sent, total }), glyph: "photo" };
  if (record.state === "queued" || (record.next_try_at && !status.sending))
    return { text: t("field.record.queued"), glyph: "clock" };
  return {
    text: total ? t("field.record.sending", { sent, total }) : t("field.record.sending_text"),
    glyph: "cloud-up",
  };
}

/** Why it stopped, in words: the server's own sentences first. */
export function reasons(record) {
  const said = (record.answer?.problems ?? []).map((one) => one.sentence).filter(Boolean);
  if (said.length) return said;
  const key = `field.error.${record.error?.code}`;
  return record.error
    ? [known(key) ? t(key, record.error.params ?? {}) : t("field.error.unknown", { code: record.error.code })]
    : [];
}

/** Bytes a record holds on this tablet. */
export const bytes = (record) => record.attachments.reduce((sum, one) => sum + one.size, 0);
