"""I06: of the hazards of the period whose danger had to be under control, those under control within the response time [D]."""

import sqlalchemy as sa

from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.counting import OverFacts, found, operators
from hazard_flow.assessment.indicators.definition import Example, Frame, Indicator
from hazard_flow.i18n import Label


def _needs_control(frame: Frame) -> sa.ColumnElement[bool]:
    # one whose time still runs has not failed yet
    due = sa.and_(
        Fact.control_due_at.is_not(None),
        sa.or_(Fact.control_due_at < frame.until_at, Fact.controlled_at <= Fact.control_due_at),
    )
    return operators(frame) & found(frame) & due


def _in_time(_frame: Frame) -> sa.ColumnElement[bool]:
    return sa.and_(Fact.controlled_at.is_not(None), Fact.controlled_at <= Fact.control_due_at)


INDICATOR = Indicator(
    id="I06",
    key="control_in_time",
    label=Label(zh="首次管控及时率", en="Control in time"),
    formula=Label(
        zh="自发现起在响应时限内采取临时管控（或已整改合格）的 ÷ 本期发现、需要临时管控的隐患",
        en="under interim control (or mended) within the response time from finding ÷ found in the period and needing control",
    ),
    unit="percent",
    better="more",
    source=Label(
        zh="隐患目录“响应时限”“临时管控措施”", en="the catalogue's response time and interim control"
    ),
    mark="D",
    gamed=Label(
        zh="补记管控时间；管控时间以系统收到为准，设备时间另存，不能倒填",
        en="entering the control afterwards; the server's own clock counts, what the device said is kept beside it",
    ),
    counter=OverFacts(among=_needs_control, hit=_in_time),
    examples=(
        Example(
            Label(
                zh="需管控三件：一件及时，一件超时，一件至期末未管控：1／3",
                en="three needed control: one in time, one late, one never: 1 of 3",
            ),
            above=1,
            below=3,
            facts=(
                {
                    "reported_at": "2026-10-03",
                    "control_due_at": "2026-10-03T01:00",
                    "controlled_at": "2026-10-03T00:20",
                },
                {
                    "reported_at": "2026-10-03",
                    "control_due_at": "2026-10-03T01:00",
                    "controlled_at": "2026-10-03T02:00",
                },
                {"reported_at": "2026-10-03", "control_due_at": "2026-10-03T01:00"},
                {"reported_at": "2026-10-31T23:00", "control_due_at": "2026-11-01T23:00"},
                {"reported_at": "2026-10-03"},
            ),
        ),
    ),
)
