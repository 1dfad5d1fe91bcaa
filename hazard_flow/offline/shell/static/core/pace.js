/* How much at a time and how long until the next try. Pure. */

export const CHUNK_BYTES = 256 * 1024;
const CHUNK_BYTES_MIN = 16 * 1024;
const RETRY_FIRST_MS = 2_000;
const RETRY_MAX_MS = 300_000;

/** Milliseconds until the next try after so many faults in a row: 2 s doubling to 5 min; `dice` in [0, 1) spreads tablets apart. */
export function retryDelayMs(faults, dice) {
  const full = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.max(0, faults - 1));
  return Math.round(full * (0.5 + dice / 2));
}

/** A chunk that did not get through in time is tried at half its size; after one that did, twice as large again. */
export function nextChunkBytes(bytes, gotThrough) {
  return gotThrough ? Math.min(CHUNK_BYTES, bytes * 2) : Math.max(CHUNK_BYTES_MIN, Math.floor(bytes / 2));
}

/** Whether originals may go over this connection: not where each byte is paid for or the person asked to save data. */
export function bearsOriginals(connection) {
  if (!connection) return true; // Safari and Firefox do not say
  return !connection.saveData && connection.type !== "cellular";
}
