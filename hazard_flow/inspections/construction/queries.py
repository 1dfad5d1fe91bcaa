"""Reads: sites within scope, what is under way first; one site with its acts and days; which days were owed, kept and missed."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import by_code_or_id
from hazard_flow.hazards.models import Hazard
from hazard_flow.inspections.construction.days import owed
from hazard_flow.inspections.construction.models import ConstructionSite, ConstructionStep, GuardDay
from hazard_flow.inspections.construction.owing import works_of
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.unit import scope_of_session

HISTORY_MAX = 200
#: how a list is narrowed
STANDS = ("under_way", "unprotected", "in_zone", "found", "accepted")


@dataclass(frozen=True)
class Site:
    """One site with its asset."""

    site: ConstructionSite
    asset: Asset


@dataclass(frozen=True)
class Guarding:
    """The days of a site up to a day: owed, kept, recorded and void, missed (the day is over and nobody was there)."""

    owed: Sequence[date] = ()
    kept: Sequence[date] = ()
    void: Sequence[date] = ()
    missed: Sequence[date] = ()


def within(session: Session) -> sa.ColumnElement[bool]:
    """Sites the session's scope reaches."""
    return scope_of_session(session).where(ConstructionSite.path, ConstructionSite.division)


def page(
    session: Session, today: date, *, stand: str = "", q: str = "", cursor: str | None, limit: int
) -> Page[Site]:
    """Sites within scope, the newest first."""
    statement = (
        sa.select(ConstructionSite)
        .join(Asset, Asset.id == ConstructionSite.asset_id)
        .where(within(session), *_conditions(stand, today))
    )
    if q:
        said = (
            Asset.code,
            ConstructionSite.project,
            ConstructionSite.builder,
            ConstructionSite.constructor,
            Asset.address,
        )
        statement = statement.where(sa.or_(*(column.contains(q, autoescape=True) for column in said)))
    found = keyset(
        session,
        statement,
        instant=ConstructionSite.created_at,
        id_=ConstructionSite.asset_id,
        cursor=cursor,
        limit=limit,
    )
    assets = {
        one.id: one
        for one in session.scalars(
            sa.select(Asset).where(Asset.id.in_([site.asset_id for site in found.items]))
        )
    }
    return Page([Site(site, assets[site.asset_id]) for site in found.items], found.next_cursor)


def by_word(session: Session, word: str) -> Site | None:
    """One site by the enterprise's own number, or by our id."""
    asset = by_code_or_id(session, word)
    if asset is None:
        return None
    site = session.scalar(
        sa.select(ConstructionSite).where(ConstructionSite.asset_id == asset.id, within(session))
    )
    return Site(site, asset) if site is not None else None


def counts(session: Session, today: date) -> Mapping[str, int]:
    """How many sites stand how, within scope."""
    columns = [sa.func.count().filter(sa.and_(*_conditions(stand, today))).label(stand) for stand in STANDS]
    row = session.execute(sa.select(*columns).select_from(ConstructionSite).where(within(session))).one()
    return dict(row._mapping)


def steps(session: Session, site_id: uuid.UUID) -> Sequence[ConstructionStep]:
    """The acts on a site, newest first."""
    return session.scalars(
        sa.select(ConstructionStep)
        .where(ConstructionStep.site_id == site_id)
        .order_by(ConstructionStep.at.desc(), ConstructionStep.id.desc())
        .limit(HISTORY_MAX)
    ).all()


def days(session: Session, site_id: uuid.UUID) -> Sequence[GuardDay]:
    """The days somebody was there, newest first."""
    return session.scalars(
        sa.select(GuardDay)
        .where(GuardDay.site_id == site_id)
        .order_by(GuardDay.day.desc())
        .limit(HISTORY_MAX)
    ).all()


def guarding(
    session: Session, sites: Collection[ConstructionSite], since: date, until: date
) -> Mapping[uuid.UUID, Guarding]:
    """The days of each site in a span, the last day of it being under way; one query for all of them."""
    rows = session.execute(
        sa.select(GuardDay.site_id, GuardDay.day, GuardDay.invalid_because).where(
            GuardDay.site_id.in_([one.asset_id for one in sites]), GuardDay.day.between(since, until)
        )
    ).all()
    made: dict[uuid.UUID, dict[date, str]] = {}
    for site_id, day, void in rows:
        made.setdefault(site_id, {})[day] = void
    found = {}
    for site in sites:
        due, mine = owed(works_of(site), since, until), made.get(site.asset_id, {})
        found[site.asset_id] = Guarding(
            owed=due,
            kept=[day for day in due if mine.get(day) == ""],
            void=[day for day in due if mine.get(day)],
            missed=[day for day in due if day < until and mine.get(day) != ""],
        )
    return found


def hazards_at(session: Session, asset_id: uuid.UUID) -> Sequence[Hazard]:
    """Hazards at a site that the scope reaches: open ones first, newest first."""
    seen = scope_of_session(session).where(Hazard.path, Hazard.division, Hazard.parties)
    return session.scalars(
        sa.select(Hazard)
        .where(Hazard.asset_id == asset_id, seen)
        .order_by(Hazard.closed_at.is_not(None), Hazard.reported_at.desc())
        .limit(20)
    ).all()


def _conditions(stand: str, today: date) -> list[sa.ColumnElement[bool]]:
    lasts = sa.and_(ConstructionSite.state != "accepted", ConstructionSite.ends_on >= today)
    stands: Mapping[str, sa.ColumnElement[bool]] = {
        "under_way": sa.and_(lasts, ConstructionSite.starts_on <= today),
        "unprotected": sa.and_(lasts, ConstructionSite.state.in_(("found", "registered"))),
        "in_zone": sa.and_(lasts, ConstructionSite.pipe_distance_m <= ConstructionSite.zone_m),
        "found": ConstructionSite.state == "found",
        "accepted": ConstructionSite.state == "accepted",
    }
    return [stands[stand]] if stand else []
