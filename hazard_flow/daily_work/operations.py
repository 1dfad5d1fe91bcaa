"""The one way in: something is recorded, corrected, brought to its end, or withdrawn; what follows from it in the same transaction."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.daily_work import following, queries, steps
from hazard_flow.daily_work.consequences import carry_out
from hazard_flow.daily_work.days import in_force_until, term_ends
from hazard_flow.daily_work.fields import WorkField, day_of, judge
from hazard_flow.daily_work.lines import DONE, OPEN, WITHDRAWN, RecordKind
from hazard_flow.daily_work.loading import line_book
from hazard_flow.daily_work.models import WorkFile, WorkRecord
from hazard_flow.daily_work.naming import searched
from hazard_flow.daily_work.references import ids, resolve
from hazard_flow.errors import Conflict, FieldError, NotAllowed, NotFound, Refused, VersionConflict
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.rights import demand

#: who may record, correct and end
RIGHT = "work.record"
WHY_LEAST = 2


@dataclass(frozen=True, kw_only=True)
class Order:
    """Who asks, when, and under which key: the same key again is the same effect."""

    actor: Actor
    now: datetime
    request_key: str


def record(
    session: Session,
    kind: RecordKind,
    given: Mapping[str, Any],
    order: Order,
    *,
    organisation: Organisation,
    files: Sequence[EvidenceItem] = (),
    item_id: uuid.UUID | None = None,
) -> WorkRecord:
    """Something was done. `item_id`: the planned item it does, where it is not the one its day falls into.

    Raises `Refused` with everything wrong, NotAllowed without the right, NotFound for a unit out of scope, KeyReused.
    """
    _demand(order.actor, organisation)
    digest = steps.digest_of("recorded", kind.key, given, files)
    again = steps.seen(session, organisation.root_id, order.request_key, digest)
    if again is not None:
        return session.get_one(WorkRecord, again)
    home = session.get_one(Organisation, organisation.root_id)
    values, faults = _judged(session, kind, kind.fields, given, home=home, now=order.now)
    if len(files) < kind.files_least:
        faults.append(FieldError("files", "work_files_needed", {"at_least": kind.files_least}))
    faults += _key_faults(session, kind, values, home_id=home.id, but=None)
    if faults:
        raise Refused(fields=faults)
    row = WorkRecord(
        home_id=home.id,
        organisation_id=organisation.id,
        path=organisation.path,
        division=organisation.division,
        is_shared=kind.is_shared,
        line=kind.line,
        kind=kind.key,
        state=OPEN if _stays_open(kind, values) else DONE,
        created_at=order.now,
        created_by=order.actor.id,
        version=0,
    )
    _fill(session, row, kind, values)
    session.add(row)
    session.flush()
    steps.write(session, row, "recorded", order.actor, order.now, key=order.request_key, digest=digest)
    _keep(session, row, files, order)
    carry_out(session, row, kind, files, actor=order.actor, now=order.now)
    following.after(session, row, kind, actor=order.actor, now=order.now, item_id=item_id)
    return row


def correct(
    session: Session,
    record_id: uuid.UUID,
    given: Mapping[str, Any],
    order: Order,
    *,
    why: str,
    files: Sequence[EvidenceItem] = (),
    expected_version: int | None = None,
) -> WorkRecord:
    """Other values for what was recorded, for a reason; what it said before stays in its steps. A field that is not given keeps its value.

    Raises what `record` raises, VersionConflict where somebody was first, Conflict for a withdrawn one.
    """
    row, kind = _mine(session, record_id, order.actor)
    digest = steps.digest_of("corrected", str(row.id), {**given, "why": why}, files)
    if steps.seen(session, row.home_id, order.request_key, digest) is not None:
        return row
    _standing(row, expected_version)
    fields = kind.fields if row.closed_at is None else (*kind.fields, *kind.closing)
    home = session.get_one(Organisation, row.home_id)
    whole = {one.key: row.data.get(one.key, "") for one in fields} | dict(given)
    values, faults = _judged(session, kind, fields, whole, home=home, now=order.now, kept=row.data)
    if len(why.strip()) < WHY_LEAST:
        faults.append(FieldError("why", "required"))
    faults += _key_faults(session, kind, values, home_id=row.home_id, but=row.id)
    if faults:
        raise Refused(fields=faults)
    _fill(session, row, kind, values)
    if row.closed_at is None:
        row.state = OPEN if _stays_open(kind, values) else DONE
    _keep(session, row, files, order, next_version=True)
    steps.write(
        session, row, "corrected", order.actor, order.now, key=order.request_key, digest=digest, why=why
    )
    carry_out(session, row, kind, files, actor=order.actor, now=order.now)
    following.after(session, row, kind, actor=order.actor, now=order.now, item_id=None)
    return row


def close(
    session: Session,
    record_id: uuid.UUID,
    given: Mapping[str, Any],
    order: Order,
    *,
    files: Sequence[EvidenceItem] = (),
    expected_version: int | None = None,
) -> WorkRecord:
    """An open record comes to its end: answered, mended, settled. It counts as in time by the instant this is said."""
    row, kind = _mine(session, record_id, order.actor)
    digest = steps.digest_of("closed", str(row.id), given, files)
    if steps.seen(session, row.home_id, order.request_key, digest) is not None:
        return row
    _standing(row, expected_version)
    if row.state != OPEN:
        raise Conflict("it is not open")
    home = session.get_one(Organisation, row.home_id)
    values, faults = _judged(session, kind, kind.closing, given, home=home, now=order.now)
    if faults:
        raise Refused(fields=faults)
    row.data = {**row.data, **values}
    row.state, row.closed_at = DONE, order.now
    _keep(session, row, files, order, next_version=True)
    steps.write(session, row, "closed", order.actor, order.now, key=order.request_key, digest=digest)
    following.after(session, row, kind, actor=order.actor, now=order.now, item_id=None)
    return row


def withdraw(session: Session, record_id: uuid.UUID, order: Order, *, why: str) -> WorkRecord:
    """It should not have been recorded. It is counted nowhere from now on and stays readable; what it did is owed again."""
    row, kind = _mine(session, record_id, order.actor)
    digest = steps.digest_of("withdrawn", str(row.id), {"why": why}, ())
    if steps.seen(session, row.home_id, order.request_key, digest) is not None:
        return row
    _standing(row, None)
    if len(why.strip()) < WHY_LEAST:
        raise Refused(fields=[FieldError("why", "required")])
    row.state, row.own_key = WITHDRAWN, None
    steps.write(
        session, row, "withdrawn", order.actor, order.now, key=order.request_key, digest=digest, why=why
    )
    following.withdrawn(session, row, kind, actor=order.actor, now=order.now, why=why)
    return row


def _demand(actor: Actor, organisation: Organisation) -> None:
    demand(actor, RIGHT)
    if not actor.scope.sees(path=organisation.path, division=organisation.division):
        raise NotFound(f"organisation {organisation.id}")


def _mine(session: Session, record_id: uuid.UUID, actor: Actor) -> tuple[WorkRecord, RecordKind]:
    """The record, locked. Whoever only sees it because the enterprise shares it may not change it."""
    demand(actor, RIGHT)
    if queries.one(session, record_id) is None:
        raise NotFound(f"record {record_id}")
    row = session.scalar(
        sa.select(WorkRecord)
        .where(WorkRecord.id == record_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    assert row is not None
    if not actor.scope.sees(path=row.path, division=row.division, parties=row.parties):
        raise NotAllowed(RIGHT, right=RIGHT)
    return row, line_book().kinds[row.kind]


def _standing(row: WorkRecord, expected_version: int | None) -> None:
    if row.state == WITHDRAWN:
        raise Conflict("it was withdrawn")
    if expected_version is not None and expected_version != row.version:
        raise VersionConflict(f"version {row.version}")


def _judged(
    session: Session,
    kind: RecordKind,
    fields: Sequence[WorkField],
    given: Mapping[str, Any],
    *,
    home: Organisation,
    now: datetime,
    kept: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], list[FieldError]]:
    found, unknown = resolve(session, kind, given, home=home, kept=kept)
    values, faults = judge(fields, found, now=now, zone=rules_of(session).zone)
    told = {one.field for one in unknown}
    return values, [*unknown, *(one for one in faults if one.field not in told)]


def _key_faults(
    session: Session,
    kind: RecordKind,
    values: Mapping[str, Any],
    *,
    home_id: uuid.UUID,
    but: uuid.UUID | None,
) -> list[FieldError]:
    key = values.get(kind.own_key) if kind.own_key else None
    if key is None:
        return []
    taken = session.scalar(
        sa.select(WorkRecord.id).where(
            WorkRecord.home_id == home_id, WorkRecord.kind == kind.key, WorkRecord.own_key == key
        )
    )
    return [FieldError(kind.own_key, "taken", {"field": key})] if taken not in (None, but) else []


def _stays_open(kind: RecordKind, values: Mapping[str, Any]) -> bool:
    field, value = kind.opens_when
    return kind.closes and (not field or values.get(field) == value)


def _fill(session: Session, row: WorkRecord, kind: RecordKind, values: Mapping[str, Any]) -> None:
    """The row as its values say."""
    rules = rules_of(session)
    happened = day_of(values, kind.day, rules.zone)
    assert happened is not None
    row.data = dict(values)
    row.own_key = values.get(kind.own_key) if kind.own_key else None
    row.words = searched(kind, values)
    row.happened_on = happened
    row.valid_until = in_force_until(kind, values, rules.zone)
    row.person_id = next(iter(ids(kind, values, "person")), None)
    row.asset_id = next(iter(ids(kind, values, "asset")), None)
    row.parent_id = next(iter(ids(kind, values, "parent")), None)
    row.parties = "," + "".join(f"{one.hex}," for one in dict.fromkeys(ids(kind, values, "person")))
    row.due_at = None
    if kind.term is not None and _stays_open(kind, values):
        calendar = rules.reckoning_at(row.division).calendar
        row.due_at = term_ends(kind.term, values, calendar=calendar, zone=rules.zone)


def _keep(
    session: Session,
    row: WorkRecord,
    files: Sequence[EvidenceItem],
    order: Order,
    *,
    next_version: bool = False,
) -> None:
    known = {one.sha256 for one in queries.files(session, [row.id]).get(row.id, [])}
    for one in {file.sha256: file for file in files}.values():
        if one.sha256 in known:
            continue
        session.add(
            WorkFile(
                record_id=row.id,
                version=row.version + next_version,
                sha256=one.sha256,
                size=one.size,
                mime=one.mime,
                filename=one.filename,
                display_sha256=one.display_sha256,
                received_at=one.received_at,
                exif_at=one.exif_at,
                uploaded_by=order.actor.id,
            )
        )
    session.flush()
