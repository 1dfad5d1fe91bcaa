/* Reporting in three steps. The draft is kept on every change; leaving is never asked about, coming back finds everything. */

import { data } from "../core/data.js";
import { getDraft, removeDraft } from "../core/drafts.js";
import { setDraftOpen } from "../core/updates.js";
import { linkButton } from "../parts/dom.js";
import { startReport } from "../parts/drafts.js";
import { keep, settled } from "../parts/keeping.js";
import { emptyPage } from "../parts/marks.js";
import { t } from "../parts/words.js";
import { check } from "./report_check.js";
import { photoAndPlace } from "./report_photo.js";
import { whatAndLevel } from "./report_what.js";

const STEPS = [photoAndPlace, whatAndLevel, check];

export async function show([id, step = "1"], app) {
  await settled(id);
  if (id === "new") return begin(app);
  const draft = await getDraft(id);
  if (!draft) {
    const node = emptyPage(
      "edit",
      t("field.draft.gone"),
      t("field.draft.gone_how"),
      linkButton(t("field.outbox.see"), "#/outbox", { kind: "pri" }),
    );
    return { title: t("field.home.report"), nav: "outbox", node };
  }
  const now = Math.min(STEPS.length, Math.max(1, Number(step) || 1));
  draft.step = now;
  draft.form ??= {};
  const keeper = keep(draft);
  const go = async (to) => {
    await settled(id);
    await keeper.now();
    app.go(to);
  };
  const turn = {
    keeper,
    draft,
    bundle: await data(),
    app,
    go,
    next: () => go(`report/${id}/${now + 1}`),
    previous: () => go(`report/${id}/${now - 1}`),
  };
  const drawn = await STEPS[now - 1](turn);
  return {
    title: `${t(`field.step.${now}`)} · ${t("field.home.report")}`,
    nav: "home",
    steps: { now, names: [1, 2, 3].map((n) => `${n} ${t(`field.step.${n}`)}`) },
    backLabel: t("field.draft.back"),
    back: async () => {
      await settled(id);
      await keeper.stop();
      if (isEmpty(draft)) await removeDraft(draft.id);
      else await keeper.now();
      app.go("home");
    },
    ...drawn,
    entered: () => {
      setDraftOpen(true);
      drawn.entered?.();
    },
    leave: () => {
      drawn.leave?.();
      keeper.stop();
      setDraftOpen(false);
    },
  };
}

/** A report that has no address yet gets one, and is drawn there: never twice, or a photo could land on the one that goes. */
async function begin(app) {
  const draft = await startReport();
  app.go(`report/${draft.id}/1`, { replace: true });
  return { title: t("field.home.report"), nav: "home", node: [] };
}

const isEmpty = (draft) =>
  !draft.photos.length && !Object.values(draft.form).some((value) => value && !value.accuracy_m);
