"""Benchmarks: one module each, found by its file; `run()` gives the lines to print and to keep."""

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Line:
    """One figure. `ratio` is ours ÷ theirs; None where there is nothing to compare with."""

    name: str
    value: float
    unit: str
    versus: str = ""
    ratio: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """As it stands in the JSON file."""
        return asdict(self)


def names() -> list[str]:
    """The benchmarks there are."""
    return sorted(found.name for found in pkgutil.iter_modules(__path__) if not found.name.startswith("_"))


def run(name: str) -> Sequence[Line]:
    """Run one benchmark."""
    lines: Sequence[Line] = importlib.import_module(f"hazard_flow.bench.{name}").run()
    return lines
