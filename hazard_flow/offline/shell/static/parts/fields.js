/* Fields of a form, shaped from what the workflow needs: one control for each type, with label, unit, hint and what is wrong. */

import { fill, h, icon, uid } from "./dom.js";
import { label, t } from "./words.js";

const HALF = new Set(["decimal", "integer", "percent", "money", "deadline", "instant"]);

/** Choices as large buttons; choosing the chosen one again takes it back unless `required`. */
export function fieldChoices({ legend, choices, value, changed, required = false }) {
  const group = h("div.opts");
  const draw = () =>
    fill(
      group,
      choices.map((one) =>
        h(
          "button.opt",
          {
            type: "button",
            "aria-pressed": String(one.value === value),
            on: {
              click: () => {
                value = one.value === value && !required ? null : one.value;
                changed(value);
                const at = choices.indexOf(one);
                draw();
                group.children[at].focus();
              },
            },
          },
          label(one.label),
        ),
      ),
    );
  draw();
  return h("fieldset.f", h("legend", legend), group);
}

/** Several of the choices at once. */
function manyField({ need, value, changed }) {
  const chosen = new Set(value ?? []);
  const toggle = (event, one) => {
    chosen.has(one.value) ? chosen.delete(one.value) : chosen.add(one.value);
    event.currentTarget.setAttribute("aria-pressed", String(chosen.has(one.value)));
    changed([...chosen]);
  };
  const options = need.choices.map((one) =>
    h(
      "button.opt",
      {
        type: "button",
        "aria-pressed": String(chosen.has(one.value)),
        on: { click: (event) => toggle(event, one) },
      },
      label(one.label),
    ),
  );
  return withName(
    need,
    h(
      "fieldset.f",
      h("legend", legendOf(need)),
      h("div.opts", options),
      need.hint && h("span.hint", label(need.hint)),
    ),
  );
}

/** One field of an action: {field, required, type, choices, …} with its definition; `changed` hears the value as the server takes it. */
export function fieldOf({ need, known, value, changed }) {
  const definition = { ...known, ...need, label: known?.label ?? need.label ?? need.field };
  const draw = DRAWN[definition.type] ?? textField;
  return draw({ need: definition, value, changed });
}

const named = (need, id, control, ...more) =>
  h(
    "div.f",
    { class: HALF.has(need.type) ? "half" : "", data: { field: need.field } },
    h("label", { for: id }, label(need.label), need.required ? null : h("em", ` ${t("field.optional")}`)),
    control,
    need.hint && h("span.hint", label(need.hint)),
    ...more,
  );

function textField({ need, value, changed }) {
  const id = uid();
  const long = need.type === "long_text" || need.type === "clauses";
  const props = {
    id,
    maxlength: need.at_most || null,
    value: value ?? "",
    on: { input: (event) => changed(event.target.value.trim() || null) },
  };
  const control = long ? h("textarea.in", { rows: 3, ...props }) : h("input.in", props);
  const least =
    need.at_least > 1 && !need.hint ? h("span.hint", t("field.at_least", { n: need.at_least })) : null;
  return named(need, id, control, least);
}

function numberField({ need, value, changed }) {
  const id = uid();
  const digits = need.type === "integer" || need.type === "percent" ? "numeric" : "decimal";
  const input = h("input.in.figure", {
    id,
    inputmode: digits,
    value: value ?? "",
    autocomplete: "off",
    on: { input: (event) => changed(event.target.value.trim() || null) },
  });
  const unit = label(need.unit) || (need.type === "percent" ? "%" : "");
  return named(need, id, unit ? h("span.with-unit", input, h("span", unit)) : input);
}

function percentField(given) {
  const { need, value, changed } = given;
  const id = uid();
  const said = h("output.figure", { for: id }, `${value ?? 0} %`);
  const input = h("input.sl", {
    id,
    type: "range",
    min: 0,
    max: 100,
    step: 5,
    value: value ?? 0,
    on: { input: (event) => ((said.textContent = `${event.target.value} %`), changed(event.target.value)) },
  });
  return named(need, id, h("div.row", input, said));
}

function dayField({ need, value, changed }) {
  const id = uid();
  // a deadline is the end of the day that is named, as it is said
  const input = h("input.in", {
    id,
    type: "date",
    value: value ?? "",
    on: { input: (event) => changed(event.target.value || null) },
  });
  return named(need, id, input);
}

function instantField({ need, value, changed }) {
  const id = uid();
  const local = value ? localText(new Date(value)) : "";
  const input = h("input.in", {
    id,
    type: "datetime-local",
    value: local,
    on: { input: (event) => changed(event.target.value ? new Date(event.target.value).toISOString() : null) },
  });
  return named(need, id, input);
}

const localText = (at) => new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

function flagField({ need, value, changed }) {
  if (need.confirmed) {
    const id = uid();
    const box = h("input", {
      type: "checkbox",
      id,
      on: { change: (event) => changed(event.target.checked || null) },
    });
    box.checked = Boolean(value);
    return h("div.f", { data: { field: need.field } }, h("label.opt", { for: id }, box, label(need.label)));
  }
  const choices = [
    { value: true, label: t("field.yes") },
    { value: false, label: t("field.no") },
  ];
  return withName(
    need,
    fieldChoices({ legend: legendOf(need), choices, value, changed, required: need.required }),
  );
}

const choiceField = ({ need, value, changed }) =>
  withName(
    need,
    fieldChoices({
      legend: legendOf(need),
      choices: (need.choices ?? []).map(asChoice),
      value,
      changed,
      required: need.required,
    }),
  );

/** People, controls, other hazards: chosen from what the tablet was given, else typed as the office knows them. */
const personField = (given) =>
  given.need.many ? manyField(given) : given.need.choices?.length ? choiceField(given) : textField(given);

const DRAWN = {
  text: textField,
  long_text: textField,
  clauses: textField,
  decimal: numberField,
  integer: numberField,
  money: numberField,
  percent: percentField,
  deadline: dayField,
  instant: instantField,
  flag: flagField,
  choice: choiceField,
  control: personField,
  person: personField,
  people: personField,
  hazard: textField,
};

const asChoice = (one) => (typeof one === "object" ? one : { value: one, label: one });
const legendOf = (need) => [label(need.label), need.required ? null : h("em", ` ${t("field.optional")}`)];
const withName = (need, fieldset) => (fieldset.setAttribute("data-field", need.field), fieldset);

/** Say under a field what is wrong with it; null takes it away. */
export function mark(form, field, sentence) {
  const place = form.querySelector(`[data-field="${field}"]`);
  if (!place) return false;
  place.querySelector(".wrong")?.remove();
  place.classList.toggle("bad", Boolean(sentence));
  if (sentence) place.append(h("p.wrong", { role: "alert" }, icon("alert-circle"), h("span", sentence)));
  return true;
}
