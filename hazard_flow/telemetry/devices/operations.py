"""Writes of the registry: a device is entered, its record corrected, its calibration noted. What it measures has its own way in."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import by_code as asset_by_code
from hazard_flow.errors import FieldError, Refused
from hazard_flow.telemetry.devices.kinds import device_kinds
from hazard_flow.telemetry.devices.models import DeviceRecord
from hazard_flow.telemetry.devices.values import renew
from hazard_flow.telemetry.models import Device
from hazard_flow.telemetry.operations import register_device

TEXTS = ("maker", "model", "serial", "gateway", "upstream")
DAYS = ("installed_on", "calibrated_on", "calibration_due_on")
#: how often the device is expected to be heard; empty: as its quantity is
EVERY = "expect_every_seconds"
FIELDS = ("code", "site", "kind", *TEXTS, EVERY, *DAYS)
LENGTH_MAX = 80
EVERY_MAX_SECONDS = 31 * 86_400
FIRST_DAY, LAST_DAY = date(1980, 1, 1), date(2099, 12, 31)


def enter(session: Session, given: Mapping[str, str], *, now: datetime, by: uuid.UUID | None) -> Device:
    """A device that was not known, from the fields of a form or of a row of a file; raises `Refused` with everything wrong."""
    faults, days = _faults(given)
    site = asset_by_code(session, given.get("site", "")) if given.get("site") else None
    if given.get("site") and site is None:
        faults.append(FieldError("site", "unknown_asset", {"value": given["site"]}))
    faults += _code_faults(session, given.get("code", ""), site)
    links, unknown = _links(session, given, site)
    faults += unknown
    if faults or site is None:
        raise Refused(fields=faults)
    device = register_device(session, given["code"], site=site, now=now, kind=given["kind"])
    _record(session, device, given, days, links, now=now, by=by)
    return device


def correct(
    session: Session, device: Device, given: Mapping[str, str], *, now: datetime, by: uuid.UUID | None
) -> None:
    """Other particulars of a device. It may move to another site; its code is what it calls itself and stays.

    A device that spoke before anybody entered it is registered by this. Open hazards keep the site they were found at.
    """
    faults, days = _faults({**given, "code": device.code})
    site = (
        asset_by_code(session, given.get("site", ""), home_id=device.home_id) if given.get("site") else None
    )
    if given.get("site") and site is None:
        faults.append(FieldError("site", "unknown_asset", {"value": given["site"]}))
    links, unknown = _links(session, given, site)
    faults += unknown
    if faults or site is None:
        raise Refused(fields=faults)
    device.site_id, device.kind, device.registered = site.id, given["kind"], True
    _record(session, device, given, days, links, now=now, by=by)


def day_of(words: str) -> date | None:
    """A day as a form or a file writes it; None for anything else."""
    try:
        day = date.fromisoformat(words)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def _links(
    session: Session, given: Mapping[str, str], site: Asset | None
) -> tuple[dict[str, Any], list[FieldError]]:
    """What a device depends on, as its columns hold it: what it reports through, what supplies its place, how often it is heard."""
    if site is None:
        return {}, []
    links: dict[str, Any] = {"gateway_id": None, "upstream_id": None, EVERY: None}
    faults = []
    if gateway := given.get("gateway", ""):
        links["gateway_id"] = _place_of_gateway(session, gateway, site.home_id)
        if links["gateway_id"] is None:
            faults.append(FieldError("gateway", "unknown_gateway", {"value": gateway[:LENGTH_MAX]}))
    if upstream := given.get("upstream", ""):
        asset = asset_by_code(session, upstream, home_id=site.home_id)
        links["upstream_id"] = asset.id if asset else None
        if asset is None:
            faults.append(FieldError("upstream", "unknown_asset", {"value": upstream[:LENGTH_MAX]}))
    if every := given.get(EVERY, ""):
        links[EVERY] = int(every) if every.isascii() and every.isdigit() and len(every) < 9 else 0
        if not 0 < links[EVERY] <= EVERY_MAX_SECONDS:
            faults.append(
                FieldError(
                    EVERY, "not_an_interval", {"value": every[:LENGTH_MAX], "at_most": EVERY_MAX_SECONDS}
                )
            )
    return links, faults


def _place_of_gateway(session: Session, code: str, home_id: uuid.UUID) -> uuid.UUID | None:
    """The asset at which hazards of a gateway are opened: where the registered gateway stands, or the asset of that code itself."""
    mine = sa.select(Device.site_id).where(
        Device.home_id == home_id, Device.code == code, Device.kind == "gateway", Device.registered
    )
    found = session.scalar(mine)
    if found is not None:
        return found
    asset = asset_by_code(session, code, home_id=home_id)
    return asset.id if asset else None


def _record(
    session: Session,
    device: Device,
    given: Mapping[str, str],
    days: Mapping[str, date | None],
    links: Mapping[str, Any],
    *,
    now: datetime,
    by: uuid.UUID | None,
) -> None:
    record = session.get(DeviceRecord, device.id)
    if record is None:
        record = DeviceRecord(device_id=device.id, changed_at=now)
        session.add(record)
    for name in TEXTS:
        setattr(record, name, given.get(name, ""))
    for name, day in days.items():
        setattr(record, name, day)
    for name, value in links.items():
        setattr(device, name, value)
    if record.calibrated_on and record.calibration_due_on is None:
        every = device_kinds()[device.kind].calibrate_every
        record.calibration_due_on = record.calibrated_on + every if every else None
    record.changed_by, record.changed_at = by, now
    renew(session, [device.id])


def _faults(given: Mapping[str, str]) -> tuple[list[FieldError], dict[str, date | None]]:
    faults = [FieldError(name, "required") for name in ("code", "site", "kind") if not given.get(name)]
    if given.get("kind") and given["kind"] not in device_kinds():
        faults.append(FieldError("kind", "unknown_choice", {"value": given["kind"]}))
    faults += [
        FieldError(name, "too_long", {"at_most": LENGTH_MAX})
        for name in ("code", *TEXTS)
        if len(given.get(name, "")) > LENGTH_MAX
    ]
    days: dict[str, date | None] = {}
    for name in DAYS:
        words = given.get(name, "")
        days[name] = day_of(words) if words else None
        if words and days[name] is None:
            faults.append(FieldError(name, "not_a_date", {"value": words[:LENGTH_MAX]}))
    done, due = days["calibrated_on"], days["calibration_due_on"]
    if done and due and due < done:
        faults.append(FieldError("calibration_due_on", "before_calibration"))
    return faults, days


def _code_faults(session: Session, code: str, site: Asset | None) -> list[FieldError]:
    if not code:
        return []
    # a device calls itself by its code on a topic: no slash, no wildcard
    if not code.isprintable() or set(code) & set("/+# "):
        return [FieldError("code", "bad_device_code")]
    if site is None:
        return []
    taken: Any = sa.select(Device.id).where(Device.home_id == site.home_id, Device.code == code)
    return [FieldError("code", "taken")] if session.scalar(taken) else []
