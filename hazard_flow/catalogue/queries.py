"""Reads: the rule book in force, kept in memory until an import changes its stamp, and the history behind it."""

import uuid
from collections.abc import Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.catalogue.calendars import YearOfDays, compose
from hazard_flow.catalogue.models import (
    CALENDAR,
    CATALOGUE,
    POLICY,
    CalendarDay,
    LocalCatalogueRow,
    LocalPolicy,
    RuleStamp,
)
from hazard_flow.catalogue.policy import Policy, PolicyRow
from hazard_flow.catalogue.policy_file import shipped_policy
from hazard_flow.catalogue.policy_keys import LIMIT_GROUP, PolicyKey
from hazard_flow.catalogue.rows import CatalogueRow, row_of
from hazard_flow.catalogue.rulebook import RuleBook, shipped_book
from hazard_flow.i18n import Label
from hazard_flow.workflow.calendar import Calendar

_KEPT, _NOW = "catalogue.kept", "catalogue.now"
Stamps = Mapping[str, uuid.UUID]


@dataclass
class Kept:
    """The last rule book read from one database, with the stamps it was read under. Shared by all sessions of the database."""

    #: one value, replaced in one step: threads never see the stamps of one book beside another
    last: tuple[Stamps, RuleBook] = field(default_factory=lambda: ({}, shipped_book()))


def keep_rulebook(info: MutableMapping[str, Any]) -> None:
    """Let all sessions of a database share one rule book."""
    info[_KEPT] = Kept()


def rulebook_at(session: Session) -> RuleBook:
    """The rule book in force: one small query a session, the rows only where an import happened since."""
    known = session.info.get(_NOW)
    if isinstance(known, RuleBook):
        return known
    kept = session.info.setdefault(_KEPT, Kept())
    assert isinstance(kept, Kept)
    earlier, book = kept.last
    stamps = {row[0]: row[1] for row in session.execute(sa.select(RuleStamp.kind, RuleStamp.stamp))}
    if stamps != earlier:
        # Stamps are read before rows: a row that came in between is read again under its own stamp.
        book = _changed(session, book, {kind for kind in stamps if stamps[kind] != earlier.get(kind)})
        kept.last = (stamps, book)
    session.info[_NOW] = book
    return book


def forget_rulebook(session: Session) -> None:
    """After an import in this session: what follows in it reads anew, and what was read is not handed to others before the commit."""
    session.info.pop(_NOW, None)
    session.info[_KEPT] = Kept()


def policies(session: Session, divisions: Collection[str], on: date) -> Mapping[str, Policy]:
    """The policy of each of these divisions on a day, for a batch: at most one query a kind, whatever their number."""
    book = rulebook_at(session)
    return {division: book.policy(division, on) for division in divisions}


def rows_at(session: Session, division: str, on: date) -> Mapping[str, CatalogueRow]:
    """The rows of the catalogue that count in a division on a day, by code."""
    return rulebook_at(session).catalogue(division, on)


def calendar_at(session: Session, division: str = "") -> Calendar:
    """The working days a division goes by, imported years included."""
    return rulebook_at(session).calendar(division)


def policy_entries(session: Session, key: str | None = None) -> list[PolicyRow]:
    """Every local entry ever made, superseded and withdrawn ones too, oldest first; of one key where given."""
    statement = sa.select(LocalPolicy).order_by(LocalPolicy.entered_at, LocalPolicy.version)
    if key is not None:
        statement = statement.where(LocalPolicy.key == key)
    return [policy_row(row) for row in session.scalars(statement)]


def catalogue_entries(session: Session, code: str | None = None) -> list[LocalCatalogueRow]:
    """Every local entry of the catalogue ever made, oldest first; of one code where given."""
    statement = sa.select(LocalCatalogueRow).order_by(LocalCatalogueRow.entered_at, LocalCatalogueRow.version)
    if code is not None:
        statement = statement.where(LocalCatalogueRow.code == code)
    return list(session.scalars(statement))


def newest_policy(session: Session) -> dict[tuple[str, str, date | None], LocalPolicy]:
    """The newest entry of each (key, division, first day)."""
    rows = session.scalars(sa.select(LocalPolicy).order_by(LocalPolicy.version))
    return {(row.key, row.division, row.valid_from): row for row in rows}


def newest_catalogue(session: Session) -> dict[tuple[str, str, date | None], LocalCatalogueRow]:
    """The newest entry of each (code, division, first day)."""
    rows = session.scalars(sa.select(LocalCatalogueRow).order_by(LocalCatalogueRow.version))
    return {(row.code, row.authority_division, row.valid_from): row for row in rows}


def imported_years(session: Session) -> list[YearOfDays]:
    """The newest edition of each year of each division."""
    found: dict[tuple[str, int], list[CalendarDay]] = {}
    for row in session.scalars(sa.select(CalendarDay).order_by(CalendarDay.edition, CalendarDay.day)):
        rows = found.setdefault((row.division, row.day.year), [])
        if rows and rows[0].edition < row.edition:
            rows.clear()
        rows.append(row)
    return [_year(division, year, rows) for (division, year), rows in found.items()]


def policy_row(row: LocalPolicy) -> PolicyRow:
    """A stored row as policy counts with it. A key this release no longer knows is shown by its name."""
    unknown = PolicyKey(row.key, Label(zh=row.key, en=row.key), "choice", LIMIT_GROUP)
    return PolicyRow(
        definition=shipped_policy().key(row.key) or unknown,
        division=row.division,
        value=row.value,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        source=Label(zh=row.source, en=row.source),
        confidence=row.confidence,
        version=str(row.version),
        is_local=True,
        is_withdrawn=row.withdrawn,
        entered_by=row.entered_by,
        entered_at=row.entered_at,
    )


def catalogue_row(row: LocalCatalogueRow) -> CatalogueRow:
    """A stored row as the catalogue counts with it."""
    cells = {
        "code": row.code,
        "title_zh": row.title_zh,
        "title_en": row.title_en,
        "default_level": row.default_level,
        "urgency": row.urgency,
        "legal_basis": row.legal_basis,
        "basis_confidence": row.basis_confidence,
        "response_hours": row.response_hours,
        "deadline_days": str(row.deadline_days),
        "interim_control": row.interim_control,
        "suggested_evidence": row.suggested_evidence,
        "telemetry_trigger": row.telemetry_trigger,
        "note": row.note,
    }
    return replace(
        row_of(cells, f"{row.authority_division}.v{row.version}"),
        authority_division=row.authority_division,
        national_level="",
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        source=row.source,
    )


def _changed(session: Session, book: RuleBook, kinds: Collection[str]) -> RuleBook:
    """The same book with some kinds read anew."""
    rows, local, calendars = book.policy_rows, book.local_rows, book.calendars
    if POLICY in kinds:
        rows = (*shipped_policy().rows, *(policy_row(row) for row in newest_policy(session).values()))
    if CATALOGUE in kinds:
        newest = newest_catalogue(session).values()
        local = tuple(catalogue_row(row) for row in newest if not row.withdrawn)
    if CALENDAR in kinds:
        calendars = compose(imported_years(session))
    return RuleBook(rows, local, calendars)


def _year(division: str, year: int, rows: Sequence[CalendarDay]) -> YearOfDays:
    first = rows[0]
    return YearOfDays(
        division=division,
        year=year,
        days={row.day: row.is_workday for row in rows},
        names={row.day: row.name for row in rows if row.name},
        status=first.status,
        source=first.source,
        edition=first.edition,
        entered_by=first.entered_by,
    )
