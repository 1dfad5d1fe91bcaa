"""The rule book of an installation: what is shipped and what places entered, as one value that answers by itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import TypeVar

from hazard_flow.catalogue.calendars import Calendars
from hazard_flow.catalogue.policy import Policy, PolicyRow, policy_at
from hazard_flow.catalogue.policy_file import shipped_policy
from hazard_flow.catalogue.rows import LEVELS, URGENCIES, CatalogueRow, load, version_on
from hazard_flow.identity.roles import division_prefix
from hazard_flow.workflow.calendar import Calendar

T = TypeVar("T")
#: (division, day)
Asked = tuple[str, date]
#: answers kept of each kind; a new book begins without any
KEPT_MAX = 512
#: mildest first
_LEVEL_ORDER = tuple(reversed(LEVELS))


@dataclass(frozen=True)
class RuleBook:
    """Policy, catalogue and working days as they stand at one moment. Frozen: an import makes a new one."""

    policy_rows: tuple[PolicyRow, ...]
    #: local rows of the catalogue, newest entry of each, withdrawn ones left out
    local_rows: tuple[CatalogueRow, ...] = ()
    calendars: Calendars = field(default_factory=Calendars)
    _policies: dict[Asked, Policy] = field(default_factory=dict, repr=False, compare=False)
    _catalogues: dict[Asked, Mapping[str, CatalogueRow]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def policy(self, division: str, on: date) -> Policy:
        """The values in force in a division on a day."""
        return self._keep(self._policies, (division, on), lambda: policy_at(self.policy_rows, division, on))

    def catalogue(self, division: str, on: date) -> Mapping[str, CatalogueRow]:
        """The rows of the catalogue that count in a division on a day, by code: shipped ones, as local lists tighten and add to them."""
        return self._keep(self._catalogues, (division, on), lambda: self._catalogue(division, on))

    def calendar(self, division: str = "") -> Calendar:
        """The working days a division goes by."""
        return self.calendars.at(division)

    def _catalogue(self, division: str, on: date) -> dict[str, CatalogueRow]:
        found = dict(load(version_on(on)))
        prefix = division_prefix(division) if division else ""
        counting = [row for row in self.local_rows if counts(row, prefix, on)]
        for row in sorted(
            counting, key=lambda one: (len(one.authority_division), one.valid_from or date.min)
        ):
            known = found.get(row.code)
            found[row.code] = row if known is None else tightened(known, row)
        return found

    @staticmethod
    def _keep(kept: dict[Asked, T], asked: Asked, answer: Callable[[], T]) -> T:
        found = kept.get(asked)
        if found is None:
            if len(kept) >= KEPT_MAX:
                kept.clear()
            found = kept[asked] = answer()
        return found


@cache
def shipped_book() -> RuleBook:
    """The rules of this release alone, as before any place entered its own."""
    return RuleBook(policy_rows=shipped_policy().rows)


def counts(row: CatalogueRow, prefix: str, on: date) -> bool:
    """Whether a local row counts in a division on a day; one without a first day is a draft."""
    return (
        row.valid_from is not None
        and row.valid_from <= on
        and (row.valid_to is None or on <= row.valid_to)
        and prefix.startswith(row.authority_division)
    )


def tightened(known: CatalogueRow, local: CatalogueRow) -> CatalogueRow:
    """What a local row makes of a row it speaks of: it may word it anew and ask for more, never for less."""
    return replace(
        local,
        level=max(known.level, local.level, key=_LEVEL_ORDER.index),
        urgency=min(known.urgency, local.urgency, key=URGENCIES.index),
        response_within=min(known.response_within, local.response_within),
        deadline_days=min(known.deadline_days, local.deadline_days),
        suggested_evidence=tuple(dict.fromkeys((*known.suggested_evidence, *local.suggested_evidence))),
        telemetry_trigger=local.telemetry_trigger or known.telemetry_trigger,
        national_level=known.national_level,
    )


def laxer(known: CatalogueRow, local: CatalogueRow) -> Sequence[tuple[str, str]]:
    """Where a local row asks for less than the row it speaks of: (column, what is there at least or at most)."""
    found = []
    if _LEVEL_ORDER.index(local.level) < _LEVEL_ORDER.index(known.level):
        found.append(("default_level", known.level))
    if URGENCIES.index(local.urgency) > URGENCIES.index(known.urgency):
        found.append(("urgency", known.urgency))
    if local.response_within > known.response_within:
        found.append(("response_hours", str(known.response_within.total_seconds() / 3600)))
    if local.deadline_days > known.deadline_days:
        found.append(("deadline_days", str(known.deadline_days)))
    missing = [code for code in known.suggested_evidence if code not in local.suggested_evidence]
    if missing:
        found.append(("suggested_evidence", ";".join(missing)))
    return found
