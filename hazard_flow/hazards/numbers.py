"""Hazard numbers `YH-{division6}-{yyyymmdd}-{seq}`: the day of receipt in the organisation's zone, gaps allowed, never re-used."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import NumberSequence
from hazard_flow.storage.engine import is_sqlite


def take_numbers(session: Session, divisions: Sequence[str], now: datetime, zone: ZoneInfo) -> list[str]:
    """One number for each division given, in order; one upsert per division, sorted so that two batches cannot deadlock."""
    day = now.astimezone(zone).strftime("%Y%m%d")
    divisions = [
        division[:6] for division in divisions
    ]  # streets and villages share their district's numbers
    last = {
        division: _advance(session, division, day, count)
        for division, count in sorted(Counter(divisions).items())
    }
    given: Counter[str] = Counter()
    numbers = []
    for division in divisions:
        given[division] += 1
        sequence = last[division] - divisions.count(division) + given[division]
        numbers.append(f"YH-{division}-{day}-{sequence:04d}")
    return numbers


def take_number(session: Session, prefix: str, division: str, now: datetime, zone: ZoneInfo) -> str:
    """One number `{prefix}-{division6}-{yyyymmdd}-{seq}` of something that is no hazard, counted by itself."""
    day = now.astimezone(zone).strftime("%Y%m%d")
    sequence = _advance(session, f"{prefix}-{division[:6]}", day, 1)
    return f"{prefix}-{division[:6]}-{day}-{sequence:04d}"


def _advance(session: Session, division: str, day: str, count: int) -> int:
    insert = sqlite_insert if is_sqlite(session.connection()) else postgresql_insert
    statement = (
        insert(NumberSequence)
        .values(division=division, day=day, last=count)
        .on_conflict_do_update(index_elements=["division", "day"], set_={"last": NumberSequence.last + count})
        .returning(NumberSequence.last)
    )
    return int(session.execute(statement).scalar_one())
