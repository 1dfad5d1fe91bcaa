"""Assets at which the same danger recurs.

Definition: a facility with so many hazards of one catalogue code reported within 180 days, dismissed and merged ones left out. Why: what
comes back was not mended, or its cause was not (recurrence, domain 6.2 I07; root cause, 7.4 point 16 [D]). An honest enterprise trips it
with a facility that is worn out and waits for its replacement, or with many small things of one code at one large station.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.radar.asking import CASE, ROWS_MAX, Asked, case_of
from hazard_flow.assessment.radar.findings import ASSET, Finding, score
from hazard_flow.assets.models import Asset
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import Label

KEY = "recurring_assets"


def judge(times: int, limits: Mapping[str, int]) -> float | None:
    """How many times the count lies beyond its threshold; None where it does not."""
    return times / limits["times"] if times >= limits["times"] else None


def look(session: Session, asked: Asked) -> Sequence[Finding]:
    """Every facility and code that recurs."""
    limits = asked.rules.limits(KEY)
    counted = [
        *asked.hazards(),
        Hazard.asset_id.is_not(None),
        Hazard.catalogue_code.is_not(None),
        Hazard.reported_at > asked.now - timedelta(days=limits["days"]),
        Hazard.reported_at <= asked.now,
        sa.or_(Hazard.resolution.is_(None), Hazard.resolution == "rectified"),
    ]
    often = (
        sa.select(Hazard.asset_id, Hazard.catalogue_code)
        .where(*counted)
        .group_by(Hazard.asset_id, Hazard.catalogue_code)
        .having(sa.func.count() >= limits["times"])
        .subquery()
    )
    rows = session.execute(
        sa.select(*CASE, Hazard.catalogue_code, Hazard.reported_at, Asset.id.label("asset"), Asset.name_zh, Asset.name_en)
        .join(often, sa.and_(often.c.asset_id == Hazard.asset_id, often.c.catalogue_code == Hazard.catalogue_code))
        .join(Asset, Asset.id == Hazard.asset_id)
        .where(*counted)
        .order_by(Hazard.reported_at.desc())
        .limit(ROWS_MAX)
    )  # fmt: skip
    groups: dict[tuple[uuid.UUID, str], list[Any]] = defaultdict(list)
    for row in rows:
        groups[row.asset, row.catalogue_code].append(row)
    found = []
    for (asset, code), own in groups.items():
        ratio = judge(len(own), limits)
        if ratio is not None:
            last = own[0]
            found.append(
                Finding(
                    KEY, last.home_id, ASSET, asset, score(limits["weight"], ratio), last.reported_at,
                    {"times": limits["times"], "days": limits["days"]}, {"n": len(own), "code": code, "days": limits["days"]},
                    tuple(map(case_of, own)), name=Label(zh=last.name_zh, en=last.name_en),
                )
            )  # fmt: skip
    return found
