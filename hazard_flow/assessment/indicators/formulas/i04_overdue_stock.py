"""I04: of what is open at the end of the period, what is past its first deadline [D]."""

import sqlalchemy as sa

from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.counting import OverFacts, open_at_end, operators
from hazard_flow.assessment.indicators.definition import Example, Frame, Indicator
from hazard_flow.i18n import Label


def _late(frame: Frame) -> sa.ColumnElement[bool]:
    return sa.and_(Fact.original_due_at.is_not(None), Fact.original_due_at < frame.until_at)


INDICATOR = Indicator(
    id="I04",
    key="overdue_stock",
    label=Label(zh="逾期存量率", en="Overdue stock"),
    formula=Label(
        zh="期末未销号且已过原定期限的隐患 ÷ 期末未销号的隐患",
        en="open and past the original deadline at the end of the period ÷ open then",
    ),
    unit="percent",
    better="less",
    source=Label(zh="本系统口径", en="this product's own count"),
    mark="D",
    gamed=Label(
        zh="月底集中销号，或大量上报新隐患摊薄比例；月末集中销号由异常监测单独列出",
        en="closing in a rush at the month's end, or thinning the share with new reports; the radar lists such rushes",
    ),
    counter=OverFacts(among=lambda f: operators(f) & open_at_end(f), hit=_late),
    examples=(
        Example(
            Label(
                zh="期末未销号三件，两件已过原定期限（其一已延期）：2／3",
                en="three open at the end, two past the first deadline, one of them extended: 2 of 3",
            ),
            above=2,
            below=3,
            facts=(
                {"reported_at": "2026-08-03", "original_due_at": "2026-10-20", "due_at": "2026-12-01"},
                {
                    "reported_at": "2026-09-03",
                    "original_due_at": "2026-10-31",
                    "closed_at": "2026-11-02",
                    "resolution": "rectified",
                },
                {"reported_at": "2026-10-03"},
                {
                    "reported_at": "2026-09-03",
                    "original_due_at": "2026-10-20",
                    "closed_at": "2026-10-22",
                    "resolution": "rectified",
                },
            ),
        ),
    ),
)
