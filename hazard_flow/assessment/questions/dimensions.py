"""By what hazards are grouped: the column of each, the words that lead to exactly one group, and what a group is called."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from hazard_flow.assets.kinds import asset_kinds
from hazard_flow.catalogue import rows as catalogue
from hazard_flow.hazards import narrowing
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.narrowing import NONE
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import known, text
from hazard_flow.identity import queries as identity
from hazard_flow.workflow.definition import STAGES, URGENCIES

#: months a table tells apart; what lies before belongs to the first of them
MONTHS_MAX = 120
#: word of the filter → where a group's own value goes; months and divisions have words of their own
_WORD = {
    "organisation": "organisation", "team": "unit", "level": "level", "urgency": "urgency", "stage": "stage", "source": "source",
    "category": "category", "code": "code", "asset_kind": "asset_kind", "liable": "liable", "division": "division",
}  # fmt: skip
#: dimensions whose groups stand in an order of their own
ORDERS: Mapping[str, Sequence[str]] = {"level": ("major", "general"), "urgency": URGENCIES, "stage": STAGES}
_SAID = {"level": "hazards.level", "urgency": "hazards.tier", "stage": "web.stage"}


@dataclass(frozen=True)
class Month:
    """A month of the organisation's zone."""

    key: str
    begins_at: datetime
    ends_at: datetime


def months(first: datetime | None, last: datetime | None, zone: ZoneInfo) -> list[Month]:
    """The months from one instant to another, the newest `MONTHS_MAX` of them."""
    if first is None or last is None:
        return []
    day, end = first.astimezone(zone).date().replace(day=1), last.astimezone(zone).date()
    found = []
    while day <= end:
        following = (day + timedelta(days=32)).replace(day=1)
        found.append(Month(f"{day:%Y-%m}", _midnight(day, zone), _midnight(following, zone)))
        day = following
    return found[-MONTHS_MAX:]


def column(key: str, spans: Sequence[Month]) -> ColumnElement[Any]:
    """What hazards are grouped by."""
    plain: dict[str, Any] = {
        "organisation": Hazard.home_id,
        "team": Hazard.organisation_id,
        "division": Hazard.division,
        "level": Hazard.level,
        "urgency": Hazard.urgency,
        "stage": Hazard.stage,
        "source": Hazard.source,
        "code": Hazard.catalogue_code,
    }
    if key in plain:
        found: ColumnElement[Any] = plain[key]
        return found
    if key == "category":
        return narrowing.code_prefix()
    if key == "asset_kind":
        return narrowing.asset_kind()
    if key == "liable":
        return narrowing.liable()
    if not spans:
        return sa.literal(None, sa.Text())
    whens = [(Hazard.found_at < one.ends_at, one.key) for one in spans]
    return sa.case(*whens, else_=spans[-1].key)


def value_of(key: str, raw: Any) -> str:
    """A group's value as words and answers hold it; `-` for none."""
    if raw is None or raw == "":
        return NONE
    if key == "category":
        return catalogue.CATEGORIES.get(str(raw), NONE)
    return str(raw)


def words(key: str, value: str, spans: Sequence[Month]) -> dict[str, str]:
    """The words of the filter that lead to exactly this group."""
    if key != "month":
        return {_WORD[key]: value}
    one = next((span for span in spans if span.key == value), None)
    if one is None:
        return {}
    since = {} if one is spans[0] else {"found_since": one.begins_at.isoformat()}
    return {**since, "found_before": one.ends_at.isoformat()}


def names(session: Session, key: str, values: Collection[str], locale: str) -> dict[str, str]:
    """What the groups are called; a group without a value is called so."""
    found = {value: value for value in values}
    found |= _names(session, key, [value for value in values if value != NONE], locale)
    if NONE in found:
        found[NONE] = text("questions.none", locale)
    return found


def _names(session: Session, key: str, values: Sequence[str], locale: str) -> dict[str, str]:
    if key in ("organisation", "team"):
        rows = identity.organisation_labels(session, [uuid.UUID(value) for value in values])
        return {value: rows[id_].label.in_(locale) for value in values if (id_ := uuid.UUID(value)) in rows}
    if key == "division":
        divisions = identity.division_labels(session)
        return {value: divisions[value].in_(locale) for value in values if value in divisions}
    if key in _SAID:
        keys = {value: f"{_SAID[key]}.{value}" for value in values}
        return {value: text(one, locale) for value, one in keys.items() if known(one)}
    if key == "code":
        titles = catalogue.load()
        return {value: f"{value} {titles[value].title.in_(locale)}" for value in values if value in titles}
    fields = rules_of(session).fields
    labels = {
        "source": fields.sources,
        "category": catalogue.CATEGORY_LABELS,
        "asset_kind": {name: kind.label for name, kind in asset_kinds().items()},
        "liable": fields.fields[narrowing.LIABLE].choices,
    }.get(key, {})
    return {value: labels[value].in_(locale) for value in values if value in labels}


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
