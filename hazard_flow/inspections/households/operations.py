"""Writes of batches: planned, announced, handed over, and brought to their end by the last user of each."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.catalogue.policy import Policy
from hazard_flow.errors import FieldError, NotFound, Refused
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import Label
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.queries import people_within
from hazard_flow.identity.rights import RIGHTS, demand
from hazard_flow.inspections.households.cycle import clock_span
from hazard_flow.inspections.households.models import (
    Household,
    HouseholdBatch,
    HouseholdBatchItem,
    HouseholdStep,
)
from hazard_flow.ladders import operations as limits
from hazard_flow.schedule.bulk import append_rows
from hazard_flow.storage.base import new_id
from hazard_flow.storage.unit import scope_of_session

BATCH, USER = "household_batch", "household"
PLAN, RECORD = "visits.plan", "visits.record"
#: users one inspector is given at once; more is no work a person looks over
BATCH_MAX = 2_000
BUILDINGS_MAX = 200
TEXT_LENGTH_MAX = 300
#: how a user can be told of a coming check
WAYS = ("posted", "phone", "message", "app", "in_person")


@dataclass(frozen=True, kw_only=True)
class BatchPlan:
    """Work for one inspector: the users of these buildings who are due by a day."""

    organisation_id: uuid.UUID
    buildings: Sequence[str]
    assignee_id: uuid.UUID
    #: the last day for it, that day included
    due_on: date
    #: users whose cycle ends by then are taken; None: by the last day of the batch
    due_before: date | None = None
    name: str = ""


def plan_batch(
    session: Session, plan: BatchPlan, *, actor: Actor, request_key: str, now: datetime
) -> HouseholdBatch:
    """A batch with its one limit; the same request again gives the same batch. Raises Refused with all faults, NotFound out of reach."""
    demand(actor, PLAN)
    organisation = unit_in_reach(session, plan.organisation_id)
    known = session.scalar(
        sa.select(HouseholdBatch).where(
            HouseholdBatch.home_id == organisation.root_id, HouseholdBatch.request_key == request_key
        )
    )
    if known is not None:
        return known
    _demand_sound(session, plan, organisation, now)
    chosen = [
        Household.organisation_id == organisation.id,
        Household.building.in_(list(plan.buildings)),
        Household.due_on <= (plan.due_before or plan.due_on),
        Household.batch_id.is_(None),
        Household.ended_at.is_(None),
    ]
    users = list(session.scalars(sa.select(Household.asset_id).where(*chosen).limit(BATCH_MAX + 1)))
    if not users:
        raise Refused(fields=[FieldError("buildings", "nobody_due")])
    if len(users) > BATCH_MAX:
        raise Refused(fields=[FieldError("buildings", "batch_too_large", {"most": BATCH_MAX})])
    batch = HouseholdBatch(
        home_id=organisation.root_id,
        organisation_id=organisation.id,
        path=organisation.path,
        division=organisation.division,
        name=plan.name.strip()[:120] or _named(plan.buildings),
        assignee_id=plan.assignee_id,
        due_on=plan.due_on,
        created_by=actor.id,
        created_at=now,
        request_key=request_key,
    )
    session.add(batch)
    session.flush()
    items = [
        {
            "batch_id": batch.id,
            "asset_id": one,
            "home_id": batch.home_id,
            "settled_at": None,
            "settled_as": "",
        }
        for one in users
    ]
    append_rows(session, HouseholdBatchItem.__table__, items)
    session.execute(
        sa.update(Household)
        .where(*chosen)
        .values(batch_id=batch.id)
        .execution_options(synchronize_session=False)
    )
    limits.open_limit(
        session,
        limits.LimitOf(
            kind=BATCH,
            subject_id=batch.id,
            name="visit_due",
            ladder="visit_overdue",
            due_at=end_of(plan.due_on, session),
            title=Label(zh=batch.name, en=batch.name),
            href=f"/households/batches/{batch.id}",
            organisation=organisation,
            responsible_id=batch.assignee_id,
        ),
        actor=actor,
        now=now,
    )
    return batch


def hand_over(session: Session, batch: HouseholdBatch, *, to: uuid.UUID, actor: Actor, now: datetime) -> None:
    """Another inspector does the rest of it, by the same day."""
    demand(actor, PLAN)
    if not _may_visit(session, to, batch.path):
        raise Refused(fields=[FieldError("assignee", "no_inspector_there")])
    if batch.ended_at is None and to != batch.assignee_id:
        batch.assignee_id = to
        limits.hand_over(session, BATCH, batch.id, "visit_due", to=to, actor=actor, now=now)


def announce(
    session: Session,
    batch: HouseholdBatch,
    *,
    visit_at: datetime,
    way: str,
    actor: Actor,
    request_key: str,
    now: datetime,
) -> int:
    """The users of a batch that are left are told when somebody comes; how many were. Told too late after local rule, it is refused."""
    demand(actor, RECORD if actor.id == batch.assignee_id else PLAN)
    policy = policy_for(session, batch.division, now)
    faults = _notice_faults(policy, visit_at, way, now)
    if faults:
        raise Refused(fields=faults)
    left = list(
        session.execute(
            sa.select(
                Household.asset_id, Household.organisation_id, Household.path, Household.division
            ).where(Household.batch_id == batch.id)
        )
    )
    key = f"{request_key}:"
    known = session.scalar(
        sa.select(sa.func.count())
        .select_from(HouseholdStep)
        .where(
            HouseholdStep.home_id == batch.home_id, HouseholdStep.request_key.startswith(key, autoescape=True)
        )
    )
    if known or not left:
        return int(known or 0)
    said = {"visit_at": visit_at.isoformat(), "way": way}
    append_rows(
        session,
        HouseholdStep.__table__,
        [
            {
                "id": new_id(),
                "home_id": batch.home_id,
                "organisation_id": unit,
                "path": path,
                "division": division,
                "asset_id": id_,
                "step": "announced",
                "at": now,
                "person_id": actor.id,
                "data": said,
                "request_key": f"{key}{id_.hex}",
            }
            for id_, unit, path, division in left
        ],
    )
    session.execute(
        sa.update(Household)
        .where(Household.batch_id == batch.id)
        .values(announced_at=now, appointment_at=visit_at)
        .execution_options(synchronize_session=False)
    )
    return len(left)


def settle(
    session: Session, household: Household, how: str, *, actor: Actor, now: datetime, at: datetime
) -> None:
    """The cycle's work on a user has come to its end; the last one of a batch ends the batch and meets its limit."""
    batch_id, household.batch_id = household.batch_id, None
    if batch_id is None:
        return
    session.flush()
    session.execute(
        sa.update(HouseholdBatchItem)
        .where(HouseholdBatchItem.batch_id == batch_id, HouseholdBatchItem.asset_id == household.asset_id)
        .values(settled_at=at, settled_as=how)
    )
    left = sa.select(HouseholdBatchItem.asset_id).where(
        HouseholdBatchItem.batch_id == batch_id, HouseholdBatchItem.settled_at.is_(None)
    )
    if session.scalar(left.limit(1)) is not None:
        return
    session.execute(sa.update(HouseholdBatch).where(HouseholdBatch.id == batch_id).values(ended_at=now))
    limits.meet(session, BATCH, batch_id, "visit_due", actor=actor, now=now, at=at)


def policy_for(session: Session, division: str, now: datetime) -> Policy:
    """What holds where a user lives, today."""
    rules = rules_of(session)
    return rules.book.policy(division, rules.day_of(now))


def end_of(day: date, session: Session) -> datetime:
    """The instant a day of the organisation's zone is over: that day included."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=rules_of(session).zone)


def _demand_sound(session: Session, plan: BatchPlan, organisation: Organisation, now: datetime) -> None:
    faults = []
    if not plan.buildings or len(plan.buildings) > BUILDINGS_MAX:
        faults.append(FieldError("buildings", "choose_some", {"most": BUILDINGS_MAX}))
    if plan.due_on < rules_of(session).day_of(now):
        faults.append(FieldError("due_on", "not_in_the_past"))
    if not _may_visit(session, plan.assignee_id, organisation.path):
        faults.append(FieldError("assignee", "no_inspector_there"))
    if faults:
        raise Refused(fields=faults)


def _may_visit(session: Session, person_id: uuid.UUID, path: str) -> bool:
    """Whether somebody of the enterprise sees these users and may record visits."""
    home = path.split("/", 1)[0] + "/"
    for person, roles in people_within(session, home):
        if person.id == person_id:
            own = session.get(Organisation, person.organisation_id)
            return bool(RIGHTS[RECORD] & set(roles)) and own is not None and path.startswith(own.path)
    return False


def _notice_faults(policy: Policy, visit_at: datetime, way: str, now: datetime) -> list[FieldError]:
    faults = []
    span = policy.span("household_notice_before")
    if visit_at < now + clock_span(span):
        faults.append(FieldError("visit_at", "too_short_notice", {"span": f"{span.amount} {span.unit}"}))
    if way not in WAYS:
        faults.append(FieldError("way", "unknown_choice", {"value": way[:40]}))
    return faults


def unit_in_reach(session: Session, id_: uuid.UUID) -> Organisation:
    """A unit the session's scope reaches; raises NotFound."""
    found = session.get(Organisation, id_)
    if found is None or not scope_of_session(session).sees(path=found.path, division=found.division):
        raise NotFound(f"organisation {id_}")
    return found


def _named(buildings: Sequence[str]) -> str:
    first = "、".join(buildings[:2])
    return (first if len(buildings) < 3 else f"{first} …（{len(buildings)}）")[:120]
