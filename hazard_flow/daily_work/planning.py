"""Plans: what the law asks of every enterprise, what a unit adopts or sets itself, and the items they ask for as their time comes."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hazard_flow.daily_work import queries
from hazard_flow.daily_work.days import item_ends
from hazard_flow.daily_work.following import ITEM, ITEM_LIMIT, owe_item
from hazard_flow.daily_work.lines import PlanRule, WorkLine
from hazard_flow.daily_work.loading import line_book
from hazard_flow.daily_work.models import WorkItem, WorkPlan
from hazard_flow.errors import Conflict, FieldError, NotFound, Refused
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import Label
from hazard_flow.identity.actor import Actor, system_actor
from hazard_flow.identity.directory import Directory, Parts
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.rights import demand
from hazard_flow.inspections import recurrence
from hazard_flow.ladders import operations as limits
from hazard_flow.storage.unit import beyond_scope

RIGHT = "work.plan"
#: items stand in the list this long before their first day
AHEAD_DAYS = 31
#: how far back an item may begin and still be made: it lasts longer than the plan is old, or no worker ran for long
BACK_DAYS = 1_000
TITLE_MAX = 80
TERM_MAX_DAYS = 1_100
_ACTOR = system_actor("daily_work")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A plan as a unit sets it: of a proposal with its own days, or one of its own."""

    kind: str
    title: str
    rule: str
    starts_on: date
    term_days: int = 0
    responsible_id: uuid.UUID | None = None
    proposal: str = ""


def plan(
    session: Session, wish: Wish, *, organisation: Organisation, actor: Actor, now: datetime
) -> WorkPlan:
    """A unit sets itself a plan: a proposal as it stands, or one of its own. What holds by law stands already.

    Raises `Refused` with everything wrong, NotFound for a unit or kind nobody knows, Conflict where the proposal is adopted already.
    """
    demand(actor, RIGHT)
    if not actor.scope.sees(path=organisation.path, division=organisation.division):
        raise NotFound(f"organisation {organisation.id}")
    kind = line_book().kinds.get(wish.kind)
    if kind is None:
        raise NotFound(f"kind {wish.kind[:40]}")
    _judge(wish)
    if wish.proposal and _standing(session, organisation, wish.proposal) is not None:
        raise Conflict("adopted already")
    label = line_book().plans[wish.proposal].label if wish.proposal else Label(wish.title, wish.title)
    made = _add(session, organisation, kind.line, wish, label, actor=actor, now=now)
    _make(session, made, now=now)
    return made


def end(session: Session, plan_id: uuid.UUID, *, actor: Actor, now: datetime, why: str) -> WorkPlan:
    """A plan asks for nothing new from today on. What is late already stays owed; what lies ahead is dropped, for a reason.

    Raises NotFound out of scope, Conflict for what the law asks and for one that has ended.
    """
    demand(actor, RIGHT)
    made = queries.plan(session, plan_id)
    if made is None or not actor.scope.sees(path=made.path, division=made.division):
        raise NotFound(f"plan {plan_id}")
    if made.ended_on is not None:
        raise Conflict("it has ended")
    proposal = line_book().plans.get(made.proposal)
    if proposal is not None and proposal.is_law:
        raise Refused(fields=[FieldError("plan", "work_plan_is_law")])
    if len(why.strip()) < 2:
        raise Refused(fields=[FieldError("why", "required")])
    today = rules_of(session).day_of(now)
    made.ended_on = today
    ahead = session.scalars(
        sa.select(WorkItem).where(
            WorkItem.plan_id == made.id, WorkItem.outcome.is_(None), WorkItem.due_on >= today
        )
    ).all()
    for item in ahead:
        item.outcome = "dropped"
    session.flush()
    with beyond_scope(session):
        for item in ahead:
            limits.drop(session, ITEM, item.id, ITEM_LIMIT, actor=actor, now=now, why=why)
        session.flush()
    return made


def make_items(session: Session, now: datetime) -> int:
    """Everything whose time has come: plans the law asks of every enterprise, and the items of all plans; how many items were made.

    May run any number of times and anywhere: an item is unique for its plan and first day.
    """
    _enact(session, now)
    standing = session.scalars(
        sa.select(WorkPlan).where(WorkPlan.ended_on.is_(None)).order_by(WorkPlan.id).with_for_update()
    ).all()
    return sum(_make(session, one, now=now) for one in standing)


def proposals(session: Session, line: WorkLine, organisation: Organisation) -> Sequence[PlanRule]:
    """The plans of a line this unit has not adopted."""
    adopted = set(
        session.scalars(
            sa.select(WorkPlan.proposal).where(
                WorkPlan.organisation_id == organisation.id, WorkPlan.ended_on.is_(None)
            )
        )
    )
    return [one for one in line.plans.values() if one.key not in adopted]


def wish_of(proposal: PlanRule, *, year: int) -> Wish:
    """A proposal as it stands, counted from the first day of a year."""
    return Wish(
        kind=proposal.kind,
        title=proposal.label.zh,
        rule=proposal.rule,
        starts_on=date(year, 1, 1),
        term_days=proposal.term_days,
        proposal=proposal.key,
    )


def _enact(session: Session, now: datetime) -> None:
    """Plans that hold by law, for enterprises that have none yet: nobody escapes one by not adopting it."""
    for proposal in (one for one in line_book().plans.values() if one.is_law):
        has = sa.select(WorkPlan.id).where(
            WorkPlan.organisation_id == Organisation.id,
            WorkPlan.proposal == proposal.key,
            WorkPlan.ended_on.is_(None),
        )
        without = session.scalars(
            sa.select(Organisation).where(Organisation.kind == "enterprise", ~has.exists())
        ).all()
        for organisation in without:
            line = line_book().kinds[proposal.kind].line
            wish = wish_of(proposal, year=rules_of(session).day_of(now).year)
            try:
                with session.begin_nested():
                    _add(session, organisation, line, wish, proposal.label, actor=_ACTOR, now=now)
            except IntegrityError:  # another worker was first
                continue


def _make(session: Session, made: WorkPlan, *, now: datetime) -> int:
    today, adopted = rules_of(session).day_of(now), rules_of(session).day_of(made.created_at)
    since = max(made.starts_on, today - timedelta(days=BACK_DAYS))
    begins = recurrence.days(
        made.rule,
        start=made.starts_on,
        since=since,
        until=today + timedelta(days=AHEAD_DAYS),
    )
    known = set(session.scalars(sa.select(WorkItem.begins_on).where(WorkItem.plan_id == made.id)))
    fresh = 0
    for day in begins:
        due_on = item_ends(made.rule, made.term_days, start=made.starts_on, begins=day)
        # what was over before anybody planned it was nobody's duty under this plan
        if day in known or due_on < adopted:
            continue
        item = WorkItem(
            plan_id=made.id,
            home_id=made.home_id,
            organisation_id=made.organisation_id,
            path=made.path,
            division=made.division,
            line=made.line,
            kind=made.kind,
            begins_on=day,
            due_on=due_on,
            created_at=now,
        )
        session.add(item)
        owe_item(session, item, made, actor=_ACTOR, now=now)
        fresh += 1
    return fresh


def _add(
    session: Session,
    organisation: Organisation,
    line: str,
    wish: Wish,
    label: Label,
    *,
    actor: Actor,
    now: datetime,
) -> WorkPlan:
    made = WorkPlan(
        home_id=organisation.root_id,
        organisation_id=organisation.id,
        path=organisation.path,
        division=organisation.division,
        line=line,
        kind=wish.kind,
        proposal=wish.proposal,
        title_zh=label.zh,
        title_en=label.en,
        rule=wish.rule,
        starts_on=wish.starts_on,
        term_days=wish.term_days,
        responsible_id=wish.responsible_id or _holder(session, organisation, wish.proposal),
        created_at=now,
        created_by=actor.id,
    )
    session.add(made)
    session.flush()
    return made


def _holder(session: Session, organisation: Organisation, proposal: str) -> uuid.UUID | None:
    """Whoever holds the role the proposal names; a plan nobody answers for by name is told by role."""
    rule = line_book().plans.get(proposal)
    if rule is None:
        return None
    directory = Directory.load(session, paths=[organisation.path])
    return next(iter(directory.holders(rule.role, Parts(organisation.path, organisation.division))), None)


def _standing(session: Session, organisation: Organisation, proposal: str) -> WorkPlan | None:
    return session.scalar(
        sa.select(WorkPlan).where(
            WorkPlan.organisation_id == organisation.id,
            WorkPlan.proposal == proposal,
            WorkPlan.ended_on.is_(None),
        )
    )


def _judge(wish: Wish) -> None:
    faults = []
    if not wish.proposal and not 2 <= len(wish.title.strip()) <= TITLE_MAX:
        faults.append(
            FieldError("title", "too_long", {"at_most": TITLE_MAX})
            if wish.title.strip()
            else FieldError("title", "required")
        )
    if wish.proposal and wish.proposal not in line_book().plans:
        faults.append(
            FieldError("proposal", "unknown_choice", {"field": "proposal", "value": wish.proposal[:40]})
        )
    if not 0 <= wish.term_days <= TERM_MAX_DAYS:
        faults.append(FieldError("term_days", "out_of_range", {"minimum": 0, "maximum": TERM_MAX_DAYS}))
    try:
        first = recurrence.next_day(wish.rule, start=wish.starts_on, after=wish.starts_on - timedelta(days=1))
        if first is None:
            faults.append(FieldError("rule", "work_rule_never"))
    except (ValueError, TypeError):
        faults.append(FieldError("rule", "work_not_a_rule", {"value": wish.rule[:80]}))
    if faults:
        raise Refused(fields=faults)
