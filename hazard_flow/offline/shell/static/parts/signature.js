/* Signing on the glass. The picture of the signature becomes a photo of the draft, of the kind the workflow asks for. */

import { photoUrl, removePhoto, takePhoto } from "../core/photos.js";
import { button, fill, h, icon, uid } from "./dom.js";
import { trouble } from "./trouble.js";
import { t } from "./words.js";

const RATIO = 2.6;

/** The card; a signature that is there already is shown instead of the pad. */
export function signatureCard({ keeper, kind, title = t("field.sign.title"), changed }) {
  const { draft } = keeper;
  const body = h("div.stack.l");
  const signed = () => draft.photos.find((one) => one.kind === kind && one.filename?.startsWith("signature"));
  const draw = async () => fill(body, [signed() ? await kept(signed()) : pad()]);

  const kept = async (photo) => [
    h(
      "div.pad-box",
      h("img", {
        src: await photoUrl(draft.id, photo.display_sha256 ?? photo.sha256),
        alt: t("field.sign.alt"),
      }),
    ),
    button(t("field.sign.again"), { kind: "sm", glyph: "refresh", act: again }),
  ];
  const again = async () => {
    await removePhoto(draft, signed().sha256);
    await draw();
    changed?.();
  };
  const pad = () => {
    const id = uid();
    const canvas = h("canvas", { id, "aria-label": t("field.sign.pad"), role: "img" });
    const said = h("div");
    const keepIt = button(t("field.sign.keep"), {
      kind: "pri",
      glyph: "check",
      disabled: true,
      act: () => store(canvas, said),
    });
    const clear = button(t("field.sign.clear"), {
      kind: "sm",
      act: () => (pen?.clear(), (keepIt.disabled = true)),
    });
    let pen = null;
    openPad(canvas, () => (keepIt.disabled = false)).then(
      (made) => (pen = made),
      (fault) => fill(said, [trouble(fault)]),
    );
    return [
      h("div.pad-box", canvas, h("span.hint", t("field.sign.here"))),
      h("div.row.wrap", keepIt, clear),
      said,
    ];
  };
  const store = async (canvas, said) => {
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    try {
      await takePhoto(new File([blob], `signature-${Date.now()}.png`, { type: "image/png" }), {
        draft,
        kind,
        pairOf: null,
        fix: null,
      });
      await draw();
      changed?.();
    } catch (fault) {
      fill(said, [trouble(fault)]);
    }
  };
  draw();
  return h("section.card.pad.stack.l", h("h2", icon("signature"), " ", title), body);
}

/** A pad on the canvas, white paper and dark ink in either theme: it goes into a record. */
async function openPad(canvas, begun) {
  const { default: SignaturePad } = await import(document.documentElement.dataset.signature);
  await new Promise(requestAnimationFrame);
  const sharp = Math.max(devicePixelRatio, 1);
  const width = canvas.clientWidth || 600;
  canvas.width = width * sharp;
  canvas.height = (width / RATIO) * sharp;
  canvas.getContext("2d").scale(sharp, sharp);
  const pen = new SignaturePad(canvas, { backgroundColor: "#ffffff", penColor: "#12201e" });
  pen.addEventListener("endStroke", begun);
  return pen;
}
