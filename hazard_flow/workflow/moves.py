"""Which timers end, start, run on or begin anew when something happens to a hazard. Pure; the door carries it out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from hazard_flow.workflow.definition import Action, State, TimerRule, Workflow


@dataclass(frozen=True)
class TimerMoves:
    """What becomes of a hazard's timers, by name. A name is in one set only, except that a re-anchored timer ends and starts."""

    #: to be planned with `plan.first_timer`, by kind of rule: state, clock, started
    start: Mapping[str, tuple[str, TimerRule]]
    #: pending rows to be deleted
    end: frozenset[str]
    #: pending rows that stay as they are, fired rungs and colour with them
    carry: frozenset[str]
    #: of the carried: their span depends on the urgency, which changed; to be planned with `plan.rekey`
    rekey: frozenset[str] = frozenset()


def timer_moves(
    workflow: Workflow,
    action: Action,
    *,
    before: State | None,
    after: State,
    running: Collection[str],
    changed: Collection[str] = (),
    marks: Collection[str] = (),
    ended: Collection[str] = (),
    known: Collection[str] | None = None,
    switched: bool = False,
) -> TimerMoves:
    """The moves for one action.

    `running` are the names of pending timers; `changed` the instants, marks and open requests this act set (`due_at`): a timer on one
    of them is planned anew; and `urgency` if that changed. `marks` are the marks set and requests open so far, those of this action
    included; one of a clock's `until` keeps it from running, one of a timer's `only_if` lets it run. `ended`: timers this act ends.
    `known`: the instants and marks set by now, where a clock may start from (None: all).
    `switched`: `workflow` and `after` are the new ones; every timer is planned anew by the new rules, from its old start where the
    state keeps its name, so that elapsed time counts.
    """
    wanted: dict[str, tuple[str, TimerRule]] = {}
    if not after.final:
        entered = switched or before is None or before.key != after.key
        wanted |= {name: ("state", rule) for name, rule in after.timers.items() if entered or name in running}
        wanted |= {name: ("state", rule) for name, rule in after.timers.items() if rule.at in changed}
        wanted |= {
            name: ("clock", rule)
            for name, rule in workflow.clocks.items()
            if not _over(rule, after, marks) and (known is None or rule.starts_from in known)
        }
        wanted |= {
            name: ("started", rule)
            for name, rule in workflow.started().items()
            if name in running and name not in ended
        }
        wanted |= {name: ("started", rule) for name, rule in action.starts.items()}
        wanted = {name: rule for name, rule in wanted.items() if _applies(rule[1], marks)}
    anew = {
        name
        for name, (_, rule) in wanted.items()
        if switched
        or action.key in rule.reset_by
        or (rule.at is not None and rule.at in changed)
        or name in action.starts
    }
    carry = frozenset(name for name in wanted if name in running and name not in anew)
    start = {
        name: rule
        for name, rule in wanted.items()
        if name not in carry and _starts(rule, before, name in running, changed, switched=switched)
    }
    rekey = frozenset(name for name in carry if "urgency" in changed and _by_urgency(wanted[name][1]))
    return TimerMoves(start=start, end=frozenset(running) - carry, carry=carry, rekey=rekey)


def _by_urgency(rule: TimerRule) -> bool:
    spans = rule.within or rule.every
    return spans is not None and bool(spans.by_urgency)


def _over(rule: TimerRule, state: State, marks: Collection[str]) -> bool:
    return state.key in rule.until or any(mark in rule.until for mark in marks)


def _applies(rule: TimerRule, marks: Collection[str]) -> bool:
    return not rule.only_if or any(word in marks for word in rule.only_if)


def _starts(
    wanted: tuple[str, TimerRule],
    before: State | None,
    was_running: bool,
    changed: Collection[str],
    *,
    switched: bool,
) -> bool:
    """A clock starts with the hazard, with the workflow that brings it, or when its mark is set; or is planned anew while it runs."""
    kind, rule = wanted
    if kind != "clock" or before is None or was_running or switched:
        return True
    return rule.starts_from in changed or any(word in changed for word in rule.only_if)
