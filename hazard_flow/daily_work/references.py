"""People, assets and records that a record names: found by id, by code or by name, within the enterprise it belongs to."""

import contextlib
import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets import queries as assets
from hazard_flow.daily_work import queries
from hazard_flow.daily_work.fields import REFERENCES
from hazard_flow.daily_work.lines import RecordKind
from hazard_flow.daily_work.loading import line_book
from hazard_flow.daily_work.models import WorkRecord
from hazard_flow.daily_work.naming import title
from hazard_flow.errors import FieldError
from hazard_flow.identity.models import Organisation, Person
from hazard_flow.identity.queries import names


def resolve(
    session: Session,
    kind: RecordKind,
    given: Mapping[str, Any],
    *,
    home: Organisation,
    kept: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], list[FieldError]]:
    """The same with ids in place of names and codes; a name nobody has is told, with every other one.

    What stands there already (`kept`) is not asked again: whoever a record names may have left since.
    """
    found, faults = dict(given), []
    for one in (*kind.fields, *kind.closing):
        words = str(given.get(one.key) or "").strip()
        if not words or one.type not in REFERENCES or words == (kept or {}).get(one.key):
            continue
        id_ = {"person": _person, "asset": _asset, "parent": _parent}[one.type](session, kind, words, home)
        if id_ is None:
            code = {"person": "person_unknown", "asset": "unknown_asset", "parent": "unknown_record"}[
                one.type
            ]
            faults.append(FieldError(one.key, code, {"value": words[:80]}))
            found.pop(one.key)
        else:
            found[one.key] = str(id_)
    return found, faults


def ids(kind: RecordKind, values: Mapping[str, Any], type_: str) -> list[uuid.UUID]:
    """The ids kept in fields of a type."""
    return [
        uuid.UUID(values[one.key])
        for one in (*kind.fields, *kind.closing)
        if one.type == type_ and values.get(one.key)
    ]


def referred(session: Session, kind: RecordKind, rows: list[WorkRecord], locale: str) -> Mapping[str, str]:
    """Names of everything these records of one kind name, by the id as it is kept; what the reader may not know is left out."""
    people = {one for row in rows for one in ids(kind, row.data, "person")}
    things = {one for row in rows for one in ids(kind, row.data, "asset")}
    parents = queries.many(session, {one for row in rows for one in ids(kind, row.data, "parent")})
    found = {str(id_): name for id_, name in names(session, people).items()}
    found |= {str(id_): asset.label.in_(locale) for id_, asset in assets.labels(session, things).items()}
    kinds = line_book().kinds
    found |= {str(id_): title(kinds[row.kind], row.data).in_(locale) for id_, row in parents.items()}
    return found


def _person(session: Session, _kind: RecordKind, words: str, home: Organisation) -> uuid.UUID | None:
    within = sa.select(Person.id).where(Person.active, Person.path.startswith(home.path, autoescape=True))
    with contextlib.suppress(ValueError):
        return session.scalar(within.where(Person.id == uuid.UUID(words)))
    named = session.scalars(
        within.where(sa.or_(Person.username == words, Person.name == words)).limit(2)
    ).all()
    # two people of one name: the user name says which
    return named[0] if len(named) == 1 else session.scalar(within.where(Person.username == words))


def _asset(session: Session, _kind: RecordKind, words: str, home: Organisation) -> uuid.UUID | None:
    asset = assets.by_code(session, words, home_id=home.id) or assets.by_code_or_id(session, words)
    return asset.id if asset is not None and asset.home_id == home.id else None


def _parent(session: Session, kind: RecordKind, words: str, home: Organisation) -> uuid.UUID | None:
    row: WorkRecord | None = None
    with contextlib.suppress(ValueError):
        row = queries.one(session, uuid.UUID(words))
    row = row or queries.by_own_key(session, kind.parent, words, home_id=home.id)
    fits = row is not None and row.kind == kind.parent and row.home_id == home.id and row.state != "withdrawn"
    return row.id if fits and row is not None else None
