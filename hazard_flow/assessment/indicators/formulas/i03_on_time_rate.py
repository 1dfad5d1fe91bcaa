"""I03: of what fell due in the period by its first deadline, what was handed in by it and passed later [D]."""

import sqlalchemy as sa

from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.counting import OverFacts, operators
from hazard_flow.assessment.indicators.definition import Example, Frame, Indicator
from hazard_flow.i18n import Label


def _due(frame: Frame) -> sa.ColumnElement[bool]:
    return (
        operators(frame) & (Fact.original_due_at >= frame.begins_at) & (Fact.original_due_at < frame.until_at)
    )


def _on_time(_frame: Frame) -> sa.ColumnElement[bool]:
    # a slow re-check does not make it late, a failed one does: the hand-in that passed counts
    return sa.and_(Fact.passed_at.is_not(None), Fact.submitted_at <= Fact.original_due_at)


INDICATOR = Indicator(
    id="I03",
    key="on_time_rate",
    label=Label(zh="按期整改率", en="On-time rate"),
    formula=Label(
        zh="原定期限内申请复查且复查合格的 ÷ 原定期限在本期内到期的隐患（延期不改变原定期限）",
        en="handed in by the original deadline and passed ÷ due in the period by it; an extension moves nothing",
    ),
    unit="percent",
    better="more",
    source=Label(zh="本系统口径", en="this product's own count"),
    mark="D",
    gamed=Label(
        zh="一律从宽定期限；延期不影响本指标，但须与延期占比一并看",
        en="setting every deadline late; extensions do not help here, and their share is printed beside it",
    ),
    companions=("extensions",),
    counter=OverFacts(among=_due, hit=_on_time),
    examples=(
        Example(
            Label(
                zh="三件到期：一件按期合格，一件延期后合格，一件按期申请但复查未合格：1／3",
                en="three fell due: one passed in time, one after an extension, one handed in in time and not passed: 1 of 3",
            ),
            above=1,
            below=3,
            facts=(
                {"original_due_at": "2026-10-10", "submitted_at": "2026-10-10", "passed_at": "2026-10-19"},
                {
                    "original_due_at": "2026-10-10",
                    "due_at": "2026-10-25",
                    "submitted_at": "2026-10-12",
                    "passed_at": "2026-10-13",
                },
                {"original_due_at": "2026-10-10", "submitted_at": "2026-10-09"},
                {"original_due_at": "2026-11-01", "submitted_at": "2026-10-09", "passed_at": "2026-10-10"},
            ),
        ),
    ),
)
