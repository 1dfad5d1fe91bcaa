"""I11: residents checked in their cycle, of those due (Shangrao [V])."""

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from hazard_flow.assessment.indicators.counting import OfFeature
from hazard_flow.assessment.indicators.definition import Example, Frame, Indicator
from hazard_flow.i18n import Label
from hazard_flow.inspections.households.figures import Indicators, indicators


def counts(said: Indicators) -> tuple[float, float]:
    """Above and below the line, of what household checks say of an enterprise."""
    return said.checked, said.due


def _sums(
    session: Session, homes: Sequence[uuid.UUID], frame: Frame
) -> Mapping[uuid.UUID, tuple[float, float]]:
    said = indicators(session, homes, frame.first_on, frame.until_on)
    return {home: counts(one) for home, one in said.items()}


INDICATOR = Indicator(
    id="I11",
    key="household_checks",
    label=Label(zh="入户安检完成率", en="Household checks completed"),
    formula=Label(
        zh="周期内已安检用户 ÷ 周期在本期届满的用户",
        en="users checked in their cycle ÷ users whose cycle ends in the period",
    ),
    unit="percent",
    better="more",
    source=Label(zh="上饶市燃气监管平台考核办法", en="Shangrao rule for its gas platform"),
    mark="V",
    gamed=Label(
        zh="未入户而记已检；同一时间、同一签名、同一照片的入户记录不计",
        en="ticking off without entering; visits with the same minute, signature or photo do not count",
    ),
    counter=OfFeature(_sums, page="/households", pure=counts),
    examples=(
        Example(
            Label(zh="应检20户，已检18户：18／20", en="20 due, 18 checked: 18 of 20"),
            above=18,
            below=20,
            given=Indicators(checked=18, due=20, entered=30, tried=40, business_checked=3, business_due=4),
        ),
    ),
)
