"""The register as a file: in, out, in again; with one fault nothing of it."""

import pytest
import sqlalchemy as sa

from hazard_flow.errors import NotAllowed
from hazard_flow.exchange.kinds import ExportOrder, ImportOrder, ImportReport
from hazard_flow.exchange.records import SourceFile
from hazard_flow.identity.actor import system_actor
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.devices.importing import device_kind
from hazard_flow.telemetry.models import Device
from tests.telemetry.devices.field import Field

HEAD = "code,site,kind,maker,calibrated_on,calibration_due_on\n"


def bring(devices: Field, text: str, *, dry_run: bool = False, name: str = "devices.csv") -> ImportReport:
    order = ImportOrder(actor=system_actor("cli"), now=devices.city.now, dry_run=dry_run)
    with devices.city.database.transaction(SYSTEM) as session:
        return device_kind().read_in(session, SourceFile(name, text.encode()), order)


def count(devices: Field) -> int:
    return int(devices.city.all(sa.select(sa.func.count()).select_from(Device))[0])


def test_new_ones_are_entered_and_known_ones_corrected_and_the_same_file_again_changes_nothing(
    devices: Field,
):
    rows = (
        HEAD + "P-1,VW-1,pressure_terminal,江宁自控,2026-03-01,\nG-101,VW-9,gas_detector,汉测,,2027-01-31\n"
    )
    tried = bring(devices, rows, dry_run=True)
    assert (tried.count("added"), tried.count("changed"), tried.is_stored, count(devices)) == (1, 1, False, 4)
    done = bring(devices, rows)
    assert (done.count("added"), done.count("changed"), done.is_stored, count(devices)) == (1, 1, True, 5)
    he = devices.person("何安全")
    assert he.json("/api/v1/devices/P-1")["calibration_due_on"] == "2027-03-01"
    moved = he.json("/api/v1/devices/G-101")
    assert (moved["id"], moved["site"], moved["maker"]) == (str(devices.ids["G-101"]), "VW-9", "汉测")
    again = bring(devices, rows)
    assert (again.changes, again.is_stored) == ((), False)


@pytest.mark.parametrize("ending", [".csv", ".yaml", ".json"])
def test_what_goes_out_comes_in_again_unchanged(devices: Field, ending: str):
    devices.enter("G-101", maker="汉测", calibration_due_on="2027-01-31")
    with devices.city.database.transaction(SYSTEM) as session:
        text = device_kind().write_out(session, ExportOrder(ending=ending))
    report = bring(devices, text, name=f"devices{ending}")
    assert (report.rows, report.faults, report.changes) == (4, (), ())


def test_with_one_fault_nothing_comes_in_and_every_fault_is_named(devices: Field):
    report = bring(
        devices,
        HEAD
        + "P-1,VW-1,pressure_terminal,,,\nP 2,nowhere,toaster,,soon,\nG-102,VW-1,,,2026-05-01,2026-04-01\n",
    )
    assert {(fault.row, fault.field, fault.code) for fault in report.faults} == {
        (3, "code", "bad_device_code"), (3, "site", "unknown_asset"), (3, "kind", "not_one_of"), (3, "calibrated_on", "not_a_date"),
        (4, "kind", "needed"), (4, "calibration_due_on", "before_calibration"),
    }  # fmt: skip
    for fault in report.faults:
        assert fault.reason("zh")
        assert fault.mend("en")
    assert count(devices) == 4


def test_a_column_the_file_does_not_have_keeps_what_is_known(devices: Field):
    devices.enter("G-101", maker="汉测", calibrated_on="2025-03-01")
    report = bring(
        devices,
        "code,site,kind,calibrated_on\nG-101,VW-1,gas_detector,2026-03-01\nG-102,VW-1,gas_detector,\n",
    )
    assert [change.name for change in report.changes] == ["G-101"]
    found = devices.person("何安全").json("/api/v1/devices/G-101")
    assert (found["maker"], found["calibrated_on"], found["calibration_due_on"]) == (
        "汉测",
        "2026-03-01",
        "2027-03-01",
    )


def test_a_device_named_twice_is_a_fault(devices: Field):
    report = bring(devices, HEAD + "P-1,VW-1,pressure_terminal,,,\nP-1,VW-1,flow_meter,,,\n")
    assert [(fault.row, fault.code) for fault in report.faults] == [(3, "device_twice")]


def test_only_the_operator_of_the_installation_brings_files_in(devices: Field):
    order = ImportOrder(actor=devices.city.actor("顾管理"), now=devices.city.now)
    with devices.city.database.transaction(SYSTEM) as session, pytest.raises(NotAllowed):
        device_kind().read_in(session, SourceFile("d.csv", HEAD.encode()), order)
