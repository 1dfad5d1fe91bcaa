/* A task in a list: colour edge, photo, title, level, place, time left. */

import { taskPhotoUrl } from "../core/data.js";
import { h, icon } from "./dom.js";
import { distance, dueText, remaining } from "./format.js";
import { badge, tier } from "./marks.js";
import { label, t } from "./words.js";

/** By due time, those without one last. */
export const byDue = (a, b) =>
  (a.due_at ?? "9") < (b.due_at ?? "9") ? -1 : (a.due_at ?? "9") > (b.due_at ?? "9") ? 1 : 0;

/** Due before the end of today, or late already. */
export function dueToday(task, now = new Date()) {
  const end = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
  return task.due_at && new Date(task.due_at) <= end;
}

/** Whether the person may judge a re-check here. */
export const isRecheck = (task) => task.allowed_actions.some((one) => ["pass", "fail"].includes(one.action));

/** The row, a link to the task. */
export function taskRow(task) {
  return h(
    "li",
    h(
      `a.task.r${tier(task)}`,
      { href: `#/task/${encodeURIComponent(task.number)}` },
      thumb(task),
      h(
        "div.stack",
        h("h3.cut", task.title),
        h(
          "div.meta",
          badge(task),
          h("span.chip", label(task.state_name)),
          h("span.cut", task.place),
          task.away_m !== undefined && h("span.nowrap", icon("map-pin"), " ", distance(task.away_m)),
        ),
      ),
      task.due_at ? due(task) : h("div.due", h("span.nowrap", t("field.due.none"))),
      icon("chevron-right", "muted"),
    ),
  );
}

function due(task) {
  const left = remaining(task.due_at);
  return h(
    "div.due",
    h(left.late ? "b.until.late.nowrap" : "b.until.nowrap", left.text),
    h("span.nowrap", dueText(task.due_at)),
  );
}

function thumb(task) {
  const box = h("span.photo", icon("photo"));
  const first = task.photos[0];
  if (first) showPhoto(box, first.sha256);
  return box;
}

/** Put the cached photo into a box; without one the box stays as it is. */
export async function showPhoto(box, sha256, alt = "") {
  const url = await Promise.resolve(taskPhotoUrl(sha256)).catch(() => null);
  if (url) box.replaceChildren(h("img", { src: url, alt, loading: "lazy" }));
}
