"""Re-used photos.

Definition: a hazard of whose pictures the originality checks found one that was used before: the same file or the same view at another
hazard, the before-picture as the after-picture, the rectifier's picture as the re-checker's, one signature under two names. Why: a picture
that was taken elsewhere proves nothing here (domain 5.4 [V2], 7.4 point 9). An honest enterprise trips it with one picture of one pit in
which two hazards were found. Weights are those of the originality rules [D], likeness those it measured [B].
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.radar.asking import CASE, ROWS_MAX, Asked, case_of
from hazard_flow.assessment.radar.findings import HAZARD, Case, Finding
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.originality.checks import total_score
from hazard_flow.hazards.originality.models import OriginalityFlag

KEY = "reused_photos"
DOUBTS = (
    "reused_exact",
    "reused_near",
    "before_is_after",
    "recheck_reused",
    "signature_reused",
)


def judge(worst: dict[str, int], least: int) -> int | None:
    """The score of a hazard's doubts, each kind once; None below what is listed."""
    found = total_score(list(worst.values()))
    return found if found >= least else None


def look(session: Session, asked: Asked) -> Sequence[Finding]:
    """Every hazard with a picture that was used before, found so within the days."""
    limits = asked.rules.limits(KEY)
    rows = session.execute(
        sa.select(
            *CASE, OriginalityFlag.doubt, OriginalityFlag.score, OriginalityFlag.subject, OriginalityFlag.found_at,
            OriginalityFlag.other_hazard_id,
        )
        .join(OriginalityFlag, OriginalityFlag.hazard_id == Hazard.id)
        .where(*asked.hazards(), OriginalityFlag.doubt.in_(DOUBTS), OriginalityFlag.found_at > asked.since)
        .order_by(OriginalityFlag.found_at.desc())
        .limit(ROWS_MAX)
    ).all()  # fmt: skip
    flags = defaultdict(list)
    for row in rows:
        flags[row.id].append(row)
    others = _readable(session, asked, {row.other_hazard_id for row in rows if row.other_hazard_id})
    found = []
    for own in flags.values():
        worst: dict[str, int] = {}
        for row in own:
            worst[row.doubt] = max(row.score, worst.get(row.doubt, 0))
        total = judge(worst, limits["weight"])
        if total is None:
            continue
        first = own[0]
        named = {
            row.other_hazard_id for row in own if row.other_hazard_id and row.other_hazard_id != first.id
        }
        # one that lies outside the reader's reach is counted and never named
        beside = tuple(others[one] for one in sorted(named & others.keys(), key=str))
        found.append(
            Finding(
                KEY, first.home_id, HAZARD, first.id, total, max(row.found_at for row in own), {},
                {"n": len({row.subject for row in own}), "doubts": tuple(sorted(worst)), "others": len(named)},
                (case_of(first), *beside),
            )
        )  # fmt: skip
    return found


def _readable(session: Session, asked: Asked, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Case]:
    if not ids:
        return {}
    rows = session.execute(sa.select(*CASE).where(*asked.hazards(), Hazard.id.in_(list(ids))))
    return {row.id: case_of(row) for row in rows}
