/* Pictures made of a picture: the display copy that travels first, and the thumb for lists. */

export const DISPLAY_PX = 2048;
const DISPLAY_QUALITY = 0.85;
const THUMB_PX = 256;
const THUMB_QUALITY = 0.7;

/**
 * Decode once and draw both, upright as the EXIF orientation says.
 *
 * Returns {display: ArrayBuffer of a JPEG no side longer than 2048 px, thumb_url: data URL}; null when this browser cannot decode it.
 * The decoded picture is let go before returning: one at a time is what a tablet's memory bears.
 */
export async function drawCopies(buffer, mime) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(new Blob([buffer], { type: mime }), { imageOrientation: "from-image" });
  } catch {
    return null;
  }
  try {
    const display = await jpeg(bitmap, DISPLAY_PX, DISPLAY_QUALITY);
    const thumb = await jpeg(bitmap, THUMB_PX, THUMB_QUALITY);
    return { display: await display.arrayBuffer(), thumb_url: await dataUrl(thumb) };
  } finally {
    bitmap.close();
  }
}

async function jpeg(bitmap, longest, quality) {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = makeCanvas(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  const context = canvas.getContext("2d", { alpha: false });
  context.imageSmoothingQuality = "high";
  // JPEG has no transparency: what was see-through becomes white paper, not black
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await encode(canvas, quality);
  canvas.width = canvas.height = 0; // some tablets free a canvas only so
  return blob;
}

function makeCanvas(width, height) {
  return "OffscreenCanvas" in self ? new OffscreenCanvas(width, height) : Object.assign(document.createElement("canvas"), { width, height });
}

function encode(canvas, quality) {
  if (canvas.convertToBlob) return canvas.convertToBlob({ type: "image/jpeg", quality });
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the canvas gives nothing"))), "image/jpeg", quality),
  );
}

function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
