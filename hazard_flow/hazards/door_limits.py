"""The figures of local policy the door decides by, for one place, level and day."""

from dataclasses import dataclass
from datetime import datetime

from hazard_flow.hazards.rules import Rules
from hazard_flow.workflow.definition import Duration
from hazard_flow.workflow.guards import Limits


@dataclass(frozen=True)
class DoorLimits:
    """What each figure means, its source and its mark stand in the catalogue's policy file."""

    extension_times: int
    #: how long before the deadline an extension must be asked for
    extension_apply_before: Duration
    household_visits_before_notice: int
    relapse_window_days: int
    penalties_in_180_days: int
    penalties_in_one_year: int

    @property
    def guards(self) -> Limits:
        """What guards ask for."""
        return Limits(
            extension_times=self.extension_times,
            household_visits_before_notice=self.household_visits_before_notice,
        )


def door_limits(rules: Rules, *, division: str, level: str, now: datetime) -> DoorLimits:
    """The figures in force in a division now."""
    policy = rules.book.policy(division, rules.day_of(now))
    return DoorLimits(
        extension_times=policy.count("extension_times", level),
        extension_apply_before=policy.span("extension_apply_before", level),
        household_visits_before_notice=policy.count("household_visits_before_notice"),
        relapse_window_days=policy.count("relapse_window_days"),
        penalties_in_180_days=policy.count("penalties_in_180_days"),
        penalties_in_one_year=policy.count("penalties_in_one_year"),
    )
