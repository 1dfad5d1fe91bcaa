"""I18: high alarms at whose place somebody stood within 30 minutes, of all high alarms [D]."""

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
    """Every high alarm that was reached in time or whose time has run out."""
    within = timedelta(minutes=policy.on_site_minutes)
    for one in found:
        is_reached = one.is_reached(within)
        if one.is_high and (is_reached or one.raised_at + within < until_at):
            yield Case(one.home_id, one.hazard_id, one.name, is_reached, one.raised_at)


def _cases(session: Session, frame: Frame, homes: Sequence[uuid.UUID]) -> Iterable[Case]:
    return judged(alarms(session, frame, homes, high_only=True), frame.policy, frame.until_at)


INDICATOR = Indicator(
    id="I18",
    key="alarm_handling",
    label=Label(zh="报警处置及时率", en="Alarms reached in time"),
    formula=Label(
        zh="30分钟内有人到场（管控、停气、现场整改或带定位的现场照片）的 ÷ 本期高限报警",
        en="somebody on site within 30 minutes (control, gas stop, mended, a picture with its place) ÷ high alarms in the period",
    ),
    unit="percent",
    better="more",
    source=Label(zh="本系统口径", en="this product's own count"),
    mark="D",
    gamed=Label(
        zh="未到场而登记管控；定位与照片一并留存，离报警点过远的列为存疑",
        en="entering a control from afar; place and picture are kept, far ones are doubted",
    ),
    companions=("I17",),
    counter=OneByOne(_cases, judge=judged),
    examples=(
        Example(
            Label(
                zh="高限报警两次，一次25分钟到场，一次40分钟到场；低限不计：1／2",
                en="two high ones, reached after 25 and 40 minutes: 1 of 2",
            ),
            above=1,
            below=2,
            given=(
                {"is_high": True, "raised_at": "2026-10-03T08:00", "on_site_at": "2026-10-03T08:25"},
                {"is_high": True, "raised_at": "2026-10-03T09:00", "on_site_at": "2026-10-03T09:40"},
                {"is_high": False, "raised_at": "2026-10-03T09:00"},
            ),
        ),
    ),
)
