"""What callers hand to the door: frozen values, nothing of the web or the database in them."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hazard_flow.errors import HazardFlowError
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards.chain import EventRow, instant_text
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.identity.actor import Actor
from hazard_flow.ledger.canonical import canonical
from hazard_flow.schedule.rows import TimerRow


@dataclass(frozen=True, kw_only=True)
class Offline:
    """Done where there was no network, and handed in later: its event says so."""

    #: when it was done, by the device's clock less what that was ahead of ours; never later than its receipt
    at: datetime
    #: id of the submission it came in
    submission: str
    #: seconds the device's clock was ahead when it sent; None where it did not say
    clock_skew_s: int | None = None
    #: who wrote it, where somebody else carried it over
    author: str | None = None

    def told(self) -> dict[str, Any]:
        """What the act's event says of it."""
        found = {
            "at": instant_text(self.at),
            "submission": self.submission,
            "clock_skew_s": self.clock_skew_s,
        }
        return {"offline": {**found, **({"author": self.author} if self.author else {})}}


@dataclass(frozen=True, kw_only=True)
class Report:
    """A new hazard. `data` holds the fields of the workflow's creating action."""

    workflow: str
    actor: Actor
    #: the caller's own key for this request; the same key again gives the same event
    request_key: str
    organisation_id: uuid.UUID
    data: dict[str, Any]
    evidence: tuple[EvidenceItem, ...] = ()
    source: str = "self_inspection"
    asset_id: uuid.UUID | None = None
    family: str | None = None
    #: the creating action, where a workflow has several; None: the ordinary report
    action: str | None = None
    #: the closed hazard it is a relapse of; the open one it is split from
    reopen_of_id: uuid.UUID | None = None
    split_from_id: uuid.UUID | None = None
    #: opened anew because merging it was a mistake: `reopen_of_id` is the merged one, and no relapse
    undoes_merge: bool = False
    #: marks of telemetry: alarm_level, blind, incomplete
    signal: dict[str, Any] = field(default_factory=dict)
    offline: Offline | None = None


@dataclass(frozen=True, kw_only=True)
class Act:
    """An action on a hazard that exists."""

    hazard_id: uuid.UUID
    action: str
    actor: Actor
    request_key: str
    data: dict[str, Any] = field(default_factory=dict)
    evidence: tuple[EvidenceItem, ...] = ()
    #: the version the caller looked at; None where the caller does not care
    expected_version: int | None = None
    signal: dict[str, Any] = field(default_factory=dict)
    offline: Offline | None = None


@dataclass(frozen=True, kw_only=True)
class Fire:
    """A timer that is due; the timer row itself is its request key."""

    timer: TimerRow
    actor: Actor


@dataclass(frozen=True, kw_only=True)
class Migrate:
    """An open hazard goes on under another version of its workflow: an administrator's decision, never a side effect of a release."""

    hazard_id: uuid.UUID
    to_version: int
    actor: Actor
    request_key: str
    reason: str
    #: state → state, for those whose name changed
    map: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Recount:
    """The working days changed: time limits counted over them are counted again. Asked twice it changes nothing the second time."""

    hazard_id: uuid.UUID
    actor: Actor


#: what somebody asks for under a key of their own; a timer that fires is its own key, counting again needs none
Request = Report | Act | Migrate
Change = Request | Fire | Recount


@dataclass(frozen=True)
class Outcome:
    """What became of one change: an event, the event of an earlier identical request, or an error."""

    #: the whole hazard; None after a firing, which only reads a part of it
    hazard: Hazard | None = None
    event: EventRow | HazardEvent | None = None
    replayed: bool = False
    error: HazardFlowError | None = None

    def or_raise(self) -> "Outcome":
        """The outcome itself, or its error raised."""
        if self.error is not None:
            raise self.error
        return self


def digest_of(change: Request) -> bytes:
    """SHA-256 over what the request asks, so that a key used for two different requests is noticed."""
    if isinstance(change, Migrate):
        asked = repr((str(change.hazard_id), change.to_version, sorted(change.map.items()), change.reason))
        return hashlib.sha256(canonical({"request": asked})).digest()
    target = str(change.organisation_id) if isinstance(change, Report) else str(change.hazard_id)
    verb = (
        (change.workflow, change.action, change.reopen_of_id, change.source, change.asset_id)
        if isinstance(change, Report)
        else change.action
    )
    files = [item.sha256 for item in change.evidence]
    text = repr((target, verb, sorted((k, repr(v)) for k, v in change.data.items()), files))
    return hashlib.sha256(canonical({"request": text})).digest()
