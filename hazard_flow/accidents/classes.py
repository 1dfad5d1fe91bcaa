"""The class of an accident, and until when changed casualties are reported in addition. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hazard_flow.accidents.rules import AccidentRules, accident_rules

#: kinds of happening that art. 13 treats as fires [M]
FIRES = frozenset({"fire"})


@dataclass(frozen=True)
class Toll:
    """What an accident cost: counts of people, loss in whole CNY. Who was acutely poisoned counts as seriously injured [M]."""

    dead: int = 0
    seriously_injured: int = 0
    loss_yuan: int = 0


def classify(toll: Toll, rules: AccidentRules | None = None) -> str:
    """`particularly_major`, `major`, `larger` or `ordinary`: the worst class any of the three counts reaches.

    State Council Order 493 art. 3 [V]: a number at the boundary belongs to the worse class ("以上" includes it [M]).
    """
    for one in (rules or accident_rules()).thresholds:
        if (
            toll.dead >= one.dead
            or toll.seriously_injured >= one.seriously_injured
            or toll.loss_yuan >= one.loss_yuan
        ):
            return one.key
    return "ordinary"


def supplements_until(category: str, occurred_at: datetime, rules: AccidentRules | None = None) -> datetime:
    """The end of the days in which casualties that change are reported in addition (Order 493 art. 13 [M])."""
    known = rules or accident_rules()
    days = known.supplement_days_fire if category in FIRES else known.supplement_days
    return occurred_at + timedelta(days=days)
