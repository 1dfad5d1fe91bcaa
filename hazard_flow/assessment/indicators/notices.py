"""What takes points off a score, adds some, or caps it: notices of hazards, majors found by oneself, and vetoes (domain 6.2 [D])."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from hazard_flow.accidents.queries import veto_facts
from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.counting import operators
from hazard_flow.assessment.indicators.definition import Frame
from hazard_flow.assessment.indicators.scoring import Notices

#: what may cap a score, as the policy page lists it
VETOES = (
    "responsible_death", "concealed_accident", "major_not_reported", "listed_overdue", "alarm_disabled",
)  # fmt: skip
_MANY = 20


def notices(session: Session, frame: Frame, homes: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Notices]:
    """By enterprise, for the period; every enterprise asked for is in it."""
    ids = list(homes)
    counts = {home: numbers for home, *numbers in session.execute(_counts(frame, ids))}
    vetoes = _vetoes(session, frame, ids)
    found = {}
    for home in ids:
        orange, red, own = counts.get(home, (0, 0, 0))
        found[home] = Notices(
            orange=int(orange or 0),
            red=int(red or 0),
            own_majors_in_time=int(own or 0),
            vetoes=tuple(vetoes.get(home, ())),
        )
    return found


def _counts(frame: Frame, homes: list[uuid.UUID]) -> sa.Select[uuid.UUID, int, int, int]:
    def within(instant: InstrumentedAttribute[datetime | None]) -> sa.ColumnElement[bool]:
        return sa.and_(instant >= frame.begins_at, instant < frame.until_at)

    # one that went on to red counts as red alone
    orange = sa.and_(within(Fact.orange_at), sa.or_(Fact.red_at.is_(None), Fact.red_at >= frame.until_at))
    own = sa.and_(
        Fact.level == "major",
        Fact.source.in_(sorted(frame.policy.own)),
        Fact.resolution == "rectified",
        within(Fact.closed_at),
        Fact.closed_at <= Fact.original_due_at,
    )
    return (
        sa.select(Fact.home_id, _sum(orange), _sum(within(Fact.red_at)), _sum(own))
        .where(Fact.home_id.in_(homes), operators(frame))
        .group_by(Fact.home_id)
    )


def _sum(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _vetoes(
    session: Session, frame: Frame, homes: list[uuid.UUID]
) -> Mapping[uuid.UUID, list[tuple[str, str, str]]]:
    found: dict[uuid.UUID, list[tuple[str, str, str]]] = {}
    for home, facts in veto_facts(session, homes, frame.begins_at, frame.until_at).items():
        found[home] = [(fact.kind, fact.number, f"/accidents/{fact.number}") for fact in facts]
    open_then = sa.or_(Fact.closed_at.is_(None), Fact.closed_at >= frame.until_at)
    kinds = {
        # its time to be reported ran out in the period, and nobody was told by its end
        "major_not_reported": sa.and_(
            Fact.level == "major",
            Fact.report_due_at >= frame.begins_at,
            Fact.report_due_at < frame.until_at,
            sa.or_(Fact.regulator_told_at.is_(None), Fact.regulator_told_at >= frame.until_at),
        ),
        "listed_overdue": sa.and_(Fact.listed_at < frame.until_at, Fact.due_at < frame.until_at, open_then),
        "alarm_disabled": sa.and_(
            Fact.catalogue_code.in_(sorted(frame.policy.veto_codes)),
            Fact.assigned_at >= frame.begins_at,
            Fact.assigned_at < frame.until_at,
        ),
    }
    for kind, condition in kinds.items():
        rows = session.execute(
            sa.select(Fact.home_id, Fact.number)
            .where(Fact.home_id.in_(homes), operators(frame), condition)
            .order_by(Fact.hazard_id)
            .limit(_MANY * len(homes))
        )
        for home, number in rows:
            found.setdefault(home, []).append((kind, number, f"/hazards/{number}"))
    return found
