"""Which limits an act ends, begins and leaves running, as the README words it.

Limits of a state run while the hazard stands in one that names them and go on by name; clocks run from their instant until one of their
marks or states; those an act begins live until an act ends them. Nothing runs on a closed hazard.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.sim.oracle.case import Case
from tests.sim.oracle.climbing import Step, Terms, first_step, own_time, seen_from, under_new_rules
from tests.sim.oracle.flows import Act, Flow, Limit
from tests.sim.oracle.ground import Ground

Wanted = dict[str, tuple[str, Limit]]


def terms_of(ground: Ground, case: Case, limit: Limit, start: datetime, now: datetime) -> Terms:
    """How a limit is counted now: with the place's own span, by the calendar in force."""
    days = ground.calendars.at(ground.text(now), case.place.division)
    own = ground.own_span(case.flow.key, limit.name, case.place.division, start=start, now=now)
    if own and limit.span is not None:
        limit = replace(limit, span=replace(limit.span, each={**limit.span.each, **own}))
    return Terms(limit, case.flow.ladders[limit.ladder], case.urgency, case.instants, days)


def replan(
    ground: Ground,
    case: Case,
    act: Act | None,
    *,
    was: tuple[Flow, str] | None,
    before: Mapping[str, Any],
    ended: Collection[str],
    now: datetime,
) -> None:
    """Bring the limits of a hazard in line with what an act (None: a migration) made of it.

    `was` is the workflow and state before (None: it has just been reported), `before` what its limits hung on then, `ended` the limits
    the act ends.
    """
    after = case.values_that_limits_hang_on()
    changed = {name for name, value in after.items() if before.get(name) != value}
    switched = was is not None and was[0] is not case.flow
    moved = was is None or switched or was[1] != case.state
    wanted = _wanted(case, act, moved=moved, changed=changed, ended=ended)
    for name, (kind, limit) in list(wanted.items()):
        fresh = kind == "clock" and name not in case.pending and was is not None and not switched
        if fresh and not changed & {limit.starts_from, *limit.only_if}:
            del wanted[name]  # it ran out of meaning before, and nothing it hangs on came anew
    for name in [name for name in case.pending if name not in wanted]:
        case.drop(name, now)
    for name, (kind, limit) in wanted.items():
        step = _next(ground, case, act, kind, limit, switched=switched, changed=changed, now=now)
        if step is None:
            case.drop(name, now)
        elif step is not case.pending.get(name):
            if name in case.pending:
                case.ended[name] = (now, case.pending[name])
            case.pending[name] = step
    if act is not None and act.key == "acknowledge":
        for name, step in case.pending.items():
            kind, limit = wanted[name]
            case.pending[name] = own_time(terms_of(ground, case, limit, step.start, now), step)


def _wanted(
    case: Case, act: Act | None, *, moved: bool, changed: Collection[str], ended: Collection[str]
) -> Wanted:
    state = case.flow.states[case.state]
    if state.final:
        return {}
    standing = {*case.instants, *case.open}
    wanted: Wanted = {
        name: ("state", limit)
        for name, limit in state.limits.items()
        if moved or name in case.pending or limit.at in changed
    }
    for name, limit in case.flow.clocks.items():
        if limit.starts_from in case.instants and not ({case.state, *standing} & set(limit.until)):
            wanted[name] = ("clock", limit)
    for name, limit in case.flow.started.items():
        if name in case.pending and name not in ended:
            wanted[name] = ("started", limit)
    for name, limit in (act.starts if act else {}).items():
        wanted[name] = ("started", limit)
    return {
        name: (kind, limit)
        for name, (kind, limit) in wanted.items()
        if not limit.only_if or standing & set(limit.only_if)
    }


def _next(
    ground: Ground,
    case: Case,
    act: Act | None,
    kind: str,
    limit: Limit,
    *,
    switched: bool,
    changed: Collection[str],
    now: datetime,
) -> Step | None:
    running = case.pending.get(limit.name)
    if switched:
        start = running.start if running else now
        terms = terms_of(ground, case, limit, start, now)
        return under_new_rules(terms, kind, running, now) if running else first_step(terms, kind, now, now)
    anew = act is not None and (act.key in limit.reset_by or limit.name in act.starts)
    if running is None or anew or (limit.at is not None and limit.at in changed):
        return first_step(terms_of(ground, case, limit, now, now), kind, now, now)
    if "urgency" in changed and running.level > 0:
        return seen_from(terms_of(ground, case, limit, running.start, now), running)
    if "urgency" in changed and running.due > now:
        terms = terms_of(ground, case, limit, running.start, now)
        again = first_step(terms, kind, running.start, now) if terms.limit.goes_by_urgency else None
        if again is not None and _differ(again, running):
            return again
    return running


def _differ(one: Step, other: Step) -> bool:
    return (one.place, one.due, one.end, one.unsure) != (other.place, other.due, other.end, other.unsure)
