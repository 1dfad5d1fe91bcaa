"""What is wrong with a workflow file: file, line, rule and how to mend it; all of them, not only the first.

Rule numbers: 1 reachable · 2 closed reachable · 3 no silence · 4 nobody approves own work · 5 fields can be filled · 6 anchors are set ·
7 ladders end at the highest regulator and repeat · 8 rungs climb · 9 no automatic cycle · 10 words and structure known · 11 languages,
durations, ranges · 12 a released file never changes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

#: notes a problem: (line, rule, message, mend)
Refuse = Callable[[int, int, str, str], None]

UNREACHABLE, CLOSED_UNREACHABLE, SILENCE, OWN_WORK, UNFILLABLE, ANCHOR = 1, 2, 3, 4, 5, 6
LADDER_END, LADDER_CLIMB, AUTOMATIC_CYCLE, WORDS, LANGUAGE, RELEASED = 7, 8, 9, 10, 11, 12


@dataclass(frozen=True, order=True)
class Problem:
    """One refusal: where it is, which of the twelve rules it breaks, and a mend."""

    file: str
    line: int
    rule: int
    message: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: rule {self.rule}: {self.message}" + (
            f" Mend: {self.mend}" if self.mend else ""
        )


class WorkflowRefused(ValueError):
    """A workflow file may not load; `problems` lists every reason."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Unreadable(ValueError):
    """The file cannot be read as UTF-8 YAML at all."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))
