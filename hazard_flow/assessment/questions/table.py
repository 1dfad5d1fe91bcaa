"""An answer as a table in one language: for the page, for files, for mail. The same rows everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from hazard_flow.assessment.questions import dimensions
from hazard_flow.assessment.questions.answering import Answer, Cell
from hazard_flow.exchange.workbook import write_rows
from hazard_flow.exchange.writing import write
from hazard_flow.i18n import text

#: rows of a mail; the page has all
MAIL_ROWS_MAX = 40


@dataclass(frozen=True)
class Line:
    """One row: the names of its groups, and its figures in the order of the columns."""

    names: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A table of an answer."""

    group_names: tuple[str, ...]
    measure_names: tuple[str, ...]
    lines: tuple[Line, ...]
    total: Line
    is_cut: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """All column names."""
        return self.group_names + self.measure_names


def table(session: Session, answer: Answer, locale: str) -> Table:
    """The table with names in the reader's language; names of the same group told apart where they are alike."""
    groups, measures = answer.question.groups, answer.question.measures
    called = [
        dimensions.names(session, key, {row.values[place] for row in answer.rows}, locale)
        for place, key in enumerate(groups)
    ]
    whole = text("questions.total", locale)
    return Table(
        group_names=tuple(text(f"questions.dimension.{key}", locale) for key in groups),
        measure_names=tuple(text(f"questions.measure.{key}", locale) for key in measures),
        lines=tuple(
            Line(
                tuple(called[place][value] for place, value in enumerate(row.values)),
                tuple(row.cells[key] for key in measures),
            )
            for row in answer.rows
        ),
        total=Line(
            (whole, *[""] * (len(groups) - 1))[: len(groups)],
            tuple(answer.total.cells[key] for key in measures),
        ),
        is_cut=answer.is_cut,
    )


def csv(found: Table) -> str:
    """A CSV file in UTF-8 with its mark; what a spreadsheet would take for a formula is written so that it does not."""
    names = _apart(found.columns)
    return write(
        ".csv",
        names,
        [dict(zip(names, [*line.names, *map(_said, line.cells)], strict=True)) for line in _all(found)],
    )


def xlsx(found: Table, title: str) -> bytes:
    """A workbook of one sheet; texts stay texts whatever they begin with, figures are numbers."""
    rows = [
        [*line.names, *[cell.value if cell.value is not None else "" for cell in line.cells]]
        for line in _all(found)
    ]
    return write_rows(found.columns, rows, title=title)


def plain(found: Table, locale: str) -> list[str]:
    """The lines of a mail."""
    joint = text("questions.mail.joint", locale)
    lines = [joint.join(found.columns)]
    lines += [joint.join([*line.names, *map(_shown, line.cells)]) for line in found.lines[:MAIL_ROWS_MAX]]
    if len(found.lines) > MAIL_ROWS_MAX or found.is_cut:
        lines.append(text("questions.mail.more", locale))
    if found.group_names:
        lines.append(joint.join([found.total.names[0], *map(_shown, found.total.cells)]))
    else:
        lines.append(joint.join(map(_shown, found.total.cells)))
    return lines


def _all(found: Table) -> Sequence[Line]:
    return (*found.lines, found.total)


def _apart(names: Sequence[str]) -> list[str]:
    """Column names, each different."""
    return [
        name if names.index(name) == place else f"{name} ({place + 1})" for place, name in enumerate(names)
    ]


def _said(cell: Cell) -> str:
    return "" if cell.value is None else f"{cell.value}"


def _shown(cell: Cell) -> str:
    return "–" if cell.value is None else f"{cell.value}"
