/* The bench counts what is judged while it is judged, and keeps "pass" shut while a point fails. Without scripts the server says the same. */
const form = document.querySelector("[data-audit]");
const judged = document.querySelector("[data-judged]");

function count() {
  const verdicts = [...form.querySelectorAll("[data-verdict]:checked")];
  const confirm = form.querySelector("[data-confirm]");
  const points = new Set(verdicts.map((one) => one.name));
  const beside = confirm?.checked ? Number(confirm.dataset.confirm) - [...form.querySelectorAll(".group [data-verdict]:checked")].length : 0;
  const done = points.size + Math.max(0, beside);
  judged.textContent = judged.dataset.words.replace("{n}", done);
  const fails = verdicts.some((one) => one.value === "fail");
  document.querySelector("[data-pass]").disabled = fails || done < Number(judged.dataset.judged);
  document.querySelector("[data-return]").disabled = !fails;
}

if (form && judged) {
  form.addEventListener("change", count);
  count();
}
