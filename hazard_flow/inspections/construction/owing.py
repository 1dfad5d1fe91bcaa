"""The one open limit of a site: somebody of the operator is there on the next day of works that nobody has guarded yet."""

from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.inspections.construction.days import Works, next_owed
from hazard_flow.inspections.construction.models import GUARDED, ConstructionSite, GuardDay
from hazard_flow.ladders import operations as limits

KIND, NAME, LADDER = "construction_site", "guard_day", "round_overdue"


def works_of(site: ConstructionSite) -> Works:
    """When a site has to be guarded."""
    return Works(site.guard_rule, site.starts_on, site.guard_from, site.ends_on)


def kept_days(session: Session, site: ConstructionSite) -> list[date]:
    """Days on which somebody was there, and it counts."""
    return list(
        session.scalars(
            sa.select(GuardDay.day).where(GuardDay.site_id == site.asset_id, GuardDay.invalid_because == "")
        )
    )


def owe_next(
    session: Session, site: ConstructionSite, *, actor: Actor, now: datetime, after: date | None = None
) -> None:
    """Open the limit of the first day owed and not kept. `after`: days up to this one are over, kept or missed."""
    if site.state not in GUARDED:
        limits.drop(session, KIND, site.asset_id, NAME, actor=actor, now=now, why="accepted")
        return
    since = after + timedelta(days=1) if after else rules_of(session).day_of(now)
    day = next_owed(works_of(site), kept_days(session, site), since=since)
    if day is None:
        return
    asset = session.get_one(Asset, site.asset_id)
    limits.open_limit(
        session,
        limits.LimitOf(
            kind=KIND,
            subject_id=site.asset_id,
            name=NAME,
            ladder=LADDER,
            due_at=datetime.combine(day + timedelta(days=1), time(), tzinfo=rules_of(session).zone),
            title=asset.label,
            href=f"/construction/{site.asset_id}",
            organisation=session.get_one(Organisation, site.organisation_id),
            responsible_id=site.guard_id,
        ),
        actor=actor,
        now=now,
    )


def met_by(
    session: Session, site: ConstructionSite, day: date, *, actor: Actor, now: datetime, at: datetime
) -> None:
    """Somebody guarded a day: what was owed is met, late where an earlier day was missed, and the next day is owed."""
    limits.meet(session, KIND, site.asset_id, NAME, actor=actor, now=now, at=at)
    owe_next(session, site, actor=actor, now=now, after=day)
