/* Step 2: what it is, how bad, what was measured and done. The whole catalogue is searched on the tablet. */

import { button, fill, h, icon, uid } from "../parts/dom.js";
import { areasOf, findEntries } from "../parts/finding.js";
import { dayText } from "../parts/format.js";
import { badge, chip, shape } from "../parts/marks.js";
import { reading } from "../parts/reading.js";
import { isLower, proposedDue, titleFrom, urgencyOf, URGENCIES } from "../parts/report_payload.js";
import { microphone, speechHint } from "../parts/speech.js";
import { label, t } from "../parts/words.js";

const SHOWN = 8;
const AREA_ICONS = {
  residential: "home",
  commercial: "building",
  lpg_cylinder: "droplet",
  pipeline: "route",
  regulator: "gauge",
  valve_well: "circle",
  station: "building-factory-2",
  third_party_construction: "truck",
  management: "file-text",
  monitoring_emergency: "access-point",
};

export async function whatAndLevel(turn) {
  const { keeper, draft, bundle, next, previous } = turn;
  const [level, terms] = [h("section.card.pad.stack.l"), h("section.card")];
  const form = draft.form;
  const entry = () => (bundle?.catalogue ?? []).find((one) => one.code === form.code) ?? null;
  const changed = () => {
    draft.title = titleFrom(form, entry());
    keeper.soon();
    fill(level, levelCard({ form, entry: entry(), changed }));
    fill(terms, termsCard({ form, entry: entry(), draft, changed }));
  };
  fill(level, levelCard({ form, entry: entry(), changed }));
  fill(terms, termsCard({ form, entry: entry(), draft, changed }));
  return {
    node: [
      h("h1.vh", t("field.step.2")),
      h(
        "div.capg",
        h(
          "section.stack.l",
          { "aria-label": t("field.what.label") },
          catalogueSearch({ form, bundle, changed }),
        ),
        h(
          "div.stack.xl",
          level,
          terms,
          reading({ form, bundle, changed: keeper.soon }),
          words({ form, keeper }),
        ),
      ),
    ],
    foot: [
      button(t("field.previous"), { glyph: "arrow-left", act: previous }),
      keeper.line,
      button(t("field.next"), { kind: "pri", after: "arrow-right", act: next }),
    ],
  };
}

function catalogueSearch({ form, bundle, changed }) {
  const catalogue = bundle?.catalogue ?? [];
  const [filters, cards] = [
    h("div.row.wrap"),
    h("div.cards", { role: "radiogroup", "aria-label": t("field.what.catalogue") }),
  ];
  const id = uid();
  let [query, area, most] = ["", null, SHOWN];
  const input = h("input", {
    id,
    type: "search",
    placeholder: t("field.what.search"),
    autocomplete: "off",
    on: { input: (event) => ((query = event.target.value), (area = null), (most = SHOWN), draw()) },
  });

  const choose = (entry) => {
    form.code = entry?.code ?? null;
    form.own = !entry;
    if (entry) form.title = null;
    form.urgency = null;
    changed();
    draw();
    if (form.own) cards.querySelector("input")?.focus();
  };
  const draw = () => {
    const all = findEntries(catalogue, query);
    const found = area ? all.filter((one) => one.area === area) : all;
    const chosen = found.find((one) => one.code === form.code);
    // what was chosen stays in sight, whatever is searched for afterwards
    const shown = chosen
      ? [chosen, ...found.filter((one) => one !== chosen)].slice(0, most)
      : found.slice(0, most);
    const kept = !chosen && catalogue.find((one) => one.code === form.code);
    fill(
      filters,
      areasOf(all).map(([name, n]) =>
        areaButton(
          label(bundle.areas?.[name]) || name,
          n,
          name === area,
          () => ((area = area === name ? null : name), (most = SHOWN), draw()),
        ),
      ),
    );
    fill(cards, [
      kept && card(kept, true, choose),
      shown.map((one) => card(one, one.code === form.code, choose)),
      !found.length &&
        h(
          "p.muted.pad",
          { role: "status" },
          catalogue.length ? t("field.what.nothing") : t("field.what.no_catalogue"),
        ),
      found.length > most &&
        button(t("field.what.further", { n: found.length - most }), {
          kind: "ghost",
          act: () => ((most += SHOWN), draw()),
        }),
      ownTitle({ form, choose, changed }),
    ]);
  };
  draw();
  const knob = microphone(input);
  return [
    h("div.search.big", icon("search"), h("label.vh", { for: id }, t("field.what.search")), input, knob),
    filters,
    cards,
  ];
}

const areaButton = (name, n, on, act) =>
  h(
    "button.btn.sm",
    { type: "button", class: on ? "pri" : "", "aria-pressed": String(on), on: { click: act } },
    name,
    " ",
    n,
  );

function card(entry, on, choose) {
  return h(
    "button.cat",
    { type: "button", role: "radio", "aria-checked": String(on), on: { click: () => choose(entry) } },
    h("span.ph", icon(AREA_ICONS[entry.area] ?? "file-text")),
    h(
      "span.stack",
      h("span.name", label(entry.title)),
      h("span.law", [entry.clause, entry.code].filter(Boolean).join(" · ")),
      h(
        "span.badges",
        badge(entry),
        entry.conditional && chip(t("field.what.conditional"), { glyph: "alert-triangle", kind: "line" }),
      ),
    ),
    h("span.radio", on && icon("check")),
  );
}

function ownTitle({ form, choose, changed }) {
  if (!form.own)
    return button(t("field.what.own"), { kind: "dashed", glyph: "pencil", act: () => choose(null) });
  const id = uid();
  return h(
    "div.card.pad.f",
    h("label", { for: id }, t("field.what.own_title")),
    h("input.in", {
      id,
      maxlength: "60",
      value: form.title ?? "",
      on: { input: (event) => ((form.title = event.target.value), changed()) },
    }),
  );
}

function levelCard({ form, entry, changed }) {
  const now = urgencyOf(form, entry);
  const proposed = entry && urgencyOf({}, entry);
  const choose = (one) => ((form.urgency = one), changed(), document.getElementById(`level-${one}`)?.focus());
  return [
    h(
      "div.split",
      h("h2", t("field.level.title")),
      entry && h("span.sm.muted", t("field.level.catalogue", { level: t(`field.urgency.${proposed}`) })),
    ),
    h(
      "div.lvs",
      { role: "radiogroup", "aria-label": t("field.level.title") },
      URGENCIES.map((one, n) =>
        h(
          `button.lv.r${n + 1}`,
          {
            type: "button",
            id: `level-${one}`,
            role: "radio",
            "aria-checked": String(one === now),
            on: { click: () => choose(one) },
          },
          shape(n + 1),
          h("b", t(`field.urgency.${one}`)),
          h("small", t(`field.urgency_hint.${one}`)),
        ),
      ),
    ),
    entry?.conditional &&
      h("p.flag.outlined", icon("alert-triangle"), h("span", t("field.what.conditional_long"))),
    isLower(form, entry)
      ? h("p.flag.outlined", { role: "status" }, icon("pencil"), h("span", t("field.level.lower")))
      : h("p.sm.muted", t("field.level.hint")),
  ];
}

function termsCard({ form, entry, draft, changed }) {
  const due = proposedDue(entry, draft.captured_at ?? draft.created_at);
  const control = label(entry?.interim_control);
  const done = control && form.done === control;
  return h(
    "ul.rows",
    h(
      "li",
      h("span.k", t("field.terms.due")),
      h(
        "span.grow",
        due
          ? [
              h("b", t("field.terms.by", { day: dayText(new Date(due - 1)) })),
              h("br"),
              h("span.sm.muted", t("field.terms.days", { n: entry.deadline_days })),
            ]
          : t("field.terms.due_later"),
      ),
    ),
    entry?.response_hours
      ? h(
          "li",
          h("span.k", t("field.terms.response")),
          h("span.grow", t("field.terms.hours", { n: entry.response_hours })),
        )
      : null,
    control
      ? h(
          "li",
          h("span.k", t("field.terms.control")),
          h("span.grow", h("b", control)),
          h(
            "button.btn.sm",
            {
              type: "button",
              "aria-pressed": String(Boolean(done)),
              on: { click: () => ((form.done = done ? null : control), changed()) },
            },
            done && icon("check"),
            t(done ? "field.terms.done" : "field.terms.mark_done"),
          ),
        )
      : null,
  );
}

function words({ form, keeper }) {
  const [description, done] = [uid(), uid()];
  const area = h("textarea.in", {
    id: description,
    rows: 3,
    maxlength: "500",
    value: form.description ?? "",
    on: { input: (event) => ((form.description = event.target.value), keeper.soon()) },
  });
  const knob = microphone(area);
  return h(
    "section.card.pad.stack.l",
    h(
      "div.f",
      h("label", { for: description }, t("field.describe"), " ", h("em", t("field.describe_how"))),
      h("div.spoken", area, knob),
      speechHint(Boolean(knob)),
    ),
    h(
      "div.f",
      h("label", { for: done }, t("field.done_on_site"), h("em", ` ${t("field.optional")}`)),
      h("input.in", {
        id: done,
        maxlength: "500",
        value: form.done ?? "",
        on: { input: (event) => ((form.done = event.target.value), keeper.soon()) },
      }),
    ),
  );
}
