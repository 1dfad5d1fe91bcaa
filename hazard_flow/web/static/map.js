/* Sites with devices on a map. Tiles of an intranet server where there is one, else a plain ground: the places still stand where they are. */

const box = document.querySelector("[data-map]");
if (box && window.L) start();

function start() {
  const { dataset } = box;
  const map = L.map(box, { zoomControl: false, attributionControl: false, maxZoom: 19, minZoom: 3, zoomAnimation: false, fadeAnimation: false });
  L.control.zoom({ zoomInTitle: dataset.in, zoomOutTitle: dataset.out }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  if (dataset.tiles) L.tileLayer(dataset.tiles, { maxZoom: 19 }).addTo(map);
  const spots = new Map();
  const word = (state) => box.getAttribute(`data-${state.replace("_", "-")}`);
  let isFirst = true;

  function look(feature) {
    const { code, name, state, alarm_level: level, devices } = feature.properties;
    const size = state === "alarm" ? 40 : 28;
    const pin = Object.assign(document.createElement("i"), { className: `pin is-${state.replace("_", "-")}${level === 2 ? " l2" : ""}` });
    const said = Object.entries(devices).map(([one, n]) => `${word(one)} ${n}`).join(" · ");
    return { icon: L.divIcon({ className: "spot", html: pin, iconSize: [size, size] }), title: `${name} ${code} · ${said}`, zIndexOffset: { alarm: 1000, fault: 400, no_data: 300, expired: 200 }[state] ?? 0 };
  }

  async function load() {
    const answer = await fetch(dataset.places, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const { features } = await answer.json();
    const present = new Set();
    for (const feature of features) {
      const { code } = feature.properties;
      const [lon, lat] = feature.geometry.coordinates;
      const { icon, title, zIndexOffset } = look(feature);
      const key = JSON.stringify(feature);
      present.add(code);
      const old = spots.get(code);
      if (old?.key === key) continue;
      old?.marker.remove();
      const marker = L.marker([lat, lon], { icon, title, alt: title, zIndexOffset, riseOnHover: true }).addTo(map);
      marker.getElement().setAttribute("aria-label", title);
      marker.on("click keypress", (event) => {
        if (event.type === "click" || event.originalEvent.key === "Enter") location.href = dataset.href + encodeURIComponent(code);
      });
      spots.set(code, { key, marker });
    }
    for (const [code, { marker }] of spots) if (!present.has(code)) { marker.remove(); spots.delete(code); }
    if (isFirst && spots.size) map.fitBounds(L.latLngBounds([...spots.values()].map(({ marker }) => marker.getLatLng())).pad(0.15), { maxZoom: 16 });
    isFirst = false;
  }

  map.setView([32.4, 119.4], 12);
  load();
  document.addEventListener("hf:live", load);
}
