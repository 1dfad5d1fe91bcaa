"""The proof before a workflow may load: the twelve rules over everything that can happen, through every switch.

`checks` judges what one look at the file shows. Here the file is lived through: `proof_people` follows one person of any roles through
every path (rule 4), `proof_walk` every standing of timers, instants, parts, requests and marks (rules 1, 2, 3, 5, 6, 8), `proof_words`
automatic cycles and idle words (9, 10), `proof_fields` fields nobody can fill (5). Rule 12 is `released`.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.problems import Problem
from hazard_flow.workflow.proof_fields import prove_fields
from hazard_flow.workflow.proof_own_work import prove_own_work
from hazard_flow.workflow.proof_people import PartsExplored, People
from hazard_flow.workflow.proof_walk import Walk, walk
from hazard_flow.workflow.proof_ways import prove_ways
from hazard_flow.workflow.proof_words import prove_no_automatic_cycle, prove_nothing_idle
from hazard_flow.workflow.proof_world import World, world_of
from hazard_flow.workflow.vocabulary import Vocabulary

#: explorations remembered by the bytes of their files; the same world is lived through once, whoever asks and for whichever of its files
_REMEMBERED_MAX = 16


@dataclass(frozen=True)
class Proof:
    """What was looked at, and everything that is wrong."""

    problems: tuple[Problem, ...]
    #: configurations of people explored for rule 4
    people_seen: int
    #: standings of timers, instants, parts and flags explored
    standings_seen: int


@dataclass(frozen=True)
class _Lived:
    """Everything that can happen in a world, whichever of its files is judged."""

    walked: Walk
    people: PartsExplored


def prove(judged: Mapping[str, Workflow], known: Iterable[Workflow], vocabulary: Vocabulary) -> Proof:
    """Prove workflows (by file) that `checks` and `switches` accepted; switches lead into the newest known release."""
    world = world_of(judged, known, vocabulary)
    lived = _live_through(world)
    problems: list[Problem] = []
    for workflow in world.workflows.values():
        if workflow.id in world.files:
            problems += prove_fields(workflow, world.files[workflow.id])
            problems += prove_nothing_idle(workflow, world.files[workflow.id])
    problems += prove_no_automatic_cycle(world)
    problems += prove_ways(replace(lived.walked, world=world))
    problems += prove_own_work(world, lived.people)
    return Proof(tuple(sorted(set(problems))), len(lived.people.first), len(lived.walked.explored.first))


#: the vocabulary is kept beside its exploration, so that its identity cannot pass to another
_remembered: dict[tuple[object, ...], tuple[_Lived, Vocabulary]] = {}
_lock = threading.Lock()


def _live_through(world: World) -> _Lived:
    # a workflow made in a test has no file, so nothing says whether another of its id is the same
    if not all(workflow.sha256 for workflow in world.workflows.values()):
        return _explore(world)
    key = (
        tuple(sorted((workflow.id, workflow.sha256) for workflow in world.workflows.values())),
        tuple(sorted(world.newest.items())),
        id(world.vocabulary),
    )
    with _lock:
        if key not in _remembered:
            if len(_remembered) >= _REMEMBERED_MAX:
                _remembered.clear()
            _remembered[key] = (_explore(world), world.vocabulary)
        return _remembered[key][0]


def _explore(world: World) -> _Lived:
    return _Lived(walk(world), People(world).explore(through_overlaps=False))
