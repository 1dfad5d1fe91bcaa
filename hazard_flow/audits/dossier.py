"""One hazard's record as it is judged: everything the twenty points look at, cut loose from the database. Pure values."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from hazard_flow.audits.rules import AuditRules
from hazard_flow.catalogue.policy import Policy
from hazard_flow.catalogue.rows import CatalogueRow
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.classifying import assigned_at
from hazard_flow.hazards.listed import known_row
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.past import Past
from hazard_flow.hazards.rules import Rules
from hazard_flow.i18n import Label
from hazard_flow.reports.models import Document


@dataclass(frozen=True)
class Known:
    """A person as the record names them."""

    name: str
    unit: str
    roles: frozenset[str]


@dataclass(frozen=True)
class Flag:
    """A doubt some check of originality raised about one piece of evidence."""

    sha256: str
    reason: Label
    #: it cannot be true; otherwise a person must look
    is_grave: bool = False


@dataclass(frozen=True)
class Proven:
    """What the verification of a document found: None, it could not be judged (no seal yet)."""

    holds: bool | None
    reason: Label


@dataclass(frozen=True)
class Dossier:
    """A hazard and all around it, as of one moment."""

    hazard: Hazard
    bodies: tuple[bytes, ...]
    past: tuple[Past, ...]
    evidence: tuple[Evidence, ...]
    people: Mapping[uuid.UUID, Known]
    #: names of the enterprise's units, in both languages
    unit_names: frozenset[str]
    rules: Rules
    audit_rules: AuditRules
    #: of the hazard's place on the day it was classified
    policy: Policy
    #: the newest closure file; None where none is made yet
    document: Document | None
    now: datetime
    #: file → numbers of other hazards that hold the same bytes
    reused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    #: originals the store lacks; None where nobody has looked
    missing: tuple[str, ...] | None = None
    proven: Proven | None = None

    @cached_property
    def acts(self) -> tuple[Past, ...]:
        """What people and the system did, without firings of timers."""
        return tuple(event for event in self.past if event.action is not None)

    def last(self, *actions: str) -> Past | None:
        """The newest of these acts."""
        return next((event for event in reversed(self.acts) if event.action in actions), None)

    def all(self, *actions: str) -> Iterator[Past]:
        """These acts in order."""
        return (event for event in self.acts if event.action in actions)

    def value(self, name: str) -> Any:
        """The latest value of a field; None where no form gave one."""
        found = self.hazard.details.get(name)
        return None if found in ("", []) else found

    def entered(self, stage: str) -> Past | None:
        """The last event that brought it into a stage."""
        return next((e for e in reversed(self.past) if e.is_step and e.data.get("stage") == stage), None)

    @property
    def is_major(self) -> bool:
        """Whether it ended as a major."""
        return self.hazard.level == "major"

    @property
    def assigned_at(self) -> datetime | None:
        """When it was classified and assigned; None for what was settled on the spot."""
        return assigned_at(self.hazard)

    @property
    def checked(self) -> Past | None:
        """The re-check that passed: of a major the signature that completed it; on the spot the second person's look."""
        return self.entered("verified") or self.last("confirm_fix")

    @property
    def cited(self) -> tuple[str, ...]:
        """The clauses and codes the classification cites."""
        return tuple(str(one) for name in ("clause", "basis") for one in (self.value(name) or ()))

    @cached_property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        """The catalogue rows it was judged by, as they were on the day, its own first."""
        codes = [self.hazard.catalogue_code or "", *self.cited]
        found = [row for code in dict.fromkeys(codes) if (row := known_row(self.hazard, code))]
        return tuple({row["code"]: row for row in found}.values())

    @cached_property
    def catalogue(self) -> Mapping[str, CatalogueRow]:
        """The catalogue that counted in the place on the day it was classified."""
        on = self.day(self.assigned_at or self.hazard.reported_at)
        return self.rules.book.catalogue(self.hazard.division, on)

    def day(self, at: datetime) -> date:
        """The date of an instant where the rules are kept."""
        return self.rules.day_of(at)

    def of_kind(self, *kinds: str) -> list[Evidence]:
        """Pieces of evidence of these kinds."""
        return [piece for piece in self.evidence if piece.kind in kinds]
