"""Who fires the timers of which kind of subject: features register their handler, the engine knows no other word of theirs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from hazard_flow.schedule.rows import TimerRow


class Claim(Protocol):
    """Lock due timers and their subjects together, oldest first, passing over locked ones (`schedule.claims.claim_due`)."""

    def __call__(self, session: Session, now: datetime, limit: int) -> Sequence[TimerRow]:
        """At most `limit` due timers."""


class Fire(Protocol):
    """Do what is due, all in this transaction.

    1 what has moved on since the timer was made is a recorded no-op · 2 the effect · 3 the next timers. Raise `schedule.claims.Poisoned`
    for one timer that cannot be fired, anything else when it is not clear which. Claimed rows still due afterwards are removed.
    """

    def __call__(self, session: Session, timers: Sequence[TimerRow], now: datetime) -> None:
        """Fire the claimed timers in the order given."""


@dataclass(frozen=True)
class TimerHandler:
    """What a feature does when the timers of its kind of subject are due."""

    #: the `subject_kind` of its timers
    kind: str
    claim: Claim
    fire: Fire


class Handlers:
    """One handler a kind."""

    def __init__(self, handlers: Iterable[TimerHandler] = ()) -> None:
        self._by_kind: dict[str, TimerHandler] = {}
        for handler in handlers:
            self.register(handler)

    def register(self, handler: TimerHandler) -> None:
        """One more kind of subject."""
        assert handler.kind not in self._by_kind, f"timers of {handler.kind!r} have a handler already"
        self._by_kind[handler.kind] = handler

    def __iter__(self) -> Iterator[TimerHandler]:
        return iter(self._by_kind.values())

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds somebody fires."""
        return tuple(self._by_kind)
