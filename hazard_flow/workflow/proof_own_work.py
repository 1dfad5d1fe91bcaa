"""Rule 4: nobody verifies or closes own work. What the exploration of people found, told as a story with its line and a mend."""

from collections.abc import Iterator, Sequence

from hazard_flow.workflow.definition import Action, Need
from hazard_flow.workflow.graph import steps_to_closing
from hazard_flow.workflow.problems import CLOSED_UNREACHABLE, OWN_WORK, Problem
from hazard_flow.workflow.proof_people import (
    OTHERS,
    PERSON,
    SYSTEM,
    PartsEdge,
    PartsExplored,
    People,
    own_work,
)
from hazard_flow.workflow.proof_place import place
from hazard_flow.workflow.proof_world import World, judging_actions

_MEND = {
    "verifies own work": "other_than: [responsible] on {action}, and of the field that names its people",
    "is verified by the system alone": "who: [verifiers]; the system may tell, never judge",
    "closes own work": "other_than: [responsible, verifiers] on {action}",
    "closes work that nobody verified": "from: a state of stage verified, reached by somebody else's re-check",
    "closes what the same person verified": "other_than: [responsible, verifiers] on {action}",
    "dismisses own hazard": "other_than: [reporter, responsible] on {action}",
}
#: the key of the action to look at, the first that is written
_KEYS = {
    "is verified by the system alone": ("who",),
    "closes work that nobody verified": ("from", "who"),
}
_SEPARATION = ("other_than", "who")


def prove_own_work(world: World, explored: PartsExplored) -> list[Problem]:
    """All refusals under rule 4 or, where there are none, under rule 2 by people."""
    problems = list(_plain(world))
    told = {(problem.file, problem.line) for problem in problems}
    found = [*_acts(world, explored), *_namings(world, explored)]
    problems += [problem for problem in found if (problem.file, problem.line) not in told]
    return problems or list(_in_own_way(world, explored))


def _in_own_way(world: World, explored: PartsExplored) -> Iterator[Problem]:
    """Rule 2 by people: somebody holds a part that alone may go on, and another part that forbids them to."""
    goals = [at for at in explored.first if world.workflows[at.workflow].states[at.state].final]

    def counts(edge: PartsEdge) -> bool:
        return (
            edge.step.actor != SYSTEM
            and edge.before is not None
            and edge.before.workflow == edge.after.workflow
        )

    lost = list(explored.unable(goals, counts))
    far = {at: steps_to_closing(world.workflows[at.workflow], at.state) for at in lost}
    told: set[tuple[str, str]] = set()
    for at in lost:
        if far[at] > min(far.values()) or (at.workflow, at.state) in told:
            continue
        told.add((at.workflow, at.state))
        path = explored.way_to(at)
        where = place(world, path, at=at.workflow, line=world.workflows[at.workflow].states[at.state].line)
        if where is not None:
            story = tell(
                world, path, f"stands in the way of closing from {at.state}, and nobody else may go on"
            )
            yield Problem(
                *where,
                CLOSED_UNREACHABLE,
                story,
                "the same other_than where the part is named as where it acts",
            )


def _plain(world: World) -> Iterator[Problem]:
    """What needs no path: the responsible person or the system called to judge."""
    for workflow in world.workflows.values():
        if workflow.id not in world.files:
            continue
        for action, does in judging_actions(workflow):
            holders = {workflow.states[state].holder for state in action.from_states or ()}
            for word in action.who:
                own = word == "responsible" or (word == "holder" and "responsible" in holders)
                if own or word == "system":
                    who = "the responsible person" if own else "the system"
                    story = (
                        f"as one responsible person: report → … → {action.key}: {does} own work"
                        if own
                        else f"report → … → {action.key} by the system alone"
                    )
                    yield Problem(
                        world.files[workflow.id],
                        action.line_of("who"),
                        OWN_WORK,
                        f"{who} {does} in {action.key} ({story})",
                        f"take {word} out of `who`",
                    )


def _acts(world: World, explored: PartsExplored) -> Iterator[Problem]:
    seen = set()
    for edge in explored.edges:
        fault = own_work(world, edge)
        if fault is None or (edge.step.workflow, edge.step.action) in seen:
            continue
        path = explored.path(edge)
        action = world.workflows[edge.step.workflow].actions[edge.step.action]
        mend = _MEND[fault].format(action=action.key)
        passed_on = _passed_on(world, path) if fault in ("verifies own work", "closes own work") else None
        if passed_on is not None:
            where: tuple[str, int] | None = passed_on
            mend = (
                "work that waits to be judged keeps its responsible person: take `responsible` out of needs"
            )
        else:
            line = None if action.switch else action.line_of(*_KEYS.get(fault, _SEPARATION))
            where = place(world, path, at=edge.step.workflow, line=line)
        if where is None:
            continue
        seen.add((edge.step.workflow, edge.step.action))
        yield Problem(*where, OWN_WORK, tell(world, path, fault), mend)


def _passed_on(world: World, path: Sequence[PartsEdge]) -> tuple[str, int] | None:
    """Where whoever did the work handed the part of the responsible person on, and so may seem a stranger to it."""
    last = path[-1].before
    if last is None or last.responsible & PERSON:
        return None
    for edge in reversed(path[:-1]):
        if edge.before is None or not edge.before.author & edge.before.responsible & PERSON:
            continue
        for need in world.workflows[edge.step.workflow].actions[edge.step.action].needs:
            if need.field == "responsible" and edge.step.workflow in world.files:
                return world.files[edge.step.workflow], need.line
    return None


def _namings(world: World, explored: PartsExplored) -> Iterator[Problem]:
    """Somebody named to judge what they are responsible for; the story goes on to the judgement where the act lets it."""
    faults = [edge for edge in explored.edges if edge.after.overlaps is not None]
    beyond = People(world).explore(through_overlaps=True) if faults else None
    seen = set()
    for edge in faults:
        assert edge.after.overlaps is not None
        judge, judged = edge.after.overlaps
        step = edge.step
        if (step.workflow, step.action, judge, judged) in seen:
            continue
        seen.add((step.workflow, step.action, judge, judged))
        action = world.workflows[step.workflow].actions[step.action]
        need = _loose_need(action, edge, judge, judged)
        line, mend = _loose_end(action, need, judge, judged)
        path = explored.path(edge)
        where = place(world, path, at=step.workflow, line=line)
        if where is None:
            continue
        message = tell(world, path, f"is {_said(judge)} and {_said(judged)} of the same hazard")
        longer = _goes_on(world, beyond, edge) if beyond else None
        if longer is not None:
            message += f"; {tell(world, *longer)}"
        yield Problem(*where, OWN_WORK, message, mend)


def _loose_end(action: Action, need: Need | None, judge: str, judged: str) -> tuple[int | None, str]:
    """The line that lets it happen, and what to write there."""
    if need is None and action.takes == judged:
        return action.line_of(
            "takes"
        ), f"other_than: [{judge}] on {action.key}: whoever takes it on judges nothing"
    other = need.field if need else judge
    mend = f"{other}: {{other_than: [{judged if other == judge else judge}, …]}}"
    return need.line if need else None, mend


def _goes_on(
    world: World, beyond: PartsExplored, naming: PartsEdge
) -> tuple[Sequence[PartsEdge], str] | None:
    for edge in beyond.edges:
        fault = own_work(world, edge)
        if fault is not None:
            path = beyond.path(edge)
            if any(
                (e.step.action, e.after.overlaps) == (naming.step.action, naming.after.overlaps) for e in path
            ):
                return path, fault
    return None


def _loose_need(action: Action, edge: PartsEdge, judge: str, judged: str) -> Need | None:
    """The field that should have excluded the other part."""
    named = dict(edge.step.names)
    for own, other in ((judge, judged), (judged, judge)):
        for need in action.needs:
            if need.field == own and named.get(own, 0) & PERSON and other not in need.rule.other_than:
                return need
    return None


def tell(world: World, path: Sequence[PartsEdge], end: str) -> str:
    """The path as people say it: "as one inspector: report → … → pass: verifies own work"."""
    roles = _roles(world, [edge for edge in path if edge.step.actor == PERSON])
    return f"as one {roles}: {' → '.join(_step(edge) for edge in path)}: {end}"


def _roles(world: World, mine: Sequence[PartsEdge]) -> str:
    chosen: list[str] = []
    for edge in mine:
        workflow = world.workflows[edge.step.workflow]
        action = workflow.actions[edge.step.action]
        words = [word for word in action.who if word in world.role_words(action)]
        parts = {"reporter", "responsible", "verifiers", "closer"} & set(action.who)
        held = edge.before is not None and any(getattr(edge.before, part) & PERSON for part in parts)
        if words and not held and not set(words) & set(chosen):
            chosen.append(_best(world, words, mine))
    return " and ".join(_said(role) for role in chosen) or "person"


def _best(world: World, words: Sequence[str], mine: Sequence[PartsEdge]) -> str:
    """The role that lets the person do most of the path."""

    def acts(role: str) -> int:
        return sum(role in world.workflows[e.step.workflow].actions[e.step.action].who for e in mine)

    return max(words, key=acts)


def _step(edge: PartsEdge) -> str:
    names = ", ".join(
        f"{_said(part)}: {'self' if whom == PERSON else 'self and others'}"
        for part, whom in edge.step.names
        if whom & PERSON
    )
    by = {PERSON: "", OTHERS: " by another", SYSTEM: " by the system"}[edge.step.actor]
    return edge.step.action + by + (f" ({names})" if names else "")


def _said(word: str) -> str:
    return {"verifiers": "verifier"}.get(word, word.replace("_", " "))
