"""I05: the Kaplan–Meier median of hand-in − assignment, each as a share of the norm of its urgency (A 7, B 30, C 90 days) [D]."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.counting import OneByOne, operators
from hazard_flow.assessment.indicators.definition import Case, Example, Frame, Indicator, Ratio
from hazard_flow.assessment.indicators.periods import period_of
from hazard_flow.assessment.indicators.survival import median
from hazard_flow.i18n import Label

_DAY = timedelta(days=1)


def _cases(session: Session, frame: Frame, homes: Sequence[uuid.UUID]) -> Iterable[Case]:
    rows = session.execute(
        sa.select(Fact.home_id, Fact.hazard_id, Fact.number, Fact.level, Fact.urgency, Fact.assigned_at, Fact.submitted_at, Fact.closed_at)
        .where(Fact.home_id.in_(list(homes)), operators(frame), Fact.assigned_at >= since(frame), Fact.assigned_at < frame.until_at)
    )  # fmt: skip
    for home, hazard_id, number, level, urgency, assigned_at, submitted_at, closed_at in rows:
        assert assigned_at is not None, "asked for"
        ended = submitted_at or closed_at
        until = ended if ended is not None and ended < frame.until_at else None
        span = max(timedelta(0), (until or frame.until_at) - assigned_at)
        norm = frame.policy.norm_days["major" if level == "major" else urgency or "C"]
        yield Case(home, hazard_id, number, until is not None, assigned_at, span / _DAY / norm)


def since(frame: Frame) -> datetime:
    """From when on assignments are looked at: most of one month's are still open at its end, a year's are not."""
    month = period_of(frame.period.last, "month")
    for _ in range(frame.policy.cohort_months - 1):
        month = month.before
    return datetime.combine(month.first, time(), frame.zone)


def in_norms(cases: Iterable[Case]) -> Ratio:
    """The median over cases whose weight is their span in norms."""
    known = list(cases)
    value, is_bound = median((case.weight, case.is_counted) for case in known)
    return Ratio(sum(case.is_counted for case in known), len(known), value, is_bound)


INDICATOR = Indicator(
    id="I05",
    key="time_to_rectify",
    label=Label(zh="整改时长（与常规时长之比）", en="Time to rectify, as a share of the norm"),
    formula=Label(
        zh="近十二个月交办隐患“申请复查－交办”时长与常规时长（A级7天、B级30天、C级90天）之比的卡普兰－迈耶中位数，未完成的按已历时长删失",
        en="Kaplan–Meier median of hand-in − assignment over the norm (A 7, B 30, C 90 days), a year's assignments; open ones censored",
    ),
    unit="ratio",
    better="less",
    source=Label(zh="本系统口径", en="this product's own count"),
    mark="D",
    gamed=Label(
        zh="先办容易的、长期搁置难的：未完成的同样计入，拖得越久中位数越高",
        en="doing the easy ones and leaving the rest: what is open is counted too, for as long as it has been open",
    ),
    counter=OneByOne(_cases, value=in_norms),
    examples=(
        Example(
            Label(
                zh="B级四件：3天、15天、30天完成，一件到期末未完成：中位数15天，15÷30＝0.5",
                en="four B: done in 3, 15 and 30 days, one still open at the end: the median is 15 days, 15 ÷ 30 = 0.5",
            ),
            above=3,
            below=4,
            value=0.5,
            facts=(
                {"assigned_at": "2026-10-01", "submitted_at": "2026-10-04", "urgency": "B"},
                {"assigned_at": "2026-10-01", "submitted_at": "2026-10-16", "urgency": "B"},
                {"assigned_at": "2026-09-01", "submitted_at": "2026-10-01", "urgency": "B"},
                {"assigned_at": "2026-09-20", "urgency": "B"},
                {"assigned_at": "2025-10-20", "urgency": "B"},
            ),
        ),
    ),
)
