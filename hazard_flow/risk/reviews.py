"""Ratings to look at again (domain 4.3(3)): called for by what happened or by a person, due after working days [D], done by rating anew."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, Refused
from hazard_flow.identity.actor import Actor, system_actor
from hazard_flow.identity.models import Organisation
from hazard_flow.ladders.operations import LimitOf, drop, meet, open_limit
from hazard_flow.risk.grading import grading
from hazard_flow.risk.models import TRIGGERS, RiskPoint, RiskReview
from hazard_flow.storage.base import new_id
from hazard_flow.workflow.deadlines import Reckoning, end_of_day

#: what limits are opened for, and their name and ladder
SUBJECT, LIMIT = "risk_review", "re_evaluation"
ACTOR = system_actor("risk")
CAUSE_LENGTH_MAX, OUTCOME_LENGTH_MAX = 200, 1_000
#: points whose yearly look is opened in one transaction
BATCH_MAX = 500


@dataclass(frozen=True)
class Call:
    """Something that calls for a new rating of a point; the same cause calls once."""

    point_id: uuid.UUID
    trigger: str
    cause: str
    at: datetime


def open_reviews(session: Session, calls: Sequence[Call], days: Reckoning) -> int:
    """Open what was not opened yet; how many were. Each is due the tenth working day after it was called for, that day included [D].

    Each gets a limit that climbs `re_evaluation` until the point is rated anew.
    """
    known = _known(session, calls)
    opened = 0
    for call in calls:
        key = (call.point_id, call.trigger, call.cause[:CAUSE_LENGTH_MAX])
        assert call.trigger in TRIGGERS
        if key in known:
            continue
        known.add(key)
        point = session.get_one(RiskPoint, call.point_id)
        if point.ended_at is not None:
            continue
        due_on = days.calendar.workday_after(
            call.at.astimezone(days.zone).date(), grading().review_due_workdays
        )
        review = RiskReview(
            id=new_id(),
            point_id=call.point_id,
            trigger=call.trigger,
            cause=key[2],
            opened_at=call.at,
            due_on=due_on,
            due_at=end_of_day(due_on, days.zone),
            outcome="",
        )
        session.add(review)
        open_limit(
            session,
            LimitOf(
                kind=SUBJECT,
                subject_id=review.id,
                name=LIMIT,
                ladder=LIMIT,
                due_at=review.due_at,
                title=point.label,
                href=f"/risk/{point.id}",
                organisation=session.get_one(Organisation, point.organisation_id),
                division=point.division,
            ),
            actor=ACTOR,
            now=call.at,
        )
        opened += 1
    session.flush()
    return opened


def _known(session: Session, calls: Sequence[Call]) -> set[tuple[uuid.UUID, str, str]]:
    points = {call.point_id for call in calls}
    rows = session.execute(
        sa.select(RiskReview.point_id, RiskReview.trigger, RiskReview.cause).where(
            RiskReview.point_id.in_(points)
        )
    )
    return {(row[0], row[1], row[2]) for row in rows}


def ask(session: Session, point: RiskPoint, cause: str, *, now: datetime, days: Reckoning) -> None:
    """A person says that process, device, kind of user or law changed. Raises `Refused` without words."""
    if len(cause) < 2 or len(cause) > CAUSE_LENGTH_MAX:
        code = "required" if len(cause) < 2 else "too_long"
        raise Refused(
            fields=[FieldError("cause", code, {"at_most": CAUSE_LENGTH_MAX} if len(cause) > 2 else {})]
        )
    answered = sa.select(RiskReview.id).where(
        RiskReview.point_id == point.id, RiskReview.cause == cause, RiskReview.done_at.is_not(None)
    )
    if session.scalar(answered.limit(1)) is not None:  # the same words of another day are another change
        cause = f"{cause[: CAUSE_LENGTH_MAX - 13]} · {now.astimezone(days.zone).date().isoformat()}"
    open_reviews(session, [Call(point.id, "change", cause, now)], days)


def open_periodic(session: Session, now: datetime, days: Reckoning) -> int:
    """The yearly look at every point whose day has come; how many were opened. Asked again the same day it opens nothing."""
    today = now.astimezone(days.zone).date()
    standing = (
        sa.select(RiskReview.id)
        .where(
            RiskReview.point_id == RiskPoint.id,
            RiskReview.trigger == "periodic",
            RiskReview.done_at.is_(None),
        )
        .exists()
    )
    due = session.execute(
        sa.select(RiskPoint.id, RiskPoint.next_review_on)
        .where(RiskPoint.next_review_on <= today, RiskPoint.ended_at.is_(None), ~standing)
        .order_by(RiskPoint.next_review_on, RiskPoint.id)
        .limit(BATCH_MAX)
    ).all()
    calls = [Call(point_id, "periodic", day.isoformat(), now) for point_id, day in due]
    return open_reviews(session, calls, days)


def finish(session: Session, point: RiskPoint, outcome: str, *, now: datetime, actor: Actor) -> int:
    """A new rating answers every open call of the point; how many there were."""
    done = _open(session, point)
    for review in done:
        review.done_at, review.done_by, review.outcome = now, actor.id, outcome[:OUTCOME_LENGTH_MAX]
        meet(session, SUBJECT, review.id, LIMIT, actor=actor, now=now)
    session.flush()
    return len(done)


def let_go(session: Session, point: RiskPoint, *, now: datetime, actor: Actor, why: str) -> None:
    """The point is out of use: nobody owes a rating of it any more."""
    for review in _open(session, point):
        review.done_at, review.done_by, review.outcome = now, actor.id, why[:OUTCOME_LENGTH_MAX]
        drop(session, SUBJECT, review.id, LIMIT, actor=actor, now=now, why=why)
    session.flush()


def _open(session: Session, point: RiskPoint) -> Sequence[RiskReview]:
    return session.scalars(
        sa.select(RiskReview).where(RiskReview.point_id == point.id, RiskReview.done_at.is_(None))
    ).all()
