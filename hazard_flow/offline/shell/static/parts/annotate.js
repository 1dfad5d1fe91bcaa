/* Arrows and circles on a photo: vectors in thousandths of its width and height, a layer of their own, never burned in. */

import { button, fill, h, icon, svgNode } from "./dom.js";
import { t } from "./words.js";

const WHOLE = 1000;
const SMALLEST = 25;
const DEFAULT = 180;
const STEP = 20;
const clamp = (n) => Math.max(0, Math.min(WHOLE, Math.round(n)));

/** The layer of marks over an image `ratio` times as wide as it is high. */
export function marksLayer(marks, ratio, props = {}) {
  const svg = svgNode("svg", { class: "marks", viewBox: `0 0 ${WHOLE * ratio} ${WHOLE}`, ...props });
  fill(
    svg,
    marks.map((one) => drawn(one, ratio)),
  );
  return svg;
}

function drawn({ shape, x1, y1, x2, y2 }, ratio) {
  if (shape === "circle") {
    const box = {
      cx: ((x1 + x2) / 2) * ratio,
      cy: (y1 + y2) / 2,
      rx: (Math.abs(x2 - x1) / 2) * ratio,
      ry: Math.abs(y2 - y1) / 2,
    };
    return svgNode("g", {}, svgNode("ellipse", { class: "under", ...box }), svgNode("ellipse", box));
  }
  const d = arrow(x1 * ratio, y1, x2 * ratio, y2);
  return svgNode("g", {}, svgNode("path", { class: "under", d }), svgNode("path", { d }));
}

function arrow(x1, y1, x2, y2) {
  const turn = Math.atan2(y2 - y1, x2 - x1);
  const head = (by) => `${x2 - 46 * Math.cos(turn + by)} ${y2 - 46 * Math.sin(turn + by)}`;
  return `M${x1} ${y1}L${x2} ${y2}M${head(0.5)}L${x2} ${y2}L${head(-0.5)}`;
}

/** A mark that is at least large enough to be seen: a tap alone makes one of the usual size. */
export function settled(mark) {
  if (Math.hypot(mark.x2 - mark.x1, mark.y2 - mark.y1) >= SMALLEST) return mark;
  const { x1: x, y1: y } = mark;
  const half = DEFAULT / 2;
  const ends =
    mark.shape === "circle" ? [x - half, y - half, x + half, y + half] : [x - DEFAULT, y + DEFAULT, x, y];
  const [x1, y1, x2, y2] = ends.map(clamp);
  return { shape: mark.shape, x1, y1, x2, y2 };
}

/** The last mark moved by the arrow keys. */
export const moved = (mark, dx, dy) => ({
  shape: mark.shape,
  x1: clamp(mark.x1 + dx),
  y1: clamp(mark.y1 + dy),
  x2: clamp(mark.x2 + dx),
  y2: clamp(mark.y2 + dy),
});

/** A photo that can be marked: image, layer, and the row of tools. `changed` hears the marks. */
export function annotator({ url, alt, marks, changed }) {
  let shape = null;
  let ratio = 4 / 3;
  const image = h("img", { src: url, alt });
  const place = h("div.framed", image);
  const tools = h("div.tools", { role: "group", "aria-label": t("field.mark.tools") });

  const draw = (extra) => {
    place.querySelector("svg")?.remove();
    const svg = marksLayer(extra ? [...marks, extra] : marks, ratio, {
      role: "img",
      tabindex: shape ? "0" : null,
      "aria-label": shape ? t("field.mark.how") : t("field.mark.count", { n: marks.length }),
    });
    svg.classList.toggle("live", Boolean(shape));
    svg.addEventListener("pointerdown", (event) => shape && drag(event));
    svg.addEventListener("keydown", keys);
    place.append(svg);
  };
  const commit = (next) => ((marks = next), changed(next), draw(), drawTools());
  const point = (event) => {
    const box = image.getBoundingClientRect(); // the layer itself is drawn anew while the finger moves
    return [
      clamp((WHOLE * (event.clientX - box.left)) / box.width),
      clamp((WHOLE * (event.clientY - box.top)) / box.height),
    ];
  };
  const drag = (event) => {
    event.preventDefault();
    const [x1, y1] = point(event);
    let mark = { shape, x1, y1, x2: x1, y2: y1 };
    const move = (later) => (([mark.x2, mark.y2] = point(later)), draw(mark));
    const end = () => (
      removeEventListener("pointermove", move),
      removeEventListener("pointerup", end),
      commit([...marks, settled(mark)])
    );
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
  };
  const keys = (event) => {
    const way = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[
      event.key
    ];
    if (way && marks.length) commit([...marks.slice(0, -1), moved(marks.at(-1), ...way)]);
    else if (event.key === "Enter")
      commit([...marks, settled({ shape, x1: 500, y1: 500, x2: 500, y2: 500 })]);
    else return;
    event.preventDefault();
    place.querySelector("svg").focus();
  };
  const choose = (wanted) => ((shape = shape === wanted ? null : wanted), draw(), drawTools());
  const drawTools = () =>
    fill(tools, [
      tool("arrow", "arrow-up-right", shape, choose),
      tool("circle", "circle", shape, choose),
      marks.length > 0 &&
        button(t("field.mark.undo"), {
          kind: "sm",
          glyph: "arrow-back-up",
          act: () => commit(marks.slice(0, -1)),
        }),
    ]);
  image.addEventListener("load", () => ((ratio = image.naturalWidth / image.naturalHeight || ratio), draw()));
  draw();
  drawTools();
  return { place, tools };
}

const tool = (name, glyph, shape, choose) =>
  h(
    "button.btn.sm",
    { type: "button", "aria-pressed": String(shape === name), on: { click: () => choose(name) } },
    icon(glyph),
    t(`field.mark.${name}`),
  );
