/* Re-checking: the same viewpoint, item by item, and only then pass; one failed item sends it back. */

import { lacking, shown } from "../parts/act_form.js";
import { formOf, gapText, sentence, withPeople } from "../parts/act_view.js";
import { button, fill, h, icon } from "../parts/dom.js";
import { fieldOf, mark } from "../parts/fields.js";
import { pairCard } from "../parts/evidence.js";
import { distance } from "../parts/format.js";
import { metres } from "../parts/geo.js";
import { trouble } from "../parts/trouble.js";
import { label, t } from "../parts/words.js";

const VERDICTS = ["pass", "part", "fail"];
const NEAR_M = 200;
/** What the items write by themselves; the person may change it. */
const COMPOSED = { pass: "opinion", fail: "reason" };

export async function recheck({ draft, bundle, task, keeper, submit }) {
  const forms = Object.fromEntries(["pass", "fail"].map((name) => [name, formOf(task, name, bundle)]));
  const values = draft.form.values;
  const items = (draft.form.items ??= itemsOf(task));
  const [fields, list, count, left, said] = [
    h("div.form"),
    h("ul.rows"),
    h("span.sm.muted"),
    h("span.grow.missing", { role: "status" }),
    h("div"),
  ];
  const slot = slotOf(forms.pass ?? forms.fail, task);
  const pass = button(t("field.recheck.pass"), { kind: "pri", glyph: "checks", act: () => attempt("pass") });
  const fail = button(t("field.recheck.fail"), { glyph: "arrow-back-up", act: () => attempt("fail") });

  const failing = () => items.some((one) => one.verdict && one.verdict !== "pass");
  const which = () => (failing() ? "fail" : "pass");
  const open = () => items.filter((one) => !one.verdict);
  const gapsOf = (name) => {
    const form = forms[name];
    if (!form) return { fields: [], evidence: [] };
    compose(name);
    return lacking(
      {
        needs: form.needs,
        evidence: form.evidence.map((one) =>
          one.is_photo ? { ...one, pair_with: name === "pass" ? slot.pair_with : [] } : one,
        ),
      },
      bundle.fields,
      values,
      draft.photos,
    );
  };
  const compose = (name) => {
    const field = COMPOSED[name];
    if (values[field] && values[field] !== draft.form.composed) return;
    const judged = items.filter((one) => one.verdict);
    draft.form.composed = values[field] = judged.length ? opinionOf(judged) : null;
  };
  const tell = () => {
    const gaps = gapsOf(which());
    const missing = [
      open().length ? t("field.recheck.open", { n: open().length }) : "",
      gapText(gaps, bundle),
    ]
      .filter(Boolean)
      .join(" ");
    fill(left, [missing || t(failing() ? "field.recheck.can_fail" : "field.recheck.can_pass")]);
    fill(count, [t("field.recheck.judged", { n: items.length - open().length, of: items.length })]);
    pass.disabled =
      !forms.pass || failing() || open().length > 0 || gaps.evidence.length > 0 || gaps.fields.length > 0;
    pass.hidden = !forms.pass;
    fail.disabled = !forms.fail || open().length === items.length;
    fail.hidden = !forms.fail;
  };
  const judge = (item, verdict) => {
    item.verdict = verdict;
    keeper.soon();
    drawItems();
    drawFields();
    tell();
    document.getElementById(`item-${items.indexOf(item)}-${verdict}`)?.focus();
  };
  const drawItems = () =>
    fill(
      list,
      items.map((item, n) => h("li.item", h("span", `${n + 1}. ${item.text}`), verdicts(item, n, judge))),
    );
  const drawFields = () => {
    compose(which());
    const form = forms[which()];
    fill(
      fields,
      form
        ? shown(form.needs, bundle.fields, values).map((need) =>
            fieldOf({
              need: withPeople(need, bundle),
              known: bundle.fields[need.field],
              value: values[need.field],
              changed: (value) => changed(need, value),
            }),
          )
        : [],
    );
  };
  const changed = (need, value) => {
    values[need.field] = value;
    keeper.soon();
    mark(fields, need.field, null);
    if (need.field === "on_site") drawFields();
    tell();
  };
  const attempt = async (name) => {
    const gaps = gapsOf(name);
    for (const gap of gaps.fields) mark(fields, gap.field, sentence(gap));
    if (gaps.fields.length || gaps.evidence.length)
      return (tell(), fields.querySelector(".bad")?.scrollIntoView({ block: "center" }));
    const button_ = name === "pass" ? pass : fail;
    button_.setAttribute("aria-busy", "true");
    await submit(name).catch((fault) => (button_.removeAttribute("aria-busy"), fill(said, [trouble(fault)])));
  };

  const site = h("ul.rows");
  const moved = () => {
    const here =
      draft.form.fix && task.lon !== null ? metres(draft.form.fix, { lon: +task.lon, lat: +task.lat }) : null;
    const near = here !== null && here <= NEAR_M;
    fill(site, [
      h(
        "li",
        icon(near ? "map-pin-check" : "map-pin"),
        h(
          "span.grow",
          here === null ? t("field.recheck.no_fix") : t("field.recheck.away", { away: distance(here) }),
        ),
      ),
      h("li", icon("user-check"), h("span.grow", t("field.recheck.second"))),
    ]);
    if (!near || values.on_site !== undefined) return;
    values.on_site = true; // proposed: whoever judged from elsewhere says so
    keeper.soon();
    drawFields();
    tell();
  };
  const photos = pairCard({ slot, keeper, task, fix: () => draft.form.fix ?? null, changed: tell });
  drawItems();
  drawFields();
  tell();
  moved();
  return {
    title: t("field.recheck.named", { title: task.title }),
    lead: [task.place, task.number].filter(Boolean).join(" · "),
    node: h(
      "div.capg",
      photos.node,
      h(
        "div.stack.xl",
        h("section.card", h("header", h("h2", t("field.recheck.items")), count), list),
        h("section.card.pad", { "aria-label": t("field.recheck.more") }, fields),
        h("section.card", site),
        said,
      ),
    ),
    foot: [fail, left, pass],
    leave: photos.stop,
    moved,
  };
}

/** What is judged: the problem itself, then each place that was photographed. */
function itemsOf(task) {
  const befores = task.photos.filter((one) => one.kind === "PHOTO_BEFORE");
  return [
    { text: t("field.recheck.item_gone", { title: task.title }) },
    ...befores.map((_, n) => ({ text: t("field.recheck.item_photo", { n: n + 1 }) })),
    { text: t("field.recheck.item_tidy") },
  ];
}

/** The photos of a re-check: at least what the workflow asks, guided by every before-photo. */
function slotOf(form, task) {
  const asked = form?.evidence.find((one) => one.is_photo) ?? {
    kind: "PHOTO_AFTER",
    label: t("field.photo.label"),
    needed: 0,
    is_photo: true,
  };
  return {
    ...asked,
    label: t("field.recheck.photos"),
    pair_with:
      asked.pair_with ?? task.photos.filter((one) => one.kind === "PHOTO_BEFORE").map((one) => one.sha256),
  };
}

/** The opinion that the judged items add up to. */
function opinionOf(items) {
  const lines = items.map(({ text, verdict }, n) =>
    t("field.recheck.item", { n: n + 1, text, verdict: t(`field.verdict.${verdict}`) }),
  );
  return t("field.recheck.opinion", { items: lines.join(t("field.recheck.then")) });
}

const verdicts = (item, n, judge) =>
  h(
    "span.seg.wide",
    { role: "group", "aria-label": item.text },
    VERDICTS.map((one) =>
      h(
        "button",
        {
          type: "button",
          id: `item-${n}-${one}`,
          "aria-pressed": String(item.verdict === one),
          on: { click: () => judge(item, one) },
        },
        item.verdict === one && icon(one === "pass" ? "check" : one === "fail" ? "x" : "point"),
        t(`field.verdict.${one}`),
      ),
    ),
  );
