/* All my tasks, by due time; what can be searched is searched on the tablet. */

import { data, refreshData } from "../core/data.js";
import { button, fill, h, icon, uid } from "../parts/dom.js";
import { matches } from "../parts/finding.js";
import { moment } from "../parts/format.js";
import { heading } from "../parts/frame.js";
import { badge, empty, STAGES } from "../parts/marks.js";
import { roundRow } from "../parts/round_row.js";
import { byDue, isRecheck, taskRow } from "../parts/task_row.js";
import { trouble } from "../parts/trouble.js";
import { t } from "../parts/words.js";

let query = "";
let wanted = "all";

export async function show(_args, app) {
  const bundle = await data();
  const tasks = [...(bundle?.tasks ?? [])].sort(byDue);
  const sets = {
    all: tasks,
    recheck: tasks.filter(isRecheck),
    ...Object.fromEntries(
      STAGES.slice(0, 4).map((stage) => [stage, tasks.filter((one) => one.stage === stage)]),
    ),
  };
  const [said, list, filters, id] = [
    h("div"),
    h("div"),
    h("div.seg.scrolls", { role: "group", "aria-label": t("field.tasks.which") }),
    uid(),
  ];
  const draw = () => {
    const names = Object.keys(sets).filter((name) => name === "all" || sets[name].length);
    if (!names.includes(wanted)) wanted = "all";
    fill(
      filters,
      names.map((name) =>
        h(
          "button",
          {
            type: "button",
            "aria-pressed": String(name === wanted),
            on: { click: () => ((wanted = name), draw()) },
          },
          t(name === "all" || name === "recheck" ? `field.tasks.${name}` : `field.stage.${name}`),
          " ",
          h("b", sets[name].length),
        ),
      ),
    );
    const found = sets[wanted].filter(
      (one) => !query || matches(query, one.title, one.place, one.number, one.asset),
    );
    fill(list, [found.length ? h("ul.list", found.map(taskRow)) : nothing(bundle)]);
  };
  draw();
  const fetchNow = async (event) => {
    event.target.closest("button").setAttribute("aria-busy", "true");
    await refreshData().then(app.redraw, (fault) => fill(said, [trouble(fault)]));
    document.querySelector("#fetch")?.removeAttribute("aria-busy");
  };
  const node = [
    await heading(
      t("field.tasks.mine"),
      bundle && t("field.tasks.fetched", { at: moment(bundle.fetched_at) }),
    ),
    h(
      "div.row.wrap",
      h(
        "div.search.grow",
        icon("search"),
        h("label.vh", { for: id }, t("field.tasks.search")),
        h("input", {
          id,
          type: "search",
          value: query,
          placeholder: t("field.tasks.search"),
          on: { input: (event) => ((query = event.target.value), draw()) },
        }),
      ),
      button(t("field.tasks.fetch"), { id: "fetch", glyph: "refresh", act: fetchNow }),
    ),
    said,
    bundle?.rounds?.length
      ? h(
          "section.card",
          { "aria-labelledby": "h-rounds" },
          h("header", h("h2", { id: "h-rounds" }, t("field.round.today")), h("b", bundle.rounds.length)),
          h("ul.list", [...bundle.rounds].sort(byDue).map(roundRow)),
        )
      : null,
    filters,
    h(
      "section.card",
      { "aria-labelledby": "h-list" },
      h("h2.vh", { id: "h-list" }, t("field.tasks.list")),
      list,
    ),
    bundle?.cut?.tasks
      ? h("p.flag.outlined", icon("list-details"), h("span", t("field.tasks.cut", { n: bundle.cut.tasks })))
      : null,
    nearby(bundle),
  ];
  return { title: t("field.tasks.mine"), nav: "tasks", node, watch: ["data", "session"] };
}

function nothing(bundle) {
  if (!bundle) return empty("cloud-off", t("field.tasks.not_fetched"), t("field.tasks.not_fetched_how"));
  if (query) return empty("filter-off", t("field.tasks.no_match"), t("field.tasks.no_match_how"));
  return empty("checks", t("field.tasks.done"), t("field.tasks.done_how"));
}

function nearby(bundle) {
  const mine = new Set((bundle?.tasks ?? []).map((one) => one.number));
  const others = (bundle?.nearby ?? []).filter((one) => !mine.has(one.number));
  if (!others.length) return null;
  return h(
    "details.card.fold",
    h("summary", t("field.tasks.others", { n: others.length }), icon("chevron-down", "chev")),
    h(
      "ul.rows",
      others
        .slice(0, 40)
        .map((one) =>
          h(
            "li",
            h(
              "span.grow",
              one.title,
              h("br"),
              h("span.sm.muted", [one.number, one.asset].filter(Boolean).join(" · ")),
            ),
            badge(one),
          ),
        ),
    ),
  );
}
