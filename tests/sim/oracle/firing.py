"""What an event of a limit must say: which step spoke, when it was due, how late, to whom, over what; and what is pending after it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tests.sim.oracle.case import Case
from tests.sim.oracle.climbing import Step, all_steps, due_now, next_step
from tests.sim.oracle.flows import Act, Limit
from tests.sim.oracle.ground import Ground, bare
from tests.sim.oracle.limits import terms_of
from tests.sim.oracle.telling import Told


class Lost(Exception):
    """The record left the ways that are open; what follows cannot be followed."""


@dataclass(frozen=True)
class Spoken:
    """What a firing was compared with: what differs, and the messages it owes."""

    wrong: list[str]
    told: Told


def limit_of(case: Case, step: Step) -> Limit:
    """The rule a pending step follows."""
    limit = case.flow.limit(step.kind, step.name, case.state)
    if limit is None:
        raise Lost(f"{step.name} runs in {case.state} of {case.flow.id} without a rule")
    return limit


def fires(ground: Ground, case: Case, data: Mapping[str, Any], at: datetime, *, reminder: bool) -> Spoken:
    """A reminder or rung spoke at `at`. Raises Lost where that limit does not run or is not due."""
    name, text = data["timer"], ground.text
    pending = case.pending.get(name)
    if pending is None:
        raise Lost(f"{name} fires (level {data['level']}) although it does not run in {case.state}")
    if pending.due > at:
        raise Lost(
            f"{name} fires level {data['level']} early: level {pending.level} is due at {text(pending.due)}"
        )
    limit = limit_of(case, pending)
    terms = terms_of(ground, case, limit, pending.start, at)
    step, silent = due_now(terms, pending, at)
    wrong = list(
        _differs(
            name,
            data,
            {
                "level": step.level,
                "cycle": step.cycle,
                "due_at": text(step.due),
                "expires_at": text(step.end),
                "late_ms": int((at - step.due).total_seconds() * 1000),
                "collapsed": [{"level": level, "cycle": cycle} for level, cycle in silent],
            },
        )
    )
    if reminder != (step.level < 0):
        raise Lost(f"{name}: level {step.level} is {'no' if reminder else 'a'} reminder")
    if wrong:
        raise Lost("; ".join(wrong))
    if limit.if_silent and step.level >= 0 and acts_by_itself(case, case.flow.acts[limit.if_silent]):
        raise Lost(f"{name} climbs its ladder although {limit.if_silent} should have happened by itself")
    told = Told()
    people = ground.people(text(at))
    rung = terms.ladder[max(step.level, 0)]
    words: Sequence[str] = ("holder",) if reminder and pending.kind == "state" else rung.tell
    request = case.flow.request_behind(name)
    opened = case.open.get(request or "")
    past = opened.by if opened is not None and case.flow.judged_by_others(request) else None
    found, missed = people.reach(words, case.parts(case.holder), past=past)
    expected: dict[str, Any] = {"told": sorted(found), "unreachable": missed}
    recorded = {**data, "told": sorted(str(bare(one)) for one in data["told"])}
    if not reminder:
        case.raise_colour(rung.colour)
        expected |= {
            "ladder": limit.ladder,
            "colour": rung.colour,
            "addressees": list(rung.tell),
            "channels": list(rung.by),
        }
    wrong = list(_differs(f"{name} level {step.level}", recorded, expected))
    told.add(found, ["inbox"] if reminder else rung.by, "reminder" if reminder else "escalation")
    case.pending[name] = next_step(terms, step, at)
    return Spoken(wrong, told)


def acts_by_itself(case: Case, act: Act) -> bool:
    """Whether the act of silence may happen: it starts here, and what it settles stands open."""
    shuts = act.word("shuts")
    return case.state in (act.sources or ()) and (shuts is None or shuts in case.open)


def silence_over(ground: Ground, case: Case, at: datetime) -> Iterator[tuple[str, str]]:
    """Limits whose time ran out with an act of silence that has not happened: (limit, act)."""
    for name, step in case.pending.items():
        limit = limit_of(case, step)
        if (
            limit.if_silent
            and max(step.due, step.end) <= at
            and acts_by_itself(case, case.flow.acts[limit.if_silent])
        ):
            yield name, limit.if_silent


def recounted(ground: Ground, case: Case, at: datetime) -> list[tuple[str, Mapping[str, Any]]]:
    """The limits of a case counted again under the days of now: what each event must say, in order; the case stands so afterwards."""
    since, text = ground.changed_day(at), ground.text
    if not case.is_open or not any(_hangs_on(ground, step, since) for step in case.pending.values()):
        return []
    found: list[tuple[str, Mapping[str, Any]]] = []
    for name in sorted(case.pending):
        was = case.pending[name]
        now = _counted(ground, case, was, at)
        if now is None or (now.place, now.due, now.end, now.unsure) == (
            was.place,
            was.due,
            was.end,
            was.unsure,
        ):
            continue
        # looks before the count could not know of a due time that it brought forward, nor of a step it put in the place of another
        is_new = now.due < was.due or now.place != was.place
        case.pending[name] = replace(now, since=at) if is_new else now
        if (now.due, now.end) == (was.due, was.end):
            continue
        moved = now.end != was.end
        found.append(
            (
                name,
                {
                    "level": now.level,
                    "cycle": now.cycle,
                    "moved": "limit" if moved else "rung",
                    "shortened": now.end < was.end if moved else now.due < was.due,
                    "due_before": text(was.due),
                    "due_after": text(now.due),
                    "expires_before": text(was.end),
                    "expires_after": text(now.end),
                    "provisional": now.unsure,
                },
            )
        )
    return found


def _hangs_on(ground: Ground, step: Step, since: Any) -> bool:
    if step.unsure:
        return True
    return since is not None and max(step.due, step.end).astimezone(ground.zone).date() >= since


def _counted(ground: Ground, case: Case, was: Step, at: datetime) -> Step | None:
    terms = terms_of(ground, case, limit_of(case, was), was.start, at)
    told = was.fired
    if told is not None and told.step.level >= 0:
        seen = case.acknowledged_at is not None and case.acknowledged_at >= told.at
        return next_step(terms, told.step, told.at, seen=seen)
    if was.cycle > 0:
        return None  # a repeat that came along from another workflow keeps the beat it had there
    steps = all_steps(terms, was.kind, was.start, was.since)
    return next((s for s in steps if s.level >= was.level and (s.level >= 0 or s.due > at)), None)


def _differs(name: str, recorded: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[str]:
    for key, value in expected.items():
        if recorded.get(key) != value:
            yield f"{name}: {key} is {recorded.get(key)!r}, expected {value!r}"
