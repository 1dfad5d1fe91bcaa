/* Scanning the label of an asset: live where the page may use the camera, from a photo of it, or typed. */

import { data } from "../core/data.js";
import { getDraft, saveDraft } from "../core/drafts.js";
import { cameraInput } from "../parts/camera.js";
import { button, fill, h, icon, linkButton, uid } from "../parts/dom.js";
import { startReport } from "../parts/drafts.js";
import { assetOf, findAssets } from "../parts/finding.js";
import { heading } from "../parts/frame.js";
import { badge } from "../parts/marks.js";
import { liveScanner, readFile } from "../parts/scanner.js";
import { taskRow } from "../parts/task_row.js";
import { label, t } from "../parts/words.js";

/** With a draft's id the code goes into that draft; without one, what is known of the asset is shown. */
export async function show([draftId], app) {
  const bundle = await data();
  const assets = bundle?.assets ?? [];
  const [view, answer] = [h("div"), h("div.stack.l", { role: "status" })];
  const take = async (asset, how) => {
    if (!draftId)
      return (fill(answer, [assetCard(asset, bundle, app)]), answer.scrollIntoView({ block: "nearest" }));
    const draft = await getDraft(draftId);
    draft.form = { ...draft.form, asset: asset.code, how };
    await saveDraft(draft);
    app.go(`report/${draftId}/1`, { replace: true });
  };
  const read = (text) => {
    const asset = assetOf(assets, text);
    if (asset) return take(asset, "scan");
    fill(answer, [
      h(
        "p.flag.outlined",
        { role: "alert" },
        icon("qrcode"),
        h("span", t("field.scan.unknown", { text: text.slice(0, 80) })),
      ),
      useAsPlace(text, draftId, app),
    ]);
  };
  const scanner = liveScanner({
    found: read,
    failed: () =>
      fill(view, [
        h("div.view.scan.shut", h("div.unseen", icon("qrcode"), h("p", t("field.scan.no_camera")))),
      ]),
  });
  fill(view, [scanner.node]);
  const fromPhoto = uid();
  const look = async ([file]) => {
    fill(answer, [h("p.muted", t("field.scan.reading"))]);
    const text = await readFile(file).catch(() => null);
    if (text) read(text);
    else
      fill(answer, [
        h("p.flag.outlined", { role: "alert" }, icon("qrcode"), h("span", t("field.scan.nothing"))),
      ]);
  };
  const node = [
    await heading(t("field.scan.title"), t("field.scan.lead")),
    h(
      "div.capg",
      h(
        "div.stack.l",
        view,
        h(
          "label.btn.big",
          { for: fromPhoto },
          icon("camera"),
          t("field.scan.photo"),
          cameraInput({ id: fromPhoto, taken: look }),
        ),
      ),
      h("div.stack.xl", typed(assets, take), answer),
    ),
  ];
  return { title: t("field.scan.title"), nav: "scan", node, leave: scanner.stop };
}

function typed(assets, take) {
  const [id, list] = [uid(), h("ul.found")];
  const look = (event) => {
    const found = findAssets(assets, event.target.value, 8);
    fill(
      list,
      found.length
        ? found.map((one) =>
            h(
              "li",
              h(
                "button.found-one",
                { type: "button", on: { click: () => take(one, "typed") } },
                icon("map-pin"),
                h("span.grow", h("b", label(one.label)), h("small", one.code)),
                icon("chevron-right", "muted"),
              ),
            ),
          )
        : [event.target.value && h("li.sm.muted", t("field.place.unknown"))],
    );
  };
  return h(
    "section.card.pad.stack.l",
    h(
      "div.f",
      h("label.strong", { for: id }, icon("keyboard"), " ", t("field.scan.type")),
      h(
        "div.search.big",
        icon("search"),
        h("input", {
          id,
          type: "search",
          autocomplete: "off",
          autocapitalize: "characters",
          placeholder: t("field.place.search"),
          on: { input: look },
        }),
      ),
    ),
    list,
  );
}

function assetCard(asset, bundle, app) {
  const tasks = (bundle?.tasks ?? []).filter((one) => one.asset === asset.code);
  const open = (bundle?.nearby ?? []).filter(
    (one) => one.asset === asset.code && !tasks.some((task) => task.number === one.number),
  );
  const report = async () => app.go(`report/${(await startReport({ asset: asset.code, how: "scan" })).id}/1`);
  return h(
    "section.card",
    h(
      "div.pad.row.top",
      h("span.av.l", icon("map-pin-check")),
      h("div.grow", h("h2", label(asset.label)), h("p.sm.muted", asset.code)),
    ),
    h("div.doors", button(t("field.scan.report"), { kind: "pri big", glyph: "camera", act: report })),
    tasks.length > 0 && [h("p.sub", t("field.scan.tasks")), h("ul.list", tasks.map(taskRow))],
    open.length > 0 && [
      h("p.sub", t("field.scan.open", { n: open.length })),
      h(
        "ul.rows",
        open.map((one) =>
          h("li", h("span.grow", one.title, h("br"), h("span.sm.muted", one.number)), badge(one)),
        ),
      ),
    ],
    !tasks.length && !open.length && h("p.foot", icon("check"), " ", t("field.scan.none_open")),
  );
}

function useAsPlace(text, draftId, app) {
  const use = async () => {
    const draft = draftId ? await getDraft(draftId) : await startReport();
    draft.form = { ...draft.form, place: [draft.form?.place, text].filter(Boolean).join(" ").slice(0, 200) };
    await saveDraft(draft);
    app.go(`report/${draft.id}/1`, { replace: Boolean(draftId) });
  };
  return h(
    "div.row.wrap",
    button(t("field.scan.as_place"), { glyph: "pencil", act: use }),
    draftId && linkButton(t("field.back"), `#/report/${draftId}/1`),
  );
}
