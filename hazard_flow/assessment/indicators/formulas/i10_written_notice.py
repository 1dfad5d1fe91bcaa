"""I10: of the user-liable hazards of the period, those told in writing within 24 hours (建城规〔2023〕4号 art. 9 [V]; hours [D])."""

import sqlalchemy as sa

from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.counting import OverFacts, found, users
from hazard_flow.assessment.indicators.definition import Example, Frame, Indicator
from hazard_flow.i18n import Label


def _told_or_due(frame: Frame) -> sa.ColumnElement[bool]:
    run_out = sa.or_(Fact.notice_due_at < frame.until_at, Fact.notified_at <= Fact.notice_due_at)
    return users(frame) & found(frame) & run_out


def _in_time(_frame: Frame) -> sa.ColumnElement[bool]:
    return sa.and_(Fact.notified_at.is_not(None), Fact.notified_at <= Fact.notice_due_at)


INDICATOR = Indicator(
    id="I10",
    key="written_notice",
    label=Label(zh="书面告知率", en="Written notice"),
    formula=Label(
        zh="24小时内有用户签收的告知书或送达证明的 ÷ 本期发现的用户责任隐患",
        en="with a signed notice or proof of delivery within 24 hours ÷ user-liable hazards found in the period",
    ),
    unit="percent",
    better="more",
    source=Label(
        zh="城镇燃气经营安全重大隐患判定标准（建城规〔2023〕4号）第九条；24小时为本系统默认值",
        en="criteria for major gas hazards (2023) art. 9; the 24 hours are our default",
    ),
    mark="V",
    gamed=Label(
        zh="代签或补签；签收照片与人像、定位一并留存，可抽查",
        en="signing for the user, or later; the picture, its place and time are kept and can be checked",
    ),
    companions=("I09",),
    counter=OverFacts(among=_told_or_due, hit=_in_time),
    examples=(
        Example(
            Label(
                zh="三件：一件当日告知，一件第三日告知，一件未告知：1／3",
                en="three: one told that day, one the third day, one never: 1 of 3",
            ),
            above=1,
            below=3,
            facts=(
                {
                    "is_users": True,
                    "reported_at": "2026-10-03",
                    "notice_due_at": "2026-10-04",
                    "notified_at": "2026-10-03T10:00",
                },
                {
                    "is_users": True,
                    "reported_at": "2026-10-03",
                    "notice_due_at": "2026-10-04",
                    "notified_at": "2026-10-06",
                },
                {"is_users": True, "reported_at": "2026-10-03", "notice_due_at": "2026-10-04"},
                {"reported_at": "2026-10-03"},
            ),
        ),
    ),
)
