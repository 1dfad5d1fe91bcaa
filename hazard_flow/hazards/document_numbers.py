"""Document numbers `（城东）燃安改〔2026〕12号`: issuer's word, kind's word, year and a plain number that starts anew each year.

Full-width parentheses, hexagonal brackets and no leading zeros as GB/T 9704-2012 has them [M]. Gaps allowed, never re-used. The row that
counts is the number's own beginning, so that two issuers who chose the same word still never give the same number.
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import DocumentSequence
from hazard_flow.storage.engine import is_sqlite


def beginning(issuer_word: str, kind_word: str, now: datetime, zone: ZoneInfo) -> str:
    """The part of a number before its count, of the year it is in the organisation's zone."""
    return f"（{issuer_word}）{kind_word}〔{now.astimezone(zone).year}〕"


def take(session: Session, begins: str) -> str:
    """The next number that begins like this."""
    return f"{begins}{_advance(session, begins, 1)}号"


def hold(session: Session, beginnings: Iterable[str]) -> None:
    """Lock these rows in one order before any number is taken, so that two batches of several acts cannot deadlock."""
    for begins in sorted(set(beginnings)):
        _advance(session, begins, 0)


def _advance(session: Session, begins: str, count: int) -> int:
    insert = sqlite_insert if is_sqlite(session.connection()) else postgresql_insert
    statement = (
        insert(DocumentSequence)
        .values(beginning=begins, last=count)
        .on_conflict_do_update(index_elements=["beginning"], set_={"last": DocumentSequence.last + count})
        .returning(DocumentSequence.last)
    )
    return int(session.execute(statement).scalar_one())
