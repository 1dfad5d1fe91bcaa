"""What rounds and household visits say of places, offered for a second look."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.i18n import Label
from hazard_flow.inspections.households.figures import LINES
from hazard_flow.inspections.households.models import HouseholdVisit
from hazard_flow.inspections.models import Round, RoundAsset
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.supervision.spots.records import Record, Source


def done_rounds(
    session: Session, home_id: uuid.UUID, asset_id: uuid.UUID | None, limit: int
) -> Sequence[Record]:
    """Rounds an enterprise handed in; of one place, those that looked at it."""
    wanted = _done(session).where(Round.home_id == home_id)
    if asset_id is not None:
        there = sa.exists().where(
            RoundAsset.round_id == Round.id, RoundAsset.asset_id == asset_id, RoundAsset.skipped == ""
        )
        wanted = wanted.where(there)
    found = session.scalars(wanted.order_by(Round.handed_in_at.desc()).limit(limit)).all()
    return [_of_round(session, one, asset_id) for one in found]


def done_round(session: Session, round_id: uuid.UUID) -> Record | None:
    """One of them."""
    found = session.scalar(_done(session).where(Round.id == round_id))
    return _of_round(session, found, None) if found else None


def made_visits(
    session: Session, home_id: uuid.UUID, asset_id: uuid.UUID | None, limit: int
) -> Sequence[Record]:
    """Visits to users an enterprise recorded as made."""
    wanted = _made(session).where(HouseholdVisit.home_id == home_id)
    if asset_id is not None:
        wanted = wanted.where(HouseholdVisit.asset_id == asset_id)
    newest = wanted.order_by(HouseholdVisit.visited_at.desc()).limit(limit)
    return [_of_visit(one) for one in session.scalars(newest)]


def made_visit(session: Session, visit_id: uuid.UUID) -> Record | None:
    """One of them."""
    found = session.scalar(_made(session).where(HouseholdVisit.id == visit_id))
    return _of_visit(found) if found else None


ROUNDS = Source("round", Label(zh="巡检记录", en="Round"), done_rounds, done_round)
VISITS = Source("household_visit", Label(zh="入户安检记录", en="Household visit"), made_visits, made_visit)


def _done(session: Session) -> sa.Select[Round]:
    seen = scope_of_session(session).where(Round.path, Round.division, Round.parties)
    return sa.select(Round).where(seen, Round.state == "done")


def _made(session: Session) -> sa.Select[HouseholdVisit]:
    seen = scope_of_session(session).where(HouseholdVisit.path, HouseholdVisit.division)
    return sa.select(HouseholdVisit).where(seen, HouseholdVisit.result == "done")


def _of_round(session: Session, one: Round, asset_id: uuid.UUID | None) -> Record:
    """A round of a single place is a record of that place; of several, only where one was asked for."""
    places = session.scalars(sa.select(RoundAsset.asset_id).where(RoundAsset.round_id == one.id)).all()
    assert one.handed_in_at is not None
    return Record(
        kind="round",
        id=one.id,
        line=one.line,
        says=Label(
            zh=f"{one.name_zh}（{one.planned_on}）：已完成，发现问题 {one.findings} 项",
            en=f"{one.name_en} ({one.planned_on}): done, {one.findings} findings",
        ),
        recorded_at=one.handed_in_at,
        href=f"/rounds/{one.id}",
        home_id=one.home_id,
        organisation_id=one.organisation_id,
        path=one.path,
        division=one.division,
        asset_id=asset_id or (places[0] if len(places) == 1 else None),
    )


def _of_visit(one: HouseholdVisit) -> Record:
    count = len(one.failed)
    return Record(
        kind="household_visit",
        id=one.id,
        line=LINES[one.user_class],
        says=Label(zh=f"入户安检已完成，不合格 {count} 项", en=f"Checked at home, {count} items failed"),
        recorded_at=one.visited_at,
        href=f"/households/visits/{one.id}",
        home_id=one.home_id,
        organisation_id=one.organisation_id,
        path=one.path,
        division=one.division,
        asset_id=one.asset_id,
    )
