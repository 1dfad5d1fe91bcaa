"""What the law asks beside the work, as a checklist: done, awaited, due or overdue, with the form it is done in.

Read off the workflow itself: a duty is a mark some act asks for as a guard, or a clock ends with; a file that asks for another shows it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hazard_flow.hazards.clocks import soonest
from hazard_flow.hazards.forecast import Forecast
from hazard_flow.hazards.marks import countdown
from hazard_flow.hazards.matter_views import Duty, DutyStatus, Way
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.past import Past, last
from hazard_flow.hazards.proceedings import read
from hazard_flow.hazards.shown import Words
from hazard_flow.workflow.definition import STAGES, Action, TimerRule, Workflow

#: the reader's way into a form, None where it is not theirs now
Ways = Callable[[str], Way | None]


@dataclass(frozen=True)
class _Sources:
    words: Words
    hazard: Hazard
    workflow: Workflow
    past: Sequence[Past]
    pending: Mapping[str, Forecast]
    now: datetime
    way: Ways


def duties(
    words: Words,
    hazard: Hazard,
    workflow: Workflow,
    past: Sequence[Past],
    ahead: Sequence[Forecast],
    *,
    now: datetime,
    way: Ways,
) -> tuple[Duty, ...]:
    """The duties of a hazard in the file's order; for a hazard without any, nothing."""
    sources = _Sources(words, hazard, workflow, past, soonest(ahead), now, way)
    found = [_duty(sources, mark) for mark in duty_marks(workflow, hazard)]
    if not found:
        return ()
    return (*found, *_signed_by_several(sources), *_confirmed(sources))


def duty_marks(workflow: Workflow, hazard: Hazard) -> list[str]:
    """The marks this hazard still needs or already has, in the order of the acts that set them."""
    wanted = {name for action in workflow.actions.values() for name in action.guards}
    for rule in workflow.clocks.values():
        if _runs_for(rule, hazard):
            wanted |= set(rule.until)
    found: list[str] = []
    for action in workflow.actions.values():
        for mark in _sets(action):
            # what opens a measure (listing) marks the measure, it is nobody's duty
            if mark in wanted and mark not in found and action.opens is None:
                found.append(mark)
    return found


def duty_timers(workflow: Workflow, hazard: Hazard) -> frozenset[str]:
    """The time limits the checklist shows, so that they are not drawn twice."""
    marks = duty_marks(workflow, hazard)
    return frozenset(name for mark in marks for name in _timers(workflow, mark))


def _runs_for(rule: TimerRule, hazard: Hazard) -> bool:
    standing = set(hazard.marks) | set(read(hazard.proceedings).open)
    return not rule.only_if or bool(standing & set(rule.only_if))


def _sets(action: Action) -> tuple[str, ...]:
    return (*action.sets, *(action.approved.sets if action.approved else ()))


def setters(workflow: Workflow, mark: str) -> list[Action]:
    """The acts that set a mark."""
    return [action for action in workflow.actions.values() if mark in _sets(action)]


def _timers(workflow: Workflow, mark: str) -> list[str]:
    """The clocks that end with a mark, and the limits an approval of it ends."""
    clocks = [name for name, rule in workflow.clocks.items() if mark in rule.until]
    started = [
        name
        for action in setters(workflow, mark)
        for name in (*action.ends, *(action.approved.ends if action.approved else ()))
    ]
    return [*clocks, *started]


def _duty(sources: _Sources, mark: str) -> Duty:
    words, hazard = sources.words, sources.hazard
    known = words.rules.fields.marks.get(mark)
    acts = setters(sources.workflow, mark)
    request = _request_for(sources.workflow, acts)
    label = known.in_(words.locale) if known else acts[0].label.in_(words.locale)
    if mark in hazard.marks:
        event = last(sources.past, *(a.key for a in acts))
        note = words.who(event.actor) if event is not None else ""
        return Duty(mark, label, "done", at=datetime.fromisoformat(str(hazard.marks[mark])), note=note)
    running = next(
        (sources.pending[n] for n in _timers(sources.workflow, mark) if n in sources.pending), None
    )
    seen = countdown(running.expires_at, started_at=running.started_at, now=sources.now) if running else None
    waiting = request is not None and request.opens in read(hazard.proceedings).open
    ways = [*acts, *([request] if request else [])]
    way = next((w for a in ways if (w := sources.way(a.key)) is not None), None)
    return Duty(
        key=mark,
        label=label,
        status=_status(
            is_over=seen is not None and seen.is_over, is_running=seen is not None, waiting=waiting
        ),
        note=""
        if way
        else words.say(
            "hazards.duty.by", who=words.roles((acts[0] if waiting or not request else request).who)
        ),
        clock=seen,
        way=way,
    )


def _status(*, is_over: bool, is_running: bool, waiting: bool) -> DutyStatus:
    if is_over:
        return "overdue"
    if waiting:
        return "waiting"
    return "due" if is_running else "open"


def _request_for(workflow: Workflow, acts: Sequence[Action]) -> Action | None:
    """Where a mark is set by a decision: the act that asks for the decision."""
    flags = {a.shuts for a in acts if a.shuts is not None}
    return next((a for a in workflow.actions.values() if a.opens in flags and a.opens is not None), None)


def _signed_by_several(sources: _Sources) -> list[Duty]:
    """An act that needs several signatures: how many there are."""
    words, standing = sources.words, read(sources.hazard.proceedings)
    found = []
    for action in sources.workflow.actions.values():
        if action.quorum < 2:
            continue
        event = last(sources.past, action.key)
        signed = event.data.get("signatures", {}) if event is not None else {}
        complete = signed.get("have", 0) >= action.quorum and _is_past(sources, action)
        have = action.quorum if complete else len(set(standing.signed.get(action.key, ())))
        names = words.joined(words.name_of(v) for v in sources.hazard.verifier_ids)
        status: DutyStatus = "done" if have >= action.quorum else "waiting" if have else "open"
        label = words.say("hazards.duty.signatures", action=action.label.in_(words.locale), n=action.quorum)
        note = words.say("hazards.duty.have", have=have, needed=action.quorum) if status != "done" else ""
        found.append(
            Duty(
                f"signed:{action.key}",
                label,
                status,
                at=event.at if complete and event is not None else None,
                note=words.say("hazards.duty.names_and", names=names, have=note)
                if names and note
                else names or note,
                way=sources.way(action.key),
            )
        )
    return found


def _is_past(sources: _Sources, action: Action) -> bool:
    """Whether the hazard stands where the act led, or further."""
    goal = sources.workflow.states[action.to].stage if action.to else sources.hazard.stage
    return STAGES.index(sources.hazard.stage) >= STAGES.index(goal)


def _confirmed(sources: _Sources) -> list[Duty]:
    """What whoever closes must confirm point by point (五落实)."""
    words, hazard = sources.words, sources.hazard
    closing = [
        a
        for a in sources.workflow.actions.values()
        if a.to and sources.workflow.states[a.to].final and a.resolution == "rectified"
    ]
    points = [n.field for a in closing for n in a.needs if n.rule.confirmed]
    if not points:
        return []
    done = all(hazard.details.get(name) for name in points)
    labels = words.joined(words.rules.fields.fields[name].label.in_(words.locale) for name in points)
    return [
        Duty(
            "confirmed",
            words.say("hazards.duty.confirmed", n=len(points)),
            "done" if done else "open",
            at=hazard.closed_at if done else None,
            note=labels,
            way=next((w for a in closing if (w := sources.way(a.key)) is not None), None),
        )
    ]
