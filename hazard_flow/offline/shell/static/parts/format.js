/* Instants, spans, sizes and distances as people read them. The device's own zone: the tablet is where the hazard is. */

import { language, t } from "./words.js";

const MINUTE = 60_000;
const DAY_MINUTES = 1440;
const locale = () => (language() === "zh" ? "zh-CN" : "en-GB");

/** `10:26`. */
export const clock = (at) =>
  new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(new Date(at));

/** `11月22日 星期日`, `Sun 22 Nov`. */
export const today = (now = new Date()) =>
  language() === "zh"
    ? `${now.getMonth() + 1}月${now.getDate()}日 ${new Intl.DateTimeFormat("zh-CN", { weekday: "long" }).format(now)}`
    : new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" }).format(now);

/** `11月25日 24:00`, `25 Nov 24:00`: midnight is the end of the day before, as deadlines are said. */
export function deadline(at) {
  const due = new Date(at);
  const endsDay = due.getHours() === 0 && due.getMinutes() === 0;
  const day = endsDay ? new Date(due - MINUTE) : due;
  return `${dayText(day)} ${endsDay ? "24:00" : clock(due)}`;
}

/** `11月25日`, `25 Nov`; the year where it differs. */
export function dayText(day, now = new Date()) {
  const year = day.getFullYear() === now.getFullYear() ? "" : day.getFullYear();
  if (language() === "zh") return `${year ? `${year}年` : ""}${day.getMonth() + 1}月${day.getDate()}日`;
  return new Intl.DateTimeFormat(locale(), {
    day: "numeric",
    month: "short",
    year: year ? "numeric" : undefined,
  }).format(day);
}

/** `今天 11:30`, else day and time. */
export function moment(at, now = new Date()) {
  const day = new Date(at);
  if (day.toDateString() === now.toDateString()) return t("field.at.today", { at: clock(day) });
  return `${dayText(day, now)} ${clock(day)}`;
}

/** When something is due, as it is said: `今天 24:00`, else day and time. */
export function dueText(at, now = new Date()) {
  const told = deadline(at);
  const day = `${dayText(now)} `;
  return told.startsWith(day) ? t("field.at.today", { at: told.slice(day.length) }) : told;
}

/** The two largest units of a span in milliseconds, rounded down. */
export function span(milliseconds) {
  const minutes = Math.floor(Math.abs(milliseconds) / MINUTE);
  const days = Math.floor(minutes / DAY_MINUTES);
  const hours = Math.floor((minutes % DAY_MINUTES) / 60);
  const pieces = [
    ["days", days],
    ["hours", hours],
    ["minutes", minutes % 60],
  ];
  while (pieces.length > 1 && pieces[0][1] === 0) pieces.shift();
  const shown = pieces.slice(0, 2).filter(([, n]) => n || pieces.length === 1);
  return shown.map(([unit, n]) => t(`field.span.${unit}`, { n })).join(" ");
}

/** How long is left, or by how much it is late. */
export function remaining(at, now = Date.now()) {
  const left = new Date(at) - now;
  return { late: left < 0, text: t(left < 0 ? "field.due.late" : "field.due.left", { span: span(left) }) };
}

/** `6.4 MB`. */
export function size(bytes) {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  const mb = bytes / (1024 * 1024);
  return mb < 1024 ? `${mb < 10 ? mb.toFixed(1) : Math.round(mb)} MB` : `${(mb / 1024).toFixed(1)} GB`;
}

/** `320 米`, `1.1 千米`. */
export const distance = (metres) =>
  metres < 995
    ? t("field.metres", { n: Math.round(metres) })
    : t("field.kilometres", { n: (metres / 1000).toFixed(1) });
