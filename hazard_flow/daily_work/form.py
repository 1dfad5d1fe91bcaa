"""Forms of records, made from their fields; what was typed stays, and what is wrong stands beside it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets import queries as assets
from hazard_flow.daily_work import queries
from hazard_flow.daily_work.fields import NOTE_MAX, TEXT_MAX, WorkField
from hazard_flow.daily_work.lines import RecordKind
from hazard_flow.daily_work.loading import line_book
from hazard_flow.daily_work.models import WorkRecord
from hazard_flow.daily_work.naming import title
from hazard_flow.errors import FieldError
from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.queries import people_within
from hazard_flow.storage.scope import Scope
from hazard_flow.web.sentences import field_sentence
from hazard_flow.web.views import FieldType, FormError, FormField

FILES = "files"
#: what the form asks beside the record's own fields
OF_THE_FORM = ("organisation", "item_id", "why", FILES)
SUGGESTED_MAX = 200
_TYPES: Mapping[str, FieldType] = {
    "text": "text",
    "note": "textarea",
    "whole": "number",
    "number": "number",
    "money": "money",
    "day": "date",
    "instant": "datetime",
    "choice": "select",
    "yes_no": "radio",
    "person": "select",
    "asset": "asset",
    "parent": "asset",
}


@dataclass(frozen=True)
class Slot:
    """The file input."""

    name: str
    label: str
    needed: int
    hint: str
    error: str = ""
    is_photo: bool = False


@dataclass(frozen=True)
class Reader:
    """Who reads the form, and where."""

    actor: Actor
    locale: str
    zone: ZoneInfo


def fields(
    session: Session,
    kind: RecordKind,
    asked: Sequence[WorkField],
    given: Mapping[str, Any],
    faults: Sequence[FieldError],
    *,
    home: Organisation,
    reader: Reader,
) -> list[FormField]:
    """The fields in their order."""
    wrong = {one.field: field_sentence(one, reader.locale, reader.zone) for one in faults}
    return [
        _field(session, kind, one, str(given.get(one.key) or ""), wrong.get(one.key, ""), home, reader)
        for one in asked
    ]


def errors(kind: RecordKind, faults: Sequence[FieldError], *, locale: str, zone: ZoneInfo) -> list[FormError]:
    """The summary above the form."""
    found = []
    for fault in faults:
        one = kind.field(fault.field)
        name = one.label.in_(locale) if one else _own_name(fault.field, locale)
        sentence = field_sentence(fault, locale, zone)
        said = text("web.error.field", locale, field=name, sentence=sentence) if name else sentence
        found.append(FormError(fault.field if one or fault.field in OF_THE_FORM else "", said))
    return found


def stored(kind: RecordKind, row: WorkRecord, *, zone: ZoneInfo, session: Session) -> dict[str, str]:
    """What is kept, as its form shows it."""
    found = {}
    for one in (*kind.fields, *kind.closing):
        value = row.data.get(one.key)
        if value is None:
            continue
        if one.type == "instant":
            found[one.key] = f"{datetime.fromisoformat(value).astimezone(zone):%Y-%m-%dT%H:%M}"
        elif one.is_number:
            found[one.key] = f"{value:.2f}" if one.type == "money" else f"{value:.6f}".rstrip("0").rstrip(".")
        else:
            found[one.key] = str(value)
    if row.asset_id is not None:
        asset = assets.by_id(session, row.asset_id)
        found |= {one.key: asset.code for one in kind.fields if one.type == "asset" and asset}
    if row.parent_id is not None:
        parent = queries.one(session, row.parent_id)
        key = (parent.own_key or str(parent.id)) if parent else ""
        found |= {one.key: key for one in kind.fields if one.type == "parent"}
    return found


def units(session: Session, actor: Actor) -> list[Organisation]:
    """The units this person may record for, from the top down."""
    scope = Scope(paths=actor.scope.paths)
    wanted = sa.select(Organisation).where(
        Organisation.kind != "regulator", scope.where(Organisation.path, Organisation.division)
    )
    return list(session.scalars(wanted.order_by(Organisation.path)))


def slot(kind: RecordKind, faults: Sequence[FieldError], *, is_new: bool, reader: Reader) -> Slot:
    """The file input; files that must come are asked for once."""
    error = next((field_sentence(f, reader.locale, reader.zone) for f in faults if f.field == FILES), "")
    return Slot(
        name=FILES,
        label=text("daily_work.form.files", reader.locale),
        needed=kind.files_least if is_new else 0,
        hint=text("daily_work.form.files_hint", reader.locale),
        error=error,
    )


def _field(
    session: Session,
    kind: RecordKind,
    one: WorkField,
    value: str,
    error: str,
    home: Organisation,
    reader: Reader,
) -> FormField:
    locale = reader.locale
    bounds = _bounds(one, locale)
    return FormField(
        name=one.key,
        type=_TYPES[one.type],
        label=one.label.in_(locale),
        required=one.required,
        choices=_choices(session, kind, one, home, locale),
        unit=one.unit.in_(locale) if one.unit else "",
        maximum=str(TEXT_MAX if one.type == "text" else NOTE_MAX) if one.type in ("text", "note") else None,
        hint=one.hint.in_(locale) if one.hint else bounds,
        value=value,
        error=error,
        # without it the record does not count as what was planned
        is_kept=one.key in kind.counts_when,
    )


def _bounds(one: WorkField, locale: str) -> str:
    if not one.is_number or one.low is None or one.high is None:
        return ""
    return text("daily_work.form.bounds", locale, low=f"{one.low:g}", high=f"{one.high:g}")


def _choices(
    session: Session, kind: RecordKind, one: WorkField, home: Organisation, locale: str
) -> tuple[tuple[str, str], ...]:
    if one.type == "choice":
        return tuple((key, label.in_(locale)) for key, label in (one.choices or {}).items())
    if one.type == "yes_no":
        return tuple((key, text(f"daily_work.{key}", locale)) for key in ("yes", "no"))
    if one.type == "person":
        return tuple((str(person.id), person.name) for person, _ in people_within(session, home.path))
    if one.type == "asset":
        return tuple((a.code, a.label.in_(locale)) for a in assets.choices(session) if a.home_id == home.id)
    if one.type == "parent":
        return _parents(session, kind, home.id, locale)
    return ()


def _parents(
    session: Session, kind: RecordKind, home_id: uuid.UUID, locale: str
) -> tuple[tuple[str, str], ...]:
    above = line_book().kinds[kind.parent]
    rows = session.scalars(
        sa.select(WorkRecord)
        .where(WorkRecord.kind == above.key, WorkRecord.home_id == home_id, WorkRecord.state != "withdrawn")
        .order_by(WorkRecord.happened_on.desc())
        .limit(SUGGESTED_MAX)
    )
    return tuple(
        (row.own_key or str(row.id), f"{title(above, row.data).in_(locale)} · {row.happened_on}")
        for row in rows
    )


def _own_name(name: str, locale: str) -> str:
    return text(f"daily_work.form.{name}", locale) if name in OF_THE_FORM else ""
