"""What a mutant is, and how it is planted."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from unittest.mock import patch

from hazard_flow.workflow import deadlines, plan
from tests.harness.cast import START


@dataclass
class Hits:
    """How often a planted fault made a difference to what was done."""

    count: int = 0

    def __call__(self) -> None:
        """Once more."""
        self.count += 1


@dataclass(frozen=True)
class Life:
    """What kind of days an episode is made of: odds of steps beside the usual ones, weights of acts, when it begins."""

    name: str
    odds: Mapping[str, float] = field(default_factory=dict)
    acts: Mapping[str, float] = field(default_factory=dict)
    start: datetime = START
    #: whether requests and workers break half-way
    breaks: bool = False
    #: not drawn but told: the one history in `oracle.told_city`
    is_told: bool = False


#: makes the replacement of a function from the function itself; calls the hits where it does otherwise than it
Make = Callable[[Callable[..., Any], Hits], Callable[..., Any]]


@dataclass(frozen=True)
class Mutant:
    """One fault: what it breaks, in a sentence; where; in what kind of life it shows."""

    name: str
    breaks: str
    owner: Any
    attribute: str
    make: Make
    life: Life
    #: further places the same function is used in
    also: tuple[Any, ...] = ()

    @contextmanager
    def planted(self) -> Iterator[Hits]:
        """Inside, the product has the fault."""
        hits = Hits()
        with ExitStack() as stack:
            for owner in (self.owner, *self.also):
                static = isinstance(vars(owner).get(self.attribute), staticmethod)
                new = self.make(getattr(owner, self.attribute), hits)
                stack.enter_context(patch.object(owner, self.attribute, staticmethod(new) if static else new))
            _forget()
            try:
                yield hits
            finally:
                _forget()


def _forget() -> None:
    """Due times are remembered; those counted with a fault, or without it, must not be."""
    deadlines._end_of_last_day.cache_clear()
    plan._rungs_at.cache_clear()
