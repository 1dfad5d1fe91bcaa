"""What every table is built from: names, instants, identifiers."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator
from uuid_utils import compat

#: Named constraints survive Alembic's batch mode on SQLite; unnamed ones vanish silently.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored as UTC. SQLite forgets zones, so a naive value is refused before it gets there."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Any], Any] | None:
        """PostgreSQL's driver takes any aware instant as it is."""
        return super().bind_processor(dialect) if dialect.name == "sqlite" else _aware

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """PostgreSQL's driver answers in the zone of the session, which is UTC; thousands of rows need not be told twice."""
        return super().result_processor(dialect, coltype) if dialect.name == "sqlite" else _in_utc

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive values; give SQLite the UTC wall time it can compare as text."""
        if value is None:
            return None
        _aware(value)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Always aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _aware(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise ValueError("a naive datetime reached the database")
    return value


def _in_utc(value: datetime | None) -> datetime | None:
    return value if value is None or value.tzinfo is UTC else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The one metadata of the house."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {
        datetime: UtcDateTime(),
        dict[str, Any]: sa.JSON(),
        list[str]: sa.JSON(),
        list[dict[str, Any]]: sa.JSON(),
        uuid.UUID: sa.Uuid(),
        bytes: sa.LargeBinary(),
        str: sa.Text(),
    }


def new_id() -> uuid.UUID:
    """A UUIDv7: unique without asking anyone, and ordered by time, so indexes stay dense."""
    return compat.uuid7()
