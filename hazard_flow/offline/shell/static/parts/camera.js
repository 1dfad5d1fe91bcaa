/* The device's camera and gallery through a file input: full resolution, the file as the camera wrote it. */

import { h } from "./dom.js";

/**
 * A file input; `begin` runs as the camera is about to open (the draft is saved there), `taken` gets the files, `cancelled` runs when
 * the camera was turned away. `gallery` offers the files of the device instead.
 */
export function cameraInput({
  id,
  begin,
  taken,
  cancelled,
  gallery = false,
  accept = "image/*",
  several = gallery,
}) {
  const input = h("input.vh", {
    type: "file",
    id,
    accept,
    multiple: several,
    capture: gallery ? null : "environment",
    tabindex: "0",
  });
  input.addEventListener("click", () => begin?.());
  input.addEventListener("change", async () => {
    const files = [...input.files];
    input.value = ""; // the same file may be chosen again
    if (files.length) await taken(files);
  });
  if (cancelled) input.addEventListener("cancel", cancelled);
  return input;
}
