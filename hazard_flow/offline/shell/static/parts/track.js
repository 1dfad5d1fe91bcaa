/* The way that is walked while a round is open: fixes of the device, thinned, kept with the draft. */

const EVERY_MS = 5_000;
const SAVE_EVERY_MS = 15_000;
const POINTS_MAX = 8_000;

/** Record into `form.track` until the returned function is called; `said` hears every fix {lon, lat, accuracy_m, at}. */
export function recordTrack(form, keeper, said) {
  if (!navigator.geolocation) return () => {};
  let [last, saved] = [0, Date.now()];
  const watch = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => {
      const fix = {
        lon: coords.longitude.toFixed(7),
        lat: coords.latitude.toFixed(7),
        accuracy_m: Math.round(coords.accuracy * 10) / 10,
        at: new Date(timestamp).toISOString(),
      };
      said?.(fix);
      if (timestamp - last < EVERY_MS || form.track.length >= POINTS_MAX) return;
      last = timestamp;
      form.track.push([fix.at, fix.lon, fix.lat, String(fix.accuracy_m)]);
      if (Date.now() - saved > SAVE_EVERY_MS) {
        saved = Date.now();
        keeper.soon();
      }
    },
    () => said?.(null),
    { enableHighAccuracy: true, maximumAge: 0 },
  );
  return () => navigator.geolocation.clearWatch(watch);
}
