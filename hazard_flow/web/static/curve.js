/* The history of a device as a curve one can zoom into: drag across it, double-click to come back. Without this file the small line of
   the last day stands there. Each look asks the server for the points of just this span, so that a peak is never lost in a wide one. */

const box = document.querySelector("[data-curve]");
if (box && window.uPlot) start();

function start() {
  const { dataset } = box;
  const place = box.querySelector("[data-plot]");
  const said = box.querySelector("[data-said]");
  const digits = Number(dataset.digits);
  const words = dataset.switch?.split(",");
  const show = (value) => (value == null ? "–" : words ? words[value >= 0.5 ? 1 : 0] : `${value.toFixed(digits)} ${dataset.unit}`.trim());
  const clock = (options) => new Intl.DateTimeFormat("sv-SE", { timeZone: dataset.zone, ...options });
  const full = clock({ dateStyle: "short", timeStyle: "medium" });
  let plot, window_, asked = 0;

  const span = () => (window_ ? [...window_] : [Date.now() / 1000 - Number(dataset.seconds), Date.now() / 1000]);

  async function load() {
    const mine = ++asked;
    const [from, to] = span();
    const query = new URLSearchParams({ from: new Date(from * 1000).toISOString(), to: new Date(to * 1000).toISOString(), limit: "500" });
    const answer = await fetch(`${dataset.history}&${query}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (mine !== asked) return;
    if (!answer?.ok) return void (said.textContent = dataset.failed);
    draw((await answer.json()).items, from, to);
  }

  function draw(items, from, to) {
    const data = [[], [], [], []];
    let before;
    for (const item of items) {
      const at = Date.parse(item.at) / 1000;
      // a silence is a hole in the line
      if (before !== undefined && at - before > Math.max(3 * item.step_seconds, 600)) [before + item.step_seconds, null, null, null].forEach((value, n) => data[n].push(value));
      [at, item.mean, item.low, item.high].forEach((value, n) => data[n].push(value));
      before = at;
    }
    const peak = items.reduce((top, item) => (top && top.high >= item.high ? top : item), null);
    said.textContent = peak ? dataset.peak.replace("{value}", show(peak.high)).replace("{at}", full.format(new Date(peak.at))) : dataset.empty;
    if (!plot) place.replaceChildren();
    plot?.destroy();
    plot = new uPlot(options(from, to, items), data, place);
  }

  function options(from, to, items) {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => resolve(style.getPropertyValue(name));
    const wide = to - from > 36 * 3600;
    const axis = { stroke: colour("--ink-3"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 }, font: "12px sans-serif" };
    const ticks = clock(wide ? { month: "2-digit", day: "2-digit" } : { hour: "2-digit", minute: "2-digit" });
    const limit = dataset.limit === undefined ? null : Number(dataset.limit);
    const highest = Math.max(...items.map((item) => item.high), -Infinity);
    const lowest = Math.min(...items.map((item) => item.low), Infinity);
    const withLimit = limit !== null && highest >= limit / 2;
    const top = withLimit ? Math.max(highest, limit) : highest;
    const room = Math.max((top - lowest) * 0.08, 10 ** -digits * 2);
    return {
      width: place.clientWidth || 600,
      height: 300,
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), dataset.zone),
      cursor: { drag: { x: true, y: false, setScale: false } },
      scales: {
        x: { min: from, max: to },
        y: { range: () => (words ? [-0.1, 1.1] : Number.isFinite(top) ? [lowest - room, top + room] : [0, 1]) },
      },
      axes: [
        { ...axis, values: (_, at) => at.map((one) => ticks.format(new Date(one * 1000))) },
        { ...axis, size: 58, values: (_, found) => found.map((one) => (words ? words[one] ?? "" : String(one))), splits: words ? () => [0, 1] : undefined },
      ],
      series: [
        { value: (_, at) => (at == null ? "–" : full.format(new Date(at * 1000))), label: dataset.time },
        { label: dataset.name, stroke: colour("--brand-2"), width: 2, paths: words ? uPlot.paths.stepped({ align: 1 }) : undefined, value: (_, one) => show(one), points: { show: items.length < 60 } },
        { label: dataset.low, stroke: "transparent", width: 0, value: (_, one) => show(one), points: { show: false } },
        { label: dataset.high, stroke: "transparent", width: 0, value: (_, one) => show(one), points: { show: false } },
      ],
      bands: [{ series: [3, 2], fill: colour("--brand-2").replace(/^rgb\((.*)\)$/, "rgba($1, .2)") }],
      hooks: {
        setSelect: [(self) => {
          if (self.select.width < 8) return;
          window_ = [self.posToVal(self.select.left, "x"), self.posToVal(self.select.left + self.select.width, "x")];
          self.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          load();
        }],
        draw: withLimit ? [(self) => drawLimit(self, limit, colour("--ink-2"))] : [],
        ready: [(self) => self.over.addEventListener("dblclick", () => { window_ = undefined; load(); })],
      },
    };
  }

  function drawLimit(self, limit, colour) {
    const y = self.valToPos(limit, "y", true);
    const { ctx, bbox } = self;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour;
    ctx.setLineDash([6, 5]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.textAlign = "left";
    ctx.textBaseline = "bottom";
    ctx.font = `${12 * devicePixelRatio}px sans-serif`;
    ctx.fillText(`${dataset.limitWords} · ${show(limit)}`, bbox.left + 6, y - 4);
    ctx.restore();
  }

  load();
  document.addEventListener("hf:live", () => window_ || load());
  document.addEventListener("click", (event) => event.target.closest("[data-theme-switch]") && setTimeout(load));
  new ResizeObserver(() => plot && place.clientWidth && plot.setSize({ width: place.clientWidth, height: 300 })).observe(place);
}

/* light-dark() and color-mix() as the canvas understands them */
function resolve(value) {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = value;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
