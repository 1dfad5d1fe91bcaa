"""The values in force for a place and a day: national defaults, overlaid by the rows of the place, part by part. Pure.

Order of precedence: the row of the longest division prefix; among those of one division a local row before a shipped one, then the later
`valid_from`, then the newer entry. A row that falls short of a national bound counts nowhere, whoever wrote it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from hazard_flow.catalogue.policy_keys import PolicyKey
from hazard_flow.i18n import Label
from hazard_flow.identity.roles import division_prefix
from hazard_flow.workflow.definition import Duration, Keyed

NATIONAL = ""
#: how surely a value was read: in an official text, second-hand, in part, from memory; or our own design
MARKS = ("V", "V2", "P", "M", "D")


@dataclass(frozen=True)
class PolicyRow:
    """One value of one key for one place, with the days it counts and where it comes from."""

    definition: PolicyKey
    #: prefix of the division codes it is for; empty for the whole country
    division: str
    #: plain value: see `policy_keys`
    value: Any
    #: None for a draft, which is never in force
    valid_from: date | None
    #: last day, that day included; None where no end is known
    valid_to: date | None
    source: Label
    #: one of `MARKS`
    confidence: str
    #: the shipped file (`v1`), or the running number of a local entry
    version: str
    is_local: bool = False
    #: a local row that was taken back: shown in the history, never in force
    is_withdrawn: bool = False
    entered_by: str = ""
    entered_at: datetime | None = None

    @property
    def key(self) -> str:
        """The name of the value."""
        return self.definition.key

    def in_force(self, division: str, on: date) -> bool:
        """Whether it counts for a place on a day."""
        return (
            not self.is_withdrawn
            and self.valid_from is not None
            and self.valid_from <= on
            and (self.valid_to is None or on <= self.valid_to)
            and division.startswith(self.division)
        )

    @property
    def rank(self) -> tuple[int, bool, date, int]:
        """The higher one counts."""
        number = int(self.version) if self.is_local else 0
        return len(self.division), self.is_local, self.valid_from or date.min, number


@dataclass(frozen=True)
class Entry:
    """The value of one part of one key, and the row it comes from."""

    plain: Any
    row: PolicyRow


@dataclass(frozen=True)
class Policy:
    """What holds in one place on one day."""

    division: str
    on: date
    #: every key some row speaks of, here or elsewhere
    keys: Mapping[str, PolicyKey]
    #: key → part (empty for a key without parts) → entry
    entries: Mapping[str, Mapping[str, Entry]]
    #: (row, part) that would count but fall short of a national bound
    ignored: tuple[tuple[PolicyRow, str], ...] = field(default=())

    def entry(self, key: str, level: str | None = None) -> Entry | None:
        """Value and row of a key; `level` names the part where it differs by level, urgency or pressure tier. Unknown keys: KeyError."""
        if key not in self.keys:
            raise KeyError(key)
        return self.entries.get(key, {}).get(level or "")

    def value(self, key: str, level: str | None = None) -> Any:
        """The typed value: Duration, int, Decimal, bool, text or groups of evidence codes; None where nothing is set for this part."""
        found = self.entry(key, level)
        return None if found is None else self.keys[key].typed(found.plain)

    def span(self, key: str, level: str | None = None) -> Duration:
        """A span; raises KeyError where none is set."""
        return cast("Duration", self._set(key, level))

    def count(self, key: str, level: str | None = None) -> int:
        """A whole number in the key's unit; raises KeyError where none is set."""
        return cast("int", self._set(key, level))

    def flag(self, key: str, level: str | None = None) -> bool:
        """Yes or no; raises KeyError where nothing is set."""
        return cast("bool", self._set(key, level))

    def years(self, key: str, level: str | None = None) -> int | None:
        """Years to keep something, None for ever; raises KeyError where nothing is set."""
        if self.entry(key, level) is None:
            raise KeyError(key, level)
        return cast("int | None", self.value(key, level))

    def evidence(self, key: str) -> tuple[tuple[str, ...], ...]:
        """Groups of evidence codes, of each of which one piece is needed; raises KeyError where none are set."""
        return cast("tuple[tuple[str, ...], ...]", self._set(key, None))

    def limit(self, workflow: str, timer: str) -> Mapping[str, Duration]:
        """The place's own spans for a time limit of a workflow, by urgency; empty where the workflow's own hold."""
        found = self.entries.get(f"limit.{workflow}.{timer}", {})
        return {part: self.span(f"limit.{workflow}.{timer}", part) for part in found}

    def _set(self, key: str, level: str | None) -> Any:
        value = self.value(key, level)
        if value is None:
            raise KeyError(key, level)
        return value


def policy_at(rows: Collection[PolicyRow], division: str, on: date) -> Policy:
    """The policy of a division (any code of 2 to 12 digits, empty for the national defaults) on a day."""
    prefix = division_prefix(division) if division else NATIONAL
    counting = sorted((row for row in rows if row.in_force(prefix, on)), key=lambda row: row.rank)
    national: dict[str, dict[str, Any]] = {}
    entries: dict[str, dict[str, Entry]] = {}
    ignored: list[tuple[PolicyRow, str]] = []
    for row in counting:
        for part, plain in parts_of(row.definition, row.value).items():
            if row.division == NATIONAL:
                national.setdefault(row.key, {})[part] = plain
            elif row.definition.falls_short(plain, national.get(row.key, {}).get(part)):
                ignored.append((row, part))
                continue
            entries.setdefault(row.key, {})[part] = Entry(plain, row)
    return Policy(prefix, on, {row.key: row.definition for row in rows}, entries, tuple(ignored))


def parts_of(known: PolicyKey, value: Any) -> Mapping[str, Any]:
    """A plain value by part; a key without parts has one, unnamed."""
    return cast("Mapping[str, Any]", value) if known.parts else {"": value}


def tightened_span(spans: Keyed[Duration] | None, own: Mapping[str, Duration]) -> Keyed[Duration] | None:
    """A workflow's spans with those of a place in their stead, urgency by urgency."""
    if spans is None or not own:
        return spans
    return Keyed(by_urgency={**spans.by_urgency, **own}, default=spans.default)
