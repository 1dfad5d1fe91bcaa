/* Step 1: photos, place, how it is on site. */

import { button, h } from "../parts/dom.js";
import { takeCarried } from "../parts/drafts.js";
import { fieldChoices } from "../parts/fields.js";
import { photoView } from "../parts/photos.js";
import { placePart } from "../parts/place.js";
import { label, t } from "../parts/words.js";

export async function photoAndPlace({ keeper, draft, bundle, app, next }) {
  const place = placePart({ keeper, bundle, app });
  const photos = photoView({ keeper, kind: "PHOTO_BEFORE", fix: place.fix });
  await photos.ready;
  return {
    node: [
      h("h1.vh", t("field.step.1")),
      h(
        "div.capg",
        h(
          "section.stack.l",
          { "aria-label": t("field.photo.label") },
          photos.nodes,
          h("p.sm.muted", t("field.photo.safe")),
        ),
        h("div.stack.xl", place.nodes, condition({ keeper, draft, bundle })),
      ),
    ],
    foot: [keeper.line, button(t("field.next"), { kind: "pri", after: "arrow-right", act: next })],
    entered: () => {
      const files = takeCarried(draft.id);
      if (files.length) photos.add(files);
    },
    leave: place.stop,
  };
}

function condition({ keeper, draft, bundle }) {
  const field = bundle?.fields?.site_condition;
  if (!field) return null;
  return h(
    "section.card.pad.stack.l",
    fieldChoices({
      legend: label(field.label),
      choices: field.choices,
      value: draft.form.condition,
      changed: (value) => ((draft.form.condition = value), keeper.soon()),
    }),
  );
}
