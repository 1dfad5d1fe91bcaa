"""The figures of local policy the door decides by, for one place and day."""

from dataclasses import dataclass, field

from hazard_flow.workflow.definition import Duration
from hazard_flow.workflow.guards import Limits


@dataclass(frozen=True)
class DoorLimits:
    """Defaults are the national ones of the catalogue's policy file, with its sources and marks."""

    extension_times: int = 1
    #: how long before the deadline an extension must be asked for
    extension_apply_before: Duration = field(default_factory=lambda: Duration(3, "workday"))
    household_visits_before_notice: int = 3
    relapse_window_days: int = 180
    penalties_in_180_days: int = 3
    penalties_in_one_year: int = 4

    @property
    def guards(self) -> Limits:
        """What guards ask for."""
        return Limits(
            extension_times=self.extension_times,
            household_visits_before_notice=self.household_visits_before_notice,
        )


def limits_of(level: str) -> DoorLimits:
    """The national figures for a level (domain 3.5 F6)."""
    if level == "major":
        return DoorLimits(extension_times=2, extension_apply_before=Duration(10, "workday"))
    return DoorLimits()
