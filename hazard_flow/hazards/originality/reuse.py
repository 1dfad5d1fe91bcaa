"""At the door: an after-photo whose very bytes already prove something else is refused, unless whoever hands it in says why.

Asked of every hazard of every organisation; told only as far as the reader may look.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.originality.rules import shipped_rules
from hazard_flow.schedule.bulk import among
from hazard_flow.storage.base import new_id
from hazard_flow.storage.unit import beyond_scope, scope_of_session
from hazard_flow.workflow.permitted import AFTER, BEFORE

#: the field of a form that explains it; not of any workflow: no file can leave this guard out
REASON = "reuse_reason"
REASON_LENGTH_MIN, REASON_LENGTH_MAX = 10, 500
#: codes of the refusal
CODES = ("photo_reused_elsewhere", "photo_reused_out_of_sight", "photo_reused_before")


@dataclass(frozen=True)
class Used:
    """Where some bytes stand already; `number` only where the session may see that hazard."""

    evidence_id: uuid.UUID
    hazard_id: uuid.UUID
    number: str | None


#: by SHA-256
Uses = dict[str, list[Used]]


@dataclass(frozen=True)
class Reused:
    """One brought after-photo and where its bytes stand already."""

    item: EvidenceItem
    used: Used
    is_own_before: bool


@dataclass(frozen=True)
class Again:
    """After-photos brought again, and why, as whoever brings them says."""

    photos: Sequence[Reused]
    reason: Any

    def problems(self) -> list[FieldError]:
        """What keeps them out; nothing once they are explained."""
        length = len(self.reason.strip()) if isinstance(self.reason, str) else 0
        if not self.photos or REASON_LENGTH_MIN <= length <= REASON_LENGTH_MAX:
            return []
        found = [_problem(one) for one in self.photos]
        if length > REASON_LENGTH_MAX:
            found.append(FieldError(REASON, "too_long", {"at_most": REASON_LENGTH_MAX, "length": length}))
        elif length:
            found.append(FieldError(REASON, "too_short", {"at_least": REASON_LENGTH_MIN, "length": length}))
        return found

    def told(self) -> dict[str, Any]:
        """What the act's event says of them; empty where there are none."""
        if not self.photos:
            return {}
        files = [one.item.sha256 for one in self.photos]
        return {"reused": {"reason": str(self.reason).strip(), "files": files}}

    def flag_rows(self, hazard: Hazard, *, event_seq: int, now: datetime) -> list[dict[str, Any]]:
        """The flags that go with it, written with the act itself."""
        rules = shipped_rules()
        return [
            {
                "id": new_id(),
                "home_id": hazard.home_id,
                "hazard_id": hazard.id,
                "event_seq": event_seq,
                "doubt": "reuse_explained",
                "subject": one.item.sha256,
                "other": str(one.used.evidence_id),
                "other_hazard_id": one.used.hazard_id,
                "score": rules.weight("reuse_explained"),
                "measured": {},
                "rules_version": rules.version,
                "found_at": now,
            }
            for one in self.photos
        ]


def look_up(session: Session, brought: Iterable[EvidenceItem]) -> Uses:
    """Where the bytes of after-photos stand already, in any hazard; one statement by an index, none where nobody brings one."""
    wanted = {item.sha256 for item in brought if item.kind == AFTER}
    if not wanted:
        return {}
    with beyond_scope(session):
        rows = session.execute(
            sa.select(Evidence.sha256, Evidence.id, Evidence.hazard_id)
            .where(Evidence.sha256.in_(wanted))
            .order_by(Evidence.received_at, Evidence.id)
        ).all()
    numbers = _readable(session, {row.hazard_id for row in rows})
    found: Uses = {}
    for sha256, id_, hazard_id in rows:
        found.setdefault(sha256, []).append(Used(id_, hazard_id, numbers.get(hazard_id)))
    return found


def reused(
    hazard_id: uuid.UUID,
    stored: Sequence[Evidence],
    brought: Sequence[EvidenceItem],
    uses: Mapping[str, Sequence[Used]],
    *,
    kin: Collection[uuid.UUID | None] = (),
) -> list[Reused]:
    """The brought after-photos that stand elsewhere already, or are the hazard's own before-photo. `kin` shares its evidence."""
    own = {e.sha256: e for e in stored if e.kind == BEFORE}
    found = []
    for item in brought:
        if item.kind != AFTER:
            continue
        if item.sha256 in own:
            found.append(Reused(item, Used(own[item.sha256].id, hazard_id, None), is_own_before=True))
            continue
        elsewhere = [u for u in uses.get(item.sha256, ()) if u.hazard_id not in {hazard_id, *kin}]
        # one the reader may open says more than one they may not
        found += [
            Reused(item, u, is_own_before=False)
            for u in sorted(elsewhere, key=lambda u: u.number is None)[:1]
        ]
    return found


def _problem(one: Reused) -> FieldError:
    params = {"filename": one.item.filename, "sha256": one.item.sha256, "pair_of": one.item.pair_of}
    if one.is_own_before:
        return FieldError("evidence", "photo_reused_before", params)
    if one.used.number is None:
        return FieldError("evidence", "photo_reused_out_of_sight", params)
    return FieldError("evidence", "photo_reused_elsewhere", {**params, "other": one.used.number})


def _readable(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    if not ids:
        return {}
    seen = scope_of_session(session).where(Hazard.path, Hazard.division, Hazard.parties)
    rows = session.execute(sa.select(Hazard.id, Hazard.number).where(among(session, Hazard.id, ids), seen))
    return {row.id: row.number for row in rows}
