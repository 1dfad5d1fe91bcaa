/* The files an act asks for: photos of the same viewpoint guided by the before-photo, further photos, papers, signatures. */

import { removePhoto } from "../core/photos.js";
import { taskPhotoUrl } from "../core/data.js";
import { evidenceGap, unpaired } from "./act_form.js";
import { cameraInput } from "./camera.js";
import { button, fill, h, icon, uid } from "./dom.js";
import { ghostView } from "./ghost.js";
import { chip } from "./marks.js";
import { faultLines, pictureOf, storePhotos } from "./photos.js";
import { signatureCard } from "./signature.js";
import { label, t } from "./words.js";

const SIGNED = new Set(["NOTICE_SIGNED", "SIGNATURE", "DELIVERY_RECEIPT"]);

/** One card for each slot; {nodes, stop}. */
export function evidenceCards({ slots, keeper, task, fix, changed }) {
  const stops = [];
  const asked = slots.filter(
    (slot) => slot.kind !== "any" || !slots.some((other) => other !== slot && other.is_photo),
  );
  const nodes = asked.map((slot) => {
    if (slot.pair_with?.length || (slot.is_photo && slot.needed > 0)) {
      const made = pairCard({ slot, keeper, task, fix, changed });
      stops.push(made.stop);
      return made.node;
    }
    if (SIGNED.has(slot.kind))
      return [
        signatureCard({ keeper, kind: slot.kind, title: label(slot.label), changed }),
        fileCard({ slot, keeper, fix, changed }),
      ];
    return fileCard({ slot, keeper, fix, changed });
  });
  return { nodes, stop: () => stops.forEach((stop) => stop()) };
}

/** Photos guided by the before-photos, one after the other; without any, plain photos with the live view. */
export function pairCard({ slot, keeper, task, fix, changed, heading = true }) {
  const { draft } = keeper;
  const [strip, notes, status] = [h("ul.strip"), h("div.stack"), h("span.sm.muted")];
  let current = unpaired(slot, draft.photos)[0] ?? null;

  const taken = async (files) => {
    const faults = await storePhotos(keeper, files, {
      kind: slot.kind,
      pairOf: current,
      fix: fix(),
      shot: "after",
    });
    fill(notes, faultLines(faults));
    if (!faults.length) current = unpaired(slot, draft.photos)[0] ?? null;
    await draw();
    changed?.();
  };
  const remove = async (photo) => {
    await removePhoto(draft, photo.sha256);
    current = photo.pair_of ?? current;
    await draw();
    changed?.();
  };
  const choose = async (before) => {
    current = before;
    await draw();
  };
  const view = ghostView({ before: null, shot: taken, begin: keeper.now });
  const draw = async () => {
    view.use(current ? await addressOf(task, current) : null);
    const pairs = slot.pair_with ?? [];
    const free = draft.photos.filter((one) => one.kind === slot.kind && !pairs.includes(one.pair_of));
    const gap = evidenceGap(slot, draft.photos);
    status.textContent = gap ? t("field.photo.to_take", { n: gap.need }) : t("field.photo.all_taken");
    fill(strip, [
      await Promise.all(
        pairs.map((before, n) => pairShot({ draft, task, before, n, current, choose, remove })),
      ),
      await Promise.all(free.map((photo) => freeShot(draft, photo, remove))),
      current && pairs.length
        ? h(
            "li",
            h(
              "button.shot.none",
              { type: "button", on: { click: () => choose(null) } },
              h("span", icon("plus"), h("small", t("field.photo.extra"))),
            ),
          )
        : null,
    ]);
  };
  draw();
  const node = h(
    "section.stack.l",
    { "aria-label": label(slot.label) },
    heading && h("div.split", h("h2", label(slot.label)), status),
    view.node,
    strip,
    notes,
  );
  return { node, stop: view.stop, status };
}

async function pairShot({ draft, task, before, n, current, choose, remove }) {
  const after = draft.photos.find((one) => one.pair_of === before);
  const url = after ? await pictureOf(draft.id, after) : await addressOf(task, before);
  const name = t(after ? "field.photo.pair_done" : "field.photo.pair_open", { n: n + 1 });
  const act = after ? () => remove(after) : () => choose(before);
  return h(
    "li",
    h(
      "button.shot",
      {
        type: "button",
        class: after ? "" : "to-do",
        "aria-pressed": String(before === current),
        "aria-label": after ? t("field.photo.retake", { n: n + 1 }) : name,
        on: { click: act },
      },
      url ? h("img", { src: url, alt: "" }) : icon("photo"),
      h("span.tag.foot", after && icon("check"), name),
    ),
  );
}

async function freeShot(draft, photo, remove) {
  const url = await pictureOf(draft.id, photo);
  return h(
    "li",
    h(
      "button.shot",
      { type: "button", "aria-label": t("field.photo.remove"), on: { click: () => remove(photo) } },
      url ? h("img", { src: url, alt: "" }) : icon("photo"),
      h("span.tag.foot", icon("trash"), t("field.photo.remove")),
    ),
  );
}

const addressOf = (task, sha256) =>
  Promise.resolve(task.photos.some((one) => one.sha256 === sha256) ? taskPhotoUrl(sha256) : null).catch(
    () => null,
  );

/** Papers and other files: camera or gallery, listed by name. */
function fileCard({ slot, keeper, fix, changed }) {
  const { draft } = keeper;
  const [camera, gallery, list, notes, count] = [uid(), uid(), h("ul.rows.lined"), h("div"), h("span")];
  const taken = async (files) => {
    fill(notes, faultLines(await storePhotos(keeper, files, { kind: slot.kind, fix: fix() })));
    draw();
    changed?.();
  };
  const remove = async (photo) => {
    await removePhoto(draft, photo.sha256);
    draw();
    changed?.();
  };
  const draw = () => {
    const mine = draft.photos.filter(
      (one) => one.kind === slot.kind && !one.filename?.startsWith("signature"),
    );
    const have = draft.photos.filter((one) => one.kind === slot.kind).length;
    fill(count, [
      slot.needed
        ? chip(t("field.photo.of", { n: have, need: slot.needed }), {
            glyph: have >= slot.needed ? "check" : "paperclip",
            kind: have >= slot.needed ? "fine" : "line",
          })
        : h("em.sm.muted", t("field.optional")),
    ]);
    fill(
      list,
      mine.map((one) =>
        h(
          "li",
          icon(one.mime?.startsWith("image/") ? "photo" : "file-text"),
          h("span.grow.cut", one.filename),
          button(t("field.photo.remove"), { kind: "sm", act: () => remove(one) }),
        ),
      ),
    );
    list.hidden = !mine.length;
  };
  draw();
  return h(
    "section.card",
    { "aria-label": label(slot.label) },
    h("header", h("h2", label(slot.label)), count),
    list,
    h(
      "div.pad.row.wrap",
      h(
        "label.btn",
        { for: camera },
        icon("camera"),
        t("field.photo.take"),
        cameraInput({ id: camera, begin: keeper.now, taken }),
      ),
      h(
        "label.btn",
        { for: gallery },
        icon("file-upload"),
        t("field.photo.file"),
        cameraInput({
          id: gallery,
          gallery: true,
          accept: "image/*,application/pdf,video/*",
          begin: keeper.now,
          taken,
        }),
      ),
    ),
    notes,
  );
}
