/* The sentences of the app, in the language chosen on this tablet. */

export const LANGUAGES = ["zh", "en"];
const KEPT = "hf_lang";
let sentences = {};
let current = "zh";

/** The language in use: "zh" or "en". */
export const language = () => current;

/** Load the sentences of the language this tablet keeps, or the browser's. */
export async function loadWords(wanted = localStorage.getItem(KEPT) ?? browserLanguage()) {
  current = LANGUAGES.includes(wanted) ? wanted : "zh";
  const answer = await fetch(`/field/words/${current}.json`);
  sentences = await answer.json();
  document.documentElement.lang = current === "zh" ? "zh-CN" : "en";
  document
    .querySelector("link[rel=manifest]")
    ?.setAttribute("href", `/field/manifest.webmanifest?lang=${current}`);
}

/** Choose another language and keep the choice. */
export async function chooseLanguage(wanted) {
  localStorage.setItem(KEPT, wanted);
  await loadWords(wanted);
}

/** A sentence with its holes filled; English numbers get their plural through `{n_s}`. */
export function t(key, params = {}) {
  const sentence = sentences[key];
  if (sentence === undefined) return key;
  return sentence.replace(/\{(\w+)\}/g, (_, name) => {
    if (name in params) return params[name] ?? "";
    if (name.endsWith("_s")) return Number(params[name.slice(0, -2)]) === 1 ? "" : "s";
    return "";
  });
}

/** Whether there is such a sentence. */
export const known = (key) => key in sentences;

/** A name in both languages, in ours. */
export const label = (both) => (typeof both === "string" ? both : (both?.[current] ?? both?.zh ?? ""));

function browserLanguage() {
  return navigator.language.toLowerCase().startsWith("zh")
    ? "zh"
    : navigator.language.toLowerCase().startsWith("en")
      ? "en"
      : "zh";
}
