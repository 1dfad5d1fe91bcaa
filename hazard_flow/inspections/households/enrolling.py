"""Every user asset stands in the cycle: users that came are taken in, those out of use fall out. Some thousands at a time, no timers."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.catalogue.queries import rulebook_at
from hazard_flow.clock import Clock
from hazard_flow.inspections.households.cycle import building_of, class_of, due_after, months_of
from hazard_flow.inspections.households.models import Household
from hazard_flow.schedule.bulk import append_rows
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

JOB = "households"
ENROL_EVERY_SECONDS = 300.0
BATCH_MAX = 5_000


def enrol_all(database: Database, clock: Clock, zone: ZoneInfo) -> int:
    """Take in all that came, in transactions of their own; how many."""
    total = 0
    while True:
        with database.transaction(SYSTEM) as session:
            found = enrol(session, now=clock.now(), zone=zone)
        total += found
        if found < BATCH_MAX:
            break
    with database.transaction(SYSTEM) as session:
        follow_assets(session)
    return total


def enrol(session: Session, *, now: datetime, zone: ZoneInfo, limit: int = BATCH_MAX) -> int:
    """Take up to so many users in. A new one is due one interval after the asset was entered: nobody knows of an earlier check."""
    new = (
        sa.select(
            Asset.id, Asset.home_id, Asset.organisation_id, Asset.path, Asset.division, Asset.address, Asset.details, Asset.created_at
        )
        .outerjoin(Household, Household.asset_id == Asset.id)
        .where(Asset.kind == "user", Asset.ended_at.is_(None), Household.asset_id.is_(None))
        .order_by(Asset.id)
        .limit(limit)
    )  # fmt: skip
    book, today = rulebook_at(session), now.astimezone(zone).date()
    rows: list[dict[str, Any]] = []
    for id_, home, unit, path, division, address, details, created_at in session.execute(new):
        kind = class_of(details or {})
        months = months_of(book.policy(division, today), kind)
        rows.append(
            {
                "asset_id": id_,
                "home_id": home,
                "organisation_id": unit,
                "path": path,
                "division": division,
                "user_class": kind,
                "building": building_of(address),
                "due_on": due_after(created_at.astimezone(zone).date(), months),
                "in_vain": 0,
            }
        )
    append_rows(session, Household.__table__, rows)
    return len(rows)


def follow_assets(session: Session) -> None:
    """Users whose asset went out of use leave the cycle, those taken back come back; a user that moved to another unit goes with it."""
    left = sa.select(Asset.id).where(Asset.kind == "user", Asset.ended_at.is_not(None))
    session.execute(
        sa.update(Household)
        .where(Household.ended_at.is_(None), Household.asset_id.in_(left))
        .values(ended_at=sa.select(Asset.ended_at).where(Asset.id == Household.asset_id).scalar_subquery())
        .execution_options(synchronize_session=False)
    )
    back = sa.select(Asset.id).where(Asset.kind == "user", Asset.ended_at.is_(None))
    session.execute(
        sa.update(Household)
        .where(Household.ended_at.is_not(None), Household.asset_id.in_(back))
        .values(ended_at=None)
        .execution_options(synchronize_session=False)
    )
    moved = (
        sa.select(Asset.id, Asset.organisation_id, Asset.path, Asset.division)
        .join(Household, Household.asset_id == Asset.id)
        .where(
            sa.or_(Asset.organisation_id != Household.organisation_id, Asset.division != Household.division)
        )
    )
    for id_, unit, path, division in session.execute(moved).all():
        session.execute(
            sa.update(Household)
            .where(Household.asset_id == id_)
            .values(organisation_id=unit, path=path, division=division)
            .execution_options(synchronize_session=False)
        )
