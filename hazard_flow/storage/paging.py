"""Keyset pages: a page costs the same at the front and at row 900 000."""

import base64
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from hazard_flow.errors import BadRequest, FieldError

T = TypeVar("T")

LIMIT_DEFAULT = 50
LIMIT_MAX = 200


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows and the cursor of the next ones, if any."""

    items: Sequence[T]
    next_cursor: str | None


def encode_cursor(instant: datetime, id_: uuid.UUID) -> str:
    """An opaque cursor after this row."""
    raw = json.dumps([instant.isoformat(), id_.hex]).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[datetime, uuid.UUID]:
    """The row a cursor stands after; a broken one is refused, never ignored."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        text, id_hex = json.loads(raw)
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise ValueError("an instant without a zone")
        return instant.astimezone(UTC), uuid.UUID(hex=str(id_hex))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadRequest("bad cursor", fields=[FieldError("cursor", "bad_cursor")]) from error


def read_limit(raw: str | int | None) -> int:
    """A page size between 1 and 200."""
    if raw is None or raw == "":
        return LIMIT_DEFAULT
    try:
        limit = int(raw)
    except ValueError as error:
        raise BadRequest("bad limit", fields=[FieldError("limit", "not_an_integer")]) from error
    if not 1 <= limit <= LIMIT_MAX:
        raise BadRequest(
            "bad limit", fields=[FieldError("limit", "out_of_range", {"minimum": 1, "maximum": LIMIT_MAX})]
        )
    return limit


def keyset(
    session: Session,
    statement: sa.Select[Any],
    *,
    instant: InstrumentedAttribute[datetime],
    id_: InstrumentedAttribute[uuid.UUID],
    cursor: str | None,
    limit: int,
    descending: bool = True,
) -> Page[Any]:
    """One page of a statement that selects one entity, ordered by (instant, id)."""
    pair = sa.tuple_(instant, id_)
    if cursor:
        at, after = decode_cursor(cursor)
        edge = sa.tuple_(
            sa.bindparam(None, at, type_=instant.type), sa.bindparam(None, after, type_=id_.type)
        )
        statement = statement.where(pair < edge if descending else pair > edge)
    order = (instant.desc(), id_.desc()) if descending else (instant.asc(), id_.asc())
    rows = session.scalars(statement.order_by(*order).limit(limit + 1)).all()
    items = rows[:limit]
    more = len(rows) > limit
    last = items[-1] if items else None
    next_cursor = (
        encode_cursor(getattr(last, instant.key), getattr(last, id_.key))
        if more and last is not None
        else None
    )
    return Page(items=items, next_cursor=next_cursor)
