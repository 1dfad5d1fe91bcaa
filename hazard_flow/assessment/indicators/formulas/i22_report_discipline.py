"""I22: majors the regulator was told of in time, of those whose time ran out in the period (Work Safety Law art. 41 [V])."""

import sqlalchemy as sa

from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.counting import OverFacts, operators
from hazard_flow.assessment.indicators.definition import Example, Frame, Indicator
from hazard_flow.i18n import Label


def _owed(frame: Frame) -> sa.ColumnElement[bool]:
    return operators(frame) & (Fact.report_due_at >= frame.begins_at) & (Fact.report_due_at < frame.until_at)


def _in_time(_frame: Frame) -> sa.ColumnElement[bool]:
    return sa.and_(Fact.regulator_told_at.is_not(None), Fact.regulator_told_at <= Fact.report_due_at)


INDICATOR = Indicator(
    id="I22",
    key="report_discipline",
    label=Label(zh="报告及时率", en="Reports in time"),
    formula=Label(
        zh="按时报告监管部门的重大隐患 ÷ 报告期限在本期届满的重大隐患",
        en="majors the regulator was told of in time ÷ majors whose time to report ended in the period",
    ),
    unit="percent",
    better="more",
    source=Label(
        zh="安全生产法第41条；安全生产事故隐患排查治理暂行规定第14条；24小时为本系统默认值",
        en="Work Safety Law art. 41; Order 16 art. 14; the 24 hours are our default",
    ),
    mark="V",
    gamed=Label(
        zh="迟迟不确认重大隐患以推后起算时间；疑似重大的定级时限另有计时",
        en="putting off the confirmation that starts the clock; classifying a suspected major has its own timer",
    ),
    companions=("I02",),
    counter=OverFacts(among=_owed, hit=_in_time),
    examples=(
        Example(
            Label(zh="应报告两件，一件按时：1／2", en="two to be reported, one in time: 1 of 2"),
            above=1,
            below=2,
            facts=(
                {"level": "major", "report_due_at": "2026-10-04", "regulator_told_at": "2026-10-03T15:00"},
                {"level": "major", "report_due_at": "2026-10-04", "regulator_told_at": "2026-10-05"},
                {"level": "major", "report_due_at": "2026-11-04"},
            ),
        ),
    ),
)
