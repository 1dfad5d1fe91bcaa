/* What a file is, by its first bytes: names and types given by a device are not to be trusted. */

const MEGABYTE = 1_000_000;

/* The server's own list and limits (evidence intake): refused here, before somebody carries it home. */
export const KINDS = {
  "image/jpeg": { family: "image", ending: "jpg", bytesMax: 20 * MEGABYTE },
  "image/png": { family: "image", ending: "png", bytesMax: 20 * MEGABYTE },
  "image/webp": { family: "image", ending: "webp", bytesMax: 20 * MEGABYTE },
  "image/heic": { family: "image", ending: "heic", bytesMax: 20 * MEGABYTE },
  "application/pdf": { family: "document", ending: "pdf", bytesMax: 20 * MEGABYTE },
  "video/mp4": { family: "video", ending: "mp4", bytesMax: 100 * MEGABYTE },
  "video/quicktime": { family: "video", ending: "mov", bytesMax: 100 * MEGABYTE },
};
const HEIC_BRANDS = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"];

/** The MIME type of an ArrayBuffer's content, or null when it is none that evidence can be. */
export function sniff(buffer) {
  const head = new Uint8Array(buffer, 0, Math.min(32, buffer.byteLength));
  const at = (place, text) => [...text].every((char, step) => head[place + step] === char.charCodeAt(0));
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return "image/jpeg";
  if (at(0, "\x89PNG\r\n\x1a\n")) return "image/png";
  if (at(0, "RIFF") && at(8, "WEBP")) return "image/webp";
  if (at(0, "%PDF-")) return "application/pdf";
  if (!at(4, "ftyp")) return null;
  const brand = String.fromCharCode(...head.slice(8, 12));
  if (HEIC_BRANDS.includes(brand)) return "image/heic";
  return brand === "qt  " ? "video/quicktime" : "video/mp4";
}

/** A file name with the ending of what the file is: the server refuses a name that claims something else. */
export function properName(name, mime) {
  const stem = (name || "").split(/[\\/]/).pop().replace(/\.[A-Za-z0-9]{1,5}$/, "").trim().slice(0, 80);
  return `${stem || "photo"}.${KINDS[mime].ending}`;
}
