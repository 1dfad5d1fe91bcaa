// The rating form says what the chosen scores come to while they are chosen; the server judges. Boards print at a press.
const SCORES = { lec: ["likelihood", "exposure", "consequence"], ls: ["probability", "severity"] };
const SHAPES = { 1: "M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z", 2: "M8 1 15.5 14.5H.5z", 3: "M8 .6 15.4 8 8 15.4.6 8z", 4: "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1z" };

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());
for (const part of document.querySelectorAll("[data-rate]")) {
  part.closest("form").addEventListener("input", () => tell(part));
  tell(part);
}

function tell(part) {
  const prefix = part.dataset.rate, form = part.closest("form"), out = part.querySelector("[data-result]");
  const value = (name) => form.elements.namedItem(prefix + name)?.value ?? "";
  const method = value("method"), names = SCORES[method] ?? [];
  const grounds = part.querySelectorAll(`input[name="${prefix}grounds"]:checked`).length;
  for (const one of part.querySelectorAll(".f-when select")) one.required = names.some((name) => one.name === prefix + name);
  const scores = names.map(value);
  const isWhole = names.length > 0 && scores.every(Boolean);
  // tenths, so that 0.1 × 3 stays exact: every score has at most one decimal place
  const product = isWhole ? scores.reduce((sum, one) => sum * Math.round(Number(one) * 10), 1) / 10 ** scores.length : null;
  let tier = product === null ? 0 : banded(part.dataset[method], product);
  if (grounds && (method === "direct" || isWhole)) tier = 1;
  out.hidden = !method;
  out.querySelector("[data-formula]").textContent =
    product !== null ? `${method === "lec" ? "D" : "R"} = ${scores.join(" × ")} = ${Number(product.toFixed(4))}` : tier ? "" : out.dataset.incomplete;
  const mark = out.querySelector("[data-grade]");
  mark.hidden = !tier;
  if (!tier) return;
  mark.className = `risk r${tier}`;
  mark.querySelector("span").textContent = out.dataset[`t${tier}`];
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[tier]);
  mark.querySelector("svg").replaceChildren(path);
}

function banded(bands, product) {
  for (const one of bands.split(",")) {
    const [tier, least] = one.split(":").map(Number);
    if (product >= least) return tier;
  }
  return 4;
}
