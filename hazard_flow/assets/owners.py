"""Whose an asset is: the unit a file or form names, and the division it lies in."""

import contextlib
import uuid
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.identity.models import Division, Organisation
from hazard_flow.identity.queries import within
from hazard_flow.storage.unit import scope_of_session

_KINDS = ("enterprise", "department", "team")


def owners_named(session: Session, word: str, *, home_id: uuid.UUID | None = None) -> list[Organisation]:
    """The enterprises and units a word may mean: a credit code, a full name, or an id; within one enterprise where it is given."""
    means = [Organisation.uscc == word, Organisation.name_zh == word, Organisation.name_en == word]
    if len(word) in (32, 36):
        with contextlib.suppress(ValueError):
            means.append(Organisation.id == uuid.UUID(word))
    wanted = sa.select(Organisation).where(
        sa.or_(*means), Organisation.kind.in_(_KINDS), within(scope_of_session(session))
    )
    if home_id is not None:
        wanted = wanted.where(Organisation.path.startswith(f"{home_id.hex}/"))
    return list(session.scalars(wanted.order_by(Organisation.path).limit(2)))


def units_of(session: Session, home_id: uuid.UUID) -> list[Organisation]:
    """An enterprise and the units below it, from the top down."""
    wanted = sa.select(Organisation).where(
        Organisation.path.startswith(f"{home_id.hex}/"), within(scope_of_session(session))
    )
    return list(session.scalars(wanted.order_by(sa.func.length(Organisation.path), Organisation.name_zh)))


def divisions(session: Session) -> Mapping[str, Division]:
    """The divisions known here, by code."""
    return {row.code: row for row in session.scalars(sa.select(Division).order_by(Division.code))}
