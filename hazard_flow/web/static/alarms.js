/* The alarm desk stays fresh: time left is counted down every second, and the parts marked `data-live` are taken anew from the same address.
   A part somebody is working in is left alone, so is a page nobody looks at. Without scripts the page is as old as its heading says. */
const EVERY_MS = 10_000;

function count() {
  for (const one of document.querySelectorAll("[data-until]")) {
    const seconds = Math.max(0, Math.floor((Date.parse(one.dataset.until) - Date.now()) / 1000));
    const text = one.querySelector("[data-left]");
    const minutes = Math.floor(seconds / 60);
    const rest = String(seconds % 60).padStart(2, "0");
    if (text) text.textContent = minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
    one.classList.toggle("hot", seconds < 120);
  }
}

async function renew() {
  if (document.hidden || !document.querySelector("[data-live]")) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(part.id);
      if (fresh && !part.contains(document.activeElement) && !part.querySelector("details[open]")) part.replaceWith(fresh);
    }
    count();
  } catch {
    /* the next round tries again; the heading says how old the page is */
  }
}

if (document.querySelector("[data-until], [data-live]")) {
  setInterval(count, 1000);
  setInterval(renew, EVERY_MS);
}
