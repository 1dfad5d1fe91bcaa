"""What guarding others' works says of an enterprise over a span: the line `construction`, and the sums of I20."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.inspections.construction.models import GUARDED, ConstructionSite, GuardDay
from hazard_flow.inspections.construction.queries import guarding
from hazard_flow.inspections.work_lines import LineFigures

LINE, UNIT, HREF = "construction", "days", "/construction"
SITES_MAX = 50_000


@dataclass(frozen=True)
class Protected:
    """Sites known in a span, and those of them with an agreement and every day of works guarded (I20)."""

    known: int = 0
    protected: int = 0
    damaged: int = 0


def figures(
    session: Session, organisation_ids: Sequence[uuid.UUID], since: date, until: date
) -> Mapping[uuid.UUID, Sequence[LineFigures]]:
    """Days of works that asked for a guard, by enterprise; `invalid` those recorded that do not count."""
    sites = _sites(session, organisation_ids, since, until)
    kept = guarding(session, sites, since, until)
    opened = _hazards(session, sites)
    late = _entered_late(session, sites, since, until)
    found: dict[uuid.UUID, list[ConstructionSite]] = {}
    for site in sites:
        found.setdefault(site.home_id, []).append(site)
    return {
        home: [
            LineFigures(
                line=LINE,
                unit=UNIT,
                due=sum(len(kept[one.asset_id].owed) for one in mine),
                done=sum(len(kept[one.asset_id].kept) for one in mine),
                on_time=sum(len(kept[one.asset_id].kept) - late.get(one.asset_id, 0) for one in mine),
                invalid=sum(len(kept[one.asset_id].void) for one in mine),
                missed=sum(len(kept[one.asset_id].missed) for one in mine),
                findings=sum(opened.get(one.asset_id, 0) for one in mine),
                href=HREF,
            )
        ]
        for home, mine in found.items()
    }


def indicators(
    session: Session, organisation_ids: Sequence[uuid.UUID], since: date, until: date
) -> Mapping[uuid.UUID, Protected]:
    """The sums of I20 by enterprise: a site counts as protected with its agreement signed and no day of works missed."""
    sites = _sites(session, organisation_ids, since, until)
    kept = guarding(session, sites, since, until)
    hit = set(
        session.scalars(
            sa.select(Hazard.asset_id).where(
                Hazard.asset_id.in_([one.asset_id for one in sites]), Hazard.catalogue_code == "TPC-G04"
            )
        )
    )
    found: dict[uuid.UUID, list[ConstructionSite]] = {}
    for site in sites:
        found.setdefault(site.home_id, []).append(site)
    return {
        home: Protected(
            known=len(mine),
            protected=sum(
                one.state in (*GUARDED, "accepted") and not kept[one.asset_id].missed for one in mine
            ),
            damaged=sum(one.asset_id in hit for one in mine),
        )
        for home, mine in found.items()
    }


def _sites(
    session: Session, ids: Sequence[uuid.UUID], since: date, until: date
) -> Sequence[ConstructionSite]:
    """Sites whose works touch the span."""
    return session.scalars(
        sa.select(ConstructionSite)
        .where(
            ConstructionSite.home_id.in_(list(ids)),
            ConstructionSite.starts_on <= until,
            ConstructionSite.ends_on >= since,
        )
        .order_by(ConstructionSite.asset_id)
        .limit(SITES_MAX)
    ).all()


def _hazards(session: Session, sites: Sequence[ConstructionSite]) -> Mapping[uuid.UUID, int]:
    rows = session.execute(
        sa.select(Hazard.asset_id, sa.func.count())
        .where(Hazard.asset_id.in_([one.asset_id for one in sites]))
        .group_by(Hazard.asset_id)
    )
    return {id_: count for id_, count in rows if id_ is not None}


def _entered_late(
    session: Session, sites: Sequence[ConstructionSite], since: date, until: date
) -> Mapping[uuid.UUID, int]:
    """Days entered after they were over."""
    day_of = rules_of(session).day_of
    rows = session.execute(
        sa.select(GuardDay.site_id, GuardDay.day, GuardDay.received_at).where(
            GuardDay.site_id.in_([one.asset_id for one in sites]),
            GuardDay.day.between(since, until),
            GuardDay.invalid_because == "",
        )
    )
    found: dict[uuid.UUID, int] = {}
    for site_id, day, received_at in rows:
        found[site_id] = found.get(site_id, 0) + (day_of(received_at) > day)
    return found
