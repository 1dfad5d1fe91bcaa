"""Reads: users in the cycle, soonest due first; batches with their progress; how each class stands; one user with everything about it."""

import base64
import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import by_code_or_id
from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.hazards.models import Hazard
from hazard_flow.inspections.households.models import (
    AWAY,
    CLASSES,
    IN_VAIN,
    Household,
    HouseholdBatch,
    HouseholdBatchItem,
    HouseholdPhoto,
    HouseholdStep,
    HouseholdVisit,
)
from hazard_flow.storage.paging import Page
from hazard_flow.storage.unit import scope_of_session

#: how users are looked for
STANDS = ("overdue", "due_soon", "in_vain", "refused", "away", "requested")
SOON = timedelta(days=30)
BUILDINGS_SHOWN, BATCHES_SHOWN, HISTORY_MAX = 200, 200, 200


@dataclass(frozen=True)
class Wanted:
    """Which users; empty means all."""

    q: str = ""
    stand: str = ""
    user_class: str = ""
    batch_id: uuid.UUID | None = None


@dataclass(frozen=True)
class User:
    """One user with its asset."""

    household: Household
    asset: Asset


@dataclass(frozen=True)
class ClassFigures:
    """How one class of users stands today."""

    user_class: str
    total: int = 0
    #: the present cycle has not run out
    in_cycle: int = 0
    overdue: int = 0
    due_soon: int = 0
    #: by the last visit
    done: int = 0
    absent: int = 0
    refused: int = 0
    away: int = 0

    @property
    def cycle_rate(self) -> float | None:
        """Users whose cycle has not run out, of those that are owed a check; 0 to 1."""
        owed = self.total - self.away
        return self.in_cycle / owed if owed > 0 else None

    @property
    def entry_rate(self) -> float | None:
        """I12: done / (done + absent + refused), by the last visit; 0 to 1."""
        tried = self.done + self.absent + self.refused
        return self.done / tried if tried else None


@dataclass(frozen=True)
class Progress:
    """How far a batch is."""

    total: int = 0
    done: int = 0
    away: int = 0
    refusal: int = 0
    #: still open, and somebody was there in vain
    in_vain: int = 0

    @property
    def left(self) -> int:
        """Users still to be dealt with."""
        return self.total - self.done - self.away - self.refusal


@dataclass(frozen=True)
class Building:
    """Users of one building who are due and in no batch."""

    organisation_id: uuid.UUID
    name: str
    users: int
    earliest_due_on: date


def within(session: Session) -> sa.ColumnElement[bool]:
    """Users the session's scope reaches."""
    return scope_of_session(session).where(Household.path, Household.division)


def page(session: Session, wanted: Wanted, today: date, *, cursor: str | None, limit: int) -> Page[User]:
    """Users within scope, soonest due first."""
    statement = (
        sa.select(Household, Asset)
        .join(Asset, Asset.id == Household.asset_id)
        .where(within(session), Household.ended_at.is_(None), *_conditions(wanted, today))
        .order_by(Household.due_on, Household.asset_id)
    )
    if cursor:
        day, id_ = _decode(cursor)
        statement = statement.where(
            sa.or_(Household.due_on > day, sa.and_(Household.due_on == day, Household.asset_id > id_))
        )
    rows = session.execute(statement.limit(limit + 1)).all()
    found = [User(household, asset) for household, asset in rows[:limit]]
    following = _encode(found[-1].household) if len(rows) > limit else None
    return Page(found, following)


def by_word(session: Session, word: str) -> User | None:
    """One user by the enterprise's own number, or by our id."""
    asset = by_code_or_id(session, word)
    if asset is None:
        return None
    household = session.scalar(sa.select(Household).where(Household.asset_id == asset.id, within(session)))
    return User(household, asset) if household is not None else None


def figures(
    session: Session, today: date, *, among: Collection[uuid.UUID] | None = None
) -> list[ClassFigures]:
    """How each class stands within scope; `among` narrows it to some enterprises."""
    wanted: list[Any] = [within(session), Household.ended_at.is_(None)]
    if among is not None:
        wanted.append(Household.home_id.in_(list(among)))
    away = Household.last_result.in_(AWAY)
    owed = sa.or_(Household.last_result.is_(None), ~away)

    def count(*conditions: Any) -> Any:
        return sa.func.count().filter(sa.and_(*conditions))

    rows = session.execute(
        sa.select(
            Household.user_class,
            sa.func.count(),
            count(owed, Household.due_on >= today),
            count(owed, Household.due_on < today),
            count(owed, Household.due_on.between(today, today + SOON)),
            count(Household.last_result == "done"),
            count(Household.last_result == "absent"),
            count(Household.last_result == "refused"),
            count(away),
        )
        .where(*wanted)
        .group_by(Household.user_class)
    ).all()
    found = {row[0]: ClassFigures(*row) for row in rows}
    return [found.get(one, ClassFigures(one)) for one in CLASSES]


def buildings(session: Session, *, due_before: date, q: str = "") -> list[Building]:
    """Where users are due and in no batch, the soonest due first."""
    earliest = sa.func.min(Household.due_on)
    statement = (
        sa.select(Household.organisation_id, Household.building, sa.func.count(), earliest)
        .where(
            within(session),
            Household.ended_at.is_(None),
            Household.batch_id.is_(None),
            Household.due_on <= due_before,
        )
        .group_by(Household.organisation_id, Household.building)
        .order_by(earliest, Household.building)
        .limit(BUILDINGS_SHOWN)
    )
    if q:
        statement = statement.where(Household.building.contains(q, autoescape=True))
    return [Building(*row) for row in session.execute(statement)]


def batches(
    session: Session, *, open_only: bool = False, assignee_id: uuid.UUID | None = None
) -> list[HouseholdBatch]:
    """Batches within scope: the open ones first, soonest due first."""
    statement = sa.select(HouseholdBatch).where(
        scope_of_session(session).where(HouseholdBatch.path, HouseholdBatch.division)
    )
    if open_only:
        statement = statement.where(HouseholdBatch.ended_at.is_(None))
    if assignee_id is not None:
        statement = statement.where(HouseholdBatch.assignee_id == assignee_id)
    order = (HouseholdBatch.ended_at.is_not(None), HouseholdBatch.due_on, HouseholdBatch.id)
    return list(session.scalars(statement.order_by(*order).limit(BATCHES_SHOWN)))


def batch(session: Session, id_: uuid.UUID) -> HouseholdBatch | None:
    """One batch, if the scope reaches it."""
    return session.scalar(
        sa.select(HouseholdBatch).where(
            HouseholdBatch.id == id_,
            scope_of_session(session).where(HouseholdBatch.path, HouseholdBatch.division),
        )
    )


def progress(session: Session, ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Progress]:
    """How far each batch is, in one query."""
    if not ids:
        return {}
    how = HouseholdBatchItem.settled_as
    rows = session.execute(
        sa.select(
            HouseholdBatchItem.batch_id,
            sa.func.count(),
            sa.func.count().filter(how == "done"),
            sa.func.count().filter(how.in_(AWAY)),
            sa.func.count().filter(how == "refusal"),
            sa.func.count().filter(HouseholdBatchItem.settled_at.is_(None), Household.in_vain > 0),
        )
        .join(Household, Household.asset_id == HouseholdBatchItem.asset_id)
        .where(HouseholdBatchItem.batch_id.in_(list(ids)))
        .group_by(HouseholdBatchItem.batch_id)
    )
    return {row[0]: Progress(*row[1:]) for row in rows}


def visits(session: Session, asset_id: uuid.UUID) -> Sequence[HouseholdVisit]:
    """The visits to a user, newest first."""
    return session.scalars(
        sa.select(HouseholdVisit)
        .where(HouseholdVisit.asset_id == asset_id)
        .order_by(HouseholdVisit.visited_at.desc(), HouseholdVisit.id.desc())
        .limit(HISTORY_MAX)
    ).all()


def visit(session: Session, id_: uuid.UUID) -> HouseholdVisit | None:
    """One visit, if the scope reaches it."""
    return session.scalar(
        sa.select(HouseholdVisit).where(
            HouseholdVisit.id == id_,
            scope_of_session(session).where(HouseholdVisit.path, HouseholdVisit.division),
        )
    )


def pictures(session: Session, visit_id: uuid.UUID) -> Sequence[HouseholdPhoto]:
    """The pictures of a visit in their order."""
    return session.scalars(
        sa.select(HouseholdPhoto).where(HouseholdPhoto.visit_id == visit_id).order_by(HouseholdPhoto.place)
    ).all()


def steps(session: Session, asset_id: uuid.UUID) -> Sequence[HouseholdStep]:
    """What was done about a user beside visits, newest first."""
    return session.scalars(
        sa.select(HouseholdStep)
        .where(HouseholdStep.asset_id == asset_id)
        .order_by(HouseholdStep.at.desc(), HouseholdStep.id.desc())
        .limit(HISTORY_MAX)
    ).all()


def hazards_at(session: Session, asset_id: uuid.UUID) -> Sequence[Hazard]:
    """Hazards at a user that the scope reaches: open ones first, newest first."""
    seen = scope_of_session(session).where(Hazard.path, Hazard.division, Hazard.parties)
    return session.scalars(
        sa.select(Hazard)
        .where(Hazard.asset_id == asset_id, seen)
        .order_by(Hazard.closed_at.is_not(None), Hazard.reported_at.desc())
        .limit(20)
    ).all()


def doubtful(session: Session, since: datetime, *, limit: int = 20) -> Sequence[HouseholdVisit]:
    """Visits within scope with something against them, newest first."""
    return session.scalars(
        sa.select(HouseholdVisit)
        .where(
            scope_of_session(session).where(HouseholdVisit.path, HouseholdVisit.division),
            HouseholdVisit.received_at >= since,
            sa.cast(HouseholdVisit.doubts, sa.Text) != "[]",
        )
        .order_by(HouseholdVisit.received_at.desc(), HouseholdVisit.id.desc())
        .limit(limit)
    ).all()


def _conditions(wanted: Wanted, today: date) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.q:
        said = (Asset.code, Asset.name_zh, Asset.name_en, Asset.address)
        found.append(sa.or_(*(column.contains(wanted.q, autoescape=True) for column in said)))
    if wanted.user_class:
        found.append(Household.user_class == wanted.user_class)
    if wanted.batch_id is not None:
        chosen = sa.select(HouseholdBatchItem.asset_id).where(HouseholdBatchItem.batch_id == wanted.batch_id)
        found.append(Household.asset_id.in_(chosen))
    away = Household.last_result.in_(AWAY)
    owed = sa.or_(Household.last_result.is_(None), ~away)
    stands: Mapping[str, sa.ColumnElement[bool]] = {
        "overdue": sa.and_(owed, Household.due_on < today),
        "due_soon": sa.and_(owed, Household.due_on.between(today, today + SOON)),
        "in_vain": sa.and_(Household.in_vain > 0, Household.last_result.in_(IN_VAIN)),
        "refused": Household.refusal_id.in_(sa.select(Hazard.id).where(Hazard.closed_at.is_(None))),
        "away": away,
        "requested": Household.requested_at.is_not(None),
    }
    if wanted.stand:
        found.append(stands[wanted.stand])
    return found


def _encode(household: Household) -> str:
    raw = json.dumps([household.due_on.isoformat(), household.asset_id.hex]).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(cursor: str) -> tuple[date, uuid.UUID]:
    try:
        day, id_ = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return date.fromisoformat(day), uuid.UUID(hex=str(id_))
    except (ValueError, TypeError, RecursionError) as error:
        raise BadRequest("bad cursor", fields=[FieldError("cursor", "bad_cursor")]) from error
