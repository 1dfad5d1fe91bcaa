"""What steps of hazards call for: a new rating of their points (domain 4.3(3)), and measures to be proposed (4.3(4))."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.models import FollowedHazard
from hazard_flow.assessment.places import PointBook
from hazard_flow.assessment.standing import Standing, Told
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.tags import EventTag
from hazard_flow.risk.grading import grading
from hazard_flow.risk.proposals import Missing, propose
from hazard_flow.risk.reviews import Call, open_reviews
from hazard_flow.workflow.deadlines import Reckoning

MISSING = "measure_missing"
#: (event, how the hazard stood before it, how it stands after it)
Step = tuple[Told, Standing | None, Standing]


def open_calls(session: Session, steps: Sequence[Step], book: PointBook, days: Reckoning) -> None:
    """Open the reviews and put the proposals these steps lead to; what is there already stays as it is."""
    found = [
        Call(point_id, trigger, cause, event.at)
        for event, before, standing in steps
        for trigger, cause in _triggers(session, event, before, standing)
        for point_id in book.points_of(standing)
        if not standing.is_hidden
    ]
    open_reviews(session, found, days)
    propose(session, [one for step in steps for one in _missing(session, *step, book)])


def _triggers(
    session: Session, event: Told, before: Standing | None, standing: Standing
) -> Iterator[tuple[str, str]]:
    if standing.is_confirmed_major and (before is None or not before.is_confirmed_major):
        yield "major", standing.number
    if event.type == EventTag.REPORTED and event.data.get("reopen_of"):
        yield "recurrence", standing.number
    measure = standing.failed_measure
    if measure and (before is None or before.failed_measure != measure):
        rules = grading()
        since = standing.reported_at - timedelta(days=rules.failures_days)
        numbers = session.scalars(
            sa.select(FollowedHazard.number)
            .where(
                FollowedHazard.home_id == standing.home_id,
                FollowedHazard.failed_measure == measure,
                FollowedHazard.reported_at > since,
                FollowedHazard.reported_at <= standing.reported_at,
            )
            .order_by(FollowedHazard.reported_at, FollowedHazard.number)
        ).all()
        # every further round of so many calls again
        if len(numbers) >= rules.failures and len(numbers) % rules.failures == 0:
            yield "repeated", f"{measure} · {numbers[-1]}"


def _missing(
    session: Session, event: Told, before: Standing | None, standing: Standing, book: PointBook
) -> Iterator[Missing]:
    """Closed as rectified, and whoever mended it said that a measure was missing."""
    if standing.is_open or (before is not None and not before.is_open) or standing.cause_kind != MISSING:
        return
    if event.data.get("resolution") != "rectified":
        return
    hazard = session.get(Hazard, event.hazard_id)
    if hazard is None:
        return
    for point_id in book.points_of(standing):
        yield Missing(
            point_id=point_id,
            hazard_id=hazard.id,
            hazard_number=hazard.number,
            hazard_title=hazard.title,
            root_cause=str(hazard.details.get("root_cause") or ""),
            prevention=str(hazard.details.get("prevention") or ""),
            at=event.at,
        )
