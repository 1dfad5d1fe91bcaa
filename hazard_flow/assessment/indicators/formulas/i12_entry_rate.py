"""I12: users whose last visit got in, of all visited [D]."""

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from hazard_flow.assessment.indicators.counting import OfFeature
from hazard_flow.assessment.indicators.definition import Example, Frame, Indicator
from hazard_flow.i18n import Label
from hazard_flow.inspections.households.figures import Indicators, indicators


def counts(said: Indicators) -> tuple[float, float]:
    """Above and below the line, of what household checks say of an enterprise."""
    return said.entered, said.tried


def _sums(
    session: Session, homes: Sequence[uuid.UUID], frame: Frame
) -> Mapping[uuid.UUID, tuple[float, float]]:
    said = indicators(session, homes, frame.first_on, frame.until_on)
    return {home: counts(one) for home, one in said.items()}


INDICATOR = Indicator(
    id="I12",
    key="entry_rate",
    label=Label(zh="入户率", en="Entry rate"),
    formula=Label(
        zh="最近一次上门已入户的用户 ÷（已入户＋到访不遇＋拒绝入户）",
        en="users whose last visit got in ÷ got in, not at home or refused",
    ),
    unit="percent",
    better="more",
    source=Label(zh="本系统口径", en="this product's own count"),
    mark="D",
    gamed=Label(
        zh="不敲门即记“到访不遇”；不遇须附门前照片和定位，过快的记录列为存疑",
        en="noting nobody home without knocking; a picture at the door and a position are asked for",
    ),
    counter=OfFeature(_sums, page="/households", pure=counts),
    examples=(
        Example(
            Label(zh="上门40户，入户30户：30／40", en="40 visited, 30 entered: 30 of 40"),
            above=30,
            below=40,
            given=Indicators(checked=18, due=20, entered=30, tried=40, business_checked=3, business_due=4),
        ),
    ),
)
