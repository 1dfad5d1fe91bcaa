/* A zip of files as they are (method "stored": photos do not get smaller), readable by every computer. Nothing is held in memory but one file. */

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const UTF8_NAMES = 0x0800;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** A zip as a Blob from an (async) iterable of {name, bytes: ArrayBuffer | Uint8Array}. */
export async function zip(files, at = new Date()) {
  const parts = [];
  const central = [];
  let offset = 0;
  for await (const { name, bytes } of files) {
    const data = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
    const path = new TextEncoder().encode(name);
    const shared = [20, UTF8_NAMES, 0, ...dosTime(at), crc32(data), data.length, data.length, path.length, 0];
    parts.push(header([LOCAL, ...shared], "ISSSSSIIISS"), path, new Blob([data]));
    central.push(header([CENTRAL, 20, ...shared, 0, 0, 0, 0, offset], "ISSSSSSIIISSSSSII"), path);
    offset += 30 + path.length + data.length;
  }
  const size = central.reduce((sum, one) => sum + one.length, 0);
  const count = central.length / 2;
  return new Blob([...parts, ...central, header([END, 0, 0, count, count, size, offset, 0], "ISSSSIIS")], { type: "application/zip" });
}

/* Numbers one after another, little-endian: I four bytes, S two. */
function header(values, form) {
  const view = new DataView(new ArrayBuffer([...form].reduce((sum, kind) => sum + (kind === "I" ? 4 : 2), 0)));
  let place = 0;
  [...form].forEach((kind, index) => {
    if (kind === "I") view.setUint32(place, values[index], true);
    else view.setUint16(place, values[index], true);
    place += kind === "I" ? 4 : 2;
  });
  return new Uint8Array(view.buffer);
}

function dosTime(at) {
  const time = (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1);
  return [time, ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate()];
}

function crc32(data) {
  let crc = 0xffffffff;
  for (let place = 0; place < data.length; place++) crc = TABLE[(crc ^ data[place]) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
