"""The colour of a risk point now (domain 4.3(2)) [D]: what is left of the risk under its measures, and what presses on it. Pure.

An open major makes it red, an open A at least orange; an alarm of level 2 (the worse) red, one of level 1 at least orange. Then, if an A or
a B is past its deadline, one grade up from there, once however many there are. When nothing presses it is the residual colour again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from hazard_flow.risk.colours import one_up, worst

#: urgencies whose missed deadline counts
_PRESSING = ("A", "B")


@dataclass(frozen=True)
class Factor:
    """One thing that presses on a point: an open hazard, or alarms that fire at its place."""

    kind: Literal["hazard", "alarm"]
    level: str = ""
    urgency: str = ""
    is_overdue: bool = False
    #: 1 low, 2 high; of alarms
    alarm_level: int = 0


def dynamic(residual: str, factors: Iterable[Factor]) -> str:
    """The colour under these factors; their order does not matter."""
    pressing = list(factors)
    colour = worst([residual, *(floor for one in pressing if (floor := _floor(one)))])
    if any(one.kind == "hazard" and one.is_overdue and one.urgency in _PRESSING for one in pressing):
        colour = one_up(colour)
    return colour


def _floor(factor: Factor) -> str:
    """The best colour a point can have while this presses on it; empty where it asks for none."""
    if factor.kind == "alarm":
        return {0: "", 1: "orange"}.get(factor.alarm_level, "red")
    if factor.level == "major" or factor.urgency == "M":
        return "red"
    return "orange" if factor.urgency == "A" else ""
