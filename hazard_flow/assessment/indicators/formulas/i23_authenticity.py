"""I23: records looked at again that held, of all looked at (practice [V2])."""

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from hazard_flow.assessment.indicators.counting import OfFeature
from hazard_flow.assessment.indicators.definition import Example, Frame, Indicator
from hazard_flow.i18n import Label
from hazard_flow.supervision.spots.queries import Rate, rates


def counts(said: Sequence[Rate]) -> tuple[float, float]:
    """Above and below the line, of the re-checks of an enterprise's lines."""
    checked = sum(one.checked for one in said)
    return checked - sum(one.contradicted for one in said), checked


def _sums(
    session: Session, homes: Sequence[uuid.UUID], frame: Frame
) -> Mapping[uuid.UUID, tuple[float, float]]:
    said: dict[uuid.UUID, list[Rate]] = {}
    for (home, _line), one in rates(session, homes, frame.begins_at, frame.until_at).items():
        said.setdefault(home, []).append(one)
    return {home: counts(one) for home, one in said.items()}


INDICATOR = Indicator(
    id="I23",
    key="authenticity",
    label=Label(zh="真实性", en="Authenticity"),
    formula=Label(
        zh="监管抽查属实的记录 ÷ 抽查的记录",
        en="records that held when looked at again ÷ records looked at",
    ),
    unit="percent",
    better="more",
    source=Label(zh="行业实践（抽查复核）", en="practice of spot checks"),
    mark="V2",
    gamed=Label(
        zh="抽查前得知名单；不打招呼的检查在结束前对企业不可见",
        en="knowing beforehand what will be looked at; unannounced checks are invisible until they end",
    ),
    counter=OfFeature(_sums, page="/supervision/spots", pure=counts),
    examples=(
        Example(
            Label(zh="抽查5条，1条不实：4／5", en="5 looked at, 1 did not hold: 4 of 5"),
            above=4,
            below=5,
            given=(Rate(checked=3, contradicted=1), Rate(checked=2, contradicted=0)),
        ),
    ),
)
