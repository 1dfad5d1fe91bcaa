/* Elements without a framework: h("div.card", {attributes}, children…). Text is always text, never markup. */

const SVG = "http://www.w3.org/2000/svg";
const html = document.documentElement;

/** An element; `class`, `style` ({"--x": …}), `data`, `on` ({click: …}) and attributes; false and null leave an attribute out. */
export function h(tag, props, ...children) {
  const given = isProps(props);
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  if (given) dress(node, props);
  fill(node, given ? children : [props, ...children]);
  return node;
}

/** Put children into a node in place of what was there. */
export function fill(node, children) {
  node.replaceChildren(...[children].flat(Infinity).filter((one) => one || one === 0));
  return node;
}

/** An icon of the sprite. */
export const icon = (name, cls = "") => {
  const svg = svgNode("svg", { class: `i ${cls}`.trim(), "aria-hidden": "true" });
  svg.append(svgNode("use", { href: `${html.dataset.icons}#i-${name}` }));
  return svg;
};

/** An SVG element with attributes and children. */
export function svgNode(name, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== null && value !== false) node.setAttribute(key, value);
  node.append(...children.flat());
  return node;
}

/** A button; `kind` adds classes ("pri", "sm ghost"). */
export const button = (text, { kind = "", glyph, after, act, ...props } = {}) =>
  h(
    `button.btn`,
    { type: "button", class: kind, on: { click: act }, ...props },
    glyph && icon(glyph),
    text,
    after && icon(after),
  );

/** A link that looks like a button. */
export const linkButton = (text, href, { kind = "", glyph, after, ...props } = {}) =>
  h("a.btn", { href, class: kind, ...props }, glyph && icon(glyph), text, after && icon(after));

/** A unique id for labels. */
let count = 0;
export const uid = (prefix = "f") => `${prefix}${++count}`;

function isProps(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Node);
}

function dress(node, props) {
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") node.className = `${node.className} ${value}`.trim();
    else if (key === "style")
      for (const [name, one] of Object.entries(value)) node.style.setProperty(name, one);
    else if (key === "data") Object.assign(node.dataset, value);
    else if (key === "on")
      for (const [type, act] of Object.entries(value)) act && node.addEventListener(type, act);
    else if (key === "value") node.value = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
}
