"""A file without faults against what is stored: which rows it adds, changes or takes back. Reads, decides, stores nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.catalogue import queries
from hazard_flow.catalogue.calendars import NATIONAL, Calendars, YearOfDays, changed_days, compose
from hazard_flow.catalogue.catalogue_lines import CatalogueLine
from hazard_flow.catalogue.models import CalendarDay, LocalCatalogueRow, LocalPolicy
from hazard_flow.catalogue.policy_lines import PolicyLine
from hazard_flow.exchange.faults import RowFault
from hazard_flow.exchange.kinds import ImportOrder, RowChange
from hazard_flow.storage.base import Base, new_id

What = Literal["added", "changed", "withdrawn"]


@dataclass(frozen=True)
class Judged:
    """The rows to be added, and what they do; with a single fault nothing is added."""

    rows: int
    changes: tuple[RowChange, ...] = ()
    faults: tuple[RowFault, ...] = ()
    new: tuple[Base, ...] = ()
    #: of the calendar: the first day that changed in a year that was official
    since: date | None = None


def judge_policy(
    session: Session, lines: Sequence[PolicyLine], faults: Sequence[RowFault], order: ImportOrder
) -> Judged:
    """Policy rows; each supersedes the entry of the same key, division and first day."""
    newest = queries.newest_policy(session)
    changes: list[RowChange] = []
    wrong = list(faults)
    new: list[Base] = []
    for line in lines:
        known = newest.get(line.identity)
        what = _what(is_known=known is not None and not known.withdrawn, is_withdrawn=line.is_withdrawn)
        if what is None:
            wrong.append(RowFault(line.row, "withdrawn", "nothing_to_withdraw"))
            continue
        if known is not None and _same_policy(known, line):
            continue
        before = line.definition.write(known.value) if known is not None and not known.withdrawn else ""
        after = "" if line.is_withdrawn else line.shown
        name = f"{line.definition.key} {line.division}"
        changes.append(RowChange(line.row, what, name, before, after))
        new.append(_policy(line, order, version=known.version + 1 if known else 1))
    return Judged(len(lines), tuple(changes), tuple(wrong), tuple(new))


def _what(*, is_known: bool, is_withdrawn: bool) -> What | None:
    """What a line does; None where it takes back what is not there."""
    if is_withdrawn:
        return "withdrawn" if is_known else None
    return "changed" if is_known else "added"


def _same_policy(known: LocalPolicy, line: PolicyLine) -> bool:
    stored = (known.value, known.valid_to, known.source, known.confidence, known.withdrawn)
    return stored == (line.value, line.days.valid_to, line.source, line.confidence, line.is_withdrawn)


def _policy(line: PolicyLine, order: ImportOrder, *, version: int) -> LocalPolicy:
    return LocalPolicy(
        id=new_id(),
        key=line.definition.key,
        division=line.division,
        value=line.value,
        valid_from=line.days.valid_from,
        valid_to=line.days.valid_to,
        source=line.source,
        confidence=line.confidence,
        version=version,
        withdrawn=line.is_withdrawn,
        entered_by=order.actor.key,
        entered_at=order.now,
    )


def judge_catalogue(
    session: Session, lines: Sequence[CatalogueLine], faults: Sequence[RowFault], order: ImportOrder
) -> Judged:
    """Catalogue rows; each supersedes the entry of the same code, division and first day."""
    newest = queries.newest_catalogue(session)
    changes: list[RowChange] = []
    wrong = list(faults)
    new: list[Base] = []
    for line in lines:
        known = newest.get(line.identity)
        what = _what(is_known=known is not None and not known.withdrawn, is_withdrawn=line.is_withdrawn)
        if what is None:
            wrong.append(RowFault(line.row, "withdrawn", "nothing_to_withdraw"))
            continue
        made = _catalogue(line, order, version=known.version + 1 if known else 1)
        if known is not None and _content(known) == _content(made):
            continue
        before = "" if known is None or known.withdrawn else _summary(known)
        after = "" if line.is_withdrawn else _summary(made)
        name = f"{line.entry.code} {line.entry.authority_division}"
        changes.append(RowChange(line.row, what, name, before, after))
        new.append(made)
    return Judged(len(lines), tuple(changes), tuple(wrong), tuple(new))


def _catalogue(line: CatalogueLine, order: ImportOrder, *, version: int) -> LocalCatalogueRow:
    cells, entry = line.cells, line.entry
    return LocalCatalogueRow(
        id=new_id(),
        code=entry.code,
        authority_division=entry.authority_division,
        title_zh=cells["title_zh"],
        title_en=cells["title_en"],
        default_level=entry.level,
        urgency=entry.urgency,
        legal_basis=entry.legal_basis,
        basis_confidence=entry.basis_confidence,
        response_hours=cells["response_hours"],
        deadline_days=entry.deadline_days,
        interim_control=entry.interim_control,
        suggested_evidence=";".join(entry.suggested_evidence),
        telemetry_trigger=entry.telemetry_trigger,
        note=entry.note,
        valid_from=line.days.valid_from,
        valid_to=line.days.valid_to,
        source=cells["source"],
        version=version,
        withdrawn=line.is_withdrawn,
        entered_by=order.actor.key,
        entered_at=order.now,
    )


_ENTRY_ONLY = frozenset({"id", "version", "entered_by", "entered_at"})


def _content(row: LocalCatalogueRow) -> list[object]:
    """All that makes one entry differ from the next."""
    return [
        getattr(row, column.key)
        for column in sa.inspect(LocalCatalogueRow).columns
        if column.key not in _ENTRY_ONLY
    ]


def _summary(row: LocalCatalogueRow) -> str:
    return f"{row.title_zh} · {row.default_level} · {row.urgency} · {row.deadline_days} d"


def judge_calendar(
    years: Sequence[tuple[int, YearOfDays]],
    faults: Sequence[RowFault],
    calendars: Calendars,
    order: ImportOrder,
) -> Judged:
    """Years of days; each replaces the edition before it."""
    if faults:
        return Judged(len(years), faults=tuple(faults))
    changes: list[RowChange] = []
    new: list[Base] = []
    fresh: dict[tuple[str, int], YearOfDays] = {(one.division, one.year): one for one in calendars.years}
    for row, year in years:
        known = calendars.year(year.division, year.year)
        if known is not None and known.says_the_same(year):
            continue
        name = f"{year.year} {year.division}".strip()
        changes.append(RowChange(row, "changed" if known else "added", name, _days(known), _days(year)))
        new += _calendar(year, order, edition=known.edition + 1 if known else 1)
        fresh[year.division, year.year] = year
    since = _first_change(calendars, compose(list(fresh.values())), [year for _, year in years])
    return Judged(len(years), tuple(changes), new=tuple(new), since=since)


def _calendar(year: YearOfDays, order: ImportOrder, *, edition: int) -> list[Base]:
    return [
        CalendarDay(
            id=new_id(),
            division=year.division,
            day=day,
            is_workday=works,
            name=year.names.get(day, ""),
            source=year.source,
            status=year.status,
            edition=edition,
            entered_by=order.actor.key,
            entered_at=order.now,
        )
        for day, works in year.days.items()
    ]


def _first_change(before: Calendars, after: Calendars, years: Sequence[YearOfDays]) -> date | None:
    """The first day that changed in a year that was official: limits counted over it were never marked as provisional."""
    changed: list[date] = []
    for year in years:
        places = {year.division, *after.local} if year.division == NATIONAL else {year.division}
        for place in places:
            was = before.at(place)
            if year.year in was.official_years:
                changed += changed_days(was, after.at(place), year.year)
    return min(changed, default=None)


def _days(year: YearOfDays | None) -> str:
    if year is None:
        return ""
    off = sum(not works for works in year.days.values())
    return f"{year.status}: {off} + {len(year.days) - off}"
