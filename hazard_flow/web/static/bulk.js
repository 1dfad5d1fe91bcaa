/* Choosing several hazards of a list or board. Without this file the boxes and the bar still work; it counts, and knows the keyboard:
   j and k move from hazard to hazard, x chooses, a assigns. */

const bar = () => document.querySelector("[data-bulk]");
const boxes = () => [...document.querySelectorAll(".pick-box:not(:disabled)")];

function count() {
  const form = bar();
  if (!form) return;
  const chosen = boxes().filter((box) => box.checked);
  const line = form.querySelector("[role=status]");
  line.textContent = chosen.length ? line.dataset.some.replace("{n}", chosen.length) : line.dataset.none;
  form.classList.toggle("has", chosen.length > 0);
  for (const button of form.querySelectorAll("[data-act]")) {
    const fit = chosen.filter((box) => box.dataset.acts.split(" ").includes(button.dataset.act)).length;
    button.disabled = !fit;
    button.querySelector("[data-n]").textContent = fit && fit < chosen.length ? `${fit}/${chosen.length}` : "";
  }
  const all = form.querySelector("[data-pick-all]");
  all.checked = chosen.length > 0 && chosen.length === boxes().length;
  all.indeterminate = chosen.length > 0 && !all.checked;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.matches("[data-pick-all], .pick-box")) count();
});

document.addEventListener("keydown", (event) => {
  const typing = /^(input|textarea|select)$/i.test(event.target.tagName) && event.target.type !== "checkbox";
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !bar()) return;
  const rows = [...document.querySelectorAll("[data-row]")];
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const step = { j: 1, k: -1 }[event.key];
  if (step) {
    const next = rows[here < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, here + step))];
    next?.querySelector("h3 a, .name a")?.focus();
    event.preventDefault();
  } else if (event.key === "x" && here >= 0) {
    const box = rows[here].querySelector(".pick-box");
    if (!box?.disabled) box?.click();
    event.preventDefault();
  } else if (event.key === "a") {
    const button = bar().querySelector("[data-act=assign]:not(:disabled)");
    if (button && bar().classList.contains("has")) button.click();
  }
});

addEventListener("pageshow", count); // the browser may bring ticked boxes back
count();
