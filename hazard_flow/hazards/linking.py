"""Hazards that belong together: one split from another, one merged into another.

Both sides change in the same transaction, each with its own event.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hazard_flow.evidence.items import Arrived, EvidenceItem
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards import binding
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.chain import Happening, append
from hazard_flow.hazards.changes import Act, Report
from hazard_flow.hazards.effects import take_signal
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.opening import open_hazard
from hazard_flow.hazards.tags import EventTag
from hazard_flow.hazards.telling import tell_holder

#: what the form says of the second hazard
_GIVEN = ("title", "description", "catalogue_code", "suspected_urgency")
#: fields a split hazard takes over where the form does not give them anew
_SHARED = ("place", "lon", "lat", "crs", "accuracy_m")


def split(batch: Batch, change: Act, origin: Hazard, clean: dict[str, Any]) -> str:
    """Open a second hazard for the other fault of one finding, with the before-photos of the first; returns its number.

    Found with the first, so its clocks run from that finding; what keeps the place safe keeps it safe from both. Raises what a report
    raises; the first hazard must not have been changed yet.
    """
    data: dict[str, Any] = {name: clean[name] for name in _GIVEN if name in clean}
    data |= {name: getattr(origin, name) for name in _SHARED if getattr(origin, name) is not None}
    data["found_at"] = origin.found_at
    report = Report(
        workflow="general",
        actor=change.actor,
        request_key=change.request_key,
        organisation_id=origin.organisation_id,
        data=data,
        evidence=tuple(again(e) for e in batch.evidence.get(origin.id, ()) if e.kind == "PHOTO_BEFORE"),
        source=origin.source,
        asset_id=origin.asset_id,
        split_from_id=origin.id,
    )
    opened = open_hazard(batch, report).hazard
    assert opened is not None
    return opened.number


def merge(batch: Batch, change: Act, hazard: Hazard, clean: dict[str, Any]) -> str:
    """Hand this hazard's evidence and alarm to the open one it is merged into; returns that one's number."""
    target = batch.named[str(clean["merge_into"])]
    hazard.merged_into_id = target.id
    there = {(e.sha256, e.stage) for e in batch.evidence.get(target.id, ())}
    brought = [again(e) for e in batch.evidence.get(hazard.id, ()) if (e.sha256, e.stage) not in there]
    before = {e.sha256 for e in (*batch.evidence.get(target.id, ()), *brought) if e.kind == "PHOTO_BEFORE"}
    brought = [e if e.pair_of in before else replace(e, pair_of=None) for e in brought]
    alarm_level = target.alarm_level or 0
    take_signal(
        target, {"alarm_level": hazard.alarm_level, "blind": hazard.blind, "incomplete": hazard.incomplete}
    )
    data = {
        "link": "merged_from",
        "number": hazard.number,
        "evidence": binding.bind(batch, target, brought, by=change.actor.id),
    }
    event = append(target, Happening(EventTag.LINKED, None, change.actor.key, data), batch.now)
    batch.events.append(event)
    if (target.alarm_level or 0) > alarm_level:
        workflow = batch.rules.pinned(target.workflow, target.workflow_version)
        tell_holder(batch, target, workflow, template="alarm", skip=change.actor.id)
    return target.number


def again(e: Evidence) -> EvidenceItem:
    """A stored piece as it is bound to another hazard: the same bytes, times and place."""
    return EvidenceItem(
        sha256=e.sha256, size=e.size, mime=e.mime, stage=e.stage, kind=e.kind, filename=e.filename, captured_at=e.captured_at,
        exif_at=e.exif_at, received_at=e.received_at, lon=_exact(e.lon), lat=_exact(e.lat), crs=e.crs, accuracy_m=_exact(e.accuracy_m),
        display_sha256=e.display_sha256, width=e.width, height=e.height, pair_of=e.pair_of, phash=e.phash, clock_skew_s=e.clock_skew_s,
        is_declared=e.is_declared, tablet_id=e.tablet_id, marks=tuple(e.marks or ()),
        arrived=tuple(
            Arrived(a.role, a.at, a.display_sha256, a.phash, a.width, a.height, a.exif_at, _exact(a.lon), _exact(a.lat))  # type: ignore[arg-type]
            for a in e.arrivals
        ),
    )  # fmt: skip


def _exact(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value))
