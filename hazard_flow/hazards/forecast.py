"""What will happen by itself if nobody moves: the next firings of a hazard, and who would hear of them now."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.effects import parts
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.hazards.telling import barred_from_timer, holder_of, parts_of, reach, reminded
from hazard_flow.hazards.timing import planned_of, rule_of, run_of
from hazard_flow.identity.directory import Directory
from hazard_flow.schedule.models import Timer
from hazard_flow.workflow.plan import upcoming

NEXT_FIRINGS = 3


@dataclass(frozen=True)
class Forecast:
    """One firing to come."""

    name: str
    rule: str
    level: int
    due_at: datetime
    expires_at: datetime
    started_at: datetime
    colour: str | None
    channels: tuple[str, ...]
    people: tuple[uuid.UUID, ...]
    #: how often the last rung will have repeated by then
    cycle: int = 0


def forecast(
    session: Session,
    hazard: Hazard,
    *,
    now: datetime,
    directory: Directory | None = None,
    each: int = NEXT_FIRINGS,
) -> list[Forecast]:
    """The next firings of every pending timer, `each` of one timer, soonest first, with the people they would reach now."""
    if not hazard.is_open:
        return []
    known = directory or Directory.load(session, paths=[hazard.path], people={p for _, p in parts(hazard)})
    return foreseen(rules_of(session), hazard, _pending(session, hazard), known, each=each)


def foreseen(
    rules: Rules, hazard: Hazard, pending: Sequence[Timer], known: Directory, *, each: int = NEXT_FIRINGS
) -> list[Forecast]:
    """The same out of what was loaded for many hazards at once: asks no database."""
    workflow = rules.pinned(hazard.workflow, hazard.workflow_version)
    held = parts_of(hazard, holder_of(hazard, workflow))
    found = []
    for timer in pending:
        rule = rule_of(workflow, hazard, timer)
        if rule is None:
            continue
        ladder = workflow.ladders[rule.ladder]
        run = run_of(hazard, timer.started_at)
        reckoning = rules.reckoning_at(hazard.division)
        for planned in upcoming(rule, ladder, planned_of(timer), run, reckoning, count=each):
            rung = ladder[planned.level] if planned.level >= 0 else None
            words = rung.tell if rung else reminded(timer.rule, ladder)
            told = reach(known, words, held, past=barred_from_timer(hazard, workflow, timer.name))
            found.append(
                Forecast(
                    name=planned.name,
                    rule=timer.rule,
                    level=planned.level,
                    due_at=planned.due_at,
                    expires_at=planned.expires_at,
                    started_at=timer.started_at,
                    colour=rung.colour if rung else None,
                    channels=rung.by if rung else ("inbox",),
                    people=told.people,
                    cycle=planned.cycle,
                )
            )
    return sorted(found, key=lambda f: (f.due_at, f.name, f.level))


def _pending(session: Session, hazard: Hazard) -> Sequence[Timer]:
    return session.scalars(
        sa.select(Timer)
        .where(Timer.subject_id == hazard.id, Timer.subject_kind == "hazard")
        .order_by(Timer.due_at)
    ).all()
