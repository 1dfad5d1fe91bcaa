/* Reading a QR code: the platform's own reader where there is one, else a decoder that is loaded only now. */

import { h, icon } from "./dom.js";
import { t } from "./words.js";

const EVERY_MS = 180;
const WIDTH_MAX = 960;

/** A function that reads a code from a canvas or video: text or null. */
export async function makeReader() {
  if ("BarcodeDetector" in globalThis) {
    const formats = await globalThis.BarcodeDetector.getSupportedFormats().catch(() => []);
    if (formats.includes("qr_code")) {
      const detector = new globalThis.BarcodeDetector({ formats });
      return async (canvas) => (await detector.detect(canvas))[0]?.rawValue ?? null;
    }
  }
  await import(document.documentElement.dataset.decoder);
  return async (canvas) => {
    const { data, width, height } = canvas
      .getContext("2d", { willReadFrequently: true })
      .getImageData(0, 0, canvas.width, canvas.height);
    return globalThis.jsQR(data, width, height, { inversionAttempts: "attemptBoth" })?.data || null;
  };
}

/** The code on a photo of a label, or null. */
export async function readFile(file) {
  const bitmap = await createImageBitmap(file);
  const text = await (
    await makeReader()
  )(drawnOn(document.createElement("canvas"), bitmap, bitmap.width, bitmap.height));
  bitmap.close();
  return text;
}

/** A live view that calls `found` with the first code it reads; {node, stop}. `failed` hears why there is no camera. */
export function liveScanner({ found, failed }) {
  const video = h("video", { muted: true, playsinline: true, "aria-label": t("field.scan.view") });
  const node = h(
    "div.view.scan",
    video,
    h("span.aim", { "aria-hidden": "true" }),
    h("span.tag.start", icon("qrcode"), " ", t("field.scan.aim")),
  );
  const canvas = document.createElement("canvas");
  let stream = null;
  let stopped = false;

  const stop = () => {
    stopped = true;
    for (const track of stream?.getTracks() ?? []) track.stop();
  };
  const look = async (read) => {
    if (stopped) return;
    const text = video.videoWidth
      ? await read(drawnOn(canvas, video, video.videoWidth, video.videoHeight)).catch(() => null)
      : null;
    if (text && !stopped) return (stop(), found(text));
    setTimeout(look, EVERY_MS, read);
  };
  const open = async () => {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "environment" },
      audio: false,
    });
    if (stopped) return stop();
    video.srcObject = stream;
    await video.play();
    await look(await makeReader());
  };
  if (navigator.mediaDevices?.getUserMedia) open().catch((fault) => (stop(), failed(fault)));
  else failed(new Error("no camera"));
  return { node, stop };
}

function drawnOn(canvas, source, width, height) {
  const scale = Math.min(1, WIDTH_MAX / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}
