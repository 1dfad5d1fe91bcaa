"""Reads: the tablets somebody looks after, who signed in on one, what was done about it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import AuthSession, Person
from hazard_flow.identity.rights import RIGHTS
from hazard_flow.offline.tablets.models import Tablet
from hazard_flow.offline.tablets.troubles import SILENT_AFTER
from hazard_flow.schedule.models import Upkeep
from hazard_flow.storage.paging import Page, keyset

LISTED_MAX = 500
#: who looks after the tablets of the whole house, not of one unit
_HOUSE_WIDE = frozenset({"administrator", "duty_desk"})
_SHOWN_MAX = 20


@dataclass(frozen=True)
class Use:
    """Somebody who signed in on a tablet, and until when they were seen there."""

    person_id: uuid.UUID
    name: str
    seen_at: datetime


@dataclass(frozen=True)
class Counts:
    """How many tablets somebody looks after, and how many of them hold something unsent."""

    tablets: int
    with_unsent: int
    unsent: int


def in_reach(actor: Actor) -> ColumnElement[bool]:
    """The tablets of the units in which the person holds a role that looks after tablets: never another house's, a regulator's neither."""
    reach: list[ColumnElement[bool]] = []
    for held in actor.holdings:
        if held.role in RIGHTS["tablets.read"]:
            path = held.path.split("/", 1)[0] + "/" if held.role in _HOUSE_WIDE else held.path
            reach.append(Tablet.path.startswith(path, autoescape=True))
    return sa.or_(sa.false(), *reach)


def listed(session: Session, actor: Actor) -> tuple[list[Tablet], int]:
    """Those with something unsent first, then those longest unheard of; and how many there are in all."""
    found = session.scalars(
        sa.select(Tablet)
        .where(in_reach(actor))
        .order_by(Tablet.unsent == 0, Tablet.last_seen_at, Tablet.id)
        .limit(LISTED_MAX)
    )
    return list(found), counts(session, actor).tablets


def page(session: Session, actor: Actor, *, cursor: str | None, limit: int) -> Page[Tablet]:
    """One page, in the order they were first heard of."""
    return keyset(
        session,
        sa.select(Tablet).where(in_reach(actor)),
        instant=Tablet.first_seen_at,
        id_=Tablet.id,
        cursor=cursor,
        limit=limit,
        descending=False,
    )


def one(session: Session, actor: Actor, tablet_id: uuid.UUID) -> Tablet:
    """One tablet; NotFound where it is not the person's to look after."""
    found = session.scalars(
        sa.select(Tablet).where(Tablet.id == tablet_id, in_reach(actor)).order_by(Tablet.home_id)
    ).first()
    if found is None:
        raise NotFound(f"tablet {tablet_id}")
    return found


def counts(session: Session, actor: Actor) -> Counts:
    """What there is to look after."""
    row = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(sa.case((Tablet.unsent > 0, 1), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(Tablet.unsent), 0),
        ).where(in_reach(actor))
    ).one()
    return Counts(*(int(value) for value in row))


def endangered(session: Session, actor: Actor, *, now: datetime) -> int:
    """How many hold records that nobody has heard of for too long, or on a tablet that is lost: `troubles` says which."""
    before = now - SILENT_AFTER
    return int(
        session.execute(
            sa.select(sa.func.count())
            .select_from(Tablet)
            .where(
                in_reach(actor),
                Tablet.unsent > 0,
                sa.or_(Tablet.last_seen_at < before, Tablet.unsent_since < before, Tablet.state == "lost"),
            )
        ).scalar_one()
    )


def of_home(session: Session, home_id: uuid.UUID, tablet_id: uuid.UUID) -> Tablet | None:
    """The tablet as one house knows it."""
    return session.get(Tablet, (home_id, tablet_id))


def uses(session: Session, tablet: Tablet) -> list[Use]:
    """The people of this house who signed in on it, the last first. Needs the system's scope: sign-ins are their owners' own."""
    latest = sa.func.max(AuthSession.seen_at)
    rows = session.execute(
        sa.select(Person.id, Person.name, latest)
        .join(AuthSession, AuthSession.person_id == Person.id)
        .where(
            AuthSession.tablet_id == tablet.id,
            Person.path.startswith(tablet.home_id.hex + "/", autoescape=True),
        )
        .group_by(Person.id, Person.name)
        .order_by(latest.desc())
        .limit(_SHOWN_MAX)
    )
    return [Use(*row) for row in rows]


def acts(session: Session, tablet: Tablet) -> Sequence[Upkeep]:
    """What people did about it, the last first. Needs the system's scope."""
    return session.scalars(
        sa.select(Upkeep)
        .where(
            Upkeep.subject_kind == "tablet",
            Upkeep.subject_id == tablet.id,
            Upkeep.home_id == tablet.home_id,
        )
        .order_by(Upkeep.at.desc(), Upkeep.id.desc())
        .limit(_SHOWN_MAX)
    ).all()
