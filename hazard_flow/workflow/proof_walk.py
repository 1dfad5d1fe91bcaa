"""What can become of a hazard, whoever acts: which instants are set, which parts are given and to whom, which timers run, what stands open.

People are taken at their least: whoever is named has only the roles the field asks for. Every step anybody *may* take is explored; only
steps that somebody certainly *can* take count as a way on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product

from hazard_flow.workflow.check_effects import timers_of
from hazard_flow.workflow.definition import Action, Need, Workflow
from hazard_flow.workflow.moves import timer_moves
from hazard_flow.workflow.permitted import CONTROL
from hazard_flow.workflow.proof_explore import Edge, Explored, explore
from hazard_flow.workflow.proof_guards import may_pass
from hazard_flow.workflow.proof_world import PARTS, World
from hazard_flow.workflow.vocabulary import APPLICANT

#: people of a part: the roles one of which each of them certainly has (empty: none for certain); None: nobody is named
Guaranteed = frozenset[str] | None


@dataclass(frozen=True)
class Standing:
    """A hazard as its timers, guards and fields see it."""

    workflow: str
    state: str
    responsible: Guaranteed = None
    verifiers: Guaranteed = None
    closer: Guaranteed = None
    #: instants set so far, of those a timer hangs on
    instants: frozenset[str] = frozenset()
    #: timers of the state that run
    running: frozenset[str] = frozenset()
    #: at least so many verifiers are named
    several: int = 0
    #: the followed request, where it stands open
    open: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Act:
    """One step: the action, which of its fields were given, and whether a person certainly can take it."""

    workflow: str
    action: str
    given: frozenset[str]
    certain: bool
    #: the system alone took it
    alone: bool = False


StandingEdge = Edge[Standing, Act]


@dataclass(frozen=True)
class Walk:
    """The exploration's result."""

    world: World
    explored: Explored[Standing, Act]
    #: (workflow, action) somebody may at some time take
    possible: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def walk(world: World) -> Walk:
    """Explore every world of switches from every opening: once without requests, then once for each request that is not plainly settled.

    Requests are made and settled independently of each other: what can be settled alone can be settled beside others, unless a guard of
    one looks at another; a guard over a request that is not followed may be either way. One that somebody with a certain role can settle
    from every open state, without any condition, can never be what keeps a hazard from closing: following it would show nothing.
    """
    opened = {action.opens for w in world.workflows.values() for action in w.actions.values() if action.opens}
    flags = sorted(flag for flag in opened if not _plainly_settled(world, flag))
    merged: Explored[Standing, Act] = Explored()
    for followed in (None, *flags):
        walker = _Walker(world, followed)
        openings = [
            Edge(None, act, after)
            for workflow in world.workflows.values()
            for action in workflow.creating
            if action.to is not None
            for act, after in walker.steps(workflow, action, None)
        ]
        merged.add(explore(openings, walker.successors))
    possible = frozenset((edge.step.workflow, edge.step.action) for edge in merged.edges)
    return Walk(world, merged, possible)


def _plainly_settled(world: World, flag: str) -> bool:
    for workflow in world.workflows.values():
        plain = {
            state
            for action in workflow.actions.values()
            if action.shuts == flag and world.role_words(action) and not action.guards
            for state in action.from_states or ()
        }
        if set(workflow.open_states) - plain:
            return False
    return True


class _Walker:
    def __init__(self, world: World, followed: str | None) -> None:
        self.world = world
        self.followed = frozenset({followed} if followed else ())
        rules = [rule for w in world.workflows.values() for rule in timers_of(w)]
        self.anchors = frozenset(rule.at for rule in rules if rule.at) | frozenset(
            rule.starts_from for rule in rules if rule.starts_from
        )
        self._passes = cache(may_pass)
        self._possible: dict[object, bool] = {}
        self._forms = cache(self._forms_of)
        self._running = cache(self._running_of)

    def successors(self, at: Standing) -> Iterator[tuple[Act, Standing]]:
        workflow = self.world.workflows[at.workflow]
        for action in workflow.actions.values():
            if at.state in (action.from_states or ()):
                yield from self.steps(workflow, action, at)

    def steps(
        self, workflow: Workflow, action: Action, at: Standing | None
    ) -> Iterator[tuple[Act, Standing]]:
        goal = self.world.target(workflow, action, at.state if at else None)
        if goal is None or not self._may(workflow, action, at):
            return
        certain = self._certainly(workflow, action, at)
        alone = "system" in action.who
        before = at or Standing(workflow.id, goal[1])
        for given in self._forms((workflow.id, action.key)):
            yield (
                Act(workflow.id, action.key, given, certain, alone),
                self._after(action, at, before, given, goal),
            )

    def _forms_of(self, key: tuple[str, str]) -> list[frozenset[str]]:
        """Which of the fields that matter are given: the required ones always, the others or not."""
        action = self.world.workflows[key[0]].actions[key[1]]
        fixed, free = set(), []
        for need in action.needs:
            if need.field in PARTS or need.field in self.anchors:
                if _always_given(need):
                    fixed.add(need.field)
                else:
                    free.append(need.field)
        return [
            frozenset(fixed | {name for name, given in zip(free, chosen, strict=True) if given})
            for chosen in product((False, True), repeat=len(free))
        ]

    def _after(
        self,
        action: Action,
        at: Standing | None,
        before: Standing,
        given: frozenset[str],
        goal: tuple[Workflow, str],
    ) -> Standing:
        target, state = goal
        instants = before.instants | (given & self.anchors)
        named = {
            need.field: frozenset(need.rule.person.roles)
            for need in action.needs
            if need.field in PARTS and need.field in given
        }
        if action.takes is not None:
            named[action.takes] = frozenset()
        several = max(
            [
                need.rule.at_least
                for need in action.needs
                if need.field == "verifiers" and "verifiers" in given
            ],
            default=None,
        )
        was = (at.workflow, at.state) if at else None
        running = self._running(
            was, (target.id, state), (action.key, given & self.anchors), before.running, instants
        )
        return replace(
            before, workflow=target.id, state=state, instants=instants, running=running,
            open=(before.open | _flags(action.opens) & self.followed) - _flags(action.shuts),
            several=before.several if several is None else max(several, 1), **named,
        )  # fmt: skip

    def _running_of(
        self,
        was: tuple[str, str] | None,
        goal: tuple[str, str],
        act: tuple[str, frozenset[str]],
        running: frozenset[str],
        instants: frozenset[str],
    ) -> frozenset[str]:
        """The timers of the new state that run, by the very moves the door makes.

        Clocks and the timers of requests are left out: they are no promise of any state, and following them would multiply the standings.
        """
        target = self.world.workflows[goal[0]]
        old = self.world.workflows[was[0]] if was else None
        state = target.states[goal[1]]
        moves = timer_moves(
            target,
            (old or target).actions[act[0]],
            before=old.states[was[1]] if old and was else None,
            after=state,
            running=running,
            changed=act[1],
            switched=old is not None and old is not target,
        )
        begun = {name for name, (_, rule) in moves.start.items() if rule.at is None or rule.at in instants}
        return (moves.carry | begun) & frozenset(state.timers)

    def _may(self, workflow: Workflow, action: Action, at: Standing | None) -> bool:
        """Whether somebody, with all roles, one or none, could. Who holds which part does not matter, only whether somebody does."""
        like = at and (at.state, at.open, tuple(getattr(at, part) is None for part in PARTS))
        key = (workflow.id, action.key, like)
        if key not in self._possible:
            self._possible[key] = self._may_at(workflow, action, at)
        return self._possible[key]

    def _may_at(self, workflow: Workflow, action: Action, at: Standing | None) -> bool:
        every_role = frozenset(self.world.vocabulary.roles) - {"system"}
        some = (every_role, *(frozenset({role}) for role in sorted(every_role)), frozenset[str]())
        return (
            any(
                word in self.world.vocabulary.roles or _people(workflow, word, at) is not None
                for word in action.who
            )
            and self._stands(action, at)
            and any(self._guards_pass(workflow, action, at, roles) for roles in some)
        )

    def _stands(self, action: Action, at: Standing | None) -> bool:
        """Whether what the act opens or settles stands as it must; a request that is not followed may be either way."""
        flags = at.open if at else frozenset[str]()
        if action.shuts in self.followed and action.shuts not in flags:
            return False
        return action.opens not in flags or action.opens == CONTROL

    def _certainly(self, workflow: Workflow, action: Action, at: Standing | None) -> bool:
        """Whether a person who is sure to exist can: somebody with a role of `who`, or somebody named, having no other role."""
        if action.quorum > max(1, at.several if at else 0):
            return False
        for role in self.world.role_words(action):
            if self._guards_pass(workflow, action, at, frozenset({role})):
                return True
        for word in action.who:
            people = _people(workflow, word, at)
            if people is None:
                continue
            # each of them has one of these roles for certain, nobody knows which
            least = [frozenset({role}) for role in people] or [frozenset[str]()]
            if all(self._guards_pass(workflow, action, at, roles) for roles in least):
                return True
        return False

    def _guards_pass(
        self, workflow: Workflow, action: Action, at: Standing | None, roles: frozenset[str]
    ) -> bool:
        return all(
            self._passes(
                name,
                followed=self.followed,
                open_flags=at.open if at else frozenset(),
                state=at.state if at else None,
                stage=workflow.states[at.state].stage if at else None,
                level=workflow.applies_to.get("level"),
                actor_roles=roles,
            )
            for name in action.guards
        )


def _flags(flag: str | None) -> frozenset[str]:
    return frozenset((flag,) if flag else ())


def _people(workflow: Workflow, word: str, at: Standing | None) -> Guaranteed:
    """The people a word of `who` stands for, if it is a part; a reporter is always there."""
    if at is None:
        return None
    part = workflow.states[at.state].holder if word == "holder" else word
    if part in ("reporter", APPLICANT):
        return frozenset()
    held: Mapping[str, Guaranteed] = {
        "responsible": at.responsible,
        "verifiers": at.verifiers,
        "closer": at.closer,
    }
    return held.get(part or "")


def _always_given(need: Need) -> bool:
    rule = need.rule
    return bool(rule.default is not None and rule.default != "catalogue") or bool(
        rule.required and not rule.when
    )
