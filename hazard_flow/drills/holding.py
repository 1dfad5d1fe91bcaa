"""Holds a drill: seal a copy, bring a hazard to every place a timer runs at, let everything climb, judge each rung. Writes nothing live."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.drills.climbing import Climb, Firing, Watched, climb, redirected
from hazard_flow.drills.routes import rules, targets
from hazard_flow.drills.rungs import Climbed, Told, judged
from hazard_flow.drills.sealed import Place, sealed_copy
from hazard_flow.drills.staging import Stage, Stuck
from hazard_flow.hazards.forecast import Forecast, forecast
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.identity.directory import Directory, Parts
from hazard_flow.notifications.dispatch import Post
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.workflow.deadlines import after_expiry
from hazard_flow.workflow.definition import Duration, TimerRule, Workflow
from hazard_flow.workflow.durations import write_duration

#: (what is being done, how much of it is done, of how much)
Say = Callable[[str, int, int], None]


def _silent(_what: str, _done: int, _all: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Limit:
    """One time limit at one place: the same state timer in two states is two of them."""

    place: Place
    workflow: Workflow
    kind: str
    state: str | None
    rule: TimerRule

    @property
    def key(self) -> tuple[str, str, str, str, str, str]:
        """What tells it from all others."""
        unit = f"{self.place.organisation_id}:{self.place.division}"
        return (unit, self.workflow.id, self.kind, self.state or "", self.rule.name, self.rule.ladder)


@dataclass
class _Held:
    """What is known while a drill is being held."""

    rules: Rules
    now: datetime
    #: what each hazard of the drill is there for: timer name → its limit
    watched: dict[Watched, Limit] = field(default_factory=dict)
    planned: dict[Watched, list[Forecast]] = field(default_factory=dict)
    urgency: dict[uuid.UUID, str | None] = field(default_factory=dict)
    stuck: dict[tuple[str, ...], Stuck] = field(default_factory=dict)


def hold(
    live: Database, post: Post, now: datetime, *, within: str | None = None, say: Say = _silent
) -> list[Climbed]:
    """Every rung of every time limit of every workflow's newest release at every place hazards arise in, judged.

    `within` narrows it to an organisation's path. The live database is only read, and only for who exists. Raises `DrillBroken`.
    """
    with sealed_copy(live) as (copy, places):
        chosen = [place for place in places if within is None or place.path.startswith(within)]
        with copy.reading(SYSTEM) as session:
            held = _Held(rules_of(session), now)
        directories = _stage(copy, held, chosen, say)
        levels = {
            key: len(limit.workflow.ladders[limit.rule.ladder]) - 1 for key, limit in held.watched.items()
        }
        climbed = climb(copy, now, levels, redirected(post), say=lambda done, of: say("climbing", done, of))
    return [rung for place in chosen for rung in _record(held, place, directories[place], climbed)]


def newest_workflows(rules: Rules) -> list[Workflow]:
    """The release of each workflow a new hazard would open under, by key."""
    return [rules.newest(key) for key in sorted({key for key, _ in rules.workflows})]


def _stage(copy: Database, held: _Held, places: Sequence[Place], say: Say) -> dict[Place, Directory]:
    directories: dict[Place, Directory] = {}
    claimed: set[tuple[str, ...]] = set()
    for number, place in enumerate(places):
        stage = Stage(copy, place, held.now)
        directories[place] = stage.directory
        for workflow in newest_workflows(held.rules):
            for target in targets(workflow):
                limits = [Limit(place, workflow, *goal) for goal in target.goals]
                if all(limit.key in claimed for limit in limits):
                    continue
                brought = stage.bring(target)
                if isinstance(brought, Stuck):
                    held.stuck |= {limit.key: brought for limit in limits}
                    continue
                with copy.reading(SYSTEM) as session:
                    _watch(session, held, place, brought, claimed)
        say("staging", number + 1, len(places))
    return directories


def _watch(
    session: Session, held: _Held, place: Place, hazard_id: uuid.UUID, claimed: set[tuple[str, ...]]
) -> None:
    """Claim the hazard's timers that no other hazard of the drill climbs yet, and write down what is to come of them."""
    hazard = session.get_one(Hazard, hazard_id)
    workflow = held.rules.pinned(hazard.workflow, hazard.workflow_version)
    longest = max((len(ladder) for ladder in workflow.ladders.values()), default=0)
    reminders = max((len(rule.remind) for _, _, rule in rules(workflow)), default=0)
    ahead = forecast(session, hazard, now=held.now, each=longest + reminders)
    held.urgency[hazard_id] = hazard.urgency
    for name in dict.fromkeys(one.name for one in ahead):
        mine = [one for one in ahead if one.name == name and one.level >= 0 and one.cycle == 0]
        kind = next(one.rule for one in ahead if one.name == name)
        state = hazard.state if kind == "state" else None
        rule = next((r for k, s, r in rules(workflow) if (k, s, r.name) == (kind, state, name)), None)
        if rule is None:
            continue
        limit = Limit(place, workflow, kind, state, rule)
        if limit.key not in claimed:
            claimed.add(limit.key)
            held.watched[hazard_id, name] = limit
            held.planned[hazard_id, name] = mine


def _record(held: _Held, place: Place, directory: Directory, climbed: Climb) -> Iterator[Climbed]:
    watched = {limit.key: key for key, limit in held.watched.items() if limit.place == place}
    for workflow in newest_workflows(held.rules):
        for kind, state, rule in rules(workflow):
            limit = Limit(place, workflow, kind, state, rule)
            key = watched.get(limit.key)
            ladder = (
                _fired(held, limit, key, climbed)
                if key is not None
                else _looked_up(limit, directory, held.stuck.get(limit.key))
            )
            yield from judged(ladder)


def _fired(held: _Held, limit: Limit, key: Watched, climbed: Climb) -> list[Climbed]:
    firings = {f.level: f for f in climbed.firings if (f.hazard, f.timer) == key and f.cycle == 0}
    planned = {one.level: one for one in held.planned[key]}
    urgency = held.urgency[key[0]]
    found = []
    for level in range(len(limit.workflow.ladders[limit.rule.ladder])):
        plan, firing = planned.get(level), firings.get(level)
        rung = _rung(limit, level, urgency)
        if plan is not None:
            reckoning = held.rules.reckoning
            span = limit.workflow.ladders[limit.rule.ladder][level].after.for_(urgency)
            assert span is not None, "the loader lets no rung without an offset pass"
            own = after_expiry(span, plan.expires_at, zone=reckoning.zone, calendar=reckoning.calendar)
            rung = replace(
                rung,
                planned_at=plan.due_at,
                planned_people=frozenset(plan.people),
                expired_at=plan.expires_at,
                unacknowledged=plan.due_at < own,
            )
        if firing is not None:
            rung = replace(
                rung,
                fired_at=firing.at,
                expired_at=firing.expires_at,
                told=_told(firing),
                unreachable=firing.unreachable,
            )
        found.append(replace(rung, parked=key in climbed.parked))
    return found


def _told(firing: Firing) -> list[Told]:
    return [Told(person, firing.ways.get(person, {})) for person in firing.told]


def _looked_up(limit: Limit, directory: Directory, why: Stuck | None) -> list[Climbed]:
    """Nobody could bring a hazard there: at least who would be told today, without the parts nobody has been given."""
    state = limit.workflow.states.get(limit.state or "")
    held = Parts(path=limit.place.path, division=limit.place.division, holder=state.holder if state else None)
    found = []
    for level, rung in enumerate(limit.workflow.ladders[limit.rule.ladder]):
        told = directory.tell(rung.tell, held)
        found.append(
            replace(
                _rung(limit, level, None),
                told=[Told(person, {}) for person in told.people],
                unreachable=told.unreachable,
                stuck=f"{why.action}: {', '.join(why.codes)}" if why else "-",
            )
        )
    return found


def _rung(limit: Limit, level: int, urgency: str | None) -> Climbed:
    span: Duration | None = limit.workflow.ladders[limit.rule.ladder][level].after.for_(urgency)
    return Climbed(
        place=limit.place,
        workflow=limit.workflow,
        state=limit.state,
        rule=limit.rule,
        level=level,
        after=write_duration(span) if span is not None else "",
    )
