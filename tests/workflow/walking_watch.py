"""What must hold all the way of a hazard, worked out from who did what when, not from what the walker's rules say of themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hazard_flow.identity.roles import REGULATOR_ROLES
from hazard_flow.workflow.definition import COLOURS, STAGES, URGENCIES, Action, Rung, TimerRule, Workflow
from hazard_flow.workflow.plan import PlannedTimer, collapse, next_after
from hazard_flow.workflow.proof_world import recheck_states
from tests.workflow.walking_time import RECKONING

if TYPE_CHECKING:
    from tests.workflow.walking import Walker

PARTS = ("responsible", "verifiers", "closer")
#: what may not stand open when a hazard ends
ALWAYS_SHUT = frozenset({"control", "gas_stop", "transfer"})
SHUT_WHEN_RECTIFIED = ALWAYS_SHUT | {"lowering"}
SHUT_AFTER_RECHECK = SHUT_WHEN_RECTIFIED | {"extension"}
SHUT_OF_A_MAJOR = SHUT_AFTER_RECHECK | {"plan", "listing"}
TOLD_OF_A_MAJOR = frozenset({"regulator_told", "staff_congress_told", "staff_told"})
#: the acts that give a deadline; beside them only an approved extension moves it
GIVE_A_DEADLINE = frozenset({"assign", "fail"})
#: a twentieth of the climbs is walked to the top: reckoning them all is slow
CLIMBS_WALKED = 0.05


@dataclass(frozen=True)
class Done:
    """One act that happened."""

    actor: str | None
    action: Action
    workflow: Workflow
    before: str | None
    target: Workflow
    state: str
    clean: Mapping[str, Any]
    #: everybody who signed it, whoever acted last included
    signers: tuple[str, ...]
    complete: bool
    columns_before: Mapping[str, datetime]
    flags_before: Mapping[str, str | None]
    urgency_before: str | None

    @property
    def stage(self) -> str:
        return self.target.states[self.state].stage

    @property
    def was(self) -> str | None:
        return self.workflow.states[self.before].stage if self.before else None

    @property
    def moved(self) -> bool:
        return self.before is None or self.target is not self.workflow or self.state != self.before

    @property
    def approves(self) -> bool:
        return self.action.approved is not None and self.clean.get("decision") == "approved"


class Watch:
    """Keeps account of one hazard's history and asserts what must be true of it."""

    def __init__(self, walker: "Walker") -> None:
        self.walker = walker
        #: who did the work that waits to be judged; who judged it good; who reported; who opened what
        self.authors: set[str] = set()
        self.passers: set[str] = set()
        self.reporter: str | None = None
        self.openers: dict[str, str | None] = {}
        self.waits = False
        self.on_the_spot = False
        self.colour: str | None = None

    def acted(self, done: Done) -> None:
        """After every act."""
        said = f"{self.walker.story} in {done.workflow.id} {done.before} → {done.target.id} {done.state}"
        self.separate(done, said)
        self.steps(done, said)
        if done.complete:
            self.judged(done, said)
        self.requests(done, said)
        self.deadline(done, said)
        self.urgency(done, said)
        self.remember(done)
        self.check()

    def separate(self, done: Done, said: str) -> None:
        """Nobody grants what they asked for; several signatures are of several people."""
        action = done.action
        if action.shuts is not None and (action.approved is not None or action.switch is not None):
            assert done.actor is None or done.actor != self.openers.get(action.shuts), (
                f"the applicant decides: {said}"
            )
        if action.quorum > 1:
            assert len(set(done.signers)) == len(done.signers), f"signed twice: {said}"
            assert done.complete == (len(done.signers) >= action.quorum), said
            assert done.complete or not done.moved, f"moved on with a signature missing: {said}"
        if action.at_most is not None and action.at_most.per == "person":
            assert self.walker.uses[action.key].count(str(done.actor)) <= action.at_most.times, (
                f"once more: {said}"
            )

    def steps(self, done: Done, said: str) -> None:
        """No stage is left out, except on the spot and where there is nothing to mend; a switch never leads ahead."""
        if done.was is None or not done.moved:
            return
        step = STAGES.index(done.stage) - STAGES.index(done.was)
        if done.target is not done.workflow:
            assert step <= 0, f"a switch leads ahead: {said}"
            return
        at_once = done.action.takes is not None or (
            self.on_the_spot and done.action.resolution == "rectified"
        )
        assert step <= 1 or at_once or done.action.resolution in ("dismissed", "merged"), (
            f"a stage was skipped: {said}"
        )

    def judged(self, done: Done, said: str) -> None:
        """Nobody verifies or closes own work, nothing ends unjudged or with something open."""
        actor, resolution, final = done.actor, done.action.resolution, done.target.states[done.state].final
        responsible = set(self.walker.relations.get("responsible", ()))
        own = self.authors | responsible
        left = done.flags_before.keys() - {done.action.shuts}
        major = done.target.applies_to.get("level") == "major"
        if done.stage == "verified" and done.was != "verified":
            assert actor is not None, f"verified by the system: {said}"
            assert self.waits, f"verified what nobody handed in: {said}"
            assert not set(done.signers) & own, f"verified own work: {said}"
            if major:
                assert len(done.signers) >= 2, f"one officer verified a major: {said}"
                assert all(self.walker.people[one].intersection(REGULATOR_ROLES) for one in done.signers), (
                    said
                )
        if not final:
            return
        assert actor is not None, f"closed by the system: {said}"
        assert not left & ALWAYS_SHUT, f"closed with {left} open: {said}"
        if resolution == "rectified" and self.on_the_spot:
            assert not major, f"a major settled on the spot: {said}"
            assert self.walker.urgency in ("B", "C"), f"settled on the spot whatever the urgency: {said}"
            assert actor not in own, f"confirmed own work: {said}"
            assert not left & SHUT_WHEN_RECTIFIED, said
        elif resolution == "rectified":
            assert self.passers, f"closed unverified: {said}"
            assert actor not in own | self.passers, f"closed own work: {said}"
            assert not left & (SHUT_OF_A_MAJOR if major else SHUT_AFTER_RECHECK), (
                f"closed with {left} open: {said}"
            )
            if major:
                marks = self.walker.marks.keys()
                assert marks >= TOLD_OF_A_MAJOR, f"closed untold: {said}"
                assert "listed" not in marks or "lifting_announced" in marks, (
                    f"listed in public, lifted in silence: {said}"
                )
                assert self.walker.people[actor].intersection(REGULATOR_ROLES), said
        elif resolution == "dismissed":
            assert actor != self.reporter, f"dismissed own report: {said}"
            assert actor not in own, said
        else:
            assert resolution == "merged", said
            assert actor != self.reporter, f"merged own report: {said}"

    def requests(self, done: Done, said: str) -> None:
        """What is settled stood open, what is opened did not (several controls may stand)."""
        if done.action.shuts is not None:
            assert done.action.shuts in done.flags_before, f"settled what was not open: {said}"
        if done.action.opens not in (None, "control") and done.complete:
            assert done.action.opens not in done.flags_before, f"opened twice: {said}"

    def deadline(self, done: Done, said: str) -> None:
        """It moves by an assignment, a failed re-check or an approved extension alone; the first one stays for ever."""
        columns, before = self.walker.columns, done.columns_before
        if columns.get("due_at") != before.get("due_at"):
            given = done.action.key in GIVE_A_DEADLINE
            extended = (
                done.approves
                and done.flags_before.get("extension", "") != ""
                and done.action.shuts == "extension"
            )
            assert given or extended, f"the deadline moved: {said}"
        if "original_due_at" in before:
            assert columns["original_due_at"] == before["original_due_at"], (
                f"the first deadline moved: {said}"
            )
        assert ("original_due_at" in columns) == ("due_at" in columns), said

    def urgency(self, done: Done, said: str) -> None:
        """A major is M; a lower urgency is asked for and granted, never just set."""
        now, before = self.walker.urgency, done.urgency_before
        major = done.target.applies_to.get("level") == "major"
        assert (now == "M") == major, f"urgency {now} in {done.target.id}: {said}"
        if before is None or now == before or now is None:
            return
        falls = URGENCIES.index(now) > URGENCIES.index(before)
        allowed = done.action.key in ("assign", "lower_to_general") or done.approves if falls else True
        assert allowed, f"the urgency fell to {now}: {said}"

    def remember(self, done: Done) -> None:
        """The account of who did what."""
        if done.before is None:
            self.reporter = done.actor
        for flag in self.walker.flags.keys() - done.flags_before.keys():
            self.openers[flag] = done.actor
        named = set(self.walker.relations.get("responsible", ()))
        if not done.moved:
            self.authors |= named if self.waits else set()
            return
        if done.stage == "verified" and done.was != "verified":
            self.passers = set(done.signers)
        elif done.stage != "verified":
            self.passers = set()
            newly = done.state in recheck_states(done.target) and not self.waits
            self.waits = done.state in recheck_states(done.target)
            self.authors = (
                {one for one in (*self.authors, *named, done.actor if newly else None) if one}
                if self.waits
                else set()
            )
            self.on_the_spot = self.waits and (done.action.takes is not None or self.on_the_spot)

    def climbed(self, rule: TimerRule, rung: Rung, fired: PlannedTimer) -> None:
        """After every rung: it came in its time, and a ladder's own colours never fall."""
        assert fired.due_at <= self.walker.now, f"{rule.name} fired early: {self.walker.story}"
        ladder = self.walker.workflow.ladders[rule.ladder] if self.walker.workflow else ()
        below = [COLOURS.index(one.colour) for one in ladder[: fired.level] if one.colour]
        fallen = bool(rung.colour and below) and COLOURS.index(str(rung.colour)) < max(below)
        assert not fallen, f"the colours of {rule.ladder} fall: {self.walker.story}"

    def check(self) -> None:
        """What holds after every act and every firing."""
        walker, story = self.walker, self.walker.story
        assert walker.workflow is not None
        state = walker.workflow.states[walker.state or ""]
        if self.colour is not None:
            assert walker.colour is not None, f"the colour went: {story}"
            assert COLOURS.index(walker.colour) >= COLOURS.index(self.colour), f"the colour fell: {story}"
        self.colour = walker.colour
        if state.final:
            assert not walker.clockwork.running, f"timers after the end: {story}"
            assert walker.resolution, story
            return
        parts = {part: set(walker.relations.get(part, ())) for part in PARTS}
        assert not parts["responsible"] & parts["verifiers"], f"verifies own work: {story}"
        assert not parts["closer"] & (parts["responsible"] | parts["verifiers"]), f"closes own work: {story}"
        if state.holder in PARTS:
            assert parts[state.holder], f"nobody owes the next step: {story}"
        assert not state.concealed or state.holder in REGULATOR_ROLES, story
        own = [
            name
            for name, rule in state.timers.items()
            if name in walker.clockwork.running and not rule.if_silent and not rule.only_if
        ]
        assert own, f"silence in {state.key}: {story}"
        self.limits_of_requests(walker.workflow)
        for name in own:
            if walker.dice.random() < CLIMBS_WALKED:
                self.climbs(name)

    def limits_of_requests(self, workflow: Workflow) -> None:
        """A request that waits for somebody has its limit running; a settled one has none."""
        walker = self.walker
        for action in workflow.actions.values():
            for name, rule in action.starts.items() if action.opens else ():
                if rule.only_if or rule.every is not None or name == "publish_listing":
                    continue  # these end before the request does, or run beside it
                assert (name in walker.clockwork.running) == (action.opens in walker.flags), (
                    f"{name} and {action.opens}: {walker.story}"
                )

    def climbs(self, name: str) -> None:
        """Left alone, the timer reaches the highest regulator and goes on."""
        walker = self.walker
        assert walker.workflow is not None
        rule, pending = walker.clockwork.rule_of(name), walker.clockwork.running[name]
        ladder, timer = walker.workflow.ladders[rule.ladder], pending.planned
        assert "highest_regulator" in ladder[-1].tell
        run, now = walker.clockwork.run(pending.started_at), walker.now
        for _ in range(len(ladder) + len(rule.remind) + 2):
            now = max(now, timer.due_at)
            fired = collapse(rule, ladder, timer, run, RECKONING, now=now).fire
            timer = next_after(rule, ladder, fired, run, RECKONING, fired_at=now)
            assert timer.due_at > now, f"{name} fires twice at once: {walker.story}"
            assert (timer.level, timer.cycle) > (fired.level, fired.cycle), (
                f"{name} climbs down: {walker.story}"
            )
        assert timer.level == len(ladder) - 1, f"{name} does not reach the top: {walker.story}"
        assert timer.cycle >= 1, f"{name} falls silent at the top: {walker.story}"
