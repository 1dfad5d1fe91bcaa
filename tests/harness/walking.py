"""A city's hazards walked again in memory, by the rules in force or by a changed file."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from hazard_flow.hazards import queries
from hazard_flow.hazards.effects import parts
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.past import Fired, Past, recorded
from hazard_flow.hazards.replaying import Walked, walk
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.directory import Directory
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.workflow.definition import Workflow


def walks(
    database: Database, ids: Sequence[Any], *, until: datetime, by: Workflow | None = None
) -> list[tuple[tuple[Fired, ...], Walked]]:
    """For each hazard what is recorded and what the walk brings forth."""
    with database.reading(SYSTEM) as session:
        rules = rules_of(session)
        if by is not None:
            rules = replace(rules, workflows={**rules.workflows, (by.key, by.version): by})

        def choose(workflow_id: str) -> Workflow | None:
            key, version = workflow_id.split(".v")
            return by if by is not None and key == by.key else rules.workflows.get((key, int(version)))

        found = []
        for id_ in ids:
            hazard = session.get_one(Hazard, id_)
            chain = [
                Past.of(seq=e.seq, at=e.at, type=e.type, action=e.action, actor=e.actor, body=e.body)
                for e in queries.events(session, hazard)
            ]
            people = {p for _, p in parts(hazard)} | _ever_named(chain)
            directory = Directory.load(session, paths=[hazard.path], people=people)
            done = walk(session, hazard, chain, rules=rules, directory=directory, choose=choose, until=until)
            found.append((recorded(chain), done))
        assert not session.new
        assert not session.dirty
        return found


def told(fired: Sequence[Fired]) -> list[tuple[Any, ...]]:
    """Firings without what the record cannot know, in an order of their own."""
    return sorted(
        (f.at, f.timer, f.level, f.cycle, f.colour or "", tuple(sorted(f.people)), f.unreachable)
        for f in fired
    )


def _ever_named(chain: Sequence[Past]) -> set[Any]:
    fields = [past.data.get("fields", {}) for past in chain]
    single = {f[name] for f in fields for name in ("responsible", "closer") if f.get(name)}
    return {uuid.UUID(p) for p in single | {p for f in fields for p in f.get("verifiers") or ()}}
