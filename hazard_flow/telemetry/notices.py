"""A transition of an alert with the words for it: what the alerts hand to the hazards."""

import re
import uuid
from dataclasses import dataclass

from hazard_flow.assets.models import Asset
from hazard_flow.telemetry.alerts import Change, Transition
from hazard_flow.telemetry.models import Alert, Device

#: control characters stand in no record
_UNWRITABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+")
SUMMARY_LENGTH_MAX = 100
SUBJECT_LENGTH_MAX = 60
Key = tuple[uuid.UUID, str]


class NotTaken(Exception):
    """The door refused what an alert asked for; the caller undoes the batch and finds out whose fault it is."""


@dataclass(frozen=True)
class Notice:
    """A transition of an alert, with the words for it."""

    alert: Alert
    transition: Transition
    site: Asset
    device: Device | None
    unit: str = ""

    @property
    def key(self) -> Key:
        """Site and family: what at most one open hazard is about."""
        return self.site.id, self.alert.family

    @property
    def subject(self) -> str:
        """The device's code, or the site's where none was named."""
        return plain(self.device.code if self.device else self.site.code)[:SUBJECT_LENGTH_MAX]

    @property
    def reading(self) -> str:
        """The value with its unit, else the sender's own summary; empty where there is neither."""
        if self.transition.value is not None:
            return f"{self.transition.value:g} {self.unit}".strip()
        if self.transition.change is Change.ENDED:
            return ""  # the summary still tells of the alarm
        return plain(self.alert.summary).removeprefix(self.subject).lstrip(" :：")[:SUMMARY_LENGTH_MAX]

    @property
    def request_key(self) -> str:
        """The same for the same step of the same episode, whenever and however often it is worked out."""
        step = self.transition
        parts = (
            self.alert.fingerprint,
            step.episode,
            step.change.value,
            str(step.level),
            step.at.isoformat(),
        )
        return "alert:" + ":".join(parts)


def plain(said: str) -> str:
    """The words without what no record takes."""
    return _UNWRITABLE.sub(" ", said).strip()
