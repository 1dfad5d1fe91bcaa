/* The checklist of a round as values: what an answer is, whether it failed, what is still missing, and the paper that is sent. Pure. */

export const [GOOD, BAD, NOT_THERE] = ["yes", "no", "na"];
const NUMBER = /^-?\d{1,9}(\.\d{1,6})?$/;

/** The key under which the form keeps an answer. */
export const keyOf = (place, item) => `${place.asset}.${item.key}`;

/** Whether an answer is outside what it must keep to. */
export function failed(form, place, item) {
  const value = form.answers[keyOf(place, item)]?.value ?? "";
  if (value === "" || value === NOT_THERE) return false;
  if (item.answer === "yes_no") return value === BAD;
  if (item.answer === "choice") return item.choices.some((one) => one.key === value && !one.good);
  if (item.answer !== "reading" || (item.low === null && item.high === null)) return false;
  const by = item.times ? Number(form.answers[`${place.asset}.${item.times}`]?.value) : 1;
  if (item.times && !Number.isFinite(by)) return true;
  const number = Number(value);
  return (item.low !== null && number < item.low * by) || (item.high !== null && number > item.high * by);
}

/** Whether a picture belongs to the answer. */
export function wantsPhoto(form, place, item) {
  const value = form.answers[keyOf(place, item)]?.value ?? "";
  if (value === NOT_THERE) return false;
  const isBad = failed(form, place, item);
  return item.answer === "photo" || item.photo === "always" || (isBad && (item.photo === "failed" || Boolean(item.catalogue)));
}

/** What keeps a place from being whole: [{item, what: "answer" | "number" | "photo"}]. */
export function missingAt(draft, place, items) {
  const { form } = draft;
  if (form.skipped[place.asset]?.trim()) return [];
  return items.flatMap((item) => {
    const value = form.answers[keyOf(place, item)]?.value ?? "";
    const gaps = [];
    if (item.answer !== "photo" && value === "" && !item.optional) gaps.push({ item, what: "answer" });
    if (item.answer === "reading" && value !== "" && value !== NOT_THERE && !NUMBER.test(value)) gaps.push({ item, what: "number" });
    if (wantsPhoto(form, place, item) && !draft.photos.some((one) => one.field === keyOf(place, item)))
      gaps.push({ item, what: "photo" });
    return gaps;
  });
}

/** The paper of the round, numbers as text. */
export function paperOf(draft, round, items, now = new Date()) {
  const { form } = draft;
  return {
    started_at: form.started_at ?? draft.created_at,
    ended_at: form.ended_at ?? now.toISOString(),
    remark: form.remark?.trim() ?? "",
    visits: round.places.map((place) => visitOf(form, place, items)),
    track: (form.track ?? []).map(([at, lon, lat, accuracy_m]) => ({ at, lon, lat, accuracy_m })),
  };
}

function visitOf(form, place, items) {
  const skipped = form.skipped[place.asset]?.trim() ?? "";
  const stood = form.stood[place.asset];
  const answers = skipped
    ? {}
    : Object.fromEntries(
        items
          .filter((item) => item.answer !== "photo")
          .map((item) => [item.key, form.answers[keyOf(place, item)] ?? {}])
          .map(([key, { value = "", note = "" }]) => [key, { value, note }]),
      );
  return {
    asset: place.asset,
    answers,
    skipped,
    visited_at: form.visited[place.asset] ?? null,
    lon: stood?.lon ?? null,
    lat: stood?.lat ?? null,
    accuracy_m: stood ? String(stood.accuracy_m) : null,
  };
}
