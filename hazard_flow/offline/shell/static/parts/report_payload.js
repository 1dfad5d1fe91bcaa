/* From what was chosen and typed to what the server takes as a report. Pure: what is missing, and the payload. */

import { label, t } from "./words.js";

export const URGENCIES = ["M", "A", "B", "C"];
const DESCRIPTION_AT_LEAST = 5;
const TITLE_AT_MOST = 60;

/** Level tile of the form: what the person chose, else what the catalogue proposes, else A (the workflow's own default). */
export const urgencyOf = (form, entry) =>
  form.urgency ?? (entry?.level === "major" ? "M" : (entry?.urgency ?? "A"));

/** Whether the person went lower than the catalogue. */
export const isLower = (form, entry) =>
  Boolean(entry) && URGENCIES.indexOf(urgencyOf(form, entry)) > URGENCIES.indexOf(urgencyOf({}, entry));

/** The title as it will be sent. */
export function titleFrom(form, entry) {
  const whole = form.title?.trim() || label(entry?.title) || "";
  if (whole.length <= TITLE_AT_MOST) return whole;
  const cut = whole.slice(0, TITLE_AT_MOST - 1);
  return `${cut.slice(0, cut.lastIndexOf(" ") + 1 || cut.length).trim()}…`;
}

/** The description as it will be sent: the person's own words, else the catalogue's. */
export const descriptionFrom = (form, entry) =>
  form.description?.trim() ||
  (entry
    ? t("field.describe_default", { title: label(entry.title), code: entry.code })
    : titleFrom(form, entry));

/** The day by which the catalogue would have it mended, counted from `at`; null where it names no days. */
export function proposedDue(entry, at) {
  if (!entry?.deadline_days) return null;
  const found = new Date(at);
  return new Date(found.getFullYear(), found.getMonth(), found.getDate() + entry.deadline_days + 1);
}

/** What keeps the report from being submitted: [{what, step}], all at once. */
export function missing(draft, entry) {
  const form = draft.form;
  const gaps = [];
  if (!draft.photos.length) gaps.push({ what: "photo", step: 1 });
  if (!form.asset && !form.place?.trim()) gaps.push({ what: "place", step: 1 });
  if (!titleFrom(form, entry)) gaps.push({ what: "title", step: 2 });
  else if (descriptionFrom(form, entry).length < DESCRIPTION_AT_LEAST)
    gaps.push({ what: "description", step: 2 });
  if (isLower(form, entry) && !form.description?.trim()) gaps.push({ what: "lower", step: 2 });
  if (form.reading && !isNumber(form.reading)) gaps.push({ what: "reading", step: 2 });
  return gaps;
}

/** A reading as people type it: digits, one point. */
export const isNumber = (text) => /^\d{1,7}(\.\d{1,3})?$/.test(String(text).trim());

/** The payload; numbers are text, what was left empty is left out. */
export function payloadOf(draft, entry) {
  const form = draft.form;
  const major = urgencyOf(form, entry) === "M";
  const measured = form.reading?.trim();
  const data = {
    title: titleFrom(form, entry),
    description: descriptionFrom(form, entry),
    found_at: draft.captured_at ?? draft.created_at,
    place: form.place?.trim(),
    ...(form.fix && {
      lon: form.fix.lon,
      lat: form.fix.lat,
      crs: "WGS84",
      accuracy_m: String(form.fix.accuracy_m),
    }),
    suspected_level: major ? "major" : "general",
    suspected_urgency: major ? null : urgencyOf(form, entry),
    catalogue_code: entry?.code,
    site_condition: form.condition,
    leak_reading: measured,
    leak_unit: measured ? (form.unit ?? "pct_lel") : null,
    instrument_number: measured ? form.instrument?.trim() : null,
    onsite_action: form.done?.trim(),
  };
  const given = Object.fromEntries(
    Object.entries(data).filter(([, value]) => value !== undefined && value !== null && value !== ""),
  );
  return {
    asset: form.asset ?? null,
    organisation: null,
    source: "self_inspection",
    action: null,
    reopen_of: null,
    data: given,
  };
}
