"""The four risk colours (domain 4.2), worst first, and how they compare. Process and warning colours are other enums of the same words."""

from collections.abc import Iterable, Sequence
from typing import Final

COLOURS: Final = ("red", "orange", "yellow", "blue")


def number(colour: str) -> int:
    """1 for red … 4 for blue: the grade. Raises ValueError for any other word."""
    return COLOURS.index(colour) + 1


def worst(colours: Iterable[str]) -> str:
    """The worst of some; there must be one."""
    return COLOURS[min(number(one) for one in colours) - 1]


def one_up(colour: str) -> str:
    """One grade worse; red stays red."""
    return COLOURS[max(0, number(colour) - 2)]


def as_bad_as(colour: str) -> Sequence[str]:
    """A colour and those worse than it."""
    return COLOURS[: number(colour)]
