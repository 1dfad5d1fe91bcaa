"""The register as a file: devices come in from a table and go out as one. Judged whole, stored whole or not at all."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.errors import FieldError, NotAllowed, Refused
from hazard_flow.exchange.faults import RowFault
from hazard_flow.exchange.kinds import ExportOrder, ImportOrder, ImportReport, Kind, RowChange
from hazard_flow.exchange.records import Record, SourceFile, check_columns, read
from hazard_flow.exchange.writing import write
from hazard_flow.i18n import Label
from hazard_flow.telemetry.devices.kinds import device_kinds
from hazard_flow.telemetry.devices.models import DeviceRecord
from hazard_flow.telemetry.devices.operations import DAYS, EVERY, FIELDS, TEXTS, correct, enter
from hazard_flow.telemetry.models import Device

KEY = "devices"
ENDINGS = (".csv", ".yaml", ".json")
_NEEDED = ("code", "site", "kind")


def device_kind() -> Kind:
    """The kind of file this feature takes and writes."""
    return Kind(KEY, Label(zh="监测设备台账", en="Register of devices"), ENDINGS, read_in, write_out)


def read_in(session: Session, file: SourceFile, order: ImportOrder) -> ImportReport:
    """Devices by code: new ones are entered, known ones corrected. Only whoever runs the installation brings them in.

    Raises NotAllowed for anybody else.
    """
    if not order.actor.is_system:
        raise NotAllowed("devices come in by the command line, or one by one on their page")
    reading = read(file)
    records = list(reading.records)
    faults = [*reading.faults, *check_columns(records, known=FIELDS, needed=_NEEDED)]
    if not faults and reading.document is not None:
        faults = [RowFault(0, "", "not_a_list")]
    faults = faults or list(_of_one_mind(session, records))
    changes: list[RowChange] = []
    trial = session.begin_nested()
    if not faults:
        for record in records:
            made, wrong = _row(session, record, order)
            faults += wrong
            changes += made
    stores = not faults and not order.dry_run
    if stores:
        trial.commit()
    else:
        trial.rollback()
        session.expire_all()
    return ImportReport(KEY, len(records), tuple(changes), tuple(faults), is_stored=stores and bool(changes))


def write_out(session: Session, order: ExportOrder) -> str:
    """All devices, as `read_in` takes them; of one division where asked."""
    rows = session.execute(
        sa.select(Device, Asset, DeviceRecord)
        .join(Asset, Asset.id == Device.site_id)
        .outerjoin(DeviceRecord, DeviceRecord.device_id == Device.id)
        .where(Asset.division.startswith(order.division, autoescape=True))
        .order_by(Asset.code, Device.code)
    )
    return write(order.ending, FIELDS, [_told(device, site, record) for device, site, record in rows])


def _row(session: Session, record: Record, order: ImportOrder) -> tuple[list[RowChange], list[RowFault]]:
    given = {name: record.text(name) for name in FIELDS if name in record.cells}
    device = _known(session, given)
    before = _told(device, *_stored(session, device)) if device is not None else None
    if before is not None:
        given = _completed(before, given)
    try:
        if device is None:
            device = enter(session, given, now=order.now, by=None)
        elif before is not None and not _same(before, given):
            correct(session, device, given, now=order.now, by=None)
        else:
            return [], []
    except Refused as refused:
        return [], [_fault(record, one) for one in refused.fields]
    after = _told(device, *_stored(session, device))
    changed = [name for name in FIELDS if before is None or before[name] != after[name]]
    return [
        RowChange(
            record.row,
            "added" if before is None else "changed",
            given["code"],
            before="" if before is None else ", ".join(f"{name}={before[name]}" for name in changed),
            after=", ".join(f"{name}={after[name]}" for name in changed if after[name]),
        )
    ], []


def _completed(before: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """A column the file does not have keeps what is stored; a new calibration without its end gets the usual one."""
    whole = {**before, **given}
    if whole["calibrated_on"] != before["calibrated_on"] and "calibration_due_on" not in given:
        whole["calibration_due_on"] = ""
    return whole


def _known(session: Session, given: Mapping[str, str]) -> Device | None:
    """The device with this code in the organisation of the site that is named."""
    home = sa.select(Asset.home_id).where(Asset.code == given["site"])
    return session.scalars(
        sa.select(Device)
        .where(Device.code == given["code"], Device.home_id.in_(home))
        .order_by(Device.created_at)
    ).first()


def _stored(session: Session, device: Device) -> tuple[Asset, DeviceRecord | None]:
    session.flush()
    return session.get_one(Asset, device.site_id), session.get(DeviceRecord, device.id)


def _same(before: Mapping[str, Any], given: Mapping[str, str]) -> bool:
    # an empty due date asks for the usual period, which is what stands there already
    asked = {name: value for name, value in given.items() if value or name != "calibration_due_on"}
    return all(before[name] == value for name, value in asked.items())


def _told(device: Device, site: Asset, record: DeviceRecord | None) -> dict[str, str]:
    told = {"code": device.code, "site": site.code, "kind": device.kind}
    told |= {name: getattr(record, name) if record else "" for name in TEXTS}
    told[EVERY] = str(device.expect_every_seconds or "")
    for name in DAYS:
        day = getattr(record, name) if record else None
        told[name] = day.isoformat() if day else ""
    return told


def _fault(record: Record, one: FieldError) -> RowFault:
    """A form's fault in the words of a file."""
    if one.code == "required":
        return RowFault(record.row, one.field, "needed")
    if one.code == "unknown_choice":
        return RowFault(record.row, one.field, "not_one_of", {**one.params, "choices": tuple(device_kinds())})
    if one.code == "too_long":
        return RowFault(record.row, one.field, "too_long", {"limit": one.params["at_most"]})
    return RowFault(record.row, one.field, one.code, one.params)


def _of_one_mind(session: Session, records: list[Record]) -> Iterator[RowFault]:
    """Devices named twice, and sites of one code in several organisations: no row says which is meant."""
    named: set[tuple[str, str]] = set()
    codes = {record.text("site") for record in records}
    counted = (
        sa.select(Asset.code).where(Asset.code.in_(codes)).group_by(Asset.code).having(sa.func.count() > 1)
    )
    shared = set(session.scalars(counted))
    for record in records:
        key = (record.text("code"), record.text("site"))
        if key in named:
            yield RowFault(record.row, "code", "device_twice", {"value": key[0]})
        named.add(key)
        if key[1] in shared:
            yield RowFault(record.row, "site", "shared_site", {"value": key[1]})
