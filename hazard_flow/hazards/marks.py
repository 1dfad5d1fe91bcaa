"""The marks every hazard page shares: the shape of a level, how full a stage is, a deadline as seen now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

STAGE_FILL = {
    "reported": 0,
    "assigned": 25,
    "rectifying": 50,
    "verified": 75,
    "closed": 100,
}  # percent of the stage circle
SOON = timedelta(hours=24)

Tier = Literal[0, 1, 2, 3, 4]


def tier(level: str, urgency: str | None) -> Tier:
    """Which of the four shapes stands for a hazard: 1 重大, 2 一般 A, 3 一般 B, 4 一般 C; 0 while nobody has classified it."""
    if level == "major" or urgency == "M":
        return 1
    tiers: dict[str | None, Tier] = {"A": 2, "B": 3, "C": 4}
    return tiers.get(urgency, 0)


@dataclass(frozen=True)
class Countdown:
    """A deadline as seen now: what is left (negative once past) and how much of the span is used, 0–100."""

    due_at: datetime
    left: timedelta
    used_percent: int

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed."""
        return self.left < timedelta(0)

    @property
    def is_soon(self) -> bool:
        """Whether less than a day is left."""
        return timedelta(0) <= self.left < SOON

    @property
    def distance(self) -> timedelta:
        """How far the deadline is away, in either direction."""
        return abs(self.left)


def countdown(due_at: datetime, *, started_at: datetime, now: datetime) -> Countdown:
    """The deadline seen at `now`; a span of no length counts as used up."""
    whole = (due_at - started_at).total_seconds()
    used = (now - started_at).total_seconds()
    percent = 100 if whole <= 0 else max(0, min(100, round(100 * used / whole)))
    return Countdown(due_at=due_at, left=due_at - now, used_percent=percent)
