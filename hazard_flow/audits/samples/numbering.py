"""Numbers of plans and exports: `CY-20261130-01`, counted within the day of the place."""

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from hazard_flow.errors import Unavailable
from hazard_flow.storage.base import Base
from hazard_flow.storage.unit import beyond_scope


def next_number(
    session: Session, column: InstrumentedAttribute[str], word: str, now: datetime, zone: ZoneInfo
) -> str:
    """The next number of the day, counted: the tables only grow. Two at one moment collide on the column's uniqueness."""
    beginning = f"{word}-{now.astimezone(zone):%Y%m%d}-"
    with beyond_scope(session):  # other divisions number in the same row
        count = session.scalar(sa.select(sa.func.count()).where(column.startswith(beginning))) or 0
    return f"{beginning}{count + 1:02d}"


def keep(session: Session, row: Base) -> None:
    """Store a row that was just numbered; `Unavailable` where somebody else took the number at that moment: the same again is done once."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Unavailable("the number was taken a moment ago") from error
