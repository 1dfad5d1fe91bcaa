/* What a photo says of itself. Read from the original; the display copy loses it, so it travels in the manifest. */

const TAGS = ["DateTimeOriginal", "OffsetTimeOriginal", "SubSecTimeOriginal", "Make", "Model", "Software", "Orientation", "ImageWidth", "ImageHeight"];

/** Tags by name, all text, `lon` and `lat` among them where the photo knows them; {} when it says nothing. Never throws. */
export async function readExif(buffer) {
  try {
    // loaded with the first photo, not with the app; it lies in the same cache
    const { default: exifr } = await import("/static/vendor/exifr.js");
    const found = await exifr.parse(buffer, { gps: true, reviveValues: false, translateValues: false });
    return found ? asText(found) : {};
  } catch {
    return {};
  }
}

function asText(found) {
  const said = {};
  for (const tag of TAGS) if (isPlain(found[tag])) said[tag] = String(found[tag]).replace(/\0/g, "").trim().slice(0, 100);
  if (Number.isFinite(found.longitude) && Number.isFinite(found.latitude)) {
    said.lon = found.longitude.toFixed(6);
    said.lat = found.latitude.toFixed(6);
  }
  return said;
}

function isPlain(value) {
  return typeof value === "string" || Number.isInteger(value);
}
