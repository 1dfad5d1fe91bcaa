"""A measure was missing (domain 4.3(4), 举一反三): a new one is proposed, with a check item and one look at every similar place.

The system proposes; a person accepts, in their own words, or refuses with a reason. Only then anything is made.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.errors import Conflict, FieldError, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.ladders.operations import LimitOf, meet, open_limit
from hazard_flow.risk import chain, versions
from hazard_flow.risk.grading import grading
from hazard_flow.risk.models import MeasureProposal, RiskPoint, SimilarCheck
from hazard_flow.schedule.bulk import insert_rows
from hazard_flow.storage.base import new_id
from hazard_flow.workflow.deadlines import Reckoning, end_of_day

#: what limits are opened for, their name, their ladder
SUBJECT, LIMIT, LADDER = "risk_similar_check", "similar_check", "work_overdue"
REASON_LENGTH_MAX = 500
NOTE_LENGTH_MAX = 500


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A hazard that was closed because a measure was missing."""

    point_id: uuid.UUID
    hazard_id: uuid.UUID
    hazard_number: str
    hazard_title: str
    root_cause: str
    prevention: str
    at: datetime


def propose(session: Session, found: Sequence[Missing]) -> None:
    """Put each before the people of its point, once for a hazard."""
    rows = [
        {
            "id": new_id(),
            "point_id": one.point_id,
            "hazard_id": one.hazard_id,
            "hazard_number": one.hazard_number,
            "hazard_title": one.hazard_title,
            "root_cause": one.root_cause,
            "prevention": one.prevention,
            "state": "open",
            "proposed_at": one.at,
            "decided_at": None,
            "decided_by": None,
            "reason": "",
            "measure_id": None,
        }
        for one in found
    ]
    insert_rows(session, MeasureProposal.__table__, rows)


def accept(
    session: Session,
    proposal: MeasureProposal,
    point: RiskPoint,
    given: Mapping[str, str],
    places: Sequence[uuid.UUID],
    *,
    now: datetime,
    actor: Actor,
    days: Reckoning,
) -> None:
    """Make the measure, its check item, and one check at each of these places. Raises `Refused`, or `Conflict` when decided."""
    _demand_open(proposal)
    faults = [FieldError(name, "required") for name in ("measure", "item") if not given.get(name)]
    known = {asset.id for asset in similar_places(session, point)}
    if set(places) - known:
        faults.append(FieldError("places", "unknown_asset"))
    if faults:
        raise Refused(fields=faults)
    added = chain.add(session, point, given, now=now)
    assert added.measure is not None
    due_on = days.calendar.workday_after(now.astimezone(days.zone).date(), grading().similar_due_workdays)
    for place in dict.fromkeys(places):
        _order_check(
            session,
            proposal,
            point,
            session.get_one(Asset, place),
            given["item"],
            end_of_day(due_on, days.zone),
            due_on,
            now=now,
            actor=actor,
        )
    proposal.state, proposal.decided_at, proposal.decided_by = "accepted", now, actor.id
    proposal.measure_id = added.measure.id
    versions.note(session, point, "measure_added", now=now, by=actor.id)


def refuse(
    session: Session, proposal: MeasureProposal, reason: str, *, now: datetime, by: uuid.UUID | None
) -> None:
    """Say why no measure is needed. Raises `Refused` without a reason, `Conflict` when decided."""
    _demand_open(proposal)
    if len(reason) < 5:
        raise Refused(fields=[FieldError("reason", "too_short", {"at_least": 5, "length": len(reason)})])
    if len(reason) > REASON_LENGTH_MAX:
        raise Refused(fields=[FieldError("reason", "too_long", {"at_most": REASON_LENGTH_MAX})])
    proposal.state, proposal.decided_at, proposal.decided_by, proposal.reason = "refused", now, by, reason
    session.flush()


def finish_check(
    session: Session, check: SimilarCheck, *, is_good: bool, note: str, now: datetime, actor: Actor
) -> None:
    """Somebody looked; where it is not good they say what they found. Raises `Refused`, or `Conflict` when it is done."""
    if check.done_at is not None:
        raise Conflict("done already")
    if not is_good and len(note) < 2:
        raise Refused(fields=[FieldError("note", "required")])
    if len(note) > NOTE_LENGTH_MAX:
        raise Refused(fields=[FieldError("note", "too_long", {"at_most": NOTE_LENGTH_MAX})])
    check.done_at, check.done_by, check.is_good, check.note = now, actor.id, is_good, note
    meet(session, SUBJECT, check.id, LIMIT, actor=actor, now=now)
    session.flush()


def similar_places(session: Session, point: RiskPoint) -> Sequence[Asset]:
    """Assets of the enterprise of the same kind as the point's own, that one left out, by code; none for a point without asset."""
    if point.asset_id is None:
        return []
    kind = sa.select(Asset.kind).where(Asset.id == point.asset_id).scalar_subquery()
    return session.scalars(
        sa.select(Asset)
        .where(Asset.home_id == point.home_id, Asset.kind == kind, Asset.id != point.asset_id)
        .order_by(Asset.code)
        .limit(grading().similar_places_max)
    ).all()


def _order_check(
    session: Session, proposal: MeasureProposal, point: RiskPoint, asset: Asset, item: str, due_at: datetime, due_on: date, *,
    now: datetime, actor: Actor,
) -> None:  # fmt: skip
    check = SimilarCheck(
        id=new_id(),
        proposal_id=proposal.id,
        point_id=point.id,
        asset_id=asset.id,
        item=item,
        due_on=due_on,
        due_at=due_at,
        note="",
    )
    session.add(check)
    open_limit(
        session,
        LimitOf(
            kind=SUBJECT,
            subject_id=check.id,
            name=LIMIT,
            ladder=LADDER,
            due_at=due_at,
            title=asset.label,
            href="/risk/tasks",
            organisation=session.get_one(Organisation, asset.organisation_id),
            division=asset.division,
        ),
        actor=actor,
        now=now,
    )


def _demand_open(proposal: MeasureProposal) -> None:
    if proposal.state != "open":
        raise Conflict("decided already")
