/* One task, all of it from the tablet: how far it is, its clock, what I can do now and what not and why, photos, facts. */

import { data } from "../core/data.js";
import { listDrafts } from "../core/drafts.js";
import { listRecords } from "../core/outbox.js";
import { me } from "../core/session.js";
import { button, h, icon, linkButton } from "../parts/dom.js";
import { startAct } from "../parts/drafts.js";
import { deadline, moment, remaining } from "../parts/format.js";
import { livePill } from "../parts/frame.js";
import { badge, chip, emptyPage, pie, STAGES } from "../parts/marks.js";
import { standing } from "../parts/records.js";
import { senderStatus } from "../core/sender.js";
import { showPhoto } from "../parts/task_row.js";
import { label, t } from "../parts/words.js";

const ICONS = {
  accept: "user-check",
  progress: "progress",
  submit: "clipboard-check",
  pass: "checks",
  fail: "x",
  attach: "paperclip",
  start_control: "shield-half",
  lift_control: "shield-off",
  record_absence: "home",
  record_visit: "home",
  serve_notice: "file-text",
  stop_gas: "lock",
  resume_gas: "lock-open",
  return: "arrow-back-up",
  assign: "send",
  close: "archive",
  request_extension: "hourglass",
  fix_on_site: "tool",
};
/** What people in the field do most stands first. */
const FIRST = [
  "pass",
  "submit",
  "accept",
  "fix_on_site",
  "progress",
  "serve_notice",
  "record_absence",
  "start_control",
];

const ACTS_SHOWN = 4;

export async function show([number], app) {
  const [bundle, person] = [await data(), await me()];
  const task = bundle?.tasks.find((one) => one.number === number);
  if (!task) {
    return {
      title: t("field.task.gone"),
      nav: "tasks",
      node: emptyPage(
        "map-off",
        t("field.task.gone"),
        t("field.task.gone_how"),
        linkButton(t("field.nav.tasks"), "#/tasks", { kind: "pri" }),
      ),
    };
  }
  const [drafts, records] = [await listDrafts(person?.id ?? null), await listRecords(person?.id ?? null)];
  const waiting = records.filter((one) => one.number === number);
  const node = [
    head(task, app),
    h("section.card", { "aria-label": t("field.task.progress") }, stages(task)),
    h(
      "div.capg",
      h("div.stack.xl", waiting.length > 0 && unsent(waiting), clocks(task), acts(task, drafts, app)),
      h("div.stack.xl", photos(task), next(task), facts(task, bundle)),
    ),
  ];
  return { title: task.title, nav: "tasks", node, watch: ["data", "records", "drafts"], entered: livePill };
}

const head = (task) =>
  h(
    "header.row.top",
    linkButton("", "#/tasks", { kind: "icon", glyph: "arrow-left", "aria-label": t("field.back_to_tasks") }),
    h(
      "div.grow.stack",
      h("h1", task.title),
      h(
        "div.badges",
        badge(task),
        h("span.chip", pie(stagePercent(task)), label(task.state_name)),
        h("span.muted.mono", task.number),
      ),
    ),
    h("span", { id: "pill" }),
  );

const stagePercent = (task) => Math.round((100 * STAGES.indexOf(task.stage)) / (STAGES.length - 1));

function stages(task) {
  const at = STAGES.indexOf(task.stage);
  return h(
    "ol.steps",
    STAGES.map((stage, n) => {
      const cls = n < at || task.stage === "closed" ? "done" : n === at ? "now" : "todo";
      return h(
        `li.${cls}`,
        { "aria-current": n === at && "step" },
        h("span.o", cls === "done" ? icon("check") : n === at && pie(50)),
        h("b", t(`field.stage.${stage}`)),
        n === at && h("span", label(task.state_name)),
      );
    }),
  );
}

const unsent = (records) =>
  h(
    "section.card",
    h("header", icon("inbox"), h("h2", t("field.task.unsent"))),
    h(
      "ul.rows",
      records.map((one) => {
        const state = standing(one, senderStatus());
        return h(
          "li",
          h("a.grow.link", { href: `#/record/${one.id}` }, one.title || one.local_number),
          chip(state.text, state),
        );
      }),
    ),
    h("p.foot", t("field.task.unsent_how")),
  );

function clocks(task) {
  if (!task.due_at) return null;
  const left = remaining(task.due_at);
  return h(
    "section.card",
    { "aria-label": t("field.task.clock") },
    h(
      "div.clock",
      h("div.split", h("h2", icon("clock"), t("field.task.due")), h("span.sm.muted", deadline(task.due_at))),
      h("p.big", h(left.late ? "span.late" : "span", left.text)),
    ),
  );
}

function acts(task, drafts, app) {
  const rank = (one) => FIRST.indexOf(one.action) + 1 || 99;
  const open = task.allowed_actions
    .filter((one) => one.action !== "fail" || !task.allowed_actions.some((other) => other.action === "pass"))
    .sort((a, b) => rank(a) - rank(b));
  const begin = async (one) => app.go(`act/${(await startAct(task, one.action, drafts)).id}`);
  const begun = (one) =>
    drafts.some(
      (draft) => draft.kind === "act" && draft.number === task.number && draft.action === one.action,
    );
  const act = (one, kind) =>
    button([name(one), begun(one) && chip(t("field.task.begun"))], {
      kind,
      glyph: ICONS[one.action] ?? "pencil",
      act: () => begin(one),
    });
  const name = (one) => (one.action === "pass" ? t("field.recheck.title") : label(one.name));
  return h(
    "section.card.act",
    h("header", h("h2", t("field.task.now"))),
    open.length
      ? h(
          "div.pad.stack.l",
          open.slice(0, ACTS_SHOWN).map((one, n) => act(one, n ? "wide" : "pri wide big")),
          h("p.sm.muted", t("field.task.offline")),
        )
      : h("p.waits", icon("hourglass"), t("field.task.nothing")),
    open.length > ACTS_SHOWN &&
      h(
        "details.fold",
        h("summary", t("field.task.further", { n: open.length - ACTS_SHOWN }), icon("chevron-down", "chev")),
        h(
          "div.pad.stack.l",
          open.slice(ACTS_SHOWN).map((one) => act(one, "wide")),
        ),
      ),
    task.refused.length > 0 && h("p.sub", icon("lock"), t("field.task.not_yet")),
    h(
      "ul.deny",
      task.refused.map((one) =>
        h(
          "li",
          icon(ICONS[one.action] ?? "lock"),
          h(
            "div",
            h("h3", label(one.name)),
            h(
              "ul.sm.muted",
              one.because.map((why) => h("li", label(why))),
            ),
          ),
        ),
      ),
    ),
  );
}

function photos(task) {
  const pairs = task.photos
    .filter((one) => one.kind === "PHOTO_AFTER" && one.pair_of)
    .map((after) => ({ after, before: task.photos.find((one) => one.sha256 === after.pair_of) }))
    .filter((one) => one.before);
  const latest = pairs.at(-1);
  const rest = task.photos.filter((one) => !latest || (one !== latest.after && one !== latest.before));
  if (!task.photos.length) return null;
  return h(
    "section.card",
    h("header", h("h2", t("field.task.photos", { n: task.photos.length }))),
    h(
      "div.pad.stack.l",
      latest && slider(latest),
      rest.length > 0 &&
        h(
          "ul.strip.three",
          rest.map((one) => h("li", picture(one))),
        ),
    ),
  );
}

function picture(photo, cls = "") {
  const box = h("span.shot", { class: cls }, icon("photo"));
  const name =
    photo.kind === "PHOTO_BEFORE"
      ? t("field.photo.before")
      : photo.kind === "PHOTO_AFTER"
        ? t("field.photo.after")
        : t("field.photo.other");
  showPhoto(box, photo.sha256, `${name} ${moment(photo.captured_at)}`).then(() =>
    box.append(h("span.tag.foot", name)),
  );
  return box;
}

function slider({ before, after }) {
  const [late, early] = [
    h("img", { alt: t("field.photo.after") }),
    h("img.bf", { alt: t("field.photo.before") }),
  ];
  const box = h(
    "div.ba",
    late,
    early,
    h("span.tag.start", t("field.photo.before")),
    h("span.tag.end", t("field.photo.after")),
    h("span.split-at"),
  );
  box.append(
    h("input", {
      type: "range",
      min: 0,
      max: 100,
      value: 50,
      "aria-label": t("field.photo.compare"),
      on: { input: (event) => box.style.setProperty("--x", `${event.target.value}%`) },
    }),
  );
  for (const [image, photo] of [
    [late, after],
    [early, before],
  ])
    load(image, photo);
  return h(
    "div.stack",
    box,
    h("div.split.sm.soft", h("span", moment(before.captured_at)), h("span", moment(after.captured_at))),
  );
}

async function load(image, photo) {
  const box = h("span");
  await showPhoto(box, photo.sha256);
  const found = box.querySelector("img");
  if (found) image.src = found.src;
}

const next = (task) =>
  task.next_timers.length > 0 &&
  h(
    "section.card",
    h("header", h("h2", t("field.task.next"))),
    h(
      "ol.fires",
      task.next_timers.map((one) =>
        h(
          "li",
          h("time", { datetime: one.due_at }, moment(one.due_at)),
          h(
            "p",
            [label(one.label ?? one.name), (one.to ?? []).join(t("field.and"))].filter(Boolean).join(" → "),
          ),
        ),
      ),
    ),
  );

const facts = (task, bundle) =>
  h(
    "section.card",
    h(
      "header",
      h("h2", t("field.task.facts")),
      h("span.sm.muted", t("field.tasks.fetched", { at: moment(bundle.fetched_at) })),
    ),
    h(
      "dl.facts.one",
      task.facts.map((one) => h("div", h("dt", label(one.label)), h("dd", label(one.value)))),
    ),
  );
