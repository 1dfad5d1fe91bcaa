/* The city on one map. The server says what lies in a region somewhat larger than the window; everything is drawn on one canvas from flat
   lists of numbers, so that a move within the region costs a frame and nothing else. The regions a step in, out and around lie ready before
   somebody takes it. Without this file the list beside the map stays: it names what stands where the map would open. */

const box = document.querySelector("[data-city-map]");
if (box && window.L) start(JSON.parse(document.getElementById("map-layers").textContent));

function start(described) {
  shapeOf.known = new Map();
  const TILE = 256, SNAP = 512, MARGIN = 192, KEPT = 24, ROOM = 96, FRESH_MS = 60_000;
  const words = box.dataset;
  const layers = new Map(described.map((one) => [one.key, one]));
  let on = new Set(words.on.split(",").filter(Boolean));
  const regions = new Map(); // key → {zoom, box in pixels of that zoom, layers, at}
  const asked = new Map(); // key → AbortController, of what is under way
  const colours = new Map();
  const notes = Object.fromEntries([...document.querySelectorAll("[data-map-note]")].map((one) => [one.dataset.mapNote, one]));
  let drawnFrom, cover, frame, settling, pointed;

  const map = L.map(box, { zoomControl: false, attributionControl: false, minZoom: 3, maxZoom: 19, zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: true, wheelDebounceTime: 8, wheelPxPerZoomLevel: 120, keyboardPanDelta: 120 });
  L.control.zoom({ zoomInTitle: words.in, zoomOutTitle: words.out, position: "topright" }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  if (words.tiles) L.tileLayer(words.tiles, { maxZoom: 19 }).addTo(map);

  const canvas = L.DomUtil.create("canvas", "city-canvas", map.getPane("overlayPane"));
  canvas.setAttribute("aria-hidden", "true");
  const pen = canvas.getContext("2d");
  map.setView([Number(words.lat), Number(words.lon)], Number(words.zoom), { animate: false });

  /* Where things are: pixels of the world at a zoom, y downwards, as map servers count. */

  const world = (zoom) => TILE * 2 ** zoom;
  const xOf = (lon, zoom) => (lon / 360 + 0.5) * world(zoom);
  const yOf = (lat, zoom) => {
    const s = Math.sin((lat * Math.PI) / 180);
    return (0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * world(zoom);
  };
  const lonOf = (x, zoom) => (x / world(zoom) - 0.5) * 360;
  const latOf = (y, zoom) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / world(zoom)))) * 180) / Math.PI;

  function view() {
    const zoom = map.getZoom(), size = map.getSize(), middle = map.project(map.getCenter(), zoom);
    return { zoom, west: middle.x - size.x / 2, north: middle.y - size.y / 2, east: middle.x + size.x / 2, south: middle.y + size.y / 2 };
  }

  /* Regions */

  const grown = (v, by) => ({ zoom: v.zoom, west: v.west - by, north: v.north - by, east: v.east + by, south: v.south + by });
  const at = (v, zoom) => {
    const k = 2 ** (zoom - v.zoom);
    return { zoom, west: v.west * k, north: v.north * k, east: v.east * k, south: v.south * k };
  };
  const holds = (outer, v) => outer.zoom === v.zoom && outer.west <= v.west && outer.north <= v.north && outer.east >= v.east && outer.south >= v.south;
  const snapped = (v) => ({ zoom: v.zoom, west: Math.floor(v.west / SNAP) * SNAP, north: Math.max(0, Math.floor(v.north / SNAP) * SNAP), east: Math.ceil(v.east / SNAP) * SNAP, south: Math.min(world(v.zoom), Math.ceil(v.south / SNAP) * SNAP) });
  const keyOf = (r) => [r.zoom, r.west, r.north, r.east, r.south, [...on].join()].join(":");
  const mine = () => [...regions.values()].filter((one) => [...on].every((key) => key in one.layers));

  function ready(v) {
    return mine().filter((one) => holds(one, v)).sort((a, b) => b.at - a.at)[0];
  }

  async function load(wanted, priority) {
    if (!on.size || wanted.zoom < 3 || wanted.zoom > 19) return;
    const region = snapped(wanted), key = keyOf(region);
    if (asked.has(key)) return;
    if (priority === "high") {
      // what is under way and holds the view is the quickest; the rest is in its way
      if ([...asked.values()].some((one) => holds(one.region, view()))) return;
      for (const [other, one] of asked) { one.stop.abort(); asked.delete(other); }
    }
    const stop = new AbortController();
    asked.set(key, { stop, region });
    const query = new URLSearchParams({ west: Math.max(-180, lonOf(region.west, region.zoom)), south: latOf(region.south, region.zoom), east: Math.min(180, lonOf(region.east, region.zoom)), north: latOf(region.north, region.zoom), zoom: region.zoom });
    try {
      const answer = await fetch(`/api/v1/map/${[...on].join(",")}?${query}`, { headers: { Accept: "application/json" }, signal: stop.signal, priority });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      regions.delete(key);
      regions.set(key, { ...region, layers: laid(told), at: Date.now() });
      while (regions.size > KEPT) regions.delete(regions.keys().next().value);
      notes.failed.hidden = true;
      if (region.zoom === map.getZoom()) draw();
    } catch (error) {
      if (error.name !== "AbortError") notes.failed.hidden = false;
    } finally {
      if (asked.get(key)?.stop === stop) asked.delete(key);
    }
  }

  /* Whole steps become parts of the world's side, which fit every zoom. */
  function laid({ west, south, step, layers: told }) {
    const found = {};
    const x = (n) => xOf(west + n * step, 0) / TILE, y = (n) => yOf(south + n * step, 0) / TILE;
    const flat = (list, width) => {
      const out = new Float64Array(list.length);
      for (let i = 0; i < list.length; i += width) {
        out[i] = x(list[i]);
        out[i + 1] = y(list[i + 1]);
        for (let k = 2; k < width; k++) out[i + k] = list[i + k];
      }
      return out;
    };
    const line = (steps) => {
      const out = new Float64Array(steps.length);
      let a = 0, b = 0;
      for (let i = 0; i < steps.length; i += 2) {
        a += steps[i];
        b += steps[i + 1];
        out[i] = x(a);
        out[i + 1] = y(b);
      }
      return out;
    };
    for (const [key, one] of Object.entries(told)) {
      const each = (group, make) => Object.entries(group ?? {}).map(([style, list]) => [style, make(list)]);
      found[key] = { cut: one.cut, points: each(one.points, (l) => flat(l, 3)), clusters: each(one.clusters, (l) => flat(l, 4)), shares: Object.entries(one.shares ?? {}).map(([styles, l]) => [styles.split(","), flat(l, 3 + styles.split(",").length)]), lines: each(one.lines, (ways) => ways.map(line)), areas: (one.areas ?? []).map((area) => ({ ...area, rings: area.rings.map(line) })) };
    }
    return found;
  }

  /* Drawing */

  function colour(name) {
    let found = colours.get(name);
    if (!found) {
      probe.style.color = `var(--${name})`;
      found = getComputedStyle(probe).color;
      colours.set(name, found);
    }
    return found;
  }
  const probe = document.createElement("i");
  probe.hidden = true;
  box.after(probe);

  const draw = () => { frame ??= requestAnimationFrame(paint); };

  function paint() {
    frame = undefined;
    const began = performance.now();
    const ratio = Math.min(2, devicePixelRatio || 1), v = grown(view(), ROOM), window_ = map.getSize();
    const size = { x: window_.x + 2 * ROOM, y: window_.y + 2 * ROOM };
    if (canvas.width !== size.x * ratio || canvas.height !== size.y * ratio) {
      canvas.width = size.x * ratio;
      canvas.height = size.y * ratio;
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
    }
    L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([-ROOM, -ROOM]));
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, size.x, size.y);
    const exact = ready(v) ?? ready(view());
    const others = exact ? [exact] : mine().filter((one) => one !== exact).sort((a, b) => Math.abs(b.zoom - v.zoom) - Math.abs(a.zoom - v.zoom) || a.at - b.at).slice(-2);
    const scale = world(v.zoom);
    for (const key of layers.keys()) {
      if (!on.has(key)) continue;
      for (const region of others) if (region.layers[key]) paintLayer(layers.get(key), region.layers[key], scale, v, size);
    }
    drawnFrom = exact;
    cover = v;
    notes.cut.hidden = !(exact && [...on].some((key) => exact.layers[key]?.cut));
    if (exact) box.dataset.drawn = v.zoom;
    else delete box.dataset.drawn;
    box.dispatchEvent(new CustomEvent("hf:map-drawn", { detail: { complete: Boolean(exact), zoom: v.zoom, ms: performance.now() - began } }));
  }

  function paintLayer(layer, found, scale, v, size) {
    const look = (style) => layer.styles[style] ?? { colour: "ink-3", shape: "dot", size: 8, dash: [] };
    const near = (x, y, room) => x > -room && y > -room && x < size.x + room && y < size.y + room;
    for (const area of found.areas) {
      pen.beginPath();
      for (const ring of area.rings) {
        trace(ring, scale, v);
        pen.closePath();
      }
      const { colour: fill } = look(area.style);
      pen.fillStyle = colour(fill);
      pen.fill("evenodd");
      pen.strokeStyle = colour(area.style === "district" ? "ground-edge" : fill);
      pen.lineWidth = area.style === "district" ? 1.5 : 0.5;
      pen.stroke();
    }
    // the lightest first, so that the weighty lie above
    for (const [style, ways] of [...found.lines].sort(([a], [b]) => look(a).size - look(b).size)) {
      const { colour: ink, size: width, dash } = look(style);
      const thin = v.zoom < 12 ? 0.5 : v.zoom < 14 ? 0.7 : v.zoom > 16 ? 1.35 : 1;
      pen.beginPath();
      for (const way of ways) trace(way, scale, v);
      pen.lineJoin = pen.lineCap = dash?.length ? "butt" : "round";
      if (layer.key !== "districts" && width > 3) {
        pen.setLineDash([]);
        pen.strokeStyle = colour("halo");
        pen.lineWidth = width * thin + 2;
        pen.stroke();
      }
      pen.setLineDash(dash ?? []);
      pen.strokeStyle = colour(ink);
      pen.lineWidth = width * thin;
      pen.stroke();
      pen.setLineDash([]);
    }
    for (const area of found.areas) if (area.name && v.zoom > 9) name(area, scale, v, size);
    for (const [style, list] of found.clusters) {
      const one = look(style), isQuiet = layer.key === "assets";
      for (let i = 0; i < list.length; i += 4) {
        const x = list[i] * scale - v.west, y = list[i + 1] * scale - v.north;
        if (near(x, y, 40)) cluster(x, y, list[i + 2], list[i + 3], one, isQuiet);
      }
    }
    for (const [styles, list] of found.shares) {
      const inks = styles.map((one) => colour(look(one).colour)), width = 3 + styles.length;
      for (let i = list.length - width; i >= 0; i -= width) {
        const x = list[i] * scale - v.west, y = list[i + 1] * scale - v.north;
        if (near(x, y, 40)) shares(x, y, list.subarray(i + 3, i + width), list[i + 2], inks);
      }
    }
    for (const [style, list] of [...found.points].reverse()) {
      const one = look(style), room = one.size + 8;
      const scaled = v.zoom < 14 ? 0.8 : v.zoom > 17 ? 1.25 : 1;
      const shape = shapeOf(one.shape, one.size * scaled);
      pen.fillStyle = colour(one.colour);
      pen.strokeStyle = colour(one.edge || "halo");
      pen.lineWidth = one.edge ? 2.5 : 1.5;
      const rings = [];
      for (let i = 0; i < list.length; i += 3) {
        const x = list[i] * scale - v.west, y = list[i + 1] * scale - v.north;
        if (!near(x, y, room)) continue;
        pen.translate(x, y);
        pen.stroke(shape);
        pen.fill(shape);
        pen.translate(-x, -y);
        if (list[i + 2]) rings.push([x, y]);
      }
      for (const [x, y] of rings) ring(x, y, one.size * scaled * 0.5 + 4.5);
    }
  }

  function trace(steps, scale, v) {
    for (let i = 0; i < steps.length; i += 2) {
      const x = steps[i] * scale - v.west, y = steps[i + 1] * scale - v.north;
      if (i) pen.lineTo(x, y);
      else pen.moveTo(x, y);
    }
  }

  function ring(x, y, radius) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 7);
    pen.strokeStyle = colour("ink");
    pen.lineWidth = 1.75;
    pen.stroke();
  }

  function cluster(x, y, count, isRinged, look, isQuiet) {
    const radius = Math.min(24, (isQuiet ? 8 : 10) + Math.log10(count) * 5.5);
    pen.beginPath();
    pen.arc(x, y, radius, 0, 7);
    pen.fillStyle = colour(isQuiet ? "cluster" : look.colour);
    pen.fill();
    pen.strokeStyle = colour(isQuiet ? "cluster-edge" : "halo");
    pen.lineWidth = isQuiet ? 1 : 2;
    pen.stroke();
    if (isRinged) ring(x, y, radius + 3.5);
    pen.fillStyle = colour(isQuiet ? "ink-2" : look.colour === "r3" ? "on-r3" : "surface");
    pen.font = `${isQuiet ? 500 : 700} ${isQuiet ? 11 : 12}px system-ui, sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(count < 1000 ? count : `${Math.round(count / 100) / 10}k`, x, y + 0.5);
  }

  /* how many of each urgency: a ring of their shares around the number, the worst from the top on */
  function shares(x, y, counts, isRinged, inks) {
    let count = 0, turn = -Math.PI / 2;
    for (const n of counts) count += n;
    const radius = Math.min(21, 10 + Math.log10(count) * 4.5), width = 4.5;
    pen.beginPath();
    pen.arc(x, y, radius + 1.5, 0, 7);
    pen.fillStyle = colour("surface");
    pen.fill();
    pen.lineWidth = width;
    counts.forEach((n, i) => {
      if (!n) return;
      // a single worst one is seen, however many others there are
      const next = turn + Math.max(0.5, (n / count) * 2 * Math.PI);
      pen.beginPath();
      pen.arc(x, y, radius - width / 2, turn, Math.min(next, 1.5 * Math.PI));
      pen.strokeStyle = inks[i];
      pen.stroke();
      turn = next;
    });
    if (isRinged) ring(x, y, radius + 1.5);
    pen.fillStyle = colour("ink");
    pen.font = "650 12px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(count < 1000 ? count : `${Math.round(count / 100) / 10}k`, x, y + 0.5);
  }

  function name(area, scale, v, size) {
    let west = Infinity, east = -Infinity, north = Infinity, south = -Infinity;
    const edge = area.rings[0];
    for (let i = 0; i < edge.length; i += 2) {
      west = Math.min(west, edge[i]); east = Math.max(east, edge[i]);
      north = Math.min(north, edge[i + 1]); south = Math.max(south, edge[i + 1]);
    }
    const x = ((west + east) / 2) * scale - v.west, y = ((north + south) / 2) * scale - v.north;
    if ((east - west) * scale < 50 || x < 0 || y < 0 || x > size.x || y > size.y) return;
    pen.font = "600 13px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.strokeStyle = colour("ground-district");
    pen.lineWidth = 4;
    pen.lineJoin = "round";
    const written = area.name[document.documentElement.lang === "en" ? 1 : 0];
    pen.strokeText(written, x, y);
    pen.fillStyle = colour(area.style === "water" ? "r4i" : "ink-3");
    pen.fillText(written, x, y);
  }

  /* Input: where somebody points, the keys, the switch of layers */

  map.on("zoom viewreset resize moveend", draw);
  // the canvas moves along with the map, and reaches beyond the window: it is drawn anew when its edge comes into sight
  map.on("move", () => {
    if (!cover || !holds(cover, view())) draw();
    else if (drawnFrom) box.dispatchEvent(new CustomEvent("hf:map-drawn", { detail: { complete: true, zoom: cover.zoom } }));
  });
  map.on("moveend resize", follow);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { colours.clear(); draw(); });
  new MutationObserver(() => { colours.clear(); draw(); }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

  function follow() {
    const v = view(), there = ready(v);
    if (!there) load(grown(v, MARGIN), "high");
    else if (Date.now() - there.at > FRESH_MS) load(grown(v, MARGIN), "low");
    clearTimeout(settling);
    settling = setTimeout(settle, 60);
  }

  let settled = 0;
  async function settle() {
    const ticket = ++settled;
    const v = view(), size = map.getSize();
    remember();
    // around, a step in and a step out, so that the next step finds its region ready
    const around = grown(v, MARGIN / 2), closer = at(v, v.zoom + 1);
    const wider = grown(at(v, v.zoom - 1), Math.max(size.x, size.y) * 0.42);
    // one after the other, and no further than this view: another one asks for itself
    for (const [wanted, region] of [[closer, closer], [at(v, v.zoom - 1), wider], [around, grown(v, SNAP / 2)]]) {
      if (ticket !== settled) return;
      if (!ready(wanted)) await load(region, "low");
      if (wanted === closer && ticket === settled) list();
    }
  }

  function remember() {
    const middle = map.getCenter(), here = new URL(location.href);
    here.searchParams.set("lon", middle.lng.toFixed(5));
    here.searchParams.set("lat", middle.lat.toFixed(5));
    here.searchParams.set("zoom", map.getZoom());
    here.searchParams.set("layers", [...on].join(","));
    history.replaceState(null, "", here);
  }

  function around(latlng, pixels) {
    const zoom = map.getZoom(), { x, y } = map.project(latlng, zoom);
    return { west: lonOf(x - pixels, zoom), east: lonOf(x + pixels, zoom), south: latOf(y + pixels, zoom), north: latOf(y - pixels, zoom), zoom };
  }
  const named = () => [...on].filter((key) => layers.get(key)?.listed).join(",");

  /* null where it failed, or somebody has moved on meanwhile */
  async function said(query, signal) {
    try {
      const answer = await fetch(`/map/list?${query}`, { headers: { Accept: "text/html" }, signal });
      return answer.ok ? await answer.text() : null;
    } catch {
      return null;
    }
  }

  let listing;
  async function list() {
    listing?.abort();
    listing = new AbortController();
    const b = map.getBounds();
    const query = new URLSearchParams({ west: Math.max(-180, b.getWest()), south: b.getSouth(), east: Math.min(180, b.getEast()), north: b.getNorth(), zoom: map.getZoom(), layers: named() });
    const told = await said(query, listing.signal);
    if (told !== null) document.getElementById("in-view").innerHTML = told;
  }

  function hit(point) {
    const v = view();
    let best, least = 16 ** 2;
    if (!drawnFrom) return best;
    const scale = world(v.zoom);
    for (const key of on) {
      const found = drawnFrom.layers[key];
      if (!found) continue;
      for (const kind of ["shares", "clusters", "points"])
        for (const [styles, list_] of found[kind])
          for (let i = 0, width = { shares: 3 + styles.length, clusters: 4, points: 3 }[kind]; i < list_.length; i += width) {
            const x = list_[i] * scale - v.west, y = list_[i + 1] * scale - v.north, d = (x - point.x) ** 2 + (y - point.y) ** 2;
            if (d <= least) { least = d; best = { kind, latlng: L.latLng(latOf(list_[i + 1] * world(0), 0), lonOf(list_[i] * world(0), 0)) }; }
          }
    }
    return best;
  }

  const panel = document.getElementById("map-panel");
  async function open(latlng, reach = 12) {
    pointed?.abort();
    pointed = new AbortController();
    const query = new URLSearchParams({ ...around(latlng, reach), layers: named(), point: "1" });
    const told = await said(query, pointed.signal);
    if (told === null) return;
    if (!told.trim()) return close();
    panel.querySelector("[data-body]").innerHTML = told;
    panel.hidden = false;
    panel.querySelector("a, button")?.focus({ preventScroll: true });
  }
  function close() {
    if (panel.hidden) return;
    panel.hidden = true;
    box.focus({ preventScroll: true });
  }
  map.on("click", ({ latlng, containerPoint }) => {
    const found = hit(containerPoint);
    if (found && found.kind !== "points" && map.getZoom() < 18) map.setView(found.latlng, Math.min(19, map.getZoom() + 2), { animate: false });
    else open(found?.latlng ?? latlng, found ? 6 : 10);
  });
  map.on("mousemove", ({ containerPoint }) => { box.style.cursor = hit(containerPoint) ? "pointer" : ""; });
  panel.querySelector("[data-close]").addEventListener("click", close);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key === "Enter" && document.activeElement === box) open(map.getCenter(), 20);
  });

  for (const tick of document.querySelectorAll("[data-layer]"))
    tick.addEventListener("change", () => {
      on = new Set([...document.querySelectorAll("[data-layer]:checked")].map((one) => one.dataset.layer));
      for (const one of document.querySelectorAll("[data-legend]")) one.hidden = !on.has(one.dataset.legend);
      draw();
      follow();
    });

  /* what moves by itself */
  document.addEventListener("hf:live", () => {
    regions.clear();
    load(grown(view(), MARGIN), "high");
  });

  draw();
  follow();

  function shapeOf(shape, size) {
    const key = `${shape}:${size}`;
    let found = shapeOf.known.get(key);
    if (!found) shapeOf.known.set(key, (found = made(shape, size / 2)));
    return found;
  }
}

/* shapes around 0, 0; the legend's svg of the same name looks the same */
function made(shape, r) {
  const path = new Path2D();
  const corners = (n, turn, radius = r) => {
    for (let i = 0; i < n; i++) {
      const a = ((i + turn) * 2 * Math.PI) / n;
      path[i ? "lineTo" : "moveTo"](radius * Math.sin(a), -radius * Math.cos(a));
    }
    path.closePath();
  };
  if (shape === "square") path.rect(-r * 0.85, -r * 0.85, r * 1.7, r * 1.7);
  else if (shape === "bar") path.rect(-r, -r * 0.6, r * 2, r * 1.2);
  else if (shape === "diamond") corners(4, 0, r * 1.15);
  else if (shape === "triangle") corners(3, 0, r * 1.2);
  else if (shape === "hexagon") corners(6, 0);
  else if (shape === "octagon") corners(8, 0.5);
  else if (shape === "house") {
    path.moveTo(0, -r);
    path.lineTo(r, -r * 0.1);
    path.lineTo(r * 0.75, -r * 0.1);
    path.lineTo(r * 0.75, r * 0.9);
    path.lineTo(-r * 0.75, r * 0.9);
    path.lineTo(-r * 0.75, -r * 0.1);
    path.lineTo(-r, -r * 0.1);
    path.closePath();
  } else if (shape === "cross") {
    const t = r * 0.36;
    const way = [[-t, -r], [t, -r], [t, -t], [r, -t], [r, t], [t, t], [t, r], [-t, r], [-t, t], [-r, t], [-r, -t], [-t, -t]];
    way.forEach(([x, y], i) => path[i ? "lineTo" : "moveTo"](x, y));
    path.closePath();
  } else path.arc(0, 0, r, 0, 7);
  return path;
}
