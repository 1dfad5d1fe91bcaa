/* The form of an act, worked out from what the workflow needs. Pure: defaults, what shows, what is missing, the data that is sent. */

const DAY_MS = 86_400_000;

/** The values a fresh form begins with. */
export function defaults(needs, fields, now = new Date()) {
  const found = {};
  for (const need of needs) {
    const type = fields[need.field]?.type;
    const isNow =
      need.default === "now" ||
      (type === "instant" && (need.default_at || (need.required && need.latest === "now")));
    if (isNow) found[need.field] = now.toISOString();
    else if (need.default !== undefined && need.default !== null) found[need.field] = need.default;
    else if (type === "deadline" && (need.default_at ?? need.latest_at))
      found[need.field] = dayOf(need.default_at ?? need.latest_at);
  }
  for (const { unit_field: unit } of needs.map((need) => fields[need.field] ?? {})) {
    if (unit && needs.some((need) => need.field === unit)) found[unit] ??= fields[unit]?.choices[0]?.value;
  }
  return found;
}

/** The day a deadline names: midnight is 24:00 of the day before. */
export function dayOf(instant) {
  const at = new Date(instant);
  const day = at.getHours() === 0 && at.getMinutes() === 0 ? new Date(at - DAY_MS) : at;
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
}

/** How an answer is compared: a form sends nothing for *no*. */
const word = (value) => (value === false || value === "" ? "false" : String(value));

/** Whether the field counts with these values; what hangs on a question counts once it is answered. */
export function counts(need, values) {
  if (!need.when) return true;
  const [field, wanted] = need.when;
  const given = values[field];
  return given !== undefined && given !== null && word(given) === word(wanted);
}

/** A question whose *no* asks for more must be answered: silence is no answer. */
const mustAnswer = (need, needs) =>
  needs.some((other) => other.when?.[0] === need.field && word(other.when[1]) === "false");

/** The fields that count, each with whether it must be filled in: what hangs on an answer is required once it was given. */
const asked = (needs, values) =>
  needs
    .filter((need) => counts(need, values))
    .map((need) => (need.when ? { ...need, required: true } : need))
    .map((need) => (mustAnswer(need, needs) ? { ...need, required: true, answered: true } : need));

/** The fields that show; units and instruments stand beside their reading. */
export function shown(needs, fields, values) {
  const beside = new Set(
    Object.values(fields).flatMap((one) => [one.unit_field, one.instrument].filter(Boolean)),
  );
  return asked(needs, values).filter((need) => !beside.has(need.field) && !POSITION.has(need.field));
}

/** Where one is goes in by itself. */
export const POSITION = new Set(["lon", "lat", "crs", "accuracy_m"]);

/** Everything that still keeps the act from being submitted: [{field, code, n}] and [{slot, need, have}]. */
export function lacking({ needs, evidence }, fields, values, photos) {
  const gaps = asked(needs, values).flatMap((need) => gapOf(need, fields[need.field], values[need.field]));
  return { fields: gaps, evidence: evidence.map((slot) => evidenceGap(slot, photos)).filter(Boolean) };
}

function gapOf(need, field, value) {
  const empty =
    value === undefined || value === null || value === "" || (Array.isArray(value) && !value.length);
  if (empty) return need.required ? [{ field: need.field, code: "required" }] : [];
  if (field?.type === "flag" && need.required && value !== true && !need.answered)
    return [{ field: need.field, code: "confirm" }];
  if (Array.isArray(value))
    return need.at_least && value.length < need.at_least
      ? [{ field: need.field, code: "people", n: need.at_least }]
      : [];
  if (NUMBERS.has(field?.type)) return numberGap(need, field, String(value));
  if (need.at_least && String(value).trim().length < need.at_least)
    return [{ field: need.field, code: "at_least", n: need.at_least }];
  return [];
}

const NUMBERS = new Set(["decimal", "integer", "money", "percent"]);

function numberGap(need, field, text) {
  const form = field.type === "integer" || field.type === "percent" ? /^-?\d+$/ : /^-?\d+(\.\d+)?$/;
  if (!form.test(text.trim())) return [{ field: need.field, code: "number" }];
  const [least, most] = [field.minimum, field.maximum].map((one) =>
    one === null || one === undefined ? null : Number(one),
  );
  if ((least !== null && Number(text) < least) || (most !== null && Number(text) > most))
    return [{ field: need.field, code: "range", least, most }];
  return [];
}

/** What a slot still asks for; pairs are counted before-photo by before-photo. */
export function evidenceGap(slot, photos) {
  const pairs = unpaired(slot, photos);
  const have = slot.kind === "any" ? photos.length : photos.filter((one) => one.kind === slot.kind).length;
  const need = Math.max(slot.needed - have, pairs.length, 0);
  return need ? { slot, need, have } : null;
}

/** Before-photos of a slot that have no photo of the same viewpoint yet. */
export const unpaired = (slot, photos) =>
  (slot.pair_with ?? []).filter((before) => !photos.some((one) => one.pair_of === before));

/** The data of the act: only what counts and is filled in. */
export function dataOf({ needs }, fields, values, fix) {
  const found = {};
  for (const need of needs) {
    const value = values[need.field];
    if (counts(need, values) && value !== undefined && value !== null && value !== "")
      found[need.field] = value;
    else if (fields[need.field]?.type === "flag" && !need.required && counts(need, values))
      found[need.field] = false;
  }
  const asks = new Set(needs.map((need) => need.field));
  for (const { field } of needs) {
    const { unit_field: unit, instrument } = fields[field] ?? {};
    if (found[field] === undefined) for (const beside of [unit, instrument]) delete found[beside]; // nothing measured, no unit
  }
  if (fix && asks.has("lon")) Object.assign(found, { lon: fix.lon, lat: fix.lat });
  if (fix && asks.has("crs")) found.crs = "WGS84";
  if (fix && asks.has("accuracy_m")) found.accuracy_m = String(fix.accuracy_m);
  return found;
}
