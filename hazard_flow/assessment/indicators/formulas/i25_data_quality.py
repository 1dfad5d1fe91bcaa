"""I25: of the hazards cancelled in the period, those that name risk point, failed measure, root cause and place [D]."""

import sqlalchemy as sa

from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.counting import OverFacts, closed, operators
from hazard_flow.assessment.indicators.definition import Example, Frame, Indicator
from hazard_flow.i18n import Label


def _closed_now(frame: Frame) -> sa.ColumnElement[bool]:
    return operators(frame) & closed(frame) & (Fact.closed_at >= frame.begins_at)


INDICATOR = Indicator(
    id="I25",
    key="data_quality",
    label=Label(zh="数据完整率", en="Data quality"),
    formula=Label(
        zh="填明风险点、失效管控措施、根本原因和位置的 ÷ 本期销号的隐患",
        en="naming risk point, failed measure, root cause and place ÷ cancelled in the period",
    ),
    unit="percent",
    better="more",
    source=Label(zh="本系统口径", en="this product's own count"),
    mark="D",
    gamed=Label(
        zh="原因千篇一律；相同措辞可在自定义查询中一目了然",
        en="the same words every time; a question grouped by them shows it",
    ),
    counter=OverFacts(among=_closed_now, hit=lambda _f: Fact.is_complete.is_(True)),
    examples=(
        Example(
            Label(zh="销号两件，一件完整：1／2", en="two cancelled, one complete: 1 of 2"),
            above=1,
            below=2,
            facts=(
                {
                    "reported_at": "2026-09-03",
                    "closed_at": "2026-10-20",
                    "resolution": "rectified",
                    "is_complete": True,
                },
                {"reported_at": "2026-10-03", "closed_at": "2026-10-21", "resolution": "rectified"},
                {
                    "reported_at": "2026-09-03",
                    "closed_at": "2026-09-20",
                    "resolution": "rectified",
                    "is_complete": True,
                },
            ),
        ),
    ),
)
