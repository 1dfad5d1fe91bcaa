"""Writes of plans: what is gone round, by whom, how often. Rounds are made of them by `making`."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import labels
from hazard_flow.errors import Conflict, FieldError, NotFound, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Membership, Organisation
from hazard_flow.identity.rights import demand
from hazard_flow.inspections import recurrence
from hazard_flow.inspections.checklists.loading import checklists
from hazard_flow.inspections.models import RoundPlan, RoundPlanAsset
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.storage.unit import scope_of_session

RIGHT = "rounds.plan"
#: places of one plan: what one team walks
ASSETS_MAX = 500
NAME_LENGTH_MAX = 80
RULE_LENGTH_MAX = 200
TERM_DAYS_MAX = 366


@dataclass(frozen=True, kw_only=True)
class PlanOf:
    """A plan as somebody enters it."""

    organisation_id: uuid.UUID
    name_zh: str
    name_en: str
    line: str
    checklist: str
    #: RFC 5545; empty: the dynamic colour of each place decides
    rule: str
    starts_on: date
    ends_on: date | None = None
    term_days: int = 1
    #: in the order they are walked
    asset_ids: Sequence[uuid.UUID]
    responsible_id: uuid.UUID | None = None
    needs_sign_off: bool = False


def plan(
    session: Session, of: PlanOf, *, actor: Actor, request_key: str, now: datetime, zone: ZoneInfo
) -> RoundPlan:
    """A new plan, of a unit of the actor's own; the same request key again gives the same plan.

    Raises Refused with everything wrong, NotAllowed without the right.
    """
    demand(actor, RIGHT)
    organisation = _organisation(session, of.organisation_id)
    if organisation is not None:
        earlier = session.scalar(
            sa.select(RoundPlan).where(
                RoundPlan.home_id == organisation.root_id, RoundPlan.request_key == request_key
            )
        )
        if earlier is not None:
            return earlier
    found = labels(session, of.asset_ids)
    faults = [*_faults(of, now.astimezone(zone).date()), *_who_and_where(session, of, organisation, found)]
    if faults or organisation is None:
        raise Refused(fields=faults)
    made = RoundPlan(
        home_id=organisation.root_id,
        organisation_id=organisation.id,
        path=organisation.path,
        division=organisation.division,
        line=of.line,
        name_zh=of.name_zh.strip(),
        name_en=(of.name_en or of.name_zh).strip(),
        checklist=of.checklist,
        basis="rule" if of.rule else "colour",
        rule=of.rule,
        starts_on=of.starts_on,
        ends_on=of.ends_on,
        term_days=of.term_days,
        responsible_id=of.responsible_id,
        needs_sign_off=of.needs_sign_off,
        created_at=now,
        created_by=actor.id,
        request_key=request_key,
    )
    session.add(made)
    session.flush()
    session.add_all(
        RoundPlanAsset(plan_id=made.id, asset_id=id_, place=place)
        for place, id_ in enumerate(dict.fromkeys(of.asset_ids))
    )
    session.flush()
    return made


def end_plan(session: Session, plan_id: uuid.UUID, *, actor: Actor, now: datetime) -> RoundPlan:
    """No more rounds are made of it; those made stay owed. Raises NotFound, NotAllowed, Conflict when it ended before."""
    demand(actor, RIGHT)
    scope = scope_of_session(session)
    found = session.scalar(
        sa.select(RoundPlan)
        .where(RoundPlan.id == plan_id, scope.where(RoundPlan.path, RoundPlan.division))
        .with_for_update()
    )
    if found is None:
        raise NotFound(f"plan {plan_id}")
    if found.ended_at is not None:
        raise Conflict("the plan has ended")
    found.ended_at = now
    return found


def _organisation(session: Session, id_: uuid.UUID) -> Organisation | None:
    """A unit of the actor's own reach: a regulator looks at plans, it makes none for others."""
    found = session.get(Organisation, id_)
    scope = scope_of_session(session)
    if found is None or found.kind == "regulator":
        return None
    return found if scope.everything or any(found.path.startswith(p) for p in scope.paths) else None


def _faults(of: PlanOf, today: date) -> list[FieldError]:
    faults = []
    if not of.name_zh.strip():
        faults.append(FieldError("name_zh", "required"))
    faults += [
        FieldError(name, "too_long", {"at_most": NAME_LENGTH_MAX})
        for name in ("name_zh", "name_en")
        if len(getattr(of, name)) > NAME_LENGTH_MAX
    ]
    checklist = checklists().get(of.checklist)
    faults += [
        FieldError(name, "unknown_choice", {"value": getattr(of, name)[:40]})
        for name, known in (("line", WORK_LINES), ("checklist", checklists()))
        if getattr(of, name) not in known
    ]
    if checklist is not None and of.line in WORK_LINES and checklist.line != of.line:
        faults.append(FieldError("checklist", "checklist_of_another_line"))
    if not 1 <= of.term_days <= TERM_DAYS_MAX:
        faults.append(FieldError("term_days", "out_of_range", {"minimum": 1, "maximum": TERM_DAYS_MAX}))
    if of.starts_on < today:
        faults.append(FieldError("starts_on", "plan_begins_earlier"))
    if of.ends_on is not None and of.ends_on < of.starts_on:
        faults.append(FieldError("ends_on", "before_start"))
    if of.rule and _first(of.rule, of.starts_on) is None:
        faults.append(FieldError("rule", "not_a_rule"))
    return faults


def _first(rule: str, starts_on: date) -> date | None:
    if len(rule) > RULE_LENGTH_MAX:
        return None
    try:
        found = recurrence.days(rule, start=starts_on, since=starts_on, until=date(starts_on.year + 2, 1, 1))
    except (ValueError, TypeError, OverflowError):
        return None
    return found[0] if found else None


def _who_and_where(
    session: Session, of: PlanOf, organisation: Organisation | None, found: Mapping[uuid.UUID, Asset]
) -> list[FieldError]:
    if organisation is None:
        return [FieldError("organisation_id", "unknown_organisation")]
    faults = []
    wanted = set(of.asset_ids)
    if not wanted:
        faults.append(FieldError("asset_ids", "required"))
    elif len(wanted) > ASSETS_MAX:
        faults.append(FieldError("asset_ids", "too_many_places", {"most": ASSETS_MAX}))
    elif len(found) < len(wanted) or any(one.home_id != organisation.root_id for one in found.values()):
        faults.append(FieldError("asset_ids", "unknown_asset"))
    else:
        checklist = checklists().get(of.checklist)
        unfit = [
            one.code
            for one in found.values()
            if checklist is not None and checklist.kinds and one.kind not in checklist.kinds
        ]
        if unfit:
            faults.append(FieldError("asset_ids", "unfit_checklist", {"codes": ", ".join(sorted(unfit)[:5])}))
    if of.responsible_id is not None and not _works_in(session, of.responsible_id, organisation):
        faults.append(FieldError("responsible_id", "unknown_person"))
    return faults


def _works_in(session: Session, person_id: uuid.UUID, organisation: Organisation) -> bool:
    wanted = (
        sa.select(Membership.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(
            Membership.person_id == person_id,
            Membership.ended_at.is_(None),
            Organisation.path.startswith(organisation.root_path, autoescape=True),
        )
    )
    return session.scalars(wanted).first() is not None
