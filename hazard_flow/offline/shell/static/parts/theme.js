/* Light, dark or as the system: a choice of this tablet. */

const KEPT = "hf_field_theme";
export const THEMES = ["auto", "light", "dark"];

/** The choice kept here. */
export const theme = () => localStorage.getItem(KEPT) ?? "auto";

/** Put the choice on the page. */
export function applyTheme() {
  const chosen = theme();
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

/** Keep another choice and show it. */
export function chooseTheme(wanted) {
  localStorage.setItem(KEPT, wanted);
  applyTheme();
}
