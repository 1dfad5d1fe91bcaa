/* The same viewpoint again: the before-photo laid over the live picture, or beside it where the page may not open the camera. */

import { cameraInput } from "./camera.js";
import { button, fill, h, icon, svgNode, uid } from "./dom.js";
import { t } from "./words.js";

const START_OPACITY = 45;
const BEST = {
  video: { facingMode: "environment", width: { ideal: 4096 }, height: { ideal: 3072 } },
  audio: false,
};

/**
 * A view for one before-photo: `before` is its address or null; `shot` gets the file; `begin` runs before a camera opens.
 * {node, stop, use(before)}: the camera is let go with `stop`.
 */
export function ghostView({ before, shot, begin }) {
  const [ghost, video, live] = [
    h("img.ghost", { alt: "" }),
    h("video", { muted: true, playsinline: true, "aria-label": t("field.ghost.live") }),
    h("div.view.pairing"),
  ];
  const slider = h("input.sl", {
    type: "range",
    min: 0,
    max: 100,
    value: START_OPACITY,
    id: uid(),
    on: { input: fade },
  });
  const share = h("output.figure", `${START_OPACITY} %`);
  const bar = h(
    "div.row",
    { hidden: true },
    h("label.nowrap", { for: slider.id }, t("field.photo.before")),
    slider,
    share,
  );
  let stream = null;
  let gone = false;

  function fade() {
    ghost.style.setProperty("opacity", String(slider.value / 100));
    share.textContent = `${slider.value} %`;
  }
  const open = async () => {
    if (!navigator.mediaDevices?.getUserMedia) return draw();
    try {
      stream = await navigator.mediaDevices.getUserMedia(BEST);
      if (gone) return stop();
      video.srcObject = stream;
      await video.play();
    } catch {
      stream = null; // refused or none: the device's own camera app, with the before-photo beside the new one
    }
    draw();
  };
  const draw = () => {
    bar.hidden = !stream || !before;
    fill(
      live,
      stream
        ? [
            video,
            before && ghost,
            frameLines(),
            h("span.tag.start", t(before ? "field.ghost.align" : "field.ghost.shoot")),
            knob(() => press()),
          ]
        : apart({ before, begin, shot }),
    );
    if (before) ghost.src = before;
    fade();
  };
  const press = async () => {
    await begin?.();
    await shot([await snap(stream, video)]);
  };
  const stop = () => {
    gone = true;
    for (const track of stream?.getTracks() ?? []) track.stop();
  };
  fill(live, apart({ before, begin, shot }));
  open();
  return { node: h("div.stack.l", live, bar), stop, use: (address) => ((before = address), draw()) };
}

/** A still of the best quality the device gives: the sensor's own photo where the browser can ask for one, else the frame on screen. */
async function snap(stream, video) {
  const name = `IMG_${Date.now()}.jpg`;
  const track = stream.getVideoTracks()[0];
  if ("ImageCapture" in globalThis) {
    const photo = await new ImageCapture(track).takePhoto().catch(() => null);
    if (photo?.type === "image/jpeg") return new File([photo], name, { type: photo.type }); // some devices give huge PNGs
  }
  const canvas = Object.assign(document.createElement("canvas"), {
    width: video.videoWidth,
    height: video.videoHeight,
  });
  canvas.getContext("2d").drawImage(video, 0, 0);
  return new File([await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.95))], name, {
    type: "image/jpeg",
  });
}

const knob = (act) => button(h("span.vh", t("field.photo.take")), { kind: "shutter-knob", act });

function apart({ before, begin, shot }) {
  const id = uid("camera");
  return [
    before
      ? h("img.beside", { src: before, alt: t("field.photo.before") })
      : h("div.unseen", icon("camera"), h("p", t("field.ghost.shoot"))),
    before && h("span.tag.start", t("field.ghost.beside")),
    h(
      "label.shutter",
      { for: id },
      h("span.vh", t("field.photo.take")),
      cameraInput({ id, begin, taken: shot }),
    ),
  ];
}

const frameLines = () =>
  svgNode(
    "svg",
    { class: "corners", viewBox: "0 0 400 250", preserveAspectRatio: "none", "aria-hidden": "true" },
    svgNode("path", { d: "M16 78V42h36M348 42h36v36M384 172v36h-36M52 208H16v-36" }),
    svgNode("path", { d: "M200 113v24M188 125h24" }),
  );
