"""The proof before a workflow may load: the twelve rules over everything that can happen, through every switch.

`checks` judges what one look at the file shows. Here the file is lived through: `proof_people` follows one person of any roles through
every path (rule 4), `proof_walk` every standing of timers, instants, parts and flags (rules 1, 2, 3, 5, 6, 8), `proof_words` automatic
cycles and idle words (9, 10), `proof_fields` fields nobody can fill (5). Rule 12 is `released`.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.problems import Problem
from hazard_flow.workflow.proof_fields import prove_fields
from hazard_flow.workflow.proof_own_work import prove_own_work
from hazard_flow.workflow.proof_walk import walk
from hazard_flow.workflow.proof_ways import prove_ways
from hazard_flow.workflow.proof_words import prove_no_automatic_cycle, prove_nothing_idle
from hazard_flow.workflow.proof_world import World, world_of
from hazard_flow.workflow.vocabulary import Vocabulary

#: proofs remembered by the bytes of their files; a process that reads the same files again need not prove them again
_REMEMBERED_MAX = 64


@dataclass(frozen=True)
class Proof:
    """What was looked at, and everything that is wrong."""

    problems: tuple[Problem, ...]
    #: configurations of people explored for rule 4
    people_seen: int
    #: standings of timers, instants, parts and flags explored
    standings_seen: int


def prove(judged: Mapping[str, Workflow], known: Iterable[Workflow], vocabulary: Vocabulary) -> Proof:
    """Prove workflows (by file) that `checks` and `switches` accepted; switches lead into the newest known release."""
    world = world_of(judged, known, vocabulary)
    key = (
        tuple(sorted(world.files.items())),
        tuple(sorted((w.id, w.sha256) for w in world.workflows.values())),
        tuple(sorted(world.newest.items())),
        id(vocabulary),
    )
    if not all(workflow.sha256 for workflow in world.workflows.values()):
        return _prove(world)
    with _lock:
        if key not in _remembered:
            if len(_remembered) >= _REMEMBERED_MAX:
                _remembered.clear()
            _remembered[key] = (_prove(world), vocabulary)
        return _remembered[key][0]


#: the vocabulary is kept beside its proof, so that its identity cannot pass to another
_remembered: dict[tuple[object, ...], tuple[Proof, Vocabulary]] = {}
_lock = threading.Lock()


def _prove(world: World) -> Proof:
    problems: list[Problem] = []
    for workflow in world.workflows.values():
        if workflow.id in world.files:
            problems += prove_fields(workflow, world.files[workflow.id])
            problems += prove_nothing_idle(workflow, world.files[workflow.id])
    problems += prove_no_automatic_cycle(world)
    walked = walk(world)
    problems += prove_ways(walked)
    own, people_seen = prove_own_work(world)
    problems += own
    return Proof(tuple(sorted(set(problems))), people_seen, len(walked.explored.first))
