"""A transition of an alert with the words for it: what the alerts hand to the hazards."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hazard_flow.assets.models import Asset
from hazard_flow.telemetry.alerts import Change, Transition
from hazard_flow.telemetry.models import Alert, Device
from hazard_flow.telemetry.rules import ALERT_CLASSES

#: control characters stand in no record
_UNWRITABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+")
SUMMARY_LENGTH_MAX = 100
SUBJECT_LENGTH_MAX = 60
Key = tuple[uuid.UUID, str]
RANKS: Mapping[str, int] = {name: rank for rank, name in enumerate(ALERT_CLASSES)}
CHANGES = tuple(Change)


class NotTaken(Exception):
    """The door refused what an alert asked for; the caller undoes the batch and finds out whose fault it is."""


@dataclass(frozen=True)
class Held:
    """Where the hazard of an alert stands when it is not its own site's: that of a gateway."""

    site: Asset
    family: str


@dataclass(frozen=True)
class Notice:
    """A transition of an alert, with the words for it."""

    alert: Alert
    transition: Transition
    site: Asset
    device: Device | None
    unit: str = ""
    held: Held | None = None

    @property
    def key(self) -> Key:
        """Site and family: what at most one open hazard is about."""
        return self.hazard_site.id, self.hazard_family

    @property
    def hazard_site(self) -> Asset:
        """The asset its hazard is at."""
        return self.held.site if self.held else self.site

    @property
    def hazard_family(self) -> str:
        """What its hazard is about."""
        return self.held.family if self.held else self.alert.family

    @property
    def place_in_order(self) -> tuple[datetime, int, int, int, str, str]:
        """Its place among others: by what was observed; of one instant the suspect first, and never by order of arrival."""
        step = self.transition
        rank = RANKS.get(self.alert.alert_class, len(RANKS))
        return step.at, rank, CHANGES.index(step.change), step.level, self.alert.rule, self.subject

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
