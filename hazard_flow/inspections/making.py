"""Rounds are made of plans some days ahead, and called missed when their time is over; every minute by a worker, any number of them.

Each plan notes the day it was made for: what a worker that stood still left out is made when it wakes, and is owed like everything else.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.clock import Clock
from hazard_flow.i18n import Label
from hazard_flow.identity.actor import system_actor
from hazard_flow.identity.models import Organisation
from hazard_flow.inspections import recurrence
from hazard_flow.inspections.checklists.loading import checklists
from hazard_flow.inspections.lines import length_m
from hazard_flow.inspections.models import Round, RoundAsset, RoundPlan, RoundPlanAsset
from hazard_flow.ladders import operations as limits
from hazard_flow.risk.queries import check_rule_of, colours_of
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

JOB = "rounds"
MAKE_EVERY_SECONDS = 60.0
ACTOR = system_actor("rounds")
#: how far ahead rounds stand in the calendar as things owed
AHEAD_DAYS = 7
#: where the colour decides: it may be another one tomorrow
AHEAD_DAYS_BY_COLOUR = 1
#: days made up for at once after a long silence; the rest comes with the next call
DAYS_AT_ONCE = 60
#: rounds called missed in one transaction
BATCH_MAX = 200
#: a place nobody rated is looked at as often as one of the least risk
LEAST = "blue"
KIND, DUE, LADDER = "round", "round_due", "round_overdue"


def make(database: Database, clock: Clock, zone: ZoneInfo) -> int:
    """Make what is to be made and call missed what is over, each plan in a transaction of its own; how many rounds were made."""
    now = clock.now()
    made = 0
    for plan_id in _waiting(database, now, zone):
        while True:
            with database.transaction(SYSTEM) as session:
                found, is_through = make_of(session, plan_id, now=now, zone=zone)
            made += found
            if is_through:
                break
    while True:
        with database.transaction(SYSTEM) as session:
            missed = call_missed(session, now=now)
        if missed < BATCH_MAX:
            return made


def _waiting(database: Database, now: datetime, zone: ZoneInfo) -> Sequence[uuid.UUID]:
    today = now.astimezone(zone).date()
    far, near = today + timedelta(days=AHEAD_DAYS), today + timedelta(days=AHEAD_DAYS_BY_COLOUR)
    with database.reading(SYSTEM) as session:
        wanted = sa.select(RoundPlan.id).where(
            RoundPlan.ended_at.is_(None),
            sa.or_(
                RoundPlan.made_until.is_(None),
                sa.and_(RoundPlan.basis == "rule", RoundPlan.made_until < far),
                sa.and_(RoundPlan.basis == "colour", RoundPlan.made_until < near),
            ),
            sa.or_(
                RoundPlan.ends_on.is_(None),
                RoundPlan.made_until.is_(None),
                RoundPlan.made_until < RoundPlan.ends_on,
            ),
        )
        return list(session.scalars(wanted.order_by(RoundPlan.id)))


def make_of(session: Session, plan_id: uuid.UUID, *, now: datetime, zone: ZoneInfo) -> tuple[int, bool]:
    """The next rounds of one plan, as owed; how many, and whether that was all. Made twice it makes nothing the second time."""
    plan = session.scalar(sa.select(RoundPlan).where(RoundPlan.id == plan_id).with_for_update())
    if plan is None or plan.ended_at is not None:
        return 0, True
    ahead = AHEAD_DAYS if plan.basis == "rule" else AHEAD_DAYS_BY_COLOUR
    last = now.astimezone(zone).date() + timedelta(days=ahead)
    if plan.ends_on is not None:
        last = min(last, plan.ends_on)
    first = plan.starts_on if plan.made_until is None else plan.made_until + timedelta(days=1)
    if last < first:
        return 0, True
    until = min(last, first + timedelta(days=DAYS_AT_ONCE - 1))
    assets = _assets(session, plan)
    organisation = session.get_one(Organisation, plan.organisation_id)
    made = 0
    for day, places in _due(session, plan, assets, first, until).items():
        if places:
            _round(session, plan, organisation, day, places, now=now, zone=zone)
            made += 1
    plan.made_until = until
    session.flush()
    return made, until == last


def call_missed(session: Session, *, now: datetime) -> int:
    """Rounds whose time is over and that nobody handed in; how many were called so."""
    over = session.scalars(
        sa.select(Round)
        .where(Round.state.in_(("planned", "under_way")), Round.due_at <= now)
        .order_by(Round.due_at, Round.id)
        .limit(BATCH_MAX)
        .with_for_update(skip_locked=True)
    ).all()
    for one in over:
        one.state = "missed"
        one.seq += 1
    session.flush()
    return len(over)


def due_at(day: date, term_days: int, zone: ZoneInfo) -> datetime:
    """The end of the last day a round may be done on."""
    return datetime.combine(day + timedelta(days=term_days), time(), zone)


def _assets(session: Session, plan: RoundPlan) -> Sequence[Asset]:
    """The places still in use, in the order they are walked."""
    return session.scalars(
        sa.select(Asset)
        .join(RoundPlanAsset, RoundPlanAsset.asset_id == Asset.id)
        .where(RoundPlanAsset.plan_id == plan.id, Asset.ended_at.is_(None))
        .order_by(RoundPlanAsset.place)
    ).all()


def _due(
    session: Session, plan: RoundPlan, assets: Sequence[Asset], first: date, until: date
) -> Mapping[date, Sequence[Asset]]:
    """Which places are due on which days, oldest first."""
    if plan.basis == "rule":
        days = recurrence.days(plan.rule, start=plan.starts_on, since=first, until=until)
        return dict.fromkeys(days, assets)
    colours = colours_of(session, [one.id for one in assets])
    return by_colour(plan.starts_on, assets, colours, first, until)


def by_colour(
    start: date, assets: Sequence[Asset], colours: Mapping[uuid.UUID, str], first: date, until: date
) -> Mapping[date, Sequence[Asset]]:
    """The places due on each day when the colour of each says how often: red daily, orange weekly, yellow monthly, blue quarterly [D]."""
    worn: Collection[str] = {colours.get(one.id, LEAST) for one in assets}
    days = {
        colour: set(recurrence.days(check_rule_of(colour), start=start, since=first, until=until))
        for colour in worn
    }
    every = sorted(set().union(*days.values()))
    return {day: [one for one in assets if day in days[colours.get(one.id, LEAST)]] for day in every}


def _round(
    session: Session,
    plan: RoundPlan,
    organisation: Organisation,
    day: date,
    assets: Sequence[Asset],
    *,
    now: datetime,
    zone: ZoneInfo,
) -> None:
    lengths = {one.id: length_m(one) for one in assets}
    known = [metres for metres in lengths.values() if metres is not None]
    made = Round(
        id=new_id(),
        home_id=plan.home_id,
        organisation_id=plan.organisation_id,
        path=plan.path,
        division=plan.division,
        parties=f",{plan.responsible_id.hex}," if plan.responsible_id else ",",
        plan_id=plan.id,
        line=plan.line,
        name_zh=plan.name_zh,
        name_en=plan.name_en,
        checklist=checklists()[plan.checklist].id,
        planned_on=day,
        due_at=due_at(day, plan.term_days, zone),
        state="planned",
        responsible_id=plan.responsible_id,
        needs_sign_off=plan.needs_sign_off,
        made_at=now,
        due_m=sum(known) if known else None,
    )
    session.add(made)
    session.flush()
    session.add_all(
        RoundAsset(round_id=made.id, asset_id=one.id, place=place, due_m=lengths[one.id])
        for place, one in enumerate(assets)
    )
    limits.open_limit(
        session,
        limits.LimitOf(
            kind=KIND,
            subject_id=made.id,
            name=DUE,
            ladder=LADDER,
            due_at=made.due_at,
            title=Label(zh=f"{made.name_zh}（{day}）", en=f"{made.name_en} ({day})"),
            href=f"/rounds/{made.id}",
            organisation=organisation,
            responsible_id=made.responsible_id,
        ),
        actor=ACTOR,
        now=now,
    )
