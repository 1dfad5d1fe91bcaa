"""Benchmarks: one module each, found by its name; `run()` gives the lines to print and to keep."""

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Options:
    """How a benchmark is run."""

    #: a small run, to see that it works: its figures say little
    quick: bool = False
    #: also measure other programs, installed for it into a folder of their own
    peers: bool = False
    #: where plots and tables of the single rounds go
    out: Path | None = None


@dataclass(frozen=True)
class Bar:
    """What a figure should be: a line's ratio, or its value where it is compared with nothing."""

    limit: float
    at_least: bool

    def holds(self, figure: float) -> bool:
        """Whether it is."""
        return figure >= self.limit if self.at_least else figure <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"


@dataclass(frozen=True)
class Line:
    """One figure. `ratio` is ours ÷ theirs; None where there is nothing to compare with."""

    name: str
    value: float
    unit: str
    versus: str = ""
    ratio: float | None = None
    bar: Bar | None = None

    @property
    def holds(self) -> bool | None:
        """Whether the bar is met; None where there is none."""
        if self.bar is None:
            return None
        return self.bar.holds(self.value if self.ratio is None else self.ratio)

    def as_dict(self) -> dict[str, Any]:
        """As it stands in the JSON file."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "versus": self.versus,
            "ratio": self.ratio,
        }


def names() -> list[str]:
    """The benchmarks there are."""
    return sorted(found.name for found in pkgutil.iter_modules(__path__) if not found.name.startswith("_"))


def run(name: str, options: Options = Options()) -> Sequence[Line]:
    """Run one benchmark."""
    lines: Sequence[Line] = importlib.import_module(f"hazard_flow.bench.{name}").run(options)
    return lines
