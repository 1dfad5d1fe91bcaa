"""A hazard's history walked again in memory: people do what they did, a virtual clock fires what some rules would have fired.

The walk goes through the very functions the door uses (`take_effect`, `fire`, `migrate`) on a hazard rebuilt from its events, so that it
can't drift from what really happens. Nothing is read but what is handed in, nothing is written. What people did is taken as done: forms,
evidence and guards are not judged again.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from hazard_flow.errors import HazardFlowError, StateConflict
from hazard_flow.hazards.acting import Step, take_effect
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.chain import instant_text
from hazard_flow.hazards.changes import Fire, Migrate
from hazard_flow.hazards.classifying import note_conditional
from hazard_flow.hazards.escalation import ACTOR as TIMERS
from hazard_flow.hazards.firing import fire
from hazard_flow.hazards.listed import KEPT
from hazard_flow.hazards.migrating import ADMINISTRATOR, migrate
from hazard_flow.hazards.models import GENESIS, Hazard
from hazard_flow.hazards.opening import begin, stand
from hazard_flow.hazards.past import FIRINGS, Fired, Past, fired
from hazard_flow.hazards.rules import Rules
from hazard_flow.hazards.tags import EventTag
from hazard_flow.hazards.timing import PINNED_AT, UNBORN, replan
from hazard_flow.identity.directory import Directory
from hazard_flow.identity.models import Organisation
from hazard_flow.schedule.rows import MessageRow, TimerRow
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.workflow.definition import Action, Workflow
from hazard_flow.workflow.machine import next_state, switched_state

#: firings of one hazard in one walk; the highest rung of a forgotten hazard repeats for ever
FIRINGS_MAX = 2_000
#: which rules an event recorded under `general.v1` is walked by; None where they are not known here
Choose = Callable[[str], Workflow | None]


@dataclass(frozen=True)
class NotFollowed:
    """An act the rules do not know from where the walk stood; the walk went on from the recorded state where the rules have it."""

    seq: int
    at: datetime
    action: str
    state: str
    reason: Literal["no_action", "not_from_here", "closed", "unknown_workflow"]
    went_on_in: str | None


@dataclass(frozen=True)
class Walked:
    """What came of one walk."""

    fired: tuple[Fired, ...]
    not_followed: tuple[NotFollowed, ...] = ()
    #: more than FIRINGS_MAX; the later ones were not computed
    is_cut: bool = False


def walk(
    session: Session,
    hazard: Hazard,
    chain: Sequence[Past],
    *,
    rules: Rules,
    directory: Directory,
    choose: Choose,
    until: datetime,
) -> Walked:
    """Walk one hazard's acts in order and let its timers fire in between, up to and including `until`.

    `hazard` is its stored row (of which only what never changes is used), `chain` all its events, `directory` who is reachable.
    """
    first = chain[0]
    workflow = choose(str(first.data["workflow"]))
    if workflow is None:
        return Walked((), (_unknown(first, ""),))
    unborn = _unborn(hazard, first)
    walking = _Walk(
        batch=_batch(session, unborn, rules=rules, directory=directory, now=first.at),
        hazard=unborn,
        choose=choose,
        fired_at={
            (str(p.data["timer"]), p.at): p.seq
            for p in chain
            if p.type in FIRINGS or p.type == EventTag.TIMER_VOID
        },
    )
    walking.go(workflow, chain, until)
    return Walked(tuple(walking.fired), tuple(walking.not_followed), walking.is_cut)


@dataclass
class _Walk:
    batch: Batch
    hazard: Hazard
    choose: Choose
    #: recorded: (timer, instant) → sequence number of its event
    fired_at: Mapping[tuple[str, datetime], int]
    fired: list[Fired] = field(default_factory=list)
    not_followed: list[NotFollowed] = field(default_factory=list)
    is_cut: bool = False
    is_lost: bool = False

    def go(self, workflow: Workflow, chain: Sequence[Past], until: datetime) -> None:
        self._begin(workflow, chain[0])
        for past in chain[1:]:
            if past.at > until or self.is_lost:
                break
            # What timers did by themselves follows from the rules: it is done again here, not walked.
            if past.type in (EventTag.ACTED, EventTag.MIGRATED) and past.actor != TIMERS.key:
                self._pass_time(past.at, before=past)
                self.batch.now = past.at
                self._follow(past)
        if not self.is_lost:
            self._pass_time(until)

    def _begin(self, workflow: Workflow, past: Past) -> None:
        action = next((a for a in workflow.creating if a.key == past.action), workflow.creating[0])
        values = dict(past.data.get("fields", {}))
        clean = self._typed(values)
        self.hazard.found_at = clean.get("found_at", past.at)
        begin(self.hazard, workflow, action, clean, now=past.at)
        self.hazard.details = values
        self._keep(past)
        stand(self.hazard, past.data.get("standing", ()), past.at)
        replan(self.batch, self.hazard, workflow, action=action, before=UNBORN)
        self.hazard.seq += 1

    def _keep(self, past: Past) -> None:
        """The catalogue rows the record says the hazard was judged by."""
        if rows := past.data.get(KEPT):
            kept = {**self.hazard.details.get(KEPT, {}), **rows}
            self.hazard.details = {**self.hazard.details, KEPT: kept}
            note_conditional(self.hazard, past.at)

    def _pass_time(self, until: datetime, *, before: Past | None = None) -> None:
        """Fire what is due. In the very instant of an act the act comes first, unless the record shows that the timer did."""
        pending = self.batch.timers[self.hazard.id]
        while pending:
            timer = min(pending.values(), key=lambda one: (one.due_at, one.name))
            at = max(timer.due_at, self.batch.now)
            if at > until or (before is not None and at == until and not self._was_first(timer, at, before)):
                return
            if len(self.fired) >= FIRINGS_MAX:
                self.is_cut = True
                return
            self.batch.now = at
            self._fire(timer)

    def _was_first(self, timer: TimerRow, at: datetime, before: Past) -> bool:
        return self.fired_at.get((timer.name, at), before.seq) < before.seq

    def _fire(self, timer: TimerRow) -> None:
        event = fire(self.batch, Fire(timer=timer, actor=TIMERS)).event
        assert event is not None
        if event.type in FIRINGS:
            self.fired.append(fired(event.at, json.loads(event.body)["data"], since=timer.started_at))
        self._forget_rows()

    def _follow(self, past: Past) -> None:
        if past.type == EventTag.MIGRATED:
            self._migrate(past)
            return
        workflow = self._workflow()
        action = workflow.actions.get(past.action or "")
        try:
            target, state = self._target(workflow, action, past)
        except _CannotFollow as refused:
            self._go_on_as_recorded(workflow, action, past, refused.reason)
            return
        assert action is not None
        self._take(workflow, action, past, target, state)

    def _target(self, workflow: Workflow, action: Action | None, past: Past) -> tuple[Workflow, str]:
        """The workflow and state the act leads to by the rules of this walk."""
        if not self.hazard.is_open:
            raise _CannotFollow("closed")
        if action is None or action.from_states is None:
            raise _CannotFollow("no_action")
        try:
            if action.switch is None:
                return workflow, next_state(workflow, self.hazard.state, action.key)
            key, state = switched_state(workflow, self.hazard.state, action.key)
        except StateConflict as conflict:
            raise _CannotFollow("not_from_here") from conflict
        target = self.choose(str(past.data["workflow"]))
        if target is None or target.key != key or state not in target.states:
            raise _CannotFollow("unknown_workflow")
        return target, state

    def _go_on_as_recorded(self, workflow: Workflow, action: Action | None, past: Past, reason: Any) -> None:
        stood = self.hazard.state
        target = self.choose(str(past.data["workflow"]))
        state = str(past.data["state"])
        went_on = None
        if target is None:
            self.is_lost = True
        elif self.hazard.is_open:
            went_on = state if state in target.states else stood if stood in target.states else None
            self.is_lost = went_on is None
        self.not_followed.append(NotFollowed(past.seq, past.at, past.action or "", stood, reason, went_on))
        if target is not None and went_on is not None:
            self._take(workflow, action or _as_recorded(past, target, went_on), past, target, went_on)

    def _take(self, workflow: Workflow, action: Action, past: Past, target: Workflow, state: str) -> None:
        values = dict(past.data.get("fields", {}))
        self._keep(past)
        take_effect(
            self.batch,
            self.hazard,
            Step(action, workflow, target, state),
            self._typed(values),
            event_values=values,
            signal={"alarm_level": past.data.get("alarm_level")},
            who=past.who,
            shown=past.who,
            done_at=past.done_at,
        )
        self.hazard.seq += 1
        self._forget_rows()

    def _migrate(self, past: Past) -> None:
        """A recorded migration: only where this walk keeps the versions apart, as they were."""
        old, new = self.choose(str(past.data["from_workflow"])), self.choose(str(past.data["workflow"]))
        if old is None or new is None or old.id == new.id or not self.hazard.is_open:
            return
        change = Migrate(
            hazard_id=self.hazard.id,
            to_version=new.version,
            actor=ADMINISTRATOR,
            request_key="",
            reason="replay",
            map={str(past.data["from"]): str(past.data["state"])},
        )
        try:
            migrate(self.batch, change)
        except HazardFlowError:
            self.not_followed.append(
                NotFollowed(
                    past.seq, past.at, "migrate", self.hazard.state, "not_from_here", self.hazard.state
                )
            )
        self._forget_rows()

    def _workflow(self) -> Workflow:
        return self.batch.rules.pinned(self.hazard.workflow, self.hazard.workflow_version)

    def _typed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Recorded values as the door had them; personal ones left the event before it was hashed."""
        known = self.batch.rules.fields.fields
        found = {}
        for name, value in values.items():
            if isinstance(value, dict):
                continue
            is_instant = name in known and known[name].type in ("instant", "deadline")
            found[name] = datetime.fromisoformat(value) if is_instant and isinstance(value, str) else value
        return found

    def _forget_rows(self) -> None:
        """Nobody will write them."""
        batch = self.batch
        batch.events.clear()
        batch.new_timers.clear()
        batch.moved_timers.clear()
        batch.dropped_timers.clear()


class _CannotFollow(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _unknown(past: Past, state: str) -> NotFollowed:
    return NotFollowed(past.seq, past.at, past.action or "", state, "unknown_workflow", None)


def _as_recorded(past: Past, target: Workflow, state: str) -> Action:
    """An act the rules don't know, as far as the record tells it."""
    return Action(
        key=past.action or "",
        label=target.states[state].label,
        from_states=None,
        to=state,
        who=(),
        resolution=past.data.get("resolution"),
    )


def _batch(session: Session, hazard: Hazard, *, rules: Rules, directory: Directory, now: datetime) -> Batch:
    """What the door's functions want in their hands; it is never written."""
    home = session.get(Organisation, hazard.organisation_id)
    return Batch(
        session=session,
        now=now,
        rules=rules,
        scope=SYSTEM,
        hazards={hazard.id: hazard},
        timers={hazard.id: {}},
        evidence={},
        parts={},
        facts={},
        organisations={} if home is None else {home.id: home},
        assets={},
        directory=directory,
        numbers={},
        outbox=_Nobody(),
    )


class _Nobody(list[MessageRow]):
    """Takes messages without making them: a third of the walk's time would go into rows nobody sends."""

    def __iadd__(self, messages: Iterable[MessageRow]) -> "_Nobody":  # type: ignore[misc,override] # the list's own is a pair of overloads
        return self


def _unborn(row: Hazard, first: Past) -> Hazard:
    """The hazard before its report: what was given at birth, nothing that came later."""
    return Hazard(
        id=row.id,
        home_id=row.home_id,
        organisation_id=row.organisation_id,
        path=row.path,
        division=row.division,
        number=row.number,
        level=str(first.data.get("level", "general")),
        urgency="M" if first.data.get("level") == "major" else None,
        title="",
        description="",
        place="",
        source=row.source,
        family=row.family,
        asset_id=row.asset_id,
        reporter_id=row.reporter_id,
        verifier_ids=[],
        parties=",",
        found_at=first.at,
        reported_at=first.at,
        protected_reporter_id=row.protected_reporter_id,
        proceedings={},
        marks={PINNED_AT: instant_text(first.at)},
        counters={},
        details={},
        blind=False,
        incomplete=False,
        control_open=False,
        seq=0,
        head=GENESIS,
    )
