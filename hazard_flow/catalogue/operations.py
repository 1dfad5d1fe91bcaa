"""Writes: local rules come in as whole files. Judged first, stored whole or not at all; the same file again stores nothing."""

import uuid
from collections.abc import Callable, Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.catalogue import calendar_lines, catalogue_lines, policy_lines, queries
from hazard_flow.catalogue.judging import Judged, judge_calendar, judge_catalogue, judge_policy
from hazard_flow.catalogue.models import CALENDAR, CATALOGUE, POLICY, RuleStamp
from hazard_flow.catalogue.places import reach
from hazard_flow.catalogue.policy_file import shipped_policy
from hazard_flow.exchange.kinds import ImportOrder, ImportReport
from hazard_flow.exchange.records import SourceFile, read
from hazard_flow.schedule.bulk import insert_rows
from hazard_flow.storage.base import new_id


def import_policy(
    session: Session, file: SourceFile, order: ImportOrder, *, limits: Collection[str] | None = None
) -> ImportReport:
    """Local policy rows. `limits`: the time limits of the installed workflows, as `workflow.timer`, that `limit.…` may set.

    Raises NotAllowed for anybody but a regulator's administrator and the system. The session must be the system's: the rules of all
    places are compared.
    """
    within, reading = reach(order.actor), read(file)

    def judge() -> Judged:
        lines, faults = policy_lines.read_lines(
            reading.records,
            order,
            keys=shipped_policy(),
            book=queries.rulebook_at(session),
            within=within,
            limits=limits,
        )
        return judge_policy(session, lines, [*reading.faults, *faults], order)

    return _import(session, POLICY, order, judge)


def import_catalogue(session: Session, file: SourceFile, order: ImportOrder) -> ImportReport:
    """Local catalogue rows; like `import_policy`."""
    within, reading = reach(order.actor), read(file)

    def judge() -> Judged:
        lines, faults = catalogue_lines.read_lines(
            reading.records, order, book=queries.rulebook_at(session), within=within
        )
        return judge_catalogue(session, lines, [*reading.faults, *faults], order)

    return _import(session, CATALOGUE, order, judge)


def import_calendar(session: Session, file: SourceFile, order: ImportOrder) -> ImportReport:
    """Working days; like `import_policy`. A year replaces the earlier edition of the same year whole.

    Running time limits are counted again afterwards, by whoever asks for it first (`unsettled`).
    """
    within, reading = reach(order.actor), read(file)

    def judge() -> Judged:
        calendars = queries.rulebook_at(session).calendars
        years, faults = (
            ([], [])
            if reading.faults
            else calendar_lines.read_years(reading, order, calendars=calendars, within=within)
        )
        return judge_calendar(years, [*reading.faults, *faults], calendars, order)

    return _import(session, CALENDAR, order, judge)


def unsettled(session: Session) -> RuleStamp | None:
    """The calendar's stamp where running time limits have not been counted again since the last import; None where they have."""
    return session.scalar(
        sa.select(RuleStamp).where(RuleStamp.kind == CALENDAR, RuleStamp.settled.is_(False))
    )


def counted(session: Session, stamp: RuleStamp, *, to: uuid.UUID) -> None:
    """The hazards up to this one were counted again in the present round."""
    _note(session, stamp, counted_to=to)


def round_done(session: Session, stamp: RuleStamp, *, is_last: bool) -> None:
    """All running time limits were gone through once more; after the last round there is nothing left to do until the next import."""
    if is_last:
        _note(session, stamp, settled=True, since=None, counted_to=None)
    else:
        _note(session, stamp, rounds=stamp.rounds + 1, counted_to=None)


def _note(session: Session, stamp: RuleStamp, **values: object) -> None:
    """A newer import in between has a stamp of its own, and a round of its own to come."""
    session.execute(
        sa.update(RuleStamp)
        .where(RuleStamp.kind == CALENDAR, RuleStamp.stamp == stamp.stamp)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _import(session: Session, kind: str, order: ImportOrder, judge: Callable[[], Judged]) -> ImportReport:
    """Judge, and where something is to be stored: lock out other imports, judge again by what they left, store."""
    judged = judge()
    if order.dry_run or judged.faults or not judged.new:
        return _report(kind, judged)
    stamp = _lock(session, kind, order.now)
    queries.forget_rulebook(session)
    judged = judge()
    if judged.faults or not judged.new:
        return _report(kind, judged)
    session.add_all(judged.new)
    stamp.stamp, stamp.changed_at = new_id(), order.now
    if kind == CALENDAR:
        stamp.settled, stamp.rounds, stamp.counted_to = False, 0, None
        stamp.since = min((day for day in (stamp.since, judged.since) if day is not None), default=None)
    session.flush()
    queries.forget_rulebook(session)
    return _report(kind, judged, is_stored=True)


def _lock(session: Session, kind: str, now: datetime) -> RuleStamp:
    """The kind's stamp, locked until the transaction ends; the first import makes it."""
    first = {
        "kind": kind, "stamp": new_id(), "changed_at": now, "settled": True, "rounds": 0, "counted_to": None, "since": None,
    }  # fmt: skip
    insert_rows(session, RuleStamp.__table__, [first], key=("kind",))
    return session.get_one(RuleStamp, kind, with_for_update=True, populate_existing=True)


def _report(kind: str, judged: Judged, *, is_stored: bool = False) -> ImportReport:
    faults = tuple(sorted(judged.faults, key=lambda fault: (fault.row, fault.field)))
    return ImportReport(
        kind, rows=judged.rows, changes=() if faults else judged.changes, faults=faults, is_stored=is_stored
    )
