"""I20: construction sites with an agreement and no day unguarded, of the known ones (Urban Gas Regulation art. 37 [V])."""

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from hazard_flow.assessment.indicators.counting import OfFeature
from hazard_flow.assessment.indicators.definition import Example, Frame, Indicator
from hazard_flow.i18n import Label
from hazard_flow.inspections.construction.figures import Protected, indicators


def counts(said: Protected) -> tuple[float, float]:
    """Above and below the line, of what site protection says of an enterprise."""
    return said.protected, said.known


def _sums(
    session: Session, homes: Sequence[uuid.UUID], frame: Frame
) -> Mapping[uuid.UUID, tuple[float, float]]:
    said = indicators(session, homes, frame.first_on, frame.until_on)
    return {home: counts(one) for home, one in said.items()}


INDICATOR = Indicator(
    id="I20",
    key="third_party_protection",
    label=Label(zh="第三方施工保护率", en="Third-party protection"),
    formula=Label(
        zh="已签保护协议且现场监护无缺失的施工工地 ÷ 已知施工工地",
        en="sites with an agreement and no unguarded day ÷ known sites",
    ),
    unit="percent",
    better="more",
    source=Label(zh="城镇燃气管理条例第37条", en="Urban Gas Regulation art. 37"),
    mark="V",
    gamed=Label(
        zh="不登记工地；巡查、报警和举报发现的未登记工地另行列出",
        en="not entering sites; those patrols, alarms or citizens find are listed apart",
    ),
    counter=OfFeature(_sums, page="/construction", pure=counts),
    examples=(
        Example(
            Label(
                zh="已知工地5处，3处有协议有监护：3／5",
                en="5 sites known, 3 with agreement and guard: 3 of 5",
            ),
            above=3,
            below=5,
            given=Protected(known=5, protected=3, damaged=1),
        ),
    ),
)
