"""The registry behind `/watchz`: each feature says what must never go unseen. No Flask, so workers ask the same questions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

#: What is wrong in one sentence for an operator, or None.
Check = Callable[[Session, datetime], str | None]


@dataclass(frozen=True)
class Checks:
    """Named checks: `watch` ones make `/watchz` answer 503, `ready` ones `/readyz`."""

    watch: dict[str, Check] = field(default_factory=dict)
    ready: dict[str, Check] = field(default_factory=dict)

    def register(self, name: str, check: Check) -> None:
        """One more thing to watch over; a name belongs to one check."""
        assert name not in self.watch, f"the check {name!r} is registered twice"
        self.watch[name] = check

    def register_ready(self, name: str, check: Check) -> None:
        """One more condition for this process to take requests."""
        assert name not in self.ready, f"the check {name!r} is registered twice"
        self.ready[name] = check


def problems(checks: dict[str, Check], session: Session, now: datetime) -> Iterator[tuple[str, str]]:
    """(name, sentence) of each check that found something."""
    for name, check in sorted(checks.items()):
        problem = check(session, now)
        if problem is not None:
            yield name, problem
