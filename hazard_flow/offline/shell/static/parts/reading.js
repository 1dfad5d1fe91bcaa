/* A reading with its unit and the instrument it was taken with; the instrument of last time is remembered on this tablet. */

import { fieldChoices } from "./fields.js";
import { h, uid } from "./dom.js";
import { label, t } from "./words.js";

const KEPT = "hf_instrument";
const UNITS = [
  { value: "pct_lel", label: "%LEL" },
  { value: "ppm", label: "ppm" },
  { value: "pct_vol", label: "%vol" },
];

/** The card; `form` gets reading, unit, instrument. */
export function reading({ form, bundle, changed }) {
  const [value, instrument] = [uid(), uid()];
  const units = bundle?.fields?.leak_unit?.choices ?? UNITS;
  const unitName = () => label(units.find((one) => one.value === (form.unit ?? "pct_lel"))?.label) || "%LEL";
  const shown = h("span", unitName());
  form.instrument ??= localStorage.getItem(KEPT) ?? "";
  return h(
    "section.card.pad.stack.l",
    h(
      "div.f2",
      h(
        "div.f",
        h("label", { for: value }, t("field.reading.value"), h("em", ` ${t("field.optional")}`)),
        h(
          "span.with-unit",
          h("input.in.figure", {
            id: value,
            inputmode: "decimal",
            autocomplete: "off",
            value: form.reading ?? "",
            on: {
              input: (event) => (
                (form.reading = event.target.value.replace("，", ".").replace(",", ".")),
                changed()
              ),
            },
          }),
          shown,
        ),
      ),
      h(
        "div.f",
        h("label", { for: instrument }, t("field.reading.instrument")),
        h("input.in", {
          id: instrument,
          maxlength: "60",
          autocomplete: "off",
          value: form.instrument,
          on: {
            input: (event) => (
              (form.instrument = event.target.value),
              localStorage.setItem(KEPT, form.instrument),
              changed()
            ),
          },
        }),
      ),
    ),
    fieldChoices({
      legend: t("field.reading.unit"),
      choices: units,
      value: form.unit ?? "pct_lel",
      required: true,
      changed: (unit) => ((form.unit = unit), (shown.textContent = unitName()), changed()),
    }),
  );
}
