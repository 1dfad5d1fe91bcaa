"""Numbers of plans and exports: `CY-20261130-01`, counted within the day of the place."""

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from hazard_flow.storage.unit import beyond_scope


def next_number(
    session: Session, column: InstrumentedAttribute[str], word: str, now: datetime, zone: ZoneInfo
) -> str:
    """The next number of the day; two at one moment collide on the column's uniqueness, and the later one is asked again."""
    beginning = f"{word}-{now.astimezone(zone):%Y%m%d}-"
    with beyond_scope(session):  # other divisions number in the same row
        last = session.scalar(sa.select(sa.func.max(column)).where(column.startswith(beginning)))
    return f"{beginning}{int(last.removeprefix(beginning)) + 1 if last else 1:02d}"
