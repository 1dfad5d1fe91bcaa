"""What the door decides by: the loaded workflows, the rule book of the places, the zone, and the facts other features provide."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.catalogue.queries import keep_rulebook, rulebook_at
from hazard_flow.catalogue.rulebook import RuleBook, shipped_book
from hazard_flow.errors import RulesUnknown
from hazard_flow.hazards.models import Hazard
from hazard_flow.resources import resource_dir
from hazard_flow.workflow.calendar import Calendar
from hazard_flow.workflow.deadlines import Reckoning
from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.fields import FieldBook
from hazard_flow.workflow.loader import load_all
from hazard_flow.workflow.vocabulary import Vocabulary, default_vocabulary

#: Set-based: asked once for a batch, before the guards, `{hazard id: {fact name: value}}`.
FactProvider = Callable[[Session, Sequence[Hazard]], Mapping[uuid.UUID, Mapping[str, Any]]]

_KEY, _NOW = "hazards.rules", "hazards.rules_now"


@dataclass(frozen=True)
class Rules:
    """The rules of this deployment."""

    workflows: Mapping[tuple[str, int], Workflow]
    vocabulary: Vocabulary
    zone: ZoneInfo
    facts: tuple[FactProvider, ...] = field(default=())
    #: policy, catalogue and working days, local ones included
    book: RuleBook = field(default_factory=shipped_book)

    @property
    def fields(self) -> FieldBook:
        """Labels, units and choices of fields, and the names of every word."""
        return self.vocabulary.book

    @property
    def calendar(self) -> Calendar:
        """The working days of the country."""
        return self.book.calendar()

    @cached_property
    def reckoning(self) -> Reckoning:
        """Zone and calendar of the country."""
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

    def reckoning_at(self, division: str) -> Reckoning:
        """Zone and calendar, as deadlines are counted in a division."""
        return Reckoning(zone=self.zone, calendar=self.book.calendar(division))

    def day_of(self, instant: datetime) -> date:
        """The date of an instant where the rules are kept: rules count from day to day."""
        return instant.astimezone(self.zone).date()

    def pinned(self, key: str, version: int) -> Workflow:
        """The workflow a hazard runs under; `RulesUnknown` where only a newer version of the program has it."""
        try:
            return self.workflows[(key, version)]
        except KeyError:
            raise RulesUnknown(f"{key}.v{version}") from None

    def newest(self, key: str) -> Workflow:
        """The workflow a new hazard opens under; KeyError when there is none with this key."""
        return self.workflows[max(k for k in self.workflows if k[0] == key)]


def install_rules(info: dict[str, Any], rules: Rules) -> None:
    """Give every session of a database these rules."""
    info[_KEY] = rules
    keep_rulebook(info)


def amend_rules(info: dict[str, Any], change: Callable[[Rules], Rules]) -> None:
    """Let the sessions of a database that has rules go by changed ones from now on; its rule book stays."""
    info[_KEY] = change(info[_KEY])


def rules_of(session: Session) -> Rules:
    """The rules the session's database was opened with, with the rule book as the last import left it."""
    book, known = rulebook_at(session), session.info.get(_NOW)
    if isinstance(known, Rules) and known.book is book:
        return known
    rules = session.info[_KEY]
    assert isinstance(rules, Rules)
    session.info[_NOW] = current = replace(rules, book=book)
    return current


def installed_rules(zone: ZoneInfo, *, facts: tuple[FactProvider, ...] = ()) -> Rules:
    """The rules that ship with this installation; raises `WorkflowRefused` when a file is broken."""
    vocabulary = default_vocabulary()
    workflows = load_all(resource_dir("workflows"), vocabulary)
    return Rules(workflows=workflows, vocabulary=vocabulary, zone=zone, facts=facts)
