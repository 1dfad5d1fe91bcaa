"""One figure by the units of an enterprise: a click from enterprise to team, another to the hazard."""

import uuid
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.counting import OverFacts
from hazard_flow.assessment.indicators.definition import Frame, Indicator
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation
from hazard_flow.storage.unit import scope_of_session


class UnitFigure(NamedTuple):
    """What the hazards of one unit come to."""

    unit_id: uuid.UUID
    label: Label
    above: float
    below: float

    @property
    def value(self) -> float | None:
        """In percent."""
        return 100 * self.above / self.below if self.below else None


def by_unit(session: Session, indicator: Indicator, frame: Frame, home: uuid.UUID) -> Sequence[UnitFigure]:
    """The units with hazards below the line, the most first; nothing for figures that are not counted over hazards."""
    counter = indicator.counter
    if not isinstance(counter, OverFacts):
        return []
    weight = counter.weight(frame) if counter.weight is not None else sa.literal(1.0)
    rows = session.execute(
        sa.select(
            Organisation,
            sa.func.sum(sa.case((counter.hit(frame), weight), else_=0.0)),
            sa.func.sum(weight).label("below"),
        )
        .join(Organisation, Organisation.id == Fact.organisation_id)
        .where(
            Fact.home_id == home,
            counter.among(frame),
            scope_of_session(session).where(Fact.path, Fact.division, Fact.parties),
        )
        .group_by(Organisation.id)
        .order_by(sa.text("below DESC"), Organisation.id)
    )
    return [
        UnitFigure(unit.id, unit.label, float(above or 0), float(below or 0)) for unit, above, below in rows
    ]
