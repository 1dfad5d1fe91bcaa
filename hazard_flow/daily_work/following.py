"""What follows from a record: its term and its watched days as limits, and the planned item it did."""

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.daily_work import queries
from hazard_flow.daily_work.days import credited_on, end_of, is_attended, watched_until
from hazard_flow.daily_work.lines import OPEN, RecordKind, Watch
from hazard_flow.daily_work.models import WorkItem, WorkPlan, WorkRecord
from hazard_flow.daily_work.naming import title
from hazard_flow.errors import FieldError, Refused
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import Label
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.ladders import operations as limits
from hazard_flow.storage.unit import beyond_scope

#: kinds of subjects of our limits
RECORD, ITEM = "work_record", "work_item"
#: name of an item's limit
ITEM_LIMIT = "work_due"
#: ladder of plans
WORK_LADDER = "work_overdue"


def after(
    session: Session,
    row: WorkRecord,
    kind: RecordKind,
    *,
    actor: Actor,
    now: datetime,
    item_id: uuid.UUID | None,
) -> None:
    """Bring limits and plan up to date with what a record says now."""
    zone = rules_of(session).zone
    do_item(session, row, kind, now=now, zone=zone, actor=actor, item_id=item_id)
    session.flush()
    with beyond_scope(session):  # whoever enters it need not see the limit of the unit above
        _term(session, row, kind, actor=actor, now=now)
        for watch in kind.watches:
            _watch(session, row, kind, watch, actor=actor, now=now, zone=zone)
        session.flush()


def withdrawn(
    session: Session, row: WorkRecord, kind: RecordKind, *, actor: Actor, now: datetime, why: str
) -> None:
    """Nothing is owed for it any more, and what it did is owed again."""
    session.flush()
    item = session.get(WorkItem, row.item_id) if row.item_id else None
    if item is not None and item.record_id == row.id:
        item.record_id = item.done_on = item.outcome = None
        owe_item(session, item, session.get_one(WorkPlan, item.plan_id), actor=actor, now=now)
    with beyond_scope(session):
        names = [one.name for one in kind.watches] + ([kind.term.name] if kind.term else [])
        for name in names:
            limits.drop(session, RECORD, row.id, name, actor=actor, now=now, why=why)
        session.flush()


def do_item(
    session: Session,
    row: WorkRecord,
    kind: RecordKind,
    *,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
    item_id: uuid.UUID | None,
) -> None:
    """The planned item this record does: the one that is named, else the one whose days it falls into. A half-filled one does none."""
    if row.item_id is not None or not all(row.data.get(key) for key in kind.counts_when):
        return
    owed = queries.owed_items(session, kind.key, path=row.path)
    if item_id is not None:
        item = next((one for one in owed if one.id == item_id and one.begins_on <= row.happened_on), None)
        if item is None:
            raise Refused(fields=[FieldError("item_id", "work_item_unknown")])
    else:
        item = next((one for one in owed if one.begins_on <= row.happened_on <= one.due_on), None)
    if item is None:
        return
    day = credited_on(row.happened_on, entered=now.astimezone(zone).date())
    item.record_id, item.done_on = row.id, day
    item.outcome = "done" if day <= item.due_on else "done_late"
    row.item_id = item.id
    session.flush()
    with beyond_scope(session):
        limits.meet(session, ITEM, item.id, ITEM_LIMIT, actor=actor, now=now, at=min(now, end_of(day, zone)))
        session.flush()


def owe_item(session: Session, item: WorkItem, plan: WorkPlan, *, actor: Actor, now: datetime) -> None:
    """An item of a plan is owed by its last day."""
    session.flush()
    span = f"{item.begins_on:%Y-%m-%d} – {item.due_on:%Y-%m-%d}"
    with beyond_scope(session):
        limits.open_limit(
            session,
            limits.LimitOf(
                kind=ITEM,
                subject_id=item.id,
                name=ITEM_LIMIT,
                ladder=WORK_LADDER,
                due_at=end_of(item.due_on, rules_of(session).zone),
                title=Label(zh=f"{plan.title_zh}（{span}）", en=f"{plan.title_en} ({span})"),
                href=f"/work/{item.line}",
                organisation=session.get_one(Organisation, item.organisation_id),
                responsible_id=plan.responsible_id,
            ),
            actor=actor,
            now=now,
        )
        session.flush()


def _term(session: Session, row: WorkRecord, kind: RecordKind, *, actor: Actor, now: datetime) -> None:
    if kind.term is None:
        return
    if row.state == OPEN and row.due_at is not None:
        _open(session, row, kind, kind.term.name, kind.term.ladder, row.due_at, actor=actor, now=now)
    else:
        limits.meet(session, RECORD, row.id, kind.term.name, actor=actor, now=now, at=row.closed_at)


def _watch(
    session: Session,
    row: WorkRecord,
    kind: RecordKind,
    watch: Watch,
    *,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> None:
    day = watched_until(watch, row.data, zone)
    if day is None or is_attended(watch, row.data, zone):
        limits.meet(session, RECORD, row.id, watch.name, actor=actor, now=now)
        return
    _open(session, row, kind, watch.name, watch.ladder, end_of(day, zone), actor=actor, now=now)


def _open(
    session: Session,
    row: WorkRecord,
    kind: RecordKind,
    name: str,
    ladder: str,
    due_at: datetime,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    named = title(kind, row.data)
    limits.open_limit(
        session,
        limits.LimitOf(
            kind=RECORD,
            subject_id=row.id,
            name=name,
            ladder=ladder,
            due_at=due_at,
            title=Label(zh=f"{kind.label.zh}：{named.zh}", en=f"{kind.label.en}: {named.en}"),
            href=f"/work/records/{row.id}",
            organisation=session.get_one(Organisation, row.organisation_id),
            responsible_id=row.person_id,
        ),
        actor=actor,
        now=now,
    )
