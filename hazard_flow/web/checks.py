"""The registries behind `/watchz`, `/status` and `/metrics`: each feature says what must never go unseen, and what it counts.

No Flask, so workers and the command line ask the same questions.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from prometheus_client.metrics_core import Metric
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hazard_flow.i18n import Label, both, known

#: What is wrong, one sentence for an operator in both languages, or None.
Check = Callable[[Session, datetime], Label | None]
#: Figures for Prometheus: counts and ages, never a name or a number of a hazard.
Meter = Callable[[Session, datetime], Iterable[Metric]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Checks:
    """Named checks: `watch` ones make `/watchz` answer 503, `ready` ones `/readyz`; meters fill `/metrics`.

    A watch check brings the words of its line on `/status`: `watch.<name>.title`, `.fine` and `.mend` in the feature's messages.yaml.
    """

    watch: dict[str, Check] = field(default_factory=dict)
    ready: dict[str, Check] = field(default_factory=dict)
    meters: list[Meter] = field(default_factory=list)

    def register(self, name: str, check: Check) -> None:
        """One more thing to watch over; a name belongs to one check."""
        assert name not in self.watch, f"the check {name!r} is registered twice"
        for word in ("title", "fine", "mend"):
            assert known(f"watch.{name}.{word}"), f"the check {name!r} has no sentence watch.{name}.{word}"
        self.watch[name] = check

    def register_ready(self, name: str, check: Check) -> None:
        """One more condition for this process to take requests."""
        assert name not in self.ready, f"the check {name!r} is registered twice"
        self.ready[name] = check

    def register_meter(self, meter: Meter) -> None:
        """One more source of figures."""
        self.meters.append(meter)


def problems(checks: dict[str, Check], session: Session, now: datetime) -> Iterator[tuple[str, Label]]:
    """(name, sentence) of each check that found something, by name."""
    for name, check in sorted(checks.items()):
        problem = ask(name, check, session, now)
        if problem is not None:
            yield name, problem


def ask(name: str, check: Check, session: Session, now: datetime) -> Label | None:
    """What one check finds. One that breaks has found something: it must not take the others with it, nor pass for fine."""
    try:
        return check(session, now)
    except SQLAlchemyError:
        raise  # the database, not the check; whoever asks says so once
    except Exception:
        log.exception("watch.check_failed", check=name)
        return both("watch.broken", name=name)
