"""A detector whose calibration has run out proves nothing: it opens a hazard of its own, through the door, whoever forgot it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.hazards import door
from hazard_flow.hazards.changes import Report
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import LOCALES, text
from hazard_flow.telemetry.devices.kinds import DeviceKind, kind_of
from hazard_flow.telemetry.devices.models import DeviceRecord
from hazard_flow.telemetry.devices.states import Moment
from hazard_flow.telemetry.models import Device
from hazard_flow.telemetry.notices import plain
from hazard_flow.telemetry.tickets import ACTOR

log = structlog.get_logger("telemetry")

#: hazards opened in one transaction; the rest comes with the next call
BATCH_MAX = 100


def open_expired(session: Session, now: datetime, zone: ZoneInfo) -> list[Any]:
    """Open a hazard for each device whose calibration has run out and that has none; ids of the hazards opened.

    One for each device and due date. Closed as rectified while the record still shows the old date, it comes back as a relapse;
    dismissed by a person, it stays dismissed until the date changes.
    """
    found = _expired(session, Moment.of(now, zone))
    reports = [_report(device, site, record, before) for device, site, record, before in found]
    opened = []
    for (device, _, record, _), outcome in zip(found, door.apply(session, reports, now), strict=True):
        if outcome.hazard is None:  # one that the door refuses must not hold up the others
            wrong = [f"{one.field}={one.code}" for one in outcome.error.fields] if outcome.error else []
            log.error("devices.expiry_refused", device=device.code, error=str(outcome.error), fields=wrong)
            continue
        record.hazard_id, record.hazard_due_on = outcome.hazard.id, record.calibration_due_on
        opened.append(outcome.hazard.id)
    session.flush()
    return opened


def _expired(session: Session, at: Moment) -> Sequence[tuple[Device, Asset, DeviceRecord, Hazard | None]]:
    changed = DeviceRecord.hazard_due_on != DeviceRecord.calibration_due_on
    none_yet = sa.or_(
        DeviceRecord.hazard_id.is_(None),
        sa.and_(Hazard.closed_at.is_not(None), sa.or_(Hazard.resolution == "rectified", changed)),
    )
    rows = session.execute(
        sa.select(Device, Asset, DeviceRecord, Hazard)
        .join(DeviceRecord, DeviceRecord.device_id == Device.id)
        .join(Asset, Asset.id == Device.site_id)
        .outerjoin(Hazard, Hazard.id == DeviceRecord.hazard_id)
        .where(DeviceRecord.calibration_due_on < at.today, none_yet)
        .order_by(DeviceRecord.calibration_due_on, Device.id)
        .limit(BATCH_MAX)
    ).all()
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _report(device: Device, site: Asset, record: DeviceRecord, before: Hazard | None) -> Report:
    due_on = record.calibration_due_on
    assert due_on is not None
    is_relapse = before is not None and record.hazard_due_on == due_on
    follows = before.id if before is not None and is_relapse else None
    return Report(
        workflow="general",
        actor=ACTOR,
        request_key=f"calibration:{device.id.hex}:{due_on.isoformat()}:{follows.hex if follows else ''}",
        organisation_id=site.organisation_id,
        data=_data(device, site, kind_of(device.kind), due_on),
        # no person stood there with a camera; whoever dismisses it says what the place reads now
        source="telemetry",
        asset_id=site.id,
        reopen_of_id=follows,
    )


def _data(device: Device, site: Asset, kind: DeviceKind, due_on: date) -> dict[str, Any]:
    subject = plain(device.code)[:60]
    title = plain(f"{site.code} {text('devices.expiry.title', 'zh', device=subject)}")
    described = [
        text(
            "devices.expiry.description",
            locale,
            site=site.code,
            name=site.label.in_(locale),
            kind=kind.label.in_(locale),
            device=subject,
            day=due_on.isoformat(),
        )
        for locale in LOCALES
    ]
    return {
        "title": title[:60],
        "description": "\n".join(described)[:500],
        "device": subject,
        "suspected_level": "general",
        "suspected_urgency": kind.urgency,
        "catalogue_code": kind.catalogue,
    }
