"""Plain counts of a period that dashboards show beside the indicators: what is open, overdue, found by level, closed, extended.

Kept where figures are kept, under names of their own, so that no dashboard ever counts hazards itself.
"""

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.counting import found, in_force, open_at_end
from hazard_flow.assessment.indicators.definition import Frame

#: levels as charts stack them, from the bottom up
LEVELS = ("C", "B", "A", "major")
OPEN = ("open", "open_major", "open_listed", "overdue", "escalated")
FOUND = (*(f"found_{level}" for level in LEVELS), "reopened")
CLOSED = ("closed",)
DUE = ("due", "extended")
NAMES = OPEN + FOUND + CLOSED + DUE


def tallies(
    session: Session, frame: Frame, homes: Sequence[uuid.UUID]
) -> Mapping[str, Mapping[uuid.UUID, int]]:
    """Name → enterprise → count, users' own hazards included; four statements, each over one index."""
    ids = list(homes)
    by_name: dict[str, dict[uuid.UUID, int]] = {name: {} for name in NAMES}
    level = {
        "major": Fact.level == "major",
        "A": sa.and_(Fact.level != "major", Fact.urgency == "A"),
        "B": sa.and_(Fact.level != "major", Fact.urgency == "B"),
        "C": sa.and_(Fact.level != "major", Fact.urgency.not_in(("A", "B"))),
    }
    late = sa.and_(Fact.due_at.is_not(None), Fact.due_at < frame.until_at)
    groups: list[tuple[sa.ColumnElement[bool], dict[str, sa.ColumnElement[bool]]]] = [
        (
            open_at_end(frame),
            {
                "open": sa.true(),
                "open_major": level["major"],
                "open_listed": Fact.listed_at.is_not(None),
                "overdue": late,
                "escalated": Fact.orange_at.is_not(None),
            },
        ),
        (
            found(frame),
            {f"found_{key}": level[key] for key in LEVELS} | {"reopened": Fact.reopen_of_id.is_not(None)},
        ),
        (
            sa.and_(
                Fact.resolution == "rectified",
                Fact.closed_at >= frame.begins_at,
                Fact.closed_at < frame.until_at,
            ),
            {"closed": sa.true()},
        ),
        (
            sa.and_(Fact.original_due_at >= frame.begins_at, Fact.original_due_at < frame.until_at),
            {"due": sa.true(), "extended": Fact.extensions > 0},
        ),
    ]
    for among, conditions in groups:
        counts = [sa.func.sum(sa.case((one, 1), else_=0)) for one in conditions.values()]
        rows = session.execute(
            sa.select(Fact.home_id, *counts)
            .where(Fact.home_id.in_(ids), in_force(frame), among)
            .group_by(Fact.home_id)
        )
        for home, *numbers in rows:
            for name, number in zip(conditions, numbers, strict=True):
                by_name[name][home] = int(number or 0)
    return by_name
