"""The figures of the demo city's past months, as its worker would have made them month by month."""

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from hazard_flow.app.lines import lines_of
from hazard_flow.assessment.facts.following import keep
from hazard_flow.assessment.indicators.making import make
from hazard_flow.assessment.indicators.periods import KINDS, back, period_of
from hazard_flow.assessment.indicators.queries import MONTHS
from hazard_flow.hazards.models import Hazard
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

#: how many periods of each kind are looked back to
_BACK = dict(zip(KINDS, (MONTHS, 4, 1), strict=True))


def make_past(database: Database, now: datetime, zone: ZoneInfo) -> None:
    """Facts of every hazard, then every period up to the running one, the oldest first."""
    lines = lines_of(zone)
    with database.transaction(SYSTEM) as session:
        keep(session, session.scalars(sa.select(Hazard.id).order_by(Hazard.id)).all())
    today = now.astimezone(zone).date()
    for kind, count in _BACK.items():
        for period in back(period_of(today, kind), count):
            with database.transaction(SYSTEM) as session:
                make(session, period, now, zone, lines)
