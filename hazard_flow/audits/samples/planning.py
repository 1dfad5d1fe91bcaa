"""Sampling plans: drawn once for each place and period, by a seed nobody chooses; more of the same order may be drawn later."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.audits import chain
from hazard_flow.audits.models import DECIDED, Audit, AuditPlan, AuditSample
from hazard_flow.audits.queries import weight_of
from hazard_flow.audits.rules import audit_rules
from hazard_flow.audits.samples import drawing
from hazard_flow.audits.samples.numbering import keep, next_number
from hazard_flow.errors import Conflict, FieldError, KeyReused, NotAllowed, NotFound, Refused, VersionConflict
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.rights import demand
from hazard_flow.storage.base import new_id
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.unit import scope_of_session

RIGHT = "audits.judge"
MORE_MAX = 200


class AlreadyDrawn(Conflict):
    """Of this place and period a sample was drawn before: drawing again until it pleases is no sample."""

    code = "already_drawn"


@dataclass(frozen=True)
class Progress:
    """How far a plan is, and what it found."""

    sampled: int
    open: int
    passed: int
    returned: int

    @property
    def audited(self) -> int:
        """Files with a decision."""
        return self.passed + self.returned

    @property
    def left(self) -> int:
        """Files nobody has decided on."""
        return self.sampled - self.audited


@dataclass(frozen=True)
class Mismatch:
    """Of one enterprise: files sampled and decided on, and those that were sent back."""

    organisation_id: uuid.UUID
    audited: int
    mismatched: int


def draw(
    session: Session,
    *,
    actor: Actor,
    first_day: date,
    last_day: date,
    request_key: str,
    now: datetime,
    organisation_id: uuid.UUID | None = None,
    percent: int | None = None,
) -> AuditPlan:
    """Draw the sample of what was closed from one day to another, both included.

    The period must be over, so that nothing can be added to what is drawn from. Raises Refused, AlreadyDrawn.
    """
    _may(actor)
    digest = chain.digest_of(("draw", str(first_day), str(last_day), str(organisation_id), percent))
    if (earlier := _earlier(session, actor, request_key, digest)) is not None:
        return earlier
    rules, audits = rules_of(session), audit_rules()
    division = _division(actor)
    begins = datetime.combine(first_day, time(), rules.zone)
    ends = datetime.combine(last_day + timedelta(days=1), time(), rules.zone)
    asked = percent or rules.book.policy(division, rules.day_of(now)).count("audit_sample_percent")
    _check(session, begins, ends, asked, organisation_id, now)
    reach = str(organisation_id or division)
    if _is_drawn(session, division, reach, begins, ends):
        raise AlreadyDrawn(f"{first_day} to {last_day} was drawn before")
    candidates = {h.number: h for h in _closed(session, begins, ends, organisation_id)}
    if not candidates:
        raise Refused(fields=[FieldError("last_day", "nothing_to_draw")])
    plan = AuditPlan(
        id=new_id(),
        number=next_number(session, AuditPlan.number, "CY", now, rules.zone),
        division=division,
        organisation_id=organisation_id,
        reach=reach,
        period_from=begins,
        period_to=ends,
        seed=secrets.token_hex(16),
        percent=asked,
        weights=dict(audits.sampling.weights),
        rules_version=audits.version,
        population=len(candidates),
        population_sha256=drawing.population_digest(list(candidates)),
        size=drawing.size(len(candidates), asked, audits.sampling.least),
        drawn_at=now,
        actor=actor.key,
        drawn_by=actor.id,
        request_key=request_key,
        digest=digest,
    )
    keep(session, plan)
    _add(session, plan, candidates, order(plan, candidates)[: plan.size], actor=actor, now=now)
    return plan


def draw_more(
    session: Session,
    *,
    actor: Actor,
    number: str,
    count: int,
    now: datetime,
    expected_drawn: int | None = None,
) -> AuditPlan:
    """The next files in the order of the same seed. Raises Refused where there are none left, or too many are asked for.

    `expected_drawn`: how many the caller saw drawn, so that asking twice draws once (VersionConflict).
    """
    _may(actor)
    plan = by_number(session, number)
    if not 1 <= count <= MORE_MAX:
        raise Refused(fields=[FieldError("count", "out_of_range", {"minimum": 1, "maximum": MORE_MAX})])
    candidates = {
        h.number: h for h in _closed(session, plan.period_from, plan.period_to, plan.organisation_id)
    }
    drawn = set(session.scalars(sa.select(AuditSample.hazard_id).where(AuditSample.plan_id == plan.id)))
    if expected_drawn is not None and expected_drawn != len(drawn):
        raise VersionConflict("more were drawn meanwhile", expected=expected_drawn, version=len(drawn))
    left = [n for n in order(plan, candidates) if candidates[n].id not in drawn]
    if not left:
        raise Refused(fields=[FieldError("count", "nothing_to_draw")])
    _add(session, plan, candidates, left[:count], actor=actor, now=now, after=len(drawn))
    return plan


def order(plan: AuditPlan, candidates: dict[str, Hazard]) -> Sequence[str]:
    """All that could be drawn, in the order of the plan's seed."""
    return drawing.ranked({number: weight_of(hazard) for number, hazard in candidates.items()}, plan.seed)


def by_number(session: Session, number: str) -> AuditPlan:
    """One plan of the reader's divisions."""
    found = session.scalar(sa.select(AuditPlan).where(AuditPlan.number == number, _seen(session)))
    if found is None:
        raise NotFound(f"plan {number}")
    return found


def page(session: Session, *, cursor: str | None, limit: int) -> Page[AuditPlan]:
    """The plans of the reader's divisions, the newest first."""
    statement = sa.select(AuditPlan).where(_seen(session))
    return keyset(
        session, statement, instant=AuditPlan.drawn_at, id_=AuditPlan.id, cursor=cursor, limit=limit
    )


def progress(session: Session, plans: Sequence[AuditPlan]) -> dict[uuid.UUID, Progress]:
    """How far each plan is, in one query."""
    rows = session.execute(
        sa.select(
            AuditSample.plan_id,
            sa.func.count(sa.distinct(AuditSample.hazard_id)),
            *(sa.func.count(sa.distinct(sa.case((Audit.state == state, AuditSample.hazard_id))))
              for state in ("open", *DECIDED)),
        )
        .select_from(AuditSample)
        .join(Hazard, Hazard.id == AuditSample.hazard_id)
        .outerjoin(Audit, sa.and_(Audit.hazard_id == Hazard.id, Audit.state_seq == Hazard.state_seq))
        .where(AuditSample.plan_id.in_([plan.id for plan in plans]))
        .group_by(AuditSample.plan_id)
    )  # fmt: skip
    found = {id_: Progress(*counts) for id_, *counts in rows}
    return {plan.id: found.get(plan.id, Progress(0, 0, 0, 0)) for plan in plans}


def samples(session: Session, plan: AuditPlan) -> list[tuple[AuditSample, Hazard, Audit | None]]:
    """The hazards of a plan in the order drawn, with what became of each."""
    rows = session.execute(
        sa.select(AuditSample, Hazard, Audit)
        .join(Hazard, Hazard.id == AuditSample.hazard_id)
        .outerjoin(
            Audit,
            sa.and_(
                Audit.hazard_id == Hazard.id,
                Audit.state_seq == Hazard.state_seq,
                Audit.state != "released",
            ),
        )
        .where(AuditSample.plan_id == plan.id)
        .order_by(AuditSample.position)
    )
    return [(sample, hazard, audit) for sample, hazard, audit in rows]


def mismatches(session: Session, *, since: datetime, until: datetime) -> list[Mismatch]:
    """Of sampled files decided on in a span, by enterprise: how many there were and how many were not what they said (indicator I23)."""
    scope = scope_of_session(session)
    sampled = sa.exists().where(AuditSample.hazard_id == Audit.hazard_id)
    rows = session.execute(
        sa.select(
            Audit.home_id,
            sa.func.count(),
            sa.func.sum(sa.case((Audit.state == "returned", 1), else_=0)),
        )
        .join(Hazard, Hazard.id == Audit.hazard_id)
        .where(Audit.state.in_(DECIDED), Audit.decided_at >= since, Audit.decided_at < until, sampled)
        .where(scope.where(Hazard.path, Hazard.division, Hazard.parties))
        .group_by(Audit.home_id)
        .order_by(Audit.home_id)
    )
    return [Mismatch(home, audited, int(wrong)) for home, audited, wrong in rows]


def _check(
    session: Session,
    begins: datetime,
    ends: datetime,
    percent: int,
    organisation_id: uuid.UUID | None,
    now: datetime,
) -> None:
    sampling, problems = audit_rules().sampling, []
    if ends <= begins:
        problems.append(FieldError("last_day", "period_backwards"))
    elif ends > now:
        problems.append(FieldError("last_day", "period_not_over"))
    if not sampling.percent_min <= percent <= sampling.percent_max:
        bounds = {"minimum": sampling.percent_min, "maximum": sampling.percent_max}
        problems.append(FieldError("percent", "out_of_range", bounds))
    if organisation_id is not None:
        unit = session.get(Organisation, organisation_id)
        scope = scope_of_session(session)
        if unit is None or not scope.sees(path=unit.path, division=unit.division):
            problems.append(FieldError("organisation", "unknown_organisation"))
    if problems:
        raise Refused(fields=problems)


def _is_drawn(session: Session, division: str, reach: str, begins: datetime, ends: datetime) -> bool:
    found = sa.select(AuditPlan.id).where(
        AuditPlan.division == division,
        AuditPlan.reach == reach,
        AuditPlan.period_from == begins,
        AuditPlan.period_to == ends,
    )
    return session.scalar(found) is not None


def _closed(
    session: Session, begins: datetime, ends: datetime, organisation_id: uuid.UUID | None
) -> list[Hazard]:
    scope = scope_of_session(session)
    statement = sa.select(Hazard).where(
        scope.where(Hazard.path, Hazard.division, Hazard.parties),
        Hazard.closed_at >= begins,
        Hazard.closed_at < ends,
        Hazard.resolution == "rectified",
    )
    if organisation_id is not None:
        statement = statement.where(Hazard.home_id == organisation_id)
    return list(session.scalars(statement))


def _add(
    session: Session,
    plan: AuditPlan,
    candidates: dict[str, Hazard],
    numbers: Sequence[str],
    *,
    actor: Actor,
    now: datetime,
    after: int = 0,
) -> None:
    session.add_all(
        AuditSample(plan_id=plan.id, hazard_id=candidates[n].id, position=at, drawn_at=now, actor=actor.key)
        for at, n in enumerate(numbers, start=after + 1)
    )
    session.flush()


def _earlier(session: Session, actor: Actor, request_key: str, digest: bytes) -> AuditPlan | None:
    found = session.scalar(
        sa.select(AuditPlan).where(AuditPlan.actor == actor.key, AuditPlan.request_key == request_key)
    )
    if found is not None and found.digest != digest:
        raise KeyReused(f"key {request_key!r} was used for another request", key=request_key)
    return found


def _division(actor: Actor) -> str:
    """The division the officer answers for."""
    return next(h.division for h in actor.holdings if h.regulator)


def _seen(session: Session) -> sa.ColumnElement[bool]:
    scope = scope_of_session(session)
    if scope.everything:
        return sa.true()
    return sa.or_(sa.false(), *(AuditPlan.division.startswith(d, autoescape=True) for d in scope.divisions))


def _may(actor: Actor) -> None:
    demand(actor, RIGHT)
    if not actor.may_write:
        raise NotAllowed("read-only token", right="write")
