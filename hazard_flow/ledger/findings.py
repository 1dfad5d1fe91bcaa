"""What a verification finds: where something is broken and what, and the counts of what was looked at."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hazard_flow.i18n import Label, both

#: kept in full; the others are only counted
KEPT = 100


@dataclass(frozen=True)
class Broken:
    """One row that does not hold."""

    table: str
    #: its key there: `event 3` of a hazard, `leaf 17`, `level 2 place 5`, …
    row: str
    #: of the sentence `ledger.broken.<code>`
    code: str
    #: the hazard's number and the event's in its chain, where it belongs to one
    hazard: str | None = None
    seq: int | None = None
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> Label:
        """What is wrong, in both languages."""
        return both(f"ledger.broken.{self.code}", **self.params)

    def as_dict(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "table": self.table,
            "row": self.row,
            "hazard": self.hazard,
            "seq": self.seq,
            "code": self.code,
            "en": self.said.en,
            "zh": self.said.zh,
        }


@dataclass
class Findings:
    """The report of one verification, written while it goes on."""

    counts: dict[str, int] = field(default_factory=dict)
    kept: list[Broken] = field(default_factory=list)
    total: int = 0

    def add(self, broken: Broken) -> None:
        """One more that does not hold; of very many the first are kept."""
        self.total += 1
        if len(self.kept) < KEPT:
            self.kept.append(broken)

    @property
    def is_intact(self) -> bool:
        """Whether everything holds."""
        return self.total == 0

    @property
    def first(self) -> Broken | None:
        """The first row found broken."""
        return self.kept[0] if self.kept else None


#: told how many more rows have been looked at
Advance = Callable[[int], None]
