"""Further words of the filter of lists, by which sums lead to exactly the hazards they count; `-` asks for those without a value.

What each word reads of a hazard stands here once, for the list and for whoever groups by it.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from hazard_flow.assets.kinds import kind_book
from hazard_flow.assets.models import Asset
from hazard_flow.catalogue.rows import CATEGORIES
from hazard_flow.errors import FieldError
from hazard_flow.hazards.models import Hazard
from hazard_flow.workflow.vocabulary import default_vocabulary

#: stands for: has none
NONE = "-"
#: field of forms that says who is liable
LIABLE = "liable_party"
WORDS = ("code", "category", "asset_kind", "liable", "unit", "found_since", "found_before")
_CODE = re.compile(r"[A-Z]{3}-[A-Z][0-9]{2,3}")
_PREFIXES = {category: prefix for prefix, category in CATEGORIES.items()}


@dataclass(frozen=True)
class Further:
    """The words of a filter that stand here; empty ones narrow nothing. Instants are text with their zone."""

    code: str = ""
    category: str = ""
    asset_kind: str = ""
    liable: str = ""
    #: id of an organisation; units below it do not count
    unit: str = ""
    found_since: str = ""
    found_before: str = ""


def read(raw: Mapping[str, str], problems: list[FieldError]) -> dict[str, str]:
    """The words as they were given; what is wrong with them is added to `problems`."""
    known = {
        "category": _PREFIXES,
        "asset_kind": kind_book().kinds,
        "liable": default_vocabulary().book.fields[LIABLE].choices,
    }
    found = {name: raw.get(name, "") for name in WORDS}
    for name, choices in known.items():
        if found[name] not in ("", NONE) and found[name] not in choices:
            problems.append(FieldError(name, "unknown_choice", {"value": found[name][:40]}))
    found["code"] = found["code"].strip().upper()
    if found["code"] not in ("", NONE) and not _CODE.fullmatch(found["code"]):
        problems.append(FieldError("code", "unknown_choice", {"value": found["code"][:40]}))
    if found["unit"] and not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", found["unit"]):
        problems.append(FieldError("unit", "not_an_id"))
    problems += [
        FieldError(name, "not_an_instant_with_zone")
        for name in ("found_since", "found_before")
        if found[name] and instant(found[name]) is None
    ]
    return found


def instant(said: str) -> datetime | None:
    """An instant with its zone (`2026-10-31T16:00:00+00:00`; a blank where the plus was lost in an address); None for anything else."""
    try:
        at = datetime.fromisoformat(said.replace(" ", "+"))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def conditions(wanted: Further) -> list[ColumnElement[bool]]:
    """The words that are set as conditions on the hazard table."""
    found: list[ColumnElement[bool]] = []
    if wanted.code:
        found.append(_is(Hazard.catalogue_code, wanted.code))
    if wanted.category:
        prefix = _PREFIXES.get(wanted.category, NONE)
        found.append(_is(code_prefix(), prefix))
    if wanted.asset_kind:
        found.append(_is(asset_kind(), wanted.asset_kind))
    if wanted.liable:
        found.append(_is(liable(), wanted.liable))
    if wanted.unit:
        found.append(Hazard.organisation_id == uuid.UUID(wanted.unit))
    since, before = instant(wanted.found_since), instant(wanted.found_before)
    if since is not None:
        found.append(Hazard.found_at >= since)
    if before is not None:
        found.append(Hazard.found_at < before)
    return found


def code_prefix() -> ColumnElement[Any]:
    """The beginning of the catalogue code, which is its category."""
    return sa.func.substr(Hazard.catalogue_code, 1, 3)


def asset_kind() -> ColumnElement[Any]:
    """The kind of the facility; none where there is none, or where the reader sees none."""
    return sa.select(Asset.kind).where(Asset.id == Hazard.asset_id).correlate(Hazard).scalar_subquery()


def liable() -> ColumnElement[Any]:
    """Who is liable, as it was said last."""
    said: ColumnElement[Any] = Hazard.details[LIABLE].as_string()
    return said


def _is(column: ColumnElement[Any] | Any, value: str) -> ColumnElement[bool]:
    return column.is_(None) if value == NONE else column == value
