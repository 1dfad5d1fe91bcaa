/* Work captured while nobody was signed in: whose it is, a person says. */

import { saveDraft } from "../core/drafts.js";
import { adoptRecord } from "../core/outbox.js";
import { readAll } from "../core/store.js";

/** Records and drafts without an owner. */
export async function unowned() {
  const [records, drafts] = await Promise.all(["outbox", "drafts"].map((store) => readAll(store)));
  return {
    records: records.filter((one) => one.owner === null),
    drafts: drafts.filter((one) => one.owner === null),
  };
}

/** Make them the signed-in person's. */
export async function adopt({ records, drafts }) {
  for (const one of records) await adoptRecord(one.id);
  for (const one of drafts) await saveDraft(one); // a draft is its first saver's
}
