"""What the pages of the rules draw: plain frozen values in the reader's language, and how they are made of rules."""

import calendar as months
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel.dates import format_date, get_day_names

from hazard_flow.catalogue.calendars import NATIONAL, Calendars
from hazard_flow.catalogue.models import LocalCatalogueRow
from hazard_flow.catalogue.policy import Policy, PolicyRow, parts_of
from hazard_flow.catalogue.policy_file import shipped_policy
from hazard_flow.catalogue.policy_keys import PolicyKey
from hazard_flow.catalogue.wording import days_words, key_name, part_name, value_words
from hazard_flow.i18n import Label, text
from hazard_flow.identity.roles import division_prefix
from hazard_flow.workflow.calendar import SATURDAY, Calendar

_BABEL = {"zh": "zh_Hans_CN", "en": "en_GB"}


@dataclass(frozen=True)
class ValueLine:
    """The values one row of rules gives to one key."""

    values: tuple[tuple[str, str], ...]
    place: str
    source: str
    mark: str
    days: str
    is_local: bool = False


@dataclass(frozen=True)
class KeyView:
    """One key with the rows its values come from."""

    key: str
    name: str
    lines: tuple[ValueLine, ...]


@dataclass(frozen=True)
class Group:
    """Keys that belong together."""

    key: str
    name: str
    keys: tuple[KeyView, ...]


@dataclass(frozen=True)
class HistoryLine:
    """One entry ever made, and what became of it."""

    line: ValueLine
    division: str
    #: in_force, draft, to_come, over, withdrawn, superseded, ignored or elsewhere
    state: str
    version: str
    entered_by: str
    entered_at: datetime | None


@dataclass(frozen=True)
class Day:
    """One day of a month's table; `kind` is off, worked (a make-up day), weekend or work."""

    day: date
    kind: str
    name: str = ""


@dataclass(frozen=True)
class Month:
    """One month, week by week from Monday; None where a week reaches into another month."""

    name: str
    weeks: tuple[tuple[Day | None, ...], ...]


@dataclass(frozen=True)
class Year:
    """One year of the calendar."""

    year: int
    is_official: bool
    source: str
    workdays: int
    days_off: int
    made_up: int
    months: tuple[Month, ...]
    weekdays: tuple[str, ...]


def place_name(division: str, places: Mapping[str, Label], locale: str) -> str:
    """What people call a division prefix: its name and code, the code alone where it is not known here."""
    if division == NATIONAL:
        return text("catalogue.national", locale)
    label = next((name for code, name in sorted(places.items()) if division_prefix(code) == division), None)
    return f"{label.in_(locale)} {division}" if label else division


def policy_groups(policy: Policy, places: Mapping[str, Label], locale: str) -> tuple[Group, ...]:
    """The values in force, group by group; groups without any are left out."""
    book = shipped_policy()
    found = []
    for group, label in book.groups.items():
        keys = [key for key in policy.keys.values() if key.group == group and policy.entries.get(key.key)]
        views = tuple(_key_view(policy, key, places, locale) for key in keys)
        if views:
            found.append(Group(group, label.in_(locale), views))
    return tuple(found)


def _key_view(policy: Policy, key: PolicyKey, places: Mapping[str, Label], locale: str) -> KeyView:
    """One line for each row that gives a part."""
    parts: dict[int, tuple[PolicyRow, list[str]]] = {}
    for part in key.parts or ("",):
        entry = policy.entries[key.key].get(part)
        if entry is not None:
            parts.setdefault(id(entry.row), (entry.row, []))[1].append(part)
    lines = tuple(value_line(row, places, locale, only=given) for row, given in parts.values())
    return KeyView(key.key, key_name(key, locale), lines)


def value_line(
    row: PolicyRow, places: Mapping[str, Label], locale: str, *, only: Collection[str] | None = None
) -> ValueLine:
    """A row in words, of some parts only where given."""
    key = row.definition
    values = tuple(
        (part_name(key, part, locale), value_words(key, plain, locale))
        for part, plain in parts_of(key, row.value).items()
        if only is None or part in only
    )
    return ValueLine(
        values=values,
        place=place_name(row.division, places, locale),
        source=row.source.in_(locale),
        mark=row.confidence,
        days=days_words(row.valid_from, row.valid_to, locale),
        is_local=row.is_local,
    )


def history(
    rows: Sequence[PolicyRow],
    policy: Policy,
    names: Mapping[uuid.UUID, str],
    places: Mapping[str, Label],
    locale: str,
) -> tuple[HistoryLine, ...]:
    """Every entry of one key: of the whole country first, then place by place, newest first."""
    newest: dict[tuple[str, date | None], tuple[int, bool, date, int]] = {}
    for row in rows:
        if row.is_local:
            newest[row.division, row.valid_from] = max(
                row.rank, newest.get((row.division, row.valid_from), row.rank)
            )
    ordered = sorted(rows, key=lambda row: (row.valid_from or date.max, row.rank), reverse=True)
    return tuple(
        HistoryLine(
            line=value_line(row, places, locale),
            division=row.division,
            state="superseded"
            if row.is_local and row.rank != newest[row.division, row.valid_from]
            else _state(row, policy),
            version=row.version,
            entered_by=person_name(row.entered_by, names, locale),
            entered_at=row.entered_at,
        )
        for row in sorted(ordered, key=lambda row: row.division)
    )


def _state(row: PolicyRow, policy: Policy) -> str:
    if row.is_withdrawn:
        return "withdrawn"
    if row.valid_from is None:
        return "draft"
    if row.valid_from > policy.on:
        return "to_come"
    if row.valid_to is not None and row.valid_to < policy.on:
        return "over"
    if not policy.division.startswith(row.division):
        return "elsewhere"
    if any(entry.row is row for entry in policy.entries.get(row.key, {}).values()):
        return "in_force"
    return "ignored" if any(one is row for one, _ in policy.ignored) else "overlaid"


def local_state(
    row: LocalCatalogueRow, newest: Mapping[tuple[str, str, date | None], LocalCatalogueRow], on: date
) -> str:
    """What became of an entry of the local catalogue."""
    if newest[row.code, row.authority_division, row.valid_from].id != row.id:
        return "superseded"
    if row.withdrawn:
        return "withdrawn"
    if row.valid_from is None:
        return "draft"
    if row.valid_from > on:
        return "to_come"
    return "over" if row.valid_to is not None and row.valid_to < on else "in_force"


def person_name(actor: str, names: Mapping[uuid.UUID, str], locale: str) -> str:
    """Who entered something; a part of the system by the system's name."""
    if not actor.startswith("person:"):
        return text("catalogue.system", locale) if actor else ""
    return names.get(uuid.UUID(actor.removeprefix("person:")), text("catalogue.somebody", locale))


def people_of(actors: Collection[str]) -> set[uuid.UUID]:
    """The people among actors' keys."""
    return {uuid.UUID(actor.removeprefix("person:")) for actor in actors if actor.startswith("person:")}


def year_view(calendars: Calendars, division: str, year: int, locale: str) -> Year:
    """A year as a place goes by it."""
    standing = calendars.at(division)
    prefix = division_prefix(division) if division else NATIONAL
    imported = [one for one in calendars.years if one.year == year and prefix.startswith(one.division)]
    names = {day: name for one in imported for day, name in one.names.items()}
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366 if months.isleap(year) else 365)]
    kinds = {day: _kind(standing, day) for day in days}
    return Year(
        year=year,
        is_official=not standing.is_provisional(days[0]),
        source=calendars.source_of(division, [year]) or text(_shipped_source(standing, year), locale),
        workdays=sum(map(standing.is_workday, days)),
        days_off=sum(kind == "off" for kind in kinds.values()),
        made_up=sum(kind == "worked" for kind in kinds.values()),
        months=tuple(_month(year, number, kinds, names, locale) for number in range(1, 13)),
        weekdays=tuple(
            get_day_names("narrow", context="stand-alone", locale=_BABEL[locale])[n] for n in range(7)
        ),
    )


def _shipped_source(standing: Calendar, year: int) -> str:
    return "catalogue.calendar.shipped" if year in standing.official_years else "catalogue.calendar.unknown"


def _kind(standing: Calendar, day: date) -> str:
    works, is_weekend = standing.is_workday(day), day.weekday() >= SATURDAY
    if works:
        return "worked" if is_weekend else "work"
    return "weekend" if is_weekend and day not in standing.exceptions else "off"


def _month(
    year: int, number: int, kinds: Mapping[date, str], names: Mapping[date, str], locale: str
) -> Month:
    def weeks() -> Iterator[tuple[Day | None, ...]]:
        for week in months.Calendar().monthdatescalendar(year, number):
            yield tuple(
                Day(day, kinds[day], names.get(day, "")) if day.month == number else None for day in week
            )

    name = format_date(date(year, number, 1), "LLLL", locale=_BABEL[locale])
    return Month(name, tuple(weeks()))
