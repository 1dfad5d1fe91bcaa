"""Registers come in as files and go out again: whole or not at all, and the same file twice changes nothing."""

import csv
import io

import pytest
import sqlalchemy as sa

from hazard_flow.daily_work.importing import REGISTERS, columns, read_in, work_files, write_out
from hazard_flow.daily_work.loading import line_book
from hazard_flow.daily_work.models import WorkRecord
from hazard_flow.errors import NotAllowed
from hazard_flow.exchange.kinds import ExportOrder, ImportOrder, ImportReport
from hazard_flow.exchange.records import SourceFile
from hazard_flow.exchange.workbook import read_rows, write_rows
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import LOCALES
from hazard_flow.storage.scope import SYSTEM
from tests.harness.cast import HENGCHUAN
from tests.harness.city import City
from tests.harness.daily_work import certificate, cylinder

HEAD = "organisation,cylinder_number,registered_on,owner,capacity,made_on,next_test_on,use"
GOOD = "恒川燃气,YQ-1,2026-01-05,own,ysp35,2021-03-01,2027-03-01,circulating"


def bring(
    city: City, key: str, text: str | bytes, *, by: str = "system", dry: bool = False, ending: str = ".csv"
) -> ImportReport:
    """A file comes in."""
    data = text if isinstance(text, bytes) else text.encode()
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        order = ImportOrder(actor=actor, now=city.now, dry_run=dry)
        return read_in(session, SourceFile(f"register{ending}", data), order, key=key)


def kept(city: City) -> int:
    with city.database.reading(SYSTEM) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(WorkRecord)) or 0


def test_rows_are_stored_and_the_same_file_changes_nothing(city: City):
    text = f"{HEAD}\n{GOOD}\n{GOOD.replace('YQ-1', 'YQ-2')}\n"
    first = bring(city, "cylinders", text)
    assert (first.is_stored, first.count("added"), first.faults) == (True, 2, ())
    again = bring(city, "cylinders", text)
    assert (again.is_stored, again.changes, again.unchanged) == (False, (), 2)


def test_a_row_that_says_something_else_corrects_what_is_stored(city: City):
    cylinder(city, "YQ-1")
    report = bring(city, "cylinders", f"{HEAD}\n{GOOD.replace('circulating', '停用在库')}\n")
    [change] = report.changes
    assert (change.what, change.name) == ("changed", "YQ-1")
    assert "use=stored" in change.after


def test_a_dry_run_stores_nothing(city: City):
    report = bring(city, "cylinders", f"{HEAD}\n{GOOD}\n", dry=True)
    assert (report.is_stored, report.count("added"), kept(city)) == (False, 1, 0)


def test_with_one_wrong_row_nothing_is_stored_and_every_fault_is_told(city: City):
    rows = [
        GOOD,
        GOOD.replace("YQ-1", "YQ-2").replace("own", "thief").replace("2021-03-01", "gestern"),
        GOOD.replace("恒川燃气", "无名燃气").replace("YQ-1", "YQ-3"),
        GOOD,
        GOOD.replace("YQ-1", ""),
    ]
    report = bring(city, "cylinders", "\n".join([HEAD, *rows]))
    assert {(one.row, one.field, one.code) for one in report.faults} == {
        (3, "owner", "not_one_of"),
        (3, "made_on", "not_a_date"),
        (4, "organisation", "work_unit"),
        (5, "cylinder_number", "twice"),
        (6, "cylinder_number", "needed"),
    }
    assert kept(city) == 0
    for fault in report.faults:
        assert all(fault.reason(locale) and fault.mend(locale) for locale in LOCALES)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("organisation,nonsense\n", "unknown_column"),
        ("cylinder_number\nYQ-1\n", "missing_column"),
        ("", "empty_file"),
    ],
)
def test_a_file_of_another_kind_is_told_so(city: City, text: str, code: str):
    assert code in {one.code for one in bring(city, "cylinders", text).faults}


def test_what_goes_out_comes_in_again(city: City):
    cylinder(city, "YQ-1")
    certificate(city)
    for key in ("cylinders", "certificates"):
        for ending in (".csv", ".xlsx"):
            with city.database.reading(SYSTEM) as session:
                body = write_out(session, ExportOrder(ending, organisation=HENGCHUAN), key=key)
            report = bring(city, key, body, ending=ending)
            assert (report.rows, report.faults, report.changes) == (1, (), ()), (key, ending)


def test_people_are_named_by_user_name(city: City):
    certificate(city)
    with city.database.reading(SYSTEM) as session:
        body = write_out(session, ExportOrder(".csv"), key="certificates")
    [row] = csv.DictReader(io.StringIO(str(body).removeprefix("\ufeff")))
    assert (row["person"], row["organisation"]) == ("li", HENGCHUAN)


def test_a_spreadsheet_comes_in(city: City):
    data = write_rows(HEAD.split(","), [GOOD.split(",")], title="cylinders")
    assert bring(city, "cylinders", data, ending=".xlsx").count("added") == 1
    assert [row for _, row in read_rows(io.BytesIO(data))][1][1] == "YQ-1"


def test_movements_come_once_and_a_bad_cylinder_is_a_hazard(city: City):
    cylinder(city, "YQ-9", test_in=-3)
    text = "organisation,cylinder,moved_at,step\n恒川燃气,YQ-9,2026-11-02T08:00,delivery\n"
    assert bring(city, "cylinder_movements", text).count("added") == 1
    assert bring(city, "cylinder_movements", text).changes == ()
    with city.database.reading(SYSTEM) as session:
        assert [one.catalogue_code for one in session.scalars(sa.select(Hazard))] == ["LPG-G01"]


def test_a_person_brings_in_what_is_theirs_and_whoever_has_no_right_nothing(city: City):
    assert bring(city, "cylinders", f"{HEAD}\n{GOOD}\n", by="何安全").count("added") == 1
    with pytest.raises(NotAllowed):
        bring(city, "cylinders", f"{HEAD}\n{GOOD}\n", by="唐监管")
    report = bring(city, "cylinders", f"{HEAD}\n{GOOD.replace('YQ-1', 'YQ-5')}\n", by="马安全")
    assert [one.code for one in report.faults] == ["work_unit"]


def test_every_register_is_a_kind_of_file():
    assert {one.key for one in work_files()} == set(REGISTERS)
    for name in REGISTERS.values():
        assert columns(line_book().kinds[name])[0] == "organisation"
