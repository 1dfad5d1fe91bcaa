/* From a draft to the manifest, version 1 of the protocol. Pure: the same draft gives the same bytes, which are then frozen. */

import { CoreError } from "./errors.js";

export const VERSION = 1;

/**
 * The frozen manifest of a draft: {body: JSON text, captured_at, attachments: [{sha256, role, size, mime, filename}]}.
 *
 * `role` is "display" for what makes a submission usable (the display copy, or the original where there is no copy), else "original".
 * A report carries the time of the finding, an act or a round the time it is submitted. Raises CoreError draft_incomplete with the field.
 */
export function freeze(draft, now) {
  const captured_at = draft.kind === "report" ? (draft.captured_at ?? now.toISOString()) : now.toISOString();
  const manifest = {
    v: VERSION,
    kind: draft.kind,
    captured_at,
    payload: PAYLOADS[draft.kind](draft),
    attachments: draft.photos.map(attachmentOf),
  };
  return { body: JSON.stringify(manifest), captured_at, attachments: filesOf(draft.photos) };
}

function reportOf({ payload, action }) {
  const { asset = null, organisation = null, source = "self_inspection", reopen_of = null, data = {} } = payload;
  return { asset, organisation, source, action: payload.action ?? action ?? null, reopen_of, data: exact(data, "data") };
}

function actOf({ number, action, payload }) {
  if (!number) throw new CoreError("draft_incomplete", { field: "number" });
  if (!action) throw new CoreError("draft_incomplete", { field: "action" });
  return { number, action, expected_version: payload.expected_version ?? null, data: exact(payload.data ?? {}, "data") };
}

function roundOf({ payload }) {
  if (!payload.round) throw new CoreError("draft_incomplete", { field: "round" });
  return { round: payload.round, data: exact(payload.data ?? {}, "data") };
}

const PAYLOADS = { report: reportOf, act: actOf, round: roundOf };

function attachmentOf(photo) {
  const place = placeOf(photo);
  return {
    display: photo.display_sha256 ? { sha256: photo.display_sha256, size: photo.display_size, mime: "image/jpeg" } : null,
    original: { sha256: photo.sha256, size: photo.size, mime: photo.mime, filename: photo.filename },
    meta: {
      kind: photo.kind,
      field: photo.field ?? null,
      pair_of: photo.pair_of ?? null,
      captured_at: photo.captured_at,
      ...place,
      crs: "WGS-84",
      exif: photo.exif ?? {},
      marks: photo.marks?.length ? photo.marks : null,
    },
  };
}

function placeOf({ fix, exif }) {
  if (fix) {
    const accuracy = Number.isFinite(Number(fix.accuracy_m)) && fix.accuracy_m !== null ? Math.ceil(fix.accuracy_m) : null;
    return { lon: degrees(fix.lon), lat: degrees(fix.lat), accuracy_m: accuracy, source: fix.source ?? "device" };
  }
  if (exif?.lon && exif?.lat) return { lon: exif.lon, lat: exif.lat, accuracy_m: null, source: "exif" };
  return { lon: null, lat: null, accuracy_m: null, source: "none" };
}

const degrees = (value) => Number(value).toFixed(6);

/* Hashed events hold integers and text only: a reading of 0.1 must be the same number in every language. */
function exact(value, path) {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new CoreError("draft_incomplete", { field: path });
    return Number.isSafeInteger(value) ? value : String(value);
  }
  if (Array.isArray(value)) return value.map((one, place) => exact(one, `${path}.${place}`));
  if (value instanceof Object) {
    const kept = Object.entries(value).filter(([, one]) => one !== undefined);
    return Object.fromEntries(kept.map(([name, one]) => [name, exact(one, `${path}.${name}`)]));
  }
  return value;
}

function filesOf(photos) {
  const display = photos.map((photo) =>
    photo.display_sha256
      ? { sha256: photo.display_sha256, role: "display", size: photo.display_size, mime: "image/jpeg", filename: photo.filename }
      : { sha256: photo.sha256, role: "display", size: photo.size, mime: photo.mime, filename: photo.filename },
  );
  const originals = photos
    .filter((photo) => photo.display_sha256)
    .map((photo) => ({ sha256: photo.sha256, role: "original", size: photo.size, mime: photo.mime, filename: photo.filename }));
  return [...display, ...originals];
}
