/* The desk pages work without this file, except: theme, copying, thumbnails, the device's position, the before/after slider.
   Everything listens on the document, so a page that was swapped in needs nothing wired again. */

const on = (type, selector, act) =>
  document.addEventListener(type, (event) => {
    const found = event.target.closest?.(selector);
    if (found) act(found, event);
  });
const byId = (id) => document.getElementById(id);

/* theme: system, light, dark in turn; the cookie lets the server draw the next page in it */
const THEMES = { auto: "brightness", light: "sun", dark: "moon" };
on("click", "[data-theme-switch]", (button) => {
  const names = Object.keys(THEMES);
  const next = names[(names.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % names.length];
  if (next === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  document.cookie = `hf_theme=${next}; path=/; max-age=31536000; samesite=lax`;
  button.ariaLabel = button.title = button.dataset[next];
  const use = button.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#i-${THEMES[next]}`));
});

/* before/after slider, and which pair is on it */
on("input", "[data-compare] input", (slider) => slider.closest("[data-compare]").style.setProperty("--x", `${slider.value}%`));
on("click", "[data-compare-as]", (button) => compareAs(button.dataset.compareAs));
function compareAs(way) {
  for (const one of document.querySelectorAll("[data-compare]")) one.classList.toggle("side", way === "side");
  for (const one of document.querySelectorAll("[data-compare-as]")) one.ariaPressed = String(one.dataset.compareAs === way);
  localStorage.setItem("hf_compare", way);
}
if (localStorage.getItem("hf_compare") === "side") compareAs("side");
on("click", "[data-pair-target]", (link, event) => {
  event.preventDefault();
  for (const pair of document.querySelectorAll("[data-pair]")) pair.hidden = pair.id !== link.dataset.pairTarget;
  for (const other of link.closest("[data-pair-list]").querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
});

/* copying a hash or a number */
on("click", "[data-copy]", async (button) => {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    say(document.body.dataset.copied);
  } catch {
    getSelection().selectAllChildren(button); // no clipboard over plain http: selected, ready for the keyboard
  }
});

function say(text) {
  const line = byId("said") ?? document.body.appendChild(Object.assign(document.createElement("p"), { id: "said", className: "said" }));
  line.role = "status";
  line.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (line.textContent = ""), 2500);
}

/* sign-in */
on("click", "[data-reveal]", (button) => {
  const field = byId(button.dataset.reveal);
  const shown = field.type === "text";
  field.type = shown ? "password" : "text";
  button.ariaPressed = String(!shown);
});
on("click", "[data-fill-username]", (button) => {
  byId("username").value = button.dataset.fillUsername;
  byId("password").value = button.dataset.fillPassword;
  byId("signin").requestSubmit();
});

/* small moves */
on("click", "[data-print]", () => print());
on("click", "[data-open]", (link) => unfold(byId(link.dataset.open)));

/* a form may lie in a group that is shut as well */
function unfold(part) {
  for (let outer = part; outer; outer = outer.parentElement?.closest("details")) outer.open = true;
}

/* a field that only counts while another has a value */
on("change", "form", condition);
function condition(form) {
  for (const part of form.querySelectorAll("[data-when]")) {
    const sent = new FormData(form).getAll(part.dataset.when);
    part.hidden = !(part.dataset.is ? sent.includes(part.dataset.is) : sent.every((value) => !value));
  }
}
on("change", "[data-filter] select, [data-filter] input[type=checkbox]", (field) => field.form.requestSubmit());
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const menu of document.querySelectorAll("[data-menu][open]")) menu.open = false;
  const typing = /^(input|textarea|select)$/i.test(event.target.tagName) || event.target.isContentEditable;
  const search = document.querySelector("[data-search]");
  if (event.key === "/" && !typing && search) {
    event.preventDefault();
    search.focus();
  }
});

/* the report form asks the catalogue what it proposes for a row; a level somebody chose by hand stays */
on("change", "#form-report [name=catalogue_code]", async (field) => {
  const panel = field.form.querySelector("[data-proposals]");
  const code = field.value.trim();
  const answer = code && (await fetch(`/hazards/proposals/${encodeURIComponent(code)}`, { headers: { Accept: "application/json" } }).catch(() => null));
  panel.hidden = !answer?.ok;
  if (panel.hidden) return;
  const row = await answer.json();
  panel.querySelector("[data-text]").textContent = row.text;
  if (field.form.dataset.graded !== undefined) return;
  const tile = field.form.querySelector(`[name=suspected_urgency][value="${row.urgency}"]`);
  if (tile) tile.checked = true;
});
on("change", "#form-report [name=suspected_urgency]", (tile) => (tile.form.dataset.graded = ""));

/* files: thumbnails and a count */
on("change", "[data-photos] input[type=file]", show);

function show(input) {
  const box = input.closest("[data-photos]");
  const list = box.querySelector(".thumbs");
  const hint = box.querySelector("[data-count]");
  for (const old of list.querySelectorAll("img")) URL.revokeObjectURL(old.src);
  const bytes = [...input.files].reduce((sum, file) => sum + file.size, 0);
  box.querySelector(".drop").classList.toggle("has", input.files.length > 0);
  hint.textContent = input.files.length ? hint.dataset.count.replace("{n}", input.files.length).replace("{mb}", (bytes / 1e6).toFixed(1)) : "";
  list.replaceChildren(
    ...[...input.files].filter((file) => file.type.startsWith("image/")).map((file) => {
      const item = document.createElement("li");
      item.append(Object.assign(new Image(), { alt: "", src: URL.createObjectURL(file) }));
      return item;
    }),
  );
}

/* the device's position: beside a place (`<name>_lon` …), or into the position fields of a form (`lon` …) */
on("click", "[data-locate]", (button) => {
  const { elements } = button.form;
  const name = button.dataset.locate;
  locate(button, button.form.querySelector(`[data-located="${name}"]`), (lon, lat, accuracy) => {
    elements[`${name}_lon`].value = lon;
    elements[`${name}_lat`].value = lat;
    elements[`${name}_accuracy_m`].value = accuracy;
    elements[name].value ||= `${lon}, ${lat}`;
  });
});
on("click", "[data-position]", (button) => {
  const { elements } = button.form;
  locate(button, button.nextElementSibling, (lon, lat, accuracy) => {
    const found = { lon, lat, accuracy_m: accuracy, crs: "WGS84" };
    for (const name of Object.keys(found)) if (elements[name]) elements[name].value = found[name];
  });
});

function locate(button, line, use) {
  const done = (text) => {
    button.ariaBusy = "false";
    line.textContent = text;
  };
  button.ariaBusy = "true";
  if (!navigator.geolocation) return done(line.dataset.failed);
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      use(coords.longitude.toFixed(6), coords.latitude.toFixed(6), String(Math.round(coords.accuracy)));
      done(line.dataset.found.replace("{m}", Math.round(coords.accuracy)));
    },
    () => done(line.dataset.failed),
    { enableHighAccuracy: true, timeout: 20000 },
  );
}

/* a long form left half-way comes back after a reload, in this tab and for this person only; signing out forgets it */
on("input", "form[data-draft]", (form) => {
  const words = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !TOKENS.includes(name));
  sessionStorage.setItem(form.dataset.draft, JSON.stringify(words));
});
on("submit", "form[action='/sign-out']", () => sessionStorage.clear());

const TOKENS = ["csrf_token", "request_key", "expected_version"];

function restore(form) {
  for (const [name, value] of JSON.parse(sessionStorage.getItem(form.dataset.draft) ?? "[]")) {
    const field = form.elements[name];
    if (field instanceof RadioNodeList) field.value = value;
    else if (field?.type === "checkbox") field.checked = true;
    else if (field) field.value = value;
  }
}

/* Sending. A form is sent once; with `data-keep` it is sent from here, so that photos already chosen survive a refusal:
   the answer replaces the page, and the files move over into the same form of the new one. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.once === undefined || event.defaultPrevented) return;
  if (form.dataset.sending) return event.preventDefault();
  form.dataset.sending = "yes";
  if (form.elements.device_at) form.elements.device_at.value = new Date().toISOString(); // so that the server learns how far this clock is off
  if (form.dataset.keep !== undefined) {
    event.preventDefault();
    send(form);
  }
  mark(form, true);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sending]")) settle(form);
});

const mark = (form, busy) => form.querySelectorAll("button:not([type=button])").forEach((button) => (button.ariaBusy = String(busy)));
function settle(form) {
  delete form.dataset.sending;
  mark(form, false);
}

async function send(form) {
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: new FormData(form), headers: { Accept: "text/html" } });
    if (!answer.headers.get("Content-Type")?.startsWith("text/html")) throw new Error("not a page");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok || page.getElementById(form.id)) swap(page, form, answer.redirected ? answer.url : location.href);
    else refuse(page, form);
  } catch {
    settle(form);
    say(document.body.dataset.failed);
  }
}

/* An error page has no form to go on with: its words come here instead, and what was typed stays. */
function refuse(page, form) {
  settle(form);
  form.querySelector("[data-refusal]")?.remove();
  const line = Object.assign(document.createElement("div"), { className: "flag outlined", role: "alert", tabIndex: -1 });
  line.dataset.refusal = "";
  const words = [...page.querySelectorAll("main h1, main p, main .need li, main .hash")].map((part) => part.textContent.trim());
  line.append(Object.assign(document.createElement("b"), { textContent: words.shift() ?? "" }), " ", words.join(" "));
  form.prepend(line);
  line.focus();
}

function swap(page, form, url) {
  const again = page.getElementById(form.id);
  for (const input of again ? form.querySelectorAll("input[type=file]") : []) {
    const twin = again.elements[input.name];
    if (twin && input.files.length) twin.files = input.files;
  }
  document.title = page.title;
  document.body.replaceWith(document.adoptNode(page.body));
  if (!again && form.dataset.draft) sessionStorage.removeItem(form.dataset.draft);
  if (url !== location.href) history.pushState(null, "", url);
  drawn = page_of(location);
  for (const input of document.querySelectorAll("input[type=file]")) if (input.files.length) show(input);
  scrollTo(0, 0);
  arrive();
}

const page_of = (place) => place.pathname + place.search;
let drawn = page_of(location);
addEventListener("popstate", () => {
  if (page_of(location) !== drawn) location.reload(); // a jump within the page also comes by here
});

function arrive() {
  const first = document.querySelector("[data-focus]");
  const draft = document.querySelector("form[data-draft]");
  if (draft && !first) restore(draft);
  for (const part of document.querySelectorAll("[data-when]")) condition(part.closest("form"));
  if (first) {
    unfold(first.closest("details"));
    first.focus();
  }
  const target = location.hash && byId(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) unfold(target);
}
arrive();
