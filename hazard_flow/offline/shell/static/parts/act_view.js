/* How an act is shown: its form from the task, people and choices by name, and what is missing in words. */

import { senderStatus } from "../core/sender.js";
import { label, t } from "./words.js";

/** What an act asks for; photos are called by their kind, as the person knows them from the gaps. */
export function formOf(task, action, bundle) {
  const form = task?.allowed_actions.find((one) => one.action === action);
  return (
    form && {
      ...form,
      evidence: form.evidence.map((slot) => ({
        ...slot,
        label: (slot.is_photo && bundle.evidence_kinds?.[slot.kind]) || slot.label,
      })),
    }
  );
}

/** Whoever may be named, by name; choices narrowed to what this act allows. */
export function withPeople(need, bundle) {
  const known = bundle.fields[need.field];
  if (need.people)
    return {
      ...need,
      choices: need.people.map((id) => ({ value: id, label: bundle.people?.[id]?.name ?? id })),
      many: known.type === "people",
    };
  if (need.choices)
    return { ...need, choices: known.choices.filter((one) => need.choices.includes(one.value)) };
  return need;
}

/** What is missing, in one line for the foot of the screen. */
export function gapText({ fields, evidence }, bundle) {
  const names = fields.map((one) => label(bundle.fields[one.field]?.label));
  const files = evidence.map(({ slot, need }) => t("field.gap.files", { what: label(slot.label), n: need }));
  const all = [...files, ...names];
  return all.length
    ? t("field.missing", { what: all.slice(0, 4).join(t("field.and")) + (all.length > 4 ? "…" : "") })
    : "";
}

/** What a gap says under its field. */
export const sentence = (gap) => t(`field.wrong.${gap.code}`, gap);

/** Where it goes when it is submitted. */
export const offlineLine = () => (senderStatus().online ? t("field.check.online") : t("field.check.offline"));
