"""The bars beside a table: drawn here, without scripts; the table says the same in figures. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from hazard_flow.assessment.questions.table import Table

BARS_MAX = 16
#: drawn units: labels stand left of the bars
LABEL_WIDTH, BAR_WIDTH, ROW_HEIGHT = 190, 330, 30
_LETTERS_MAX = 14


@dataclass(frozen=True)
class Bar:
    """One bar: where it stands, how long it is, what it says."""

    y: int
    width: int
    label: str
    whole_label: str
    said: str
    href: str


@dataclass(frozen=True)
class Chart:
    """The bars of one measure."""

    measure: str
    bars: Sequence[Bar]
    is_cut: bool

    @property
    def height(self) -> int:
        """Of the whole drawing."""
        return len(self.bars) * ROW_HEIGHT


def chart(found: Table) -> Chart | None:
    """The first measure of the first groups as bars; None where there is nothing to compare."""
    if not found.lines or not found.group_names:
        return None
    shown = found.lines[:BARS_MAX]
    most = max((line.cells[0].value or 0 for line in shown), default=0)
    bars = [
        Bar(
            y=place * ROW_HEIGHT,
            width=round(BAR_WIDTH * (line.cells[0].value or 0) / most) if most else 0,
            label=_cut(" · ".join(line.names)),
            whole_label=" · ".join(line.names),
            said="–" if line.cells[0].value is None else str(line.cells[0].value),
            href=line.cells[0].href,
        )
        for place, line in enumerate(shown)
    ]
    return Chart(found.measure_names[0], bars, is_cut=len(found.lines) > BARS_MAX)


def _cut(label: str) -> str:
    """As much of a label as stands beside a bar; a Chinese sign takes the room of two letters."""
    room, kept = 2 * _LETTERS_MAX, ""
    for sign in label:
        room -= 2 if sign >= "\u2e80" else 1
        if room < 0:
            return kept.rstrip() + "…"
        kept += sign
    return kept
