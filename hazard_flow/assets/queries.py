"""Reads: assets within a scope, one by code, choices for a form."""

import uuid
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import scope_of_session

CHOICES_MAX = 300


def within(scope: Scope) -> ColumnElement[bool]:
    """Assets are seen by everybody of the organisation they belong to, and by the regulators of their division."""
    whole = Scope(paths=scope.homes or scope.paths, divisions=scope.divisions, everything=scope.everything)
    return whole.where(Asset.path, Asset.division)


def page(session: Session, *, cursor: str | None, limit: int, q: str = "", kind: str = "") -> Page[Asset]:
    """Assets, oldest first."""
    statement = sa.select(Asset).where(within(scope_of_session(session)))
    if q:
        statement = statement.where(
            sa.or_(
                Asset.code.contains(q, autoescape=True),
                Asset.name_zh.contains(q, autoescape=True),
                Asset.name_en.contains(q, autoescape=True),
            )
        )
    if kind:
        statement = statement.where(Asset.kind == kind)
    return keyset(
        session,
        statement,
        instant=Asset.created_at,
        id_=Asset.id,
        cursor=cursor,
        limit=limit,
        descending=False,
    )


def choices(session: Session) -> list[Asset]:
    """The assets a form offers, by code."""
    statement = (
        sa.select(Asset).where(within(scope_of_session(session))).order_by(Asset.code).limit(CHOICES_MAX)
    )
    return list(session.scalars(statement))


def by_id(session: Session, id_: uuid.UUID) -> Asset | None:
    """One asset, if the scope reaches it."""
    return session.scalar(sa.select(Asset).where(Asset.id == id_, within(scope_of_session(session))))


def by_code(session: Session, code: str, *, home_id: uuid.UUID | None = None) -> Asset | None:
    """One asset by the enterprise's own code, if the scope reaches it."""
    statement = sa.select(Asset).where(Asset.code == code, within(scope_of_session(session)))
    if home_id is not None:
        statement = statement.where(Asset.home_id == home_id)
    return session.scalars(statement.order_by(Asset.created_at)).first()


def by_code_or_id(session: Session, word: str) -> Asset | None:
    """One asset by the enterprise's own code, or by our id."""
    found = by_code(session, word)
    if found is not None or len(word) not in (32, 36):
        return found
    try:
        return by_id(session, uuid.UUID(word))
    except ValueError:
        return None


def labels(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Asset]:
    """The assets among `ids`."""
    wanted = list(set(ids))
    return {a.id: a for a in session.scalars(sa.select(Asset).where(Asset.id.in_(wanted)))} if wanted else {}
