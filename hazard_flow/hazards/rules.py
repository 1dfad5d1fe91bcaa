"""What the door decides by: the loaded workflows, the organisation's zone and calendar, and the facts other features provide."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.resources import resource_dir
from hazard_flow.workflow.calendar import Calendar, china
from hazard_flow.workflow.deadlines import Reckoning
from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.fields import FieldBook
from hazard_flow.workflow.loader import load_all
from hazard_flow.workflow.vocabulary import Vocabulary, default_vocabulary

#: Set-based: asked once for a batch, before the guards, `{hazard id: {fact name: value}}`.
FactProvider = Callable[[Session, Sequence[Hazard]], Mapping[uuid.UUID, Mapping[str, Any]]]

_KEY = "hazards.rules"


@dataclass(frozen=True)
class Rules:
    """The rules of this deployment."""

    workflows: Mapping[tuple[str, int], Workflow]
    vocabulary: Vocabulary
    calendar: Calendar
    zone: ZoneInfo
    facts: tuple[FactProvider, ...] = field(default=())

    @property
    def fields(self) -> FieldBook:
        """Labels, units and choices of fields, and the names of every word."""
        return self.vocabulary.book

    @cached_property
    def reckoning(self) -> Reckoning:
        """Zone and calendar, as deadlines are counted."""
        return Reckoning(zone=self.zone, calendar=self.calendar)

    @cached_property
    def acting_timers(self) -> frozenset[str]:
        """Names of the timers that may act by themselves when nobody does (`if_silent`), in any workflow."""
        return frozenset(
            name
            for workflow in self.workflows.values()
            for rules in (workflow.clocks, workflow.started(), *(s.timers for s in workflow.states.values()))
            for name, rule in rules.items()
            if rule.if_silent is not None
        )

    def pinned(self, key: str, version: int) -> Workflow:
        """The workflow a hazard runs under."""
        return self.workflows[(key, version)]

    def newest(self, key: str) -> Workflow:
        """The workflow a new hazard opens under; KeyError when there is none with this key."""
        return self.workflows[max(k for k in self.workflows if k[0] == key)]


def install_rules(info: dict[str, Any], rules: Rules) -> None:
    """Give every session of a database these rules."""
    info[_KEY] = rules


def rules_of(session: Session) -> Rules:
    """The rules the session's database was opened with."""
    rules = session.info[_KEY]
    assert isinstance(rules, Rules)
    return rules


def installed_rules(zone: ZoneInfo, *, facts: tuple[FactProvider, ...] = ()) -> Rules:
    """The rules that ship with this installation; raises `WorkflowRefused` when a file is broken."""
    vocabulary = default_vocabulary()
    workflows = load_all(resource_dir("workflows"), vocabulary)
    return Rules(workflows=workflows, vocabulary=vocabulary, calendar=china(), zone=zone, facts=facts)
