/* Where the hazard is: an asset that was scanned, typed or lies near; the device's position, or none; what is open at the same place. */

import { button, fill, h, icon, linkButton, uid } from "./dom.js";
import { assetOf, findAssets } from "./finding.js";
import { distance } from "./format.js";
import { nearest, quality, samePlace, watchPosition } from "./geo.js";
import { badge, chip } from "./marks.js";
import { label, t } from "./words.js";

const NEAR_M = 300;
const NEAR_SHOWN = 3;

/** The cards of the place; `keeper.draft.form` gets asset, how, place, fix. {nodes, stop}. */
export function placePart({ keeper, bundle, app }) {
  const form = keeper.draft.form;
  const assets = bundle?.assets ?? [];
  const [head, position, same] = [h("div"), h("li"), h("div")];
  let watching = { state: form.fix ? "found" : "searching", fix: form.fix ?? null };

  const choose = (asset, how) => {
    form.asset = asset.code;
    form.how = how;
    keeper.soon();
    draw();
  };
  const clear = () => {
    form.asset = form.how = null;
    keeper.soon();
    draw();
    head.querySelector("input")?.focus();
  };
  const draw = () => {
    const asset = assets.find((one) => one.code === form.asset);
    fill(head, [
      asset
        ? chosenAsset(asset, form, clear)
        : openPlace({ form, keeper, assets, choose, fix: watching.fix, draftId: keeper.draft.id }),
    ]);
    drawPosition();
  };
  const drawPosition = () => {
    const asset = assets.find((one) => one.code === form.asset);
    fill(position, positionRow(watching, asset, again));
    fill(same, [sameCard({ form, keeper, bundle, fix: watching.fix, redraw: drawPosition })]);
  };
  const heard = ({ state, fix }) => {
    watching = { state, fix: fix ?? form.fix ?? null };
    if (fix) {
      const first = !form.fix;
      form.fix = fix;
      keeper.now();
      if (first && !form.asset && !head.contains(document.activeElement)) return draw();
    }
    drawPosition();
  };
  const again = () => (stop(), (stop = watchPosition(heard)));
  let stop = () => {};
  draw();
  stop = watchPosition(heard);
  return {
    nodes: [
      h("section.card", { "aria-label": t("field.place.label") }, head, h("ul.rows.lined", position)),
      same,
    ],
    stop: () => stop(),
    fix: () => form.fix ?? null,
  };
}

const chosenAsset = (asset, form, clear) =>
  h(
    "div.pad.row.top",
    h("span.av.l", icon("map-pin-check")),
    h(
      "div.grow",
      h("h2", label(asset.label)),
      h("p.sm.muted", [asset.code, t(`field.place.how.${form.how ?? "typed"}`)].join(" · ")),
    ),
    button(t("field.place.change"), { kind: "sm", glyph: "refresh", act: clear }),
  );

function openPlace({ form, keeper, assets, choose, fix, draftId }) {
  const [search, text, list] = [uid(), uid(), h("ul.found")];
  const near = fix
    ? nearest(assets, fix)
        .filter((one) => one.away_m <= NEAR_M)
        .slice(0, NEAR_SHOWN)
    : [];
  const look = (event) => {
    const exact = assetOf(assets, event.target.value);
    const found = exact ? [exact] : findAssets(assets, event.target.value);
    fill(
      list,
      found.length
        ? found.map((one) => foundAsset(one, () => choose(one, "typed")))
        : [event.target.value && h("li.sm.muted", t("field.place.unknown"))],
    );
  };
  return h(
    "div.pad.stack.l",
    h("h2", t("field.place.title")),
    near.length > 0 &&
      h(
        "ul.found",
        { "aria-label": t("field.place.near") },
        near.map((one) => foundAsset(one, () => choose(one, "near"))),
      ),
    h(
      "div.row.wrap",
      linkButton(t("field.place.scan"), `#/scan/${draftId}`, { glyph: "qrcode" }),
      h(
        "div.search.grow",
        icon("search"),
        h("label.vh", { for: search }, t("field.place.search")),
        h("input", {
          id: search,
          type: "search",
          placeholder: t("field.place.search"),
          autocomplete: "off",
          autocapitalize: "characters",
          on: { input: look },
        }),
      ),
    ),
    list,
    h(
      "div.f",
      h("label", { for: text }, t("field.place.text"), " ", h("em", t("field.place.text_how"))),
      h("input.in", {
        id: text,
        value: form.place ?? "",
        maxlength: "200",
        on: { input: (event) => ((form.place = event.target.value), keeper.soon()) },
      }),
    ),
  );
}

const foundAsset = (asset, act) =>
  h(
    "li",
    h(
      "button.found-one",
      { type: "button", on: { click: act } },
      icon("map-pin"),
      h("span.grow", h("b", label(asset.label)), h("small", asset.code)),
      asset.away_m !== undefined && h("span.nowrap.muted", distance(asset.away_m)),
      icon("chevron-right", "muted"),
    ),
  );

function positionRow({ state, fix }, asset, again) {
  const name = h("span.k", t("field.fix.label"));
  if (!fix && state === "searching")
    return [name, h("span.grow.muted", { role: "status" }, t("field.fix.searching"))];
  if (!fix)
    return [
      name,
      h("span.grow", t(`field.fix.${state}`)),
      button(t("field.again"), { kind: "sm", act: again }),
    ];
  const away = asset?.lon ? nearest([asset], fix)[0].away_m : null;
  const accuracy = t("field.fix.accuracy", { m: Math.round(fix.accuracy_m) });
  const good = quality(fix) === "good";
  return [
    name,
    h("span.grow", away === null ? accuracy : t("field.fix.away", { away: distance(away), accuracy })),
    chip(t(good ? "field.fix.good" : "field.fix.poor"), {
      glyph: good ? "check" : "map-pin",
      kind: good ? "fine" : "line",
    }),
  ];
}

function sameCard({ form, keeper, bundle, fix, redraw }) {
  const apart = form.apart ?? [];
  const found = samePlace(bundle?.nearby ?? [], { asset: form.asset, here: fix }).filter(
    (one) => !apart.includes(one.number),
  );
  if (!found.length) return null;
  const mine = new Set((bundle.tasks ?? []).map((one) => one.number));
  const dismiss = (number) => ((form.apart = [...apart, number]), keeper.soon(), redraw());
  return h(
    "section.card",
    h("header", icon("copy-check"), h("h2", t("field.same.title", { n: found.length }))),
    h(
      "ul.rows",
      found.map((one) =>
        h(
          "li.wrap",
          h(
            "span.grow",
            h("b", one.title),
            h("br"),
            h("span.sm.muted", one.number, one.away_m !== null && ` · ${distance(one.away_m)}`),
          ),
          badge(one),
          mine.has(one.number) && linkButton(t("field.same.open"), `#/task/${one.number}`, { kind: "sm" }),
          button(t("field.same.apart"), { kind: "sm", act: () => dismiss(one.number) }),
        ),
      ),
    ),
    h("p.foot", t("field.same.hint")),
  );
}
