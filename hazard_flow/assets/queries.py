"""Reads: assets within a scope, one by code, choices for a form."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset, AssetChange
from hazard_flow.identity.roles import division_prefix
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import scope_of_session

CHOICES_MAX = 300


def within(scope: Scope) -> ColumnElement[bool]:
    """Assets are seen by everybody of the organisation they belong to, and by the regulators of their division."""
    whole = Scope(paths=scope.homes or scope.paths, divisions=scope.divisions, everything=scope.everything)
    return whole.where(Asset.path, Asset.division)


@dataclass(frozen=True)
class Wanted:
    """Which assets are asked for; empty means all of them that are in use."""

    q: str = ""
    kind: str = ""
    #: path of a unit: its own assets and those of the units below
    path: str = ""
    #: a division and those below it
    division: str = ""
    #: pressure tier
    tier: str = ""
    #: type of user
    user_type: str = ""
    #: `yes` in use, `no` out of use, `all`
    in_use: str = "yes"


def page(
    session: Session,
    *,
    cursor: str | None,
    limit: int,
    q: str = "",
    kind: str = "",
    wanted: Wanted | None = None,
) -> Page[Asset]:
    """Assets, oldest first."""
    asked = wanted or Wanted(q=q, kind=kind)
    statement = sa.select(Asset).where(within(scope_of_session(session)), *_conditions(asked))
    return keyset(
        session,
        statement,
        instant=Asset.created_at,
        id_=Asset.id,
        cursor=cursor,
        limit=limit,
        descending=False,
    )


def counts(session: Session, wanted: Wanted) -> Mapping[str, int]:
    """How many of each kind, whatever kind is asked for."""
    asked = replace(wanted, kind="", tier="", user_type="")
    rows = session.execute(
        sa.select(Asset.kind, sa.func.count())
        .where(within(scope_of_session(session)), *_conditions(asked))
        .group_by(Asset.kind)
    )
    return {row[0]: row[1] for row in rows}


def changes(session: Session, asset_id: uuid.UUID, *, limit: int = 50) -> list[AssetChange]:
    """What was corrected about an asset, the newest first."""
    return list(
        session.scalars(
            sa.select(AssetChange)
            .where(AssetChange.asset_id == asset_id)
            .order_by(AssetChange.at.desc(), AssetChange.id.desc())
            .limit(limit)
        )
    )


def by_label_key(session: Session, key: str) -> Asset | None:
    """The asset whose label was scanned, if the scope reaches it."""
    return session.scalar(sa.select(Asset).where(Asset.label_key == key, within(scope_of_session(session))))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.q:
        columns = (Asset.code, Asset.name_zh, Asset.name_en, Asset.address)
        found.append(sa.or_(*(column.contains(wanted.q, autoescape=True) for column in columns)))
    if wanted.kind:
        found.append(Asset.kind == wanted.kind)
    if wanted.path:
        found.append(Asset.path.startswith(wanted.path, autoescape=True))
    if wanted.division:
        found.append(Asset.division.startswith(division_prefix(wanted.division), autoescape=True))
    for name, value in (("pressure_tier", wanted.tier), ("user_type", wanted.user_type)):
        if value:
            found.append(Asset.details[name].as_string() == value)
    if wanted.in_use != "all":
        found.append(Asset.ended_at.is_(None) if wanted.in_use == "yes" else Asset.ended_at.is_not(None))
    return found


def choices(session: Session) -> list[Asset]:
    """The assets a form offers, by code."""
    statement = (
        sa.select(Asset)
        .where(within(scope_of_session(session)), Asset.ended_at.is_(None))
        .order_by(Asset.code)
        .limit(CHOICES_MAX)
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
