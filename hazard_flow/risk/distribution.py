"""The four-colour picture of an area (domain 4.3(6)) [D]: how many points of each colour, the worst, and one figure to compare by. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from hazard_flow.risk.colours import COLOURS, worst
from hazard_flow.risk.grading import Grading


@dataclass(frozen=True)
class Distribution:
    """Points by colour."""

    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    @property
    def worst(self) -> str:
        """The area's colour: that of its worst point; empty where there is none."""
        present = [colour for colour in COLOURS if self.counts.get(colour)]
        return worst(present) if present else ""

    def share_percent(self, colour: str) -> float:
        """How much of the whole this colour is, in percent."""
        return 100 * self.counts.get(colour, 0) / self.total if self.total else 0.0

    def index(self, rules: Grading) -> Decimal | None:
        """100 × Σ w·n / Σ n·w_red, to one place: 100 where every point is red, 10 where every one is blue; None without points."""
        if not self.total:
            return None
        weighed = sum((rules.grades[c].weight * self.counts.get(c, 0) for c in COLOURS), Decimal(0))
        whole = rules.grades["red"].weight * self.total
        return (100 * weighed / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
