/* Photos of a draft: taking several, one after the other; the large view with its marks; the strip of thumbnails. */

import { photoUrl, removePhoto, takePhoto } from "../core/photos.js";
import { annotator, marksLayer } from "./annotate.js";
import { hold } from "./keeping.js";
import { cameraInput } from "./camera.js";
import { button, fill, h, icon, uid } from "./dom.js";
import { clock, size } from "./format.js";
import { sentenceOf } from "./trouble.js";
import { t } from "./words.js";

export const SHOTS = ["wide", "close", "plate"];
export const PHOTOS_MAX = 12;

/** Store files as photos of the draft; what cannot be read is named, the others go on. */
export const storePhotos = (keeper, files, options) =>
  hold(keeper.draft.id, storeEach(keeper, files, options));

async function storeEach(keeper, files, { kind, pairOf = null, fix = null, shot = null, told }) {
  const { draft } = keeper;
  const faults = [];
  for (const file of files) {
    if (draft.photos.length >= PHOTOS_MAX) {
      faults.push({ file, sentence: t("field.photo.enough", { n: PHOTOS_MAX }) });
      continue;
    }
    told?.(file);
    try {
      const wanted = shot ?? nextShot(draft.photos);
      const photo = await takePhoto(file, { draft, kind, pairOf, fix }); // it is in the draft, and stored, when this resolves
      photo.shot = wanted;
    } catch (fault) {
      faults.push({ file, sentence: sentenceOf(fault) });
    }
    await keeper.now();
  }
  return faults;
}

/** The shot of the list that is still missing. */
export const nextShot = (photos) => SHOTS.find((one) => !photos.some((photo) => photo.shot === one)) ?? null;

/** A lasting line for every file that was not stored. */
export const faultLines = (faults) =>
  faults.map(({ file, sentence }) =>
    h("p.flag.outlined", { role: "alert" }, icon("photo-off"), h("span", h("b", file.name), " ", sentence)),
  );

/** Address of the picture of a photo that can be shown, or null (a HEIC before the server has drawn it). */
export const pictureOf = async (id, photo) =>
  photo.display_sha256 ? photoUrl(id, photo.display_sha256) : (photo.thumb_url ?? null);

/** The large view of the draft's photos: the chosen one with its tools, or an invitation; the shutter below. */
export function photoView({ keeper, kind, fix, pairOf, taken, chosen = 0, overlay }) {
  const { draft } = keeper;
  const view = h("div.view");
  const strip = h("ul.strip");
  const notes = h("div.stack");
  let at = Math.min(chosen, draft.photos.length - 1);

  const add = async (files, shot = null) => {
    const faults = await storePhotos(keeper, files, {
      kind,
      fix: fix?.() ?? null,
      pairOf,
      shot,
      told: (file) =>
        fill(notes, [h("p.sm.muted", { role: "status" }, t("field.photo.storing", { name: file.name }))]),
    });
    at = draft.photos.length - 1;
    fill(notes, faultLines(faults));
    await redraw();
    taken?.();
  };
  const remove = async () => {
    await removePhoto(draft, draft.photos[at].sha256);
    at = Math.min(at, draft.photos.length - 1);
    await redraw();
    taken?.();
  };
  const redraw = async () => {
    const photo = draft.photos[at];
    fill(view, [photo ? await large(photo) : overlay ? overlay() : invitation(), shutter(add, keeper)]);
    fill(strip, [
      await Promise.all(
        draft.photos.map((one, n) => thumb(draft.id, one, n === at, () => ((at = n), redraw()))),
      ),
      missing(draft.photos, add, keeper),
    ]);
  };
  const large = async (photo) => {
    const url = await pictureOf(draft.id, photo);
    const line = h("span.tag.start", [clock(photo.captured_at), size(photo.size)].join(" · "));
    if (!url)
      return [
        h("div.unseen", icon("photo"), h("p", t("field.photo.no_preview"))),
        line,
        h("div.tools", removeButton(remove)),
      ];
    const { place, tools } = annotator({
      url,
      alt: t("field.photo.alt", { n: at + 1 }),
      marks: photo.marks ?? [],
      changed: (marks) => ((photo.marks = marks), keeper.soon()),
    });
    tools.append(removeButton(remove));
    return [place, line, tools];
  };
  return { nodes: [view, strip, notes], ready: redraw(), add };
}

const removeButton = (act) => button(t("field.photo.remove"), { kind: "sm", glyph: "trash", act });

const invitation = () => h("div.unseen", icon("camera"), h("p", t("field.photo.invite")));

function shutter(add, keeper) {
  const [camera, gallery] = [uid("camera"), uid("gallery")];
  return [
    h(
      "label.shutter",
      { for: camera },
      h("span.vh", t("field.photo.take")),
      cameraInput({ id: camera, begin: keeper.now, taken: add }),
    ),
    h(
      "label.vb",
      { for: gallery },
      icon("photo"),
      h("span.vh", t("field.photo.gallery")),
      cameraInput({ id: gallery, gallery: true, begin: keeper.now, taken: add }),
    ),
  ];
}

async function thumb(id, photo, chosen, choose) {
  const url = await pictureOf(id, photo);
  const picture = url ? h("img", { src: url, alt: "" }) : icon("photo");
  const name = photo.shot ? t(`field.shot.${photo.shot}`) : t("field.photo.more");
  const box = h(
    "button.shot",
    { type: "button", "aria-pressed": String(chosen), on: { click: choose } },
    picture,
    h("span.tag.foot", name),
  );
  if (photo.marks?.length) box.append(marksOn(box, photo.marks));
  return h("li", box);
}

function marksOn(box, marks) {
  const svg = marksLayer(marks, 4 / 3, { "aria-hidden": "true" });
  const image = box.querySelector("img");
  // the thumbnail is cut to 4:3; marks belong to the whole picture, so they are only hinted at on pictures of that shape
  image?.addEventListener(
    "load",
    () => Math.abs(image.naturalWidth / image.naturalHeight - 4 / 3) > 0.05 && svg.remove(),
  );
  return svg;
}

function missing(photos, add, keeper) {
  if (photos.length >= PHOTOS_MAX) return null;
  const shot = nextShot(photos);
  const id = uid("shot");
  const text = shot ? t(`field.shot.${shot}`) : t("field.photo.room", { n: PHOTOS_MAX - photos.length });
  return h(
    "li",
    h(
      "label.shot.none",
      { for: id },
      h("span", icon("plus"), h("small", text)),
      cameraInput({ id, begin: keeper.now, taken: (files) => add(files, shot) }),
    ),
  );
}

/** Small pictures of a draft or record, for summaries. */
export async function pictures(id, photos) {
  return h(
    "ul.strip.three",
    await Promise.all(
      photos.map(async (photo, n) => {
        const url = await pictureOf(id, photo).catch(() => null);
        return h(
          "li.shot",
          url ? h("img", { src: url, alt: t("field.photo.alt", { n: n + 1 }) }) : icon("photo"),
        );
      }),
    ),
  );
}
