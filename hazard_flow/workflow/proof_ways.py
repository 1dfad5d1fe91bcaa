"""Rules 1, 2, 3, 5, 6, 8 and 10 as far as they hang on paths: what the walk found, with the shortest path that shows it."""

from collections.abc import Collection, Iterator, Sequence

from hazard_flow.workflow.check_requests import marks_of
from hazard_flow.workflow.definition import Action, Need, TimerRule, Workflow
from hazard_flow.workflow.graph import steps_to_closing
from hazard_flow.workflow.guards import reads
from hazard_flow.workflow.problems import (
    ANCHOR,
    CLOSED_UNREACHABLE,
    LADDER_CLIMB,
    SILENCE,
    UNFILLABLE,
    UNREACHABLE,
    WORDS,
    Problem,
)
from hazard_flow.workflow.proof_guards import Followed
from hazard_flow.workflow.proof_place import place, told
from hazard_flow.workflow.proof_standing import Standing
from hazard_flow.workflow.proof_walk import StandingEdge, Walk
from hazard_flow.workflow.proof_world import PARTS, World, reached
from hazard_flow.workflow.vocabulary import RECORD_INSTANTS

_NOBODY = frozenset({"system"})
#: what is followed, the workflow and the state
_Place = tuple[Followed, str, str]


def prove_ways(walk: Walk) -> list[Problem]:
    """All refusals the walk shows; each fault once, at its nearest."""
    found: dict[tuple[object, ...], Problem] = {}
    for edge in walk.explored.first.values():
        for key, problem in _at(walk, edge):
            if key not in found and problem is not None:
                found[key] = problem
    problems = list(_once(walk.world, list(found.values())))
    problems += _unreached(walk)
    if not any(problem.rule in (UNFILLABLE, ANCHOR) for problem in problems):
        problems += _stuck(walk)
    return problems


def _once(world: World, problems: Sequence[Problem]) -> Iterator[Problem]:
    """A fault of the file itself shows again behind every switch out of it: a switch is blamed only for what shows nowhere else, once."""
    switches = {
        (world.files[workflow.id], action.line_of("switch"))
        for workflow in world.workflows.values()
        for action in workflow.actions.values()
        if action.switch is not None and workflow.id in world.files
    }
    at_home = {problem.rule for problem in problems if (problem.file, problem.line) not in switches}
    told: set[tuple[str, int, int]] = set()
    for problem in problems:
        line = (problem.file, problem.line, problem.rule)
        if line not in told and (line[:2] not in switches or problem.rule not in at_home):
            told.add(line)
            yield problem


def _at(walk: Walk, edge: StandingEdge) -> Iterator[tuple[tuple[object, ...], Problem | None]]:
    after = edge.after
    workflow = walk.world.workflows[after.workflow]
    state = workflow.states[after.state]
    if state.final:
        return
    if state.holder in PARTS and getattr(after, state.holder) is None:
        yield (
            (UNFILLABLE, workflow.id, state.key),
            _blame(walk, edge, UNFILLABLE, state.holder, state.line, f"nobody is {state.holder}, who holds {state.key}",
                   f"needs: {{{state.holder}: …}} in an action before {state.key}"),
        )  # fmt: skip
    unset = [rule for rule in state.timers.values() if rule.at is not None and rule.at not in after.instants]
    if edge.before is None:
        unset += [
            rule for rule in workflow.clocks.values()
            if rule.starts_from
            and rule.starts_from not in {*after.instants, *RECORD_INSTANTS}
            and not _is_mark(workflow, rule.starts_from)
        ]  # fmt: skip
    for rule in unset:
        anchor = rule.at or rule.starts_from or ""
        yield (
            (ANCHOR, workflow.id, state.key, rule.name),
            _blame(walk, edge, ANCHOR, anchor, rule.line, f"{anchor} is not set, so {rule.name} never runs in {state.key}",
                   f"needs: {{{anchor}: …}}, not optional, in every action before {state.key}"),
        )  # fmt: skip
    if not unset and not any(name in after.running and rule.ladder for name, rule in state.timers.items()):
        yield (
            (SILENCE, workflow.id, state.key),
            _blame(walk, edge, SILENCE, None, state.line, f"no timer of {state.key} runs",
                   "a timer with within: … on the state"),
        )  # fmt: skip
    yield from _deaf(walk, edge, workflow)


def _deaf(
    walk: Walk, edge: StandingEdge, workflow: Workflow
) -> Iterator[tuple[tuple[object, ...], Problem | None]]:
    """Rungs that would tell nobody: every addressee is a part not yet given, or no person at all."""
    after = edge.after
    state = workflow.states[after.state]
    rules: list[TimerRule] = [rule for name, rule in state.timers.items() if name in after.running]
    rules += [rule for rule in workflow.clocks.values() if state.key not in rule.until]
    for rule in rules:
        for rung in workflow.ladders.get(rule.ladder, ()):
            if all(_unheard(word, after, state.holder) for word in rung.tell):
                yield (
                    (LADDER_CLIMB, workflow.id, rung.line),
                    _blame(walk, edge, LADDER_CLIMB, None, rung.line,
                           f"a rung of {rule.ladder} tells {', '.join(rung.tell)}: nobody yet in {state.key}",
                           "tell a role too, such as safety_director"),
                )  # fmt: skip


def _unheard(word: str, at: Standing, holder: str | None) -> bool:
    part = holder if word in ("holder", "above holder") else word
    return part in _NOBODY or (part in PARTS and getattr(at, part) is None)


def _is_mark(workflow: Workflow, word: str) -> bool:
    return any(word in marks_of(action) for action in workflow.actions.values())


def _blame(
    walk: Walk, edge: StandingEdge, rule: int, wanted: str | None, line: int, fault: str, mend: str
) -> Problem | None:
    """The problem at the field that might have been given on the way, else at `line`."""
    path = walk.explored.path(edge)
    loose = _not_given(walk.world, path, wanted) if wanted else None
    at, line = loose if loose is not None else (edge.after.workflow, line)
    where = place(walk.world, path, at=at, line=line)
    return where and Problem(*where, rule, f"{told(path)}: {fault}", mend)


def _not_given(world: World, path: Sequence[StandingEdge], wanted: str) -> tuple[str, int] | None:
    for edge in reversed(path):
        needs: Sequence[Need] = world.workflows[edge.step.workflow].actions[edge.step.action].needs
        for need in needs:
            if need.field == wanted and wanted not in edge.step.given and edge.step.workflow in world.files:
                return edge.step.workflow, need.line
    return None


def _unreached(walk: Walk) -> Iterator[Problem]:
    """States and actions no path gets to although the arrows of the file lead there."""
    world = walk.world
    for workflow in world.workflows.values():
        file = world.files.get(workflow.id)
        if file is None:
            continue
        for state in workflow.states.values():
            if (workflow.id, state.key) not in walk.reached:
                yield Problem(
                    file, state.line, UNREACHABLE,
                    f"no path anybody can walk leads to {state.key}: an action on the way can never be done",
                    "see which action is refused, and to whom",
                )  # fmt: skip
        for action in workflow.actions.values():
            starts = [state for state in action.from_states or () if (workflow.id, state) in walk.reached]
            if starts and (workflow.id, action.key) not in walk.possible:
                why = ", ".join(action.guards) if action.guards else "its people are never named"
                yield Problem(
                    file, action.line_of("guards", "who"), WORDS,
                    f"{action.key} can never be done, by anybody ({why})",
                    "remove the action, or what keeps everybody from it",
                )  # fmt: skip


def _stuck(walk: Walk) -> Iterator[Problem]:
    """Where a hazard can come to stand and nobody who surely exists can bring it to closing within the file."""
    world, explored = walk.world, walk.explored
    goals = [at for at in explored.first if world.workflows[at.workflow].states[at.state].final]

    def counts(edge: StandingEdge) -> bool:
        return edge.step.certain and edge.before is not None and edge.before.workflow == edge.after.workflow

    lost = dict.fromkeys(explored.unable(goals, counts))
    for at in _dead_ends(walk, lost, [edge for edge in explored.edges if counts(edge)]):
        workflow = world.workflows[at.workflow]
        path = explored.way_to(at)
        tried = [a for a in workflow.from_state[at.state] if a.to not in (None, at.state)]
        where = _opening(world, at, path) or place(
            world, path, at=at.workflow, line=_lock(walk, at, lost, tried)
        )
        if where is None:
            continue
        said = "; ".join(
            f"{a.key} is for {', '.join(a.who)}" + (f" with {', '.join(a.guards)}" if a.guards else "")
            for a in tried
        )
        yield Problem(
            *where, CLOSED_UNREACHABLE,
            f"{told(path)}: from {at.state} of {workflow.id} nobody is sure to be able to go on to closing ({said})",
            "an action that names the people who may, or one for a role that always exists",
        )  # fmt: skip


def _lock(walk: Walk, at: Standing, lost: Collection[Standing], tried: Sequence[Action]) -> int:
    """The line of what keeps the hazard there: a mark nobody can set, an act that may be used up, else the state's own."""
    for action in tried:
        if any((set(reads(name).marks) & at.followed.marks) - at.marks for name in action.guards):
            return action.line_of("guards")
    limited = {action.key: action for action in tried if action.at_most is not None}
    for edge in walk.explored.edges:
        if edge.before == at and edge.step.action in limited and edge.after not in lost:
            return limited[edge.step.action].line_of("at_most")
    return walk.world.workflows[at.workflow].states[at.state].line


def _opening(world: World, at: Standing, path: Sequence[StandingEdge]) -> tuple[str, int] | None:
    """Where the request was made that stands in the way."""
    for edge in reversed(path):
        action = world.workflows[edge.step.workflow].actions[edge.step.action]
        if action.opens in at.open and edge.step.workflow in world.files:
            return world.files[edge.step.workflow], action.line_of("opens")
    return None


def _dead_ends(walk: Walk, lost: Collection[Standing], certain: Sequence[StandingEdge]) -> Iterator[Standing]:
    """Of what is lost, where it ends: states from which only each other can be reached, and of these the nearest to closing."""
    steps: dict[_Place, set[_Place]] = {_place(at): set() for at in lost}
    for edge in certain:
        if edge.before in lost and edge.after in lost:
            assert edge.before is not None
            steps[_place(edge.before)].add(_place(edge.after))
    reach = {place_: reached({place_}, steps) for place_ in steps}
    told: set[tuple[str, str]] = set()
    for at in lost:
        together = reach[_place(at)]
        if (at.workflow, at.state) in told or any(_place(at) not in reach[other] for other in together):
            continue
        far = {
            (workflow, state): steps_to_closing(walk.world.workflows[workflow], state)
            for _, workflow, state in together
        }
        if far[at.workflow, at.state] == min(far.values()):
            told.add((at.workflow, at.state))
            yield at


def _place(at: Standing) -> _Place:
    return at.followed, at.workflow, at.state
