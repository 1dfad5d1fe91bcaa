"""I17: alarms somebody answered within the limit of their level, of all alarms about the gas (guide [P]; minutes [D], domain 3.9)."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hazard_flow.assessment.indicators.alarms import Alarm, alarms
from hazard_flow.assessment.indicators.counting import OneByOne
from hazard_flow.assessment.indicators.definition import Case, Example, Frame, Indicator
from hazard_flow.assessment.indicators.policy import Policy
from hazard_flow.i18n import Label


def judged(found: Iterable[Alarm], policy: Policy, until_at: datetime) -> Iterable[Case]:
    """Every alarm that was answered in time or whose time has run out."""
    for one in found:
        within = timedelta(minutes=policy.acknowledge_minutes["high" if one.is_high else "low"])
        is_answered = one.is_answered(within)
        if is_answered or one.raised_at + within < until_at:
            yield Case(one.home_id, one.hazard_id, one.name, is_answered, one.raised_at)


def _cases(session: Session, frame: Frame, homes: Sequence[uuid.UUID]) -> Iterable[Case]:
    return judged(alarms(session, frame, homes), frame.policy, frame.until_at)


INDICATOR = Indicator(
    id="I17",
    key="alarm_acknowledgement",
    label=Label(zh="报警确认及时率", en="Alarms acknowledged in time"),
    formula=Label(
        zh="时限内有人确认处置的 ÷ 本期燃气报警（高限5分钟、低限15分钟）",
        en="answered by a person within the limit ÷ alarms about the gas in the period (high 5, low 15 minutes)",
    ),
    unit="percent",
    better="more",
    source=Label(
        zh="城市安全风险综合监测预警平台建设指南；分钟数为本系统默认值",
        en="guide for city warning platforms; the minutes are ours",
    ),
    mark="P",
    gamed=Label(
        zh="只点“确认”不处置：须与报警处置及时率一并看；确认不会停止升级",
        en="pressing acknowledge and nothing else: read it with the next one; it stops no ladder",
    ),
    companions=("I18",),
    counter=OneByOne(_cases, judge=judged),
    examples=(
        Example(
            Label(
                zh="高限报警4分钟确认，低限报警20分钟才确认：1／2",
                en="a high one answered after 4 minutes, a low one after 20: 1 of 2",
            ),
            above=1,
            below=2,
            given=(
                {"is_high": True, "raised_at": "2026-10-03T08:00", "acted_at": "2026-10-03T08:04"},
                {"is_high": False, "raised_at": "2026-10-03T09:00", "acted_at": "2026-10-03T09:20"},
            ),
        ),
    ),
)
