"""The timers of a hazard on a random walk: planned by the real moves, fired at their own due instants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hazard_flow.workflow.calendar import china
from hazard_flow.workflow.deadlines import Reckoning
from hazard_flow.workflow.definition import Action, TimerRule, Workflow
from hazard_flow.workflow.migration import carried_on
from hazard_flow.workflow.moves import timer_moves
from hazard_flow.workflow.needs import validate
from hazard_flow.workflow.permitted import ActorView
from hazard_flow.workflow.plan import PlannedTimer, Run, collapse, first_timer, next_after, own_offset, rekey

if TYPE_CHECKING:
    from tests.workflow.walking import Walker

ZONE = ZoneInfo("Asia/Shanghai")
RECKONING = Reckoning(ZONE, china())
FIRINGS_MAX = 40


@dataclass(frozen=True)
class Pending:
    """A timer that runs: what fires next, by which kind of rule, since when."""

    planned: PlannedTimer
    kind: str
    started_at: datetime


class Clockwork:
    """All timers of one walker."""

    def __init__(self, walker: "Walker") -> None:
        self.walker = walker
        self.running: dict[str, Pending] = {}

    def run(self, started_at: datetime) -> Run:
        """The hazard as a timer sees it."""
        return Run(started_at, self.walker.urgency, self.walker.instants)

    def rule_of(self, name: str) -> TimerRule:
        """The rule a timer follows."""
        walker = self.walker
        assert walker.workflow is not None
        return _rules(walker.workflow, walker.state, self.running[name].kind)[name]

    def replan(
        self,
        target: Workflow,
        action: Action,
        *,
        was: Workflow | None,
        before: str | None,
        earlier: Mapping[str, Any],
        ended: Sequence[str],
    ) -> None:
        """After an act: which timers end, go on and begin. `earlier` is what they hung on before, `ended` what the act ends."""
        walker, now = self.walker, self.walker.values()
        switched = was is not None and was is not target
        moves = timer_moves(
            target, action, before=was.states[before] if was and before else None, after=target.states[walker.state or ""],
            running=frozenset(self.running), changed={name for name in now if name not in earlier or now[name] != earlier[name]},
            marks={*walker.marks, *walker.flags}, ended=ended, known=frozenset(walker.instants), switched=switched,
        )  # fmt: skip
        pending, self.running = self.running, {name: self.running[name] for name in moves.carry}
        for name in moves.rekey:
            self.rekey(target, name)
        for name, (kind, rule) in moves.start.items():
            old = pending.get(name) if switched else None
            started_at = old.started_at if old else walker.now
            planned = self.begin(rule, target, was, before, old, started_at)
            if planned is not None:
                self.running[name] = Pending(planned, kind, started_at)

    def rekey(self, workflow: Workflow, name: str) -> None:
        """The urgency changed: the span counts anew from its old start."""
        rule, pending = self.rule_of(name), self.running[name]
        ladder, run = workflow.ladders[rule.ladder], self.run(pending.started_at)
        planned = rekey(rule, ladder, pending.planned, run, RECKONING, now=self.walker.now)
        self.running[name] = replace(pending, planned=planned)

    def begin(
        self,
        rule: TimerRule,
        target: Workflow,
        was: Workflow | None,
        before: str | None,
        old: Pending | None,
        started_at: datetime,
    ) -> PlannedTimer | None:
        """A timer that begins now; under another workflow one that runs already goes on as far as it has climbed."""
        ladder, run, now = target.ladders[rule.ladder], self.run(started_at), self.walker.now
        if old is None or was is None:
            return first_timer(rule, ladder, run, RECKONING, now=now)
        left = _rules(was, before, old.kind).get(old.planned.name)
        own = own_offset(was.ladders[left.ladder], old.planned, run.urgency, RECKONING) if left else None
        return carried_on(rule, ladder, old.planned, run, RECKONING, own_due_at=own, now=now)

    def pass_time(self, span: timedelta) -> None:
        """Let time pass, each timer firing at its own due instant."""
        until = self.walker.now + span
        for _ in range(FIRINGS_MAX):
            due = min(self.running.items(), key=lambda item: item[1].planned.due_at, default=None)
            if due is None or due[1].planned.due_at > until:
                break
            self.walker.now = max(self.walker.now, due[1].planned.due_at)
            self.fire(due[0])
        self.walker.now = until

    def fire(self, name: str) -> None:
        """What the door does with a timer that is due: a reminder, an act by itself, or a rung of its ladder."""
        walker = self.walker
        assert walker.workflow is not None
        rule, pending = self.rule_of(name), self.running.pop(name)
        ladder, run = walker.workflow.ladders[rule.ladder], self.run(pending.started_at)
        fired = collapse(rule, ladder, pending.planned, run, RECKONING, now=walker.now).fire
        if rule.if_silent is not None and fired.level >= 0 and self.by_itself(rule.if_silent):
            return
        if fired.level >= 0:
            walker.watch.climbed(rule, ladder[fired.level], fired)
            walker.raise_colour(ladder[fired.level].colour)
        planned = next_after(rule, ladder, fired, run, RECKONING, fired_at=walker.now)
        self.running[name] = Pending(planned, pending.kind, pending.started_at)
        walker.watch.check()

    def by_itself(self, key: str) -> bool:
        """Whether the act that silence brings was done; refused, people hear of it up the ladder instead."""
        walker = self.walker
        assert walker.workflow is not None
        action = walker.workflow.actions[key]
        clean, errors = validate(action.needs, {}, walker.context(None))
        if errors or walker.refused(walker.workflow, action, ActorView(None), walker.view(), clean):
            return False
        walker.take(walker.workflow, action, None, clean, (), silent=True)
        return True


def _rules(workflow: Workflow, state: str | None, kind: str) -> Mapping[str, TimerRule]:
    kinds = {"clock": workflow.clocks, "started": workflow.started()}
    return kinds.get(kind, workflow.states[state or ""].timers)
