"""I13: non-residents checked, of those due (local regulations, domain 5.3 [V])."""

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from hazard_flow.assessment.indicators.counting import OfFeature
from hazard_flow.assessment.indicators.definition import Example, Frame, Indicator
from hazard_flow.i18n import Label
from hazard_flow.inspections.households.figures import Indicators, indicators


def counts(said: Indicators) -> tuple[float, float]:
    """Above and below the line, of what household checks say of an enterprise."""
    return said.business_checked, said.business_due


def _sums(
    session: Session, homes: Sequence[uuid.UUID], frame: Frame
) -> Mapping[uuid.UUID, tuple[float, float]]:
    said = indicators(session, homes, frame.first_on, frame.until_on)
    return {home: counts(one) for home, one in said.items()}


INDICATOR = Indicator(
    id="I13",
    key="business_checks",
    label=Label(zh="非居民用户安检完成率", en="Non-resident checks completed"),
    formula=Label(
        zh="已安检的非居民用户 ÷ 周期在本期届满的非居民用户",
        en="non-residents checked ÷ those whose cycle ends in the period",
    ),
    unit="percent",
    better="more",
    source=Label(zh="各地燃气管理条例安检频次规定", en="frequencies set by local gas regulations"),
    mark="V",
    gamed=Label(
        zh="把非居民用户登记为居民以降低频次；用户类别变更留痕",
        en="entering a restaurant as a home, which is checked less often; the change of class is on record",
    ),
    counter=OfFeature(_sums, page="/households", pure=counts),
    examples=(
        Example(
            Label(zh="应检4户，已检3户：3／4", en="4 due, 3 checked: 3 of 4"),
            above=3,
            below=4,
            given=Indicators(checked=18, due=20, entered=30, tried=40, business_checked=3, business_due=4),
        ),
    ),
)
