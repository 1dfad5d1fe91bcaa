/* Where we are and what is near: a watch on the device's position, distances, nearest assets and hazards. */

const EARTH_M = 6_371_000;
const SAME_PLACE_M = 50;
const GOOD_M = 30;
export const SEARCH_SECONDS = 20;

/** Metres between two points given as {lon, lat} in degrees. */
export function metres(a, b) {
  const rad = Math.PI / 180;
  const x = (b.lon - a.lon) * rad * Math.cos(((+a.lat + +b.lat) / 2) * rad);
  return Math.hypot(x, (b.lat - a.lat) * rad) * EARTH_M;
}

/** Things with lon and lat, nearest first, each with its distance `away_m`. */
export const nearest = (things, here) =>
  things
    .filter((one) => one.lon !== null && one.lat !== null)
    .map((one) => ({ ...one, away_m: metres(here, { lon: +one.lon, lat: +one.lat }) }))
    .sort((a, b) => a.away_m - b.away_m);

/** Open hazards at the same asset, or within fifty metres of the position. */
export function samePlace(hazards, { asset, here }) {
  const close = here ? new Map(nearest(hazards, here).map((one) => [one.number, one.away_m])) : new Map();
  return hazards
    .map((one) => ({ ...one, away_m: close.get(one.number) ?? null }))
    .filter((one) => (asset && one.asset === asset) || (one.away_m !== null && one.away_m <= SAME_PLACE_M))
    .slice(0, 3);
}

/** "good", "poor" or "none". */
export const quality = (fix) => (!fix ? "none" : fix.accuracy_m <= GOOD_M ? "good" : "poor");

/**
 * Watch the position until it is good or the time is up; `say` hears {state: "searching" | "found" | "denied" | "none", fix}.
 * The best fix so far is kept: in a well the last one before going down is worth more than a worse one below.
 */
export function watchPosition(say, seconds = SEARCH_SECONDS) {
  if (!navigator.geolocation) {
    say({ state: "none", fix: null });
    return () => {};
  }
  let best = null;
  const stop = () => (clearTimeout(timer), navigator.geolocation.clearWatch(watch));
  const timer = setTimeout(() => (stop(), best || say({ state: "none", fix: null })), seconds * 1000);
  const watch = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => {
      if (best && coords.accuracy > best.accuracy_m) return;
      best = {
        lon: coords.longitude.toFixed(7),
        lat: coords.latitude.toFixed(7),
        accuracy_m: Math.round(coords.accuracy * 10) / 10,
        at: new Date(timestamp).toISOString(),
      };
      say({ state: "found", fix: best });
    },
    (fault) =>
      fault.code === fault.PERMISSION_DENIED
        ? (stop(), say({ state: "denied", fix: best }))
        : best || say({ state: "none", fix: null }),
    { enableHighAccuracy: true, maximumAge: 30_000, timeout: seconds * 1000 },
  );
  say({ state: "searching", fix: null });
  return stop;
}
