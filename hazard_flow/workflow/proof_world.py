"""What the proof explores: workflows tied together by their switches, and what an action means beside its name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from hazard_flow.workflow.definition import Action, Workflow
from hazard_flow.workflow.vocabulary import Vocabulary

T = TypeVar("T")
#: relations an action's form can fill
PARTS = ("responsible", "verifiers", "closer")
VERIFIED = "verified"


@dataclass(frozen=True)
class World:
    """Workflows by id, and which one a switch leads into now."""

    workflows: Mapping[str, Workflow]
    newest: Mapping[str, str]
    #: files of the workflows being judged, by id; the others are installed and were judged before
    files: Mapping[str, str]
    vocabulary: Vocabulary

    def target(self, workflow: Workflow, action: Action, state: str | None) -> tuple[Workflow, str] | None:
        """Where an action leads: (workflow, state); None where a switch leads nowhere known."""
        if action.switch is None:
            return workflow, action.to or state or workflow.initial
        key = self.newest.get(action.switch.to_workflow)
        goal = action.switch.map.get(state or "")
        if key is None or goal is None or goal not in self.workflows[key].states:
            return None
        return self.workflows[key], goal

    def role_words(self, action: Action) -> frozenset[str]:
        """The roles in `who`, the system left out."""
        return self.vocabulary.people.intersection(action.who)


def world_of(judged: Mapping[str, Workflow], known: Iterable[Workflow], vocabulary: Vocabulary) -> World:
    """The judged workflows (by file), and of the known ones those that switches tie to them, in either direction."""
    everything = {workflow.id: workflow for workflow in (*known, *judged.values())}
    newest: dict[str, Workflow] = {}
    for workflow in everything.values():
        if workflow.key not in newest or workflow.version > newest[workflow.key].version:
            newest[workflow.key] = workflow
    leads = {
        workflow.id: {newest[key].id for key in _switches(workflow) if key in newest}
        for workflow in everything.values()
    }
    mine = {workflow.id for workflow in judged.values()}
    upward = reached(mine, {one: {other for other, goals in leads.items() if one in goals} for one in leads})
    wanted = {one: everything[one] for one in sorted(reached(upward, leads))}
    return World(
        workflows=wanted,
        newest={key: workflow.id for key, workflow in newest.items() if workflow.id in wanted},
        files={workflow.id: file for file, workflow in judged.items()},
        vocabulary=vocabulary,
    )


def _switches(workflow: Workflow) -> set[str]:
    return {action.switch.to_workflow for action in workflow.actions.values() if action.switch is not None}


def reached(start: set[T], steps: Mapping[T, set[T]]) -> set[T]:
    """Everything that steps lead to, the start included."""
    found = set(start)
    while more := {goal for one in found for goal in steps[one]} - found:
        found |= more
    return found


def recheck_states(workflow: Workflow) -> frozenset[str]:
    """States in which finished work waits for judgement: an action leads from them into the stage `verified`, or settles them at once."""
    return frozenset(
        state
        for action in workflow.actions.values()
        if action.to is not None
        for state in action.from_states or ()
        if workflow.states[state].stage != VERIFIED
        and (workflow.states[action.to].stage == VERIFIED or settles(workflow, action, state))
    )


def settles(workflow: Workflow, action: Action, state: str) -> bool:
    """Whether this step judges the work and cancels the hazard in one: a minor one, rectified on the spot."""
    return action.resolution == "rectified" and workflow.states[state].stage != VERIFIED


def verifies(workflow: Workflow, action: Action, state: str | None, goal: tuple[Workflow, str]) -> bool:
    """Whether this step is the re-check that says the work is good."""
    before = workflow.states[state].stage if state else None
    return goal[0].states[goal[1]].stage == VERIFIED and before != VERIFIED


def closes(action: Action, goal: tuple[Workflow, str]) -> str | None:
    """The resolution with which this step closes the hazard, None where it does not."""
    return (action.resolution or "rectified") if goal[0].states[goal[1]].final else None


def judging_actions(workflow: Workflow) -> Iterable[tuple[Action, str]]:
    """Actions that verify or close work, each with the word for it."""
    for action in workflow.actions.values():
        goal = workflow.states.get(action.to or "")
        if goal is None:
            continue
        if goal.final and action.resolution in ("rectified", "dismissed"):
            yield action, "closes"
        elif goal.stage == VERIFIED and any(
            workflow.states[state].stage != VERIFIED for state in action.from_states or ()
        ):
            yield action, "verifies"
