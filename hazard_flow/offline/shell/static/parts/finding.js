/* Searching what the tablet holds: assets and catalogue, with no network. Pure. */

const folded = (text) =>
  String(text ?? "")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .trim();

/** Every word of the query stands somewhere in the texts. */
export function matches(query, ...texts) {
  const hay = texts.map(folded).join(" ");
  return folded(query)
    .split(" ")
    .every((word) => hay.includes(word));
}

/** The asset a scanned or typed code means: its code alone, or as the last part of an address on a printed label. */
export function assetOf(assets, scanned) {
  const text = folded(scanned);
  const tail = decodeURIComponent(
    text
      .split(/[/?#=]/)
      .filter(Boolean)
      .at(-1) ?? "",
  );
  return (
    assets.find((one) => folded(one.code) === text) ?? assets.find((one) => folded(one.code) === tail) ?? null
  );
}

/** Assets by code or name. */
export const findAssets = (assets, query, most = 6) =>
  folded(query)
    ? assets.filter((one) => matches(query, one.code, one.label?.zh, one.label?.en)).slice(0, most)
    : [];

/** Catalogue entries by title, code, clause; those whose title begins with the query first. */
export function findEntries(catalogue, query, area = null) {
  const found = catalogue.filter(
    (one) =>
      (!area || one.area === area) &&
      (!folded(query) || matches(query, one.title.zh, one.title.en, one.code, one.clause)),
  );
  const first = (one) =>
    folded(one.title.zh).startsWith(folded(query)) || folded(one.title.en).startsWith(folded(query)) ? 0 : 1;
  return folded(query) ? [...found].sort((a, b) => first(a) - first(b)) : found;
}

/** How many of the entries lie in each area, in the order of the catalogue. */
export function areasOf(entries) {
  const counts = new Map();
  for (const one of entries) counts.set(one.area, (counts.get(one.area) ?? 0) + 1);
  return [...counts];
}
