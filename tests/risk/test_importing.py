"""The list of graded risks as a file: whole or not at all, the same again changes nothing, faults by row and field."""

import csv
import io

import pytest

from hazard_flow.errors import NotAllowed
from hazard_flow.exchange.kinds import ExportOrder, ImportOrder, ImportReport
from hazard_flow.exchange.records import SourceFile
from hazard_flow.identity.actor import system_actor
from hazard_flow.risk.importing import COLUMNS, risk_kind
from hazard_flow.storage.scope import SYSTEM
from tests.harness import risks
from tests.harness.city import City
from tests.harness.founding import ZONE

KIND = risk_kind(ZONE)
HEAD = (
    "code,name_zh,kind,category,asset,method,likelihood,exposure,consequence,responsible_team,"
    "unit,event,accidents,measure_kind,measure,item"
)
ROWS = (
    "FX-001,青梧路阀井,facility,valve_well,VW-1,lec,1,6,15,王班长,阀门井,井室积水,leak;explosion,engineering,防水井盖,井盖是否完好",
    "FX-001,,,,,,,,,,阀门井,井室积水,,management,每月抽排,抽排记录",
    "FX-002,听潮路阀井,facility,valve_well,VW-9,lec,0.5,6,15,吴班长,阀门井,阀门内漏,leak,management,按期启闭,启闭是否灵活",
)


def bring_in(city: City, text: str, *, dry_run: bool = False, by: str = "import") -> ImportReport:
    actor = system_actor(by) if by == "import" else city.actor(by)
    order = ImportOrder(actor, city.now, dry_run=dry_run)
    with city.database.transaction(SYSTEM) as session:
        return KIND.read_in(session, SourceFile("list.csv", text.encode()), order)


def file(*rows: str) -> str:
    return "\n".join((HEAD, *rows)) + "\n"


def export(city: City) -> str:
    with city.database.transaction(SYSTEM) as session:
        return KIND.write_out(session, ExportOrder(".csv"))


def test_a_list_comes_in_with_its_chain_and_the_same_again_changes_nothing(city: City):
    report = bring_in(city, file(*ROWS))
    assert (report.faults, report.is_stored, report.count("added")) == ((), True, 2)
    assert risks.look(city, "FX-001").dynamic == "yellow"
    assert risks.look(city, "FX-002").dynamic == "blue"
    assert risks.measures(city, "FX-001") == ["防水井盖", "每月抽排"]
    again = bring_in(city, file(*ROWS))
    assert (again.faults, again.changes, again.is_stored) == ((), (), False)
    assert len(risks.versions(city, "FX-001")) == 2


def test_a_dry_run_stores_nothing(city: City):
    report = bring_in(city, file(*ROWS), dry_run=True)
    assert (report.count("added"), report.is_stored) == (2, False)
    assert risks.colours(city) == {}


def test_what_goes_out_comes_in_again_unchanged(city: City):
    bring_in(city, file(*ROWS))
    text = export(city)
    assert next(csv.reader(io.StringIO(text.removeprefix("\ufeff")))) == list(COLUMNS)
    report = bring_in(city, text)
    assert (report.faults, report.changes) == ((), ())


def test_another_score_rates_it_again_and_moves_the_colour(city: City):
    bring_in(city, file(*ROWS))
    report = bring_in(city, file(ROWS[2].replace("lec,0.5,6,15", "lec,6,6,15")))
    assert report.count("changed") == 1
    assert risks.look(city, "FX-002").dynamic == "red"


@pytest.mark.parametrize(
    ("row", "line", "field", "code"),
    [
        (ROWS[0].replace("lec,1,6,15", "lec,2,6,15"), 2, "likelihood", "not_one_of"),
        (ROWS[0].replace("VW-1", "VW-404"), 2, "asset", "risk_unknown_asset"),
        (ROWS[0].replace("valve_well", "moon"), 2, "category", "not_one_of"),
        (ROWS[0].replace("engineering", "magic"), 2, "measure_kind", "not_one_of"),
        (ROWS[0].replace("leak;explosion", "leak;flood"), 2, "accidents", "not_one_of"),
        (ROWS[0].replace("FX-001", "FX/001"), 2, "code", "risk_bad_risk_code"),
        (ROWS[0].replace("lec,1", ",1"), 2, "method", "not_one_of"),
        (ROWS[0].replace("青梧路阀井", ""), 2, "name_zh", "needed"),
    ],
)
def test_one_broken_row_is_named_and_nothing_is_stored(
    city: City, row: str, line: int, field: str, code: str
):
    report = bring_in(city, file(row, ROWS[2]))
    assert (line, field, code) in [(one.row, one.field, one.code) for one in report.faults]
    assert all(one.reason(locale) and one.mend(locale) for one in report.faults for locale in ("zh", "en"))
    assert not report.is_stored
    assert risks.colours(city) == {}


def test_a_second_row_may_not_say_otherwise(city: City):
    report = bring_in(city, file(ROWS[0], ROWS[1].replace("FX-001,,", "FX-001,别的名称,")))
    assert [(one.row, one.field, one.code) for one in report.faults] == [(3, "name_zh", "said_otherwise")]


def test_nobody_brings_a_file_in_through_a_session_of_their_own(city: City):
    with pytest.raises(NotAllowed):
        bring_in(city, file(*ROWS), by="何安全")
