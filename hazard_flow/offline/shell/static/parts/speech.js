/* Speaking instead of typing: the platform's recognition with a network, else a word on the keyboard's own microphone. */

import { h, icon } from "./dom.js";
import { language, t } from "./words.js";

const Recognition = globalThis.SpeechRecognition ?? globalThis.webkitSpeechRecognition;

/** A microphone for a text control; null where speech goes through the keyboard. */
export function microphone(control) {
  if (!Recognition || !navigator.onLine) return null;
  let listening = null;
  const knob = h(
    "button.btn.ghost.icon",
    { type: "button", "aria-label": t("field.speak"), "aria-pressed": "false", on: { click: turn } },
    icon("microphone"),
  );
  function turn() {
    if (listening) return listening.stop();
    listening = new Recognition();
    listening.lang = language() === "zh" ? "zh-CN" : "en-GB";
    listening.interimResults = false;
    listening.onresult = ({ results }) => {
      const heard = [...results].map((one) => one[0].transcript).join("");
      control.value = [control.value, heard]
        .filter(Boolean)
        .join(control.value && language() === "en" ? " " : "");
      control.dispatchEvent(new Event("input", { bubbles: true }));
    };
    listening.onend = listening.onerror = () => (
      (listening = null),
      knob.setAttribute("aria-pressed", "false")
    );
    listening.start();
    knob.setAttribute("aria-pressed", "true");
  }
  return knob;
}

/** The hint under a text area. */
export const speechHint = (hasKnob) =>
  h("span.hint", t(hasKnob ? "field.speak_how" : "field.speak_keyboard"));
