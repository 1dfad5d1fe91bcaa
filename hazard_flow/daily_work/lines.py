"""What the lines of work hold, as values: kinds of records, proposed plans, figures. `loading` reads them from the versioned file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hazard_flow.daily_work.fields import WorkField
from hazard_flow.i18n import Label

#: what no file of rules says is said by the register itself
OPEN, DONE, WITHDRAWN = "open", "done", "withdrawn"


@dataclass(frozen=True)
class Cited:
    """Where a rule comes from, and how surely it was read there."""

    clause: Label
    mark: str


@dataclass(frozen=True)
class Watch:
    """A day in a record that must not pass unattended: the end of a certificate, a month before an inspection is due."""

    name: str
    #: the field with the day
    field: str
    #: whole months and days by which it must be attended to before that day
    months_before: int
    days_before: int
    #: the day field that attends to it, where renewing the watched day itself is not the only way
    met_by: str
    #: what attended to the last one lies no later than this field's day
    since: str
    ladder: str
    cited: Cited


@dataclass(frozen=True)
class Term:
    """By when an open record is brought to its end."""

    name: str
    #: the field the days count from, or (with `is_the_day`) the field that says the day itself
    field: str
    is_the_day: bool
    #: the choice field that decides how many working days there are, and the days by its choices
    by: str
    working_days: Mapping[str, int]
    #: calendar days for all, where no working days are named
    days: int
    ladder: str
    cited: Cited


@dataclass(frozen=True)
class RecordKind:
    """One kind of record of a line."""

    key: str
    line: str
    label: Label
    fields: tuple[WorkField, ...]
    #: the field that says on which day it happened
    day: str
    #: the fields that name a record to people
    title: tuple[str, ...]
    #: the enterprise's own key, unique within it; empty where there is none
    own_key: str
    #: everybody in the enterprise sees it, not only the unit that keeps it
    is_shared: bool
    #: files that must come with it
    files_least: int
    #: a record counts as what was planned once all of these are filled
    counts_when: tuple[str, ...]
    #: what a record hangs on: a fill on its cylinder
    parent: str
    #: fields asked when it is brought to an end; empty for what is whole at once
    closing: tuple[WorkField, ...]
    #: it only opens when this field has this value; empty for always
    opens_when: tuple[str, str]
    term: Term | None
    watches: tuple[Watch, ...]
    #: it is in force until the earliest of these days
    expires: tuple[str, ...]
    #: the named consequence of recording one; empty for none
    consequence: str

    def field(self, key: str) -> WorkField | None:
        """A field by its key, those of the closing too."""
        return next((one for one in (*self.fields, *self.closing) if one.key == key), None)

    @property
    def closes(self) -> bool:
        """Whether it stays open until somebody brings it to an end."""
        return bool(self.closing)


@dataclass(frozen=True)
class PlanRule:
    """A plan as it is proposed: how often something is due, and how long there is for it."""

    key: str
    kind: str
    label: Label
    #: RFC 5545
    rule: str
    #: days from its first day to its last; 0: until the day before the next one begins
    term_days: int
    #: the role whose holder is answerable where nobody is named
    role: str
    #: holds for every enterprise without anybody adopting it
    is_law: bool
    cited: Cited


@dataclass(frozen=True)
class Figure:
    """One KPI: a named formula with its words."""

    key: str
    line: str
    label: Label
    formula: str
    args: Mapping[str, str]
    unit: str
    #: `more` or `less` is better
    better: str
    #: percent, or the plain number for sums and counts; None: shown, not judged
    target: float | None
    mark: str


@dataclass(frozen=True)
class WorkLine:
    """One line of daily work."""

    key: str
    kinds: Mapping[str, RecordKind]
    plans: Mapping[str, PlanRule]
    figures: Mapping[str, Figure]
    #: what stands for the whole line to the regulator: `due`, `terms`, a figure's key, or `none`
    summary: str
    unit: str


@dataclass(frozen=True)
class LineBook:
    """All lines of one release."""

    version: int
    lines: Mapping[str, WorkLine]
    kinds: Mapping[str, RecordKind] = field(default_factory=dict)

    @property
    def plans(self) -> Mapping[str, PlanRule]:
        """Every proposed plan by its key."""
        return {key: one for line in self.lines.values() for key, one in line.plans.items()}
