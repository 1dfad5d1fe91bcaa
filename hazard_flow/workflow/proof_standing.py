"""Where a hazard can come to stand, as its timers, guards and fields see it, and whether a step can be taken from there.

People are taken at their least: whoever is named has only the roles the field asks for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from hazard_flow.workflow.definition import Action, Workflow
from hazard_flow.workflow.guards import REGULATOR_ROLES, reads
from hazard_flow.workflow.permitted import CONTROL
from hazard_flow.workflow.proof_guards import NOTHING, Followed, may_pass
from hazard_flow.workflow.proof_world import World
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
    #: what is followed; of that, the requests that stand open and the marks that are set
    followed: Followed = NOTHING
    open: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()


class Judge:
    """Who may take which step, for an exploration that follows some requests and marks."""

    def __init__(self, world: World, followed: Followed) -> None:
        self.world = world
        self.followed = followed
        #: what the system reports has no reporter
        self._always_reported = not any(
            "system" in action.who for workflow in world.workflows.values() for action in workflow.creating
        )
        self._passes = cache(may_pass)
        self._shared = cache(self._shared_by)
        self._may_now: dict[object, bool] = {}

    def may(self, workflow: Workflow, action: Action, at: Standing | None) -> bool:
        """Whether somebody, with all roles, one or none, could. Who holds which part does not matter, only whether somebody does."""
        like = at and (
            at.state,
            at.open,
            at.marks,
            at.responsible is None,
            at.verifiers is None,
            at.closer is None,
        )
        key = (workflow.id, action.key, like)
        if key not in self._may_now:
            self._may_now[key] = self._may_at(workflow, action, at)
        return self._may_now[key]

    def _may_at(self, workflow: Workflow, action: Action, at: Standing | None) -> bool:
        roles = self.world.vocabulary.roles
        if not any(word in roles or _people(workflow, word, at) is not None for word in action.who):
            return False
        people = self.world.vocabulary.people
        some = (people, frozenset[str](), *(frozenset({role}) for role in sorted(people)))
        return any(self._guards_pass(workflow, action, at, held) for held in some)

    def certainly(self, workflow: Workflow, action: Action, at: Standing | None) -> bool:
        """Whether a person who is sure to exist can: somebody with a role of `who`, or somebody named, having no other role.

        What may only be done so often is no certain way on: it may have been used up. What is concealed is seen by the regulator alone.
        """
        if action.at_most is not None or action.quorum > max(1, at.several if at else 0):
            return False
        concealed = at is not None and workflow.states[at.state].concealed
        for role in self.world.role_words(action):
            if concealed and role not in REGULATOR_ROLES:
                continue
            if self._guards_pass(workflow, action, at, frozenset({role})):
                return True
        for word in action.who:
            people = _people(workflow, word, at)
            if people is None or (_part(workflow, word, at) == "reporter" and not self._always_reported):
                continue
            if concealed and not (people and people <= REGULATOR_ROLES):
                continue
            # each of them has one of these roles for certain, nobody knows which
            least = [frozenset({role}) for role in people] or [frozenset[str]()]
            if all(self._guards_pass(workflow, action, at, roles) for roles in least):
                return True
        return False

    def _guards_pass(
        self, workflow: Workflow, action: Action, at: Standing | None, roles: frozenset[str]
    ) -> bool:
        """Whether there is a way for what is not followed to stand in which nothing refuses these roles."""
        flags, marks = (at.open, at.marks) if at else (frozenset[str](), frozenset[str]())
        shared = self._shared(workflow.id, action.key)
        followed = Followed(self.followed.flags | shared, self.followed.marks) if shared else self.followed
        state = at.state if at else None
        known = {
            "followed": followed,
            "marks": marks,
            "state": state,
            "stage": workflow.states[state].stage if state else None,
            "level": workflow.applies_to.get("level"),
            "actor_roles": roles,
        }
        return any(
            _stands(action, followed.flags, flags | more)
            and all(self._passes(name, open_flags=flags | more, **known) for name in action.guards)
            for more in _subsets(shared)
        )

    def _shared_by(self, workflow: str, action_key: str) -> frozenset[str]:
        """Requests that are not followed and that more than one thing about the act looks at: they must suit all of these at once."""
        action = self.world.workflows[workflow].actions[action_key]
        looked = [flag for name in action.guards for flag in reads(name).flags]
        looked += [flag for flag in (action.opens, action.shuts) if flag]
        return frozenset(flag for flag in looked if looked.count(flag) > 1) - self.followed.flags


def _stands(action: Action, known: frozenset[str], open_: frozenset[str]) -> bool:
    """Whether what the act opens or settles stands as it must."""
    if action.shuts in known and action.shuts not in open_:
        return False
    return action.opens not in open_ or action.opens == CONTROL


def _subsets(flags: frozenset[str]) -> Iterator[frozenset[str]]:
    return (frozenset(some) for size in range(len(flags) + 1) for some in combinations(sorted(flags), size))


def _people(workflow: Workflow, word: str, at: Standing | None) -> Guaranteed:
    """The people a word of `who` stands for, if it is a part."""
    if at is None:
        return None
    part = _part(workflow, word, at)
    if part in ("reporter", APPLICANT):
        return frozenset()
    held: Mapping[str, Guaranteed] = {
        "responsible": at.responsible,
        "verifiers": at.verifiers,
        "closer": at.closer,
    }
    return held.get(part or "")


def _part(workflow: Workflow, word: str, at: Standing | None) -> str | None:
    return workflow.states[at.state].holder if word == "holder" and at else word
