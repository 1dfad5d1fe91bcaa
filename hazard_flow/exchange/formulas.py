"""Cells that a spreadsheet would take for a formula are written so that it does not, and read back as they were.

A name such as `=HYPERLINK(…)` that somebody entered here would otherwise run on the desk of whoever opens the export
(OWASP, "CSV Injection"). Plain numbers, also negative ones, stay as they are.
"""

import re
from typing import Any

#: what a cell must begin with to be taken for a formula; tab and carriage return are skipped by some programs before they look
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_MARK = "'"


def guarded(cell: Any) -> Any:
    """The cell for a CSV file; anything but text stays as it is."""
    if not isinstance(cell, str) or not cell:
        return cell
    # a text that begins with our mark gets another, so that reading takes away exactly what writing put there
    is_marked = cell.startswith(_MARK) and cell.lstrip(_MARK).startswith(_BEGINNINGS)
    if is_marked or (cell.startswith(_BEGINNINGS) and not _NUMBER.fullmatch(cell)):
        return _MARK + cell
    return cell


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    if cell.startswith(_MARK) and cell.lstrip(_MARK).startswith(_BEGINNINGS):
        return cell[1:]
    return cell
