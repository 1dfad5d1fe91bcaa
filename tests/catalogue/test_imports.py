"""Files of local rules: everything or nothing, twice is once, nobody but a regulator's administrator, and nothing stale afterwards."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hazard_flow.catalogue import queries
from hazard_flow.catalogue.kinds import kinds
from hazard_flow.catalogue.models import CalendarDay, LocalCatalogueRow, LocalPolicy, RuleStamp
from hazard_flow.catalogue.operations import import_calendar, import_catalogue, import_policy
from hazard_flow.errors import NotAllowed
from hazard_flow.exchange.kinds import ExportOrder, ImportReport
from hazard_flow.exchange.records import SourceFile
from hazard_flow.storage.scope import SYSTEM, Scope
from tests.harness.city import City
from tests.harness.founding import on_postgres_only, opened
from tests.harness.local_rules import CATALOGUE, POLICY, as_csv, csv, enter_catalogue, enter_policy, order
from tests.harness.notices import announce, notice
from tests.harness.together import together

TODAY = date(2026, 11, 2)
HEAD = "key,division,value,valid_from,valid_to,source,confidence,withdrawn\n"


def faults(report: ImportReport) -> list[tuple[int, str, str]]:
    for fault in report.faults:
        assert all(fault.reason(locale) and fault.mend(locale) for locale in ("zh", "en"))
    return [(fault.row, fault.field, fault.code) for fault in report.faults]


def stored(city: City) -> list[int]:
    tables = (LocalPolicy, LocalCatalogueRow, CalendarDay, RuleStamp)
    return [len(city.all(sa.select(table))) for table in tables]


def policy(city: City, division: str = "990102", on: date = TODAY) -> Any:
    with city.database.reading(SYSTEM) as session:
        return queries.policies(session, [division], on)[division]


def test_rows_are_stored_and_count_at_once(city: City):
    """In this process and for everybody who is signed in."""
    assert policy(city).span("extension_apply_before", "major").amount == 10

    report = enter_policy(city.database, POLICY)

    assert (report.count("added"), report.unchanged, report.is_stored) == (4, 0, True)
    assert policy(city).span("extension_apply_before", "major").amount == 15
    assert policy(city, on=date(2027, 1, 1)).span("extension_apply_before", "major").amount == 20
    with city.database.reading(city.actor("李巡检").scope) as session:
        assert (
            queries.policies(session, ["990102"], TODAY)["990102"]
            .span("extension_apply_before", "major")
            .amount
            == 15
        )


def test_the_same_file_again_changes_nothing(city: City):
    enter_policy(city.database, POLICY)
    enter_catalogue(city.database, CATALOGUE)
    announce(city.database, notice(), city.now)
    before = stored(city), city.all(sa.select(RuleStamp.stamp))

    again = [
        enter_policy(city.database, POLICY),
        enter_catalogue(city.database, CATALOGUE),
        announce(city.database, notice(), city.now),
    ]

    assert [(r.changes, r.faults, r.is_stored) for r in again] == [((), (), False)] * 3
    assert (stored(city), city.all(sa.select(RuleStamp.stamp))) == before


def test_a_dry_run_tells_and_stores_nothing(city: City):
    report = enter_policy(city.database, POLICY, dry_run=True)

    assert (report.count("added"), report.is_stored) == (4, False)
    assert stored(city) == [0, 0, 0, 0]


BAD_POLICY: Sequence[tuple[str, Any]] = (
    ("extension_times,9901,general: 2,2026-01-01,,办法,V,", None),
    ("extension_time,9901,1,,,办法,V,", ("key", "unknown_policy_key")),
    ("extension_times,9901,2,,,办法,V,", ("value", "value_by_part")),
    ("extension_times,9901,minor: 2,,,办法,V,", ("value", "unknown_part")),
    ("extension_times,9901,major: two,,,办法,V,", ("value", "not_a_whole_number")),
    ("report_due,9901,major: 24 hours,,,办法,V,", ("value", "not_a_span")),
    ("protection_zone_m,9901,low: wide,,,办法,V,", ("value", "not_a_decimal")),
    ("staff_notice,9901,major: perhaps,,,办法,V,", ("value", "not_yes_or_no")),
    ("household_refusal_measure,9901,shout,,,办法,V,", ("value", "not_one_of")),
    ("prescribed_measures,9901,SELFIE,,,办法,V,", ("value", "unknown_evidence")),
    ("relapse_window_days,,90,,,办法,V,", ("division", "not_a_division")),
    ("relapse_window_days,99x,90,,,办法,V,", ("division", "not_a_division")),
    ("relapse_window_days,9901,90,2026-02-30,,办法,V,", ("valid_from", "not_a_date")),
    ("relapse_window_days,9901,90,2026-05-01,2026-04-01,办法,V,", ("valid_to", "dates_reversed")),
    ("relapse_window_days,9901,90,,,,V,", ("source", "needed")),
    (f"relapse_window_days,9901,90,,,{'长' * 301},V,", ("source", "too_long")),
    ("relapse_window_days,9901,90,,,办法,surely,", ("confidence", "not_one_of")),
    ("relapse_window_days,9901,90,,,办法,V,maybe", ("withdrawn", "not_yes_or_no")),
    ("relapse_window_days,9901,90,2026-01-01,,办法,V,yes", ("withdrawn", "nothing_to_withdraw")),
    ("planned_interruption_notice,9901,24 h,2026-01-01,,办法,V,", ("value", "falls_short_at_least")),
    ("household_check_months_max,9901,36,2026-01-01,,办法,V,", ("value", "falls_short_at_most")),
    ("limit.general.nothing,9901,A: 1 h,2026-01-01,,办法,V,", ("key", "unknown_limit")),
    ("limit.general.classify,9901,A: 0 h,2026-01-01,,办法,V,", ("value", "limit_out_of_range")),
    ("limit.general.classify,9901,A: 400 days,2026-01-01,,办法,V,", ("value", "limit_out_of_range")),
    ("extension_times,990100,general: 3,2026-01-01,,办法,V,", ("key", "twice")),
)  # fmt: skip


def test_one_wrong_row_and_nothing_is_stored_and_every_fault_is_named(city: City):
    """Each with its line, its column, a reason and a mend in both languages; the good first row waits with them."""
    text = HEAD + "\n".join(line for line, _ in BAD_POLICY)
    with city.database.transaction(SYSTEM) as session:
        report = import_policy(session, csv(text), order(), limits={"general.classify"})

    assert faults(report) == [(row, *fault) for row, (_, fault) in enumerate(BAD_POLICY, 2) if fault]
    assert (report.changes, report.is_stored) == ((), False)
    assert stored(city) == [0, 0, 0, 0]


def test_a_file_of_another_kind_is_refused_by_its_columns(city: City):
    with city.database.transaction(SYSTEM) as session:
        assert {f[2] for f in faults(import_policy(session, csv(CATALOGUE), order()))} == {
            "unknown_column",
            "missing_column",
        }
        assert {f[2] for f in faults(import_catalogue(session, csv(POLICY), order()))} == {
            "unknown_column",
            "missing_column",
        }
        assert {f[2] for f in faults(import_calendar(session, csv(POLICY), order()))} == {
            "unknown_column",
            "missing_column",
        }
        assert import_calendar(session, SourceFile("x.png", b"\x89PNG"), order()).is_unreadable
    assert stored(city) == [0, 0, 0, 0]


def changed(row: dict[str, str], **cells: str) -> dict[str, str]:
    return row | cells


LOCAL = {
    "authority_division": "9901", "code": "PIP-G52", "title_zh": "标题", "title_en": "Title", "default_level": "general",
    "urgency": "B", "legal_basis": "判定标准第 9 条", "basis_confidence": "verified", "response_hours": "24",
    "deadline_days": "30", "interim_control": "GUARD", "suggested_evidence": "PHOTO_BEFORE", "valid_from": "2026-01-01",
    "source": "补充判定标准",
}  # fmt: skip
#: a national major, as strict as the national list
TRENCH = LOCAL | {
    "code": "PIP-M02", "default_level": "major", "urgency": "M", "response_hours": "4", "deadline_days": "90",
    "suggested_evidence": "PHOTO_BEFORE;SURVEY_REPORT;LEAK_READING_BEFORE;PHOTO_AFTER;ACCEPT_REPORT",
}  # fmt: skip
BAD_ROWS: Sequence[tuple[dict[str, str], list[tuple[str, str]]]] = (
    (LOCAL, []),
    (changed(LOCAL, code="PIP-X52"), [("code", "not_a_catalogue_code")]),
    (changed(LOCAL, code="GAS-G52"), [("code", "not_a_catalogue_code")]),
    (changed(LOCAL, code="PIP-G40"), [("code", "number_is_national")]),
    (changed(LOCAL, code="PIP-M53"), [("default_level", "level_differs_from_code")]),
    (changed(LOCAL, code="PIP-G54", default_level="huge", urgency="Q"), [("default_level", "not_one_of"), ("urgency", "not_one_of")]),
    (changed(LOCAL, code="PIP-G55", interim_control="PRAY"), [("interim_control", "unknown_control")]),
    (changed(LOCAL, code="PIP-G56", suggested_evidence="SELFIE"), [("suggested_evidence", "unknown_evidence")]),
    (changed(LOCAL, code="PIP-G57", title_en="", response_hours="soon", deadline_days="-1"),
     [("deadline_days", "not_a_whole_number"), ("response_hours", "not_a_decimal"), ("title_en", "needed")]),
    (changed(TRENCH, default_level="general"), [("default_level", "laxer_than_above")]),
    (changed(TRENCH, authority_division="9902", urgency="A", deadline_days="91", response_hours="5", suggested_evidence="PHOTO_BEFORE"),
     [(c, "laxer_than_above") for c in ("deadline_days", "response_hours", "suggested_evidence", "urgency")]),
)  # fmt: skip


def test_a_local_list_adds_and_tightens_and_never_lowers(city: City):
    """A national major stays major whatever a city writes; each laxer column is named."""
    report = enter_catalogue(city.database, as_csv(*(row for row, _ in BAD_ROWS)))

    assert faults(report) == [(n, *fault) for n, (_, found) in enumerate(BAD_ROWS, 2) for fault in found]
    assert stored(city) == [0, 0, 0, 0]


def test_local_rows_count_in_their_place_and_on_their_days(city: City):
    """A new danger there, a known one judged more strictly, and elsewhere the national list alone."""
    enter_catalogue(city.database, CATALOGUE)
    with city.database.reading(SYSTEM) as session:
        east, elsewhere, earlier = (
            queries.rows_at(session, division, on)
            for division, on in (("990102", TODAY), ("980101", TODAY), ("990102", date(2025, 12, 31)))
        )

    assert "PIP-G51" in east
    assert "PIP-G51" not in elsewhere
    assert "PIP-G51" not in earlier
    cover, national = east["VLV-G03"], elsewhere["VLV-G03"]
    assert (cover.deadline_days, national.deadline_days) == (0, 1)
    assert cover.suggested_evidence == (*national.suggested_evidence, "GPS_POINT")
    assert (cover.authority_division, cover.version, cover.national_level) == ("9901", "9901.v1", "general")
    assert east["PIP-G51"].national_level == ""


def test_a_district_may_not_undo_what_its_city_tightened(city: City):
    enter_catalogue(city.database, as_csv(LOCAL))
    laxer = enter_catalogue(
        city.database, as_csv(changed(LOCAL, authority_division="990102", deadline_days="40"))
    )
    stricter = enter_catalogue(
        city.database, as_csv(changed(LOCAL, authority_division="990102", deadline_days="20"))
    )

    assert faults(laxer) == [(2, "deadline_days", "laxer_than_above")]
    assert stricter.is_stored
    with city.database.reading(SYSTEM) as session:
        assert [
            queries.rows_at(session, d, TODAY)["PIP-G52"].deadline_days for d in ("990102", "990103")
        ] == [20, 30]


def test_a_new_entry_supersedes_the_old_one_which_stays(city: City):
    """Changed, taken back, entered again: four entries, the newest counts, who and when is kept."""
    line = HEAD + "relapse_window_days,9901,{},2026-01-01,,办法,V,{}"
    values = []
    for value, withdrawn in ((90, ""), (60, ""), (60, "yes"), (45, "")):
        enter_policy(city.database, line.format(value, withdrawn), by=city.actor("顾管理"))
        values.append(policy(city).count("relapse_window_days"))

    assert values == [90, 60, 180, 45]
    rows = city.all(sa.select(LocalPolicy).order_by(LocalPolicy.version))
    assert [(r.value, r.version, r.withdrawn) for r in rows] == [
        (90, 1, False),
        (60, 2, False),
        (60, 3, True),
        (45, 4, False),
    ]
    assert {r.entered_by for r in rows} == {f"person:{city.person('顾管理')}"}


def test_entries_are_never_changed_or_deleted(city: City):
    enter_policy(city.database, POLICY)
    for statement in ("UPDATE local_policy SET value = '1'", "DELETE FROM local_policy"):
        with pytest.raises(sa.exc.DBAPIError), city.database.transaction(SYSTEM) as session:
            session.execute(sa.text(statement))
    assert len(city.all(sa.select(LocalPolicy))) == 4


@on_postgres_only
def test_nobody_signed_in_can_write_rules_past_the_operation(city: City):
    """Readable to all, written by the system alone; a stranger without a sign-in reads nothing."""
    enter_policy(city.database, POLICY)
    with city.database.reading(city.actor("孙巡检").scope) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(LocalPolicy)) == 4
    with city.database.reading(Scope()) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(LocalPolicy)) == 0
    with (
        pytest.raises(sa.exc.DBAPIError, match="row-level security"),
        city.database.transaction(city.actor("顾管理").scope) as session,
    ):
        import_policy(
            session, csv(HEAD + "relapse_window_days,9901,1,2026-01-01,,办法,V,"), order(city.actor("顾管理"))
        )


@pytest.mark.parametrize("who", ["钱管理", "唐监管", "何安全", "李巡检"])
def test_only_a_regulators_administrator_makes_rules(city: City, who: str):
    """They bind every enterprise of the place: neither one of these nor an officer writes them."""
    with pytest.raises(NotAllowed):
        enter_policy(city.database, POLICY, by=city.actor(who))


def test_an_administrator_makes_rules_for_the_own_division_only(city: City):
    text = (
        HEAD
        + "relapse_window_days,9801,90,2026-01-01,,办法,V,\nrelapse_window_days,990103,90,2026-01-01,,办法,V,"
    )
    report = enter_policy(city.database, text, by=city.actor("顾管理"))

    assert faults(report) == [(2, "division", "outside_your_division")]
    national = announce(city.database, notice(), city.now, by=city.actor("顾管理"))
    assert {f[2] for f in faults(national)} == {"outside_your_division"}
    assert announce(
        city.database, notice(holidays=["03-03"], division="990102"), city.now, by=city.actor("顾管理")
    ).is_stored


def test_rows_without_a_division_take_the_orders(city: City):
    report = enter_policy(
        city.database,
        "key,value,valid_from,source,confidence\nrelapse_window_days,90,2026-01-01,办法,V",
        division="990102",
    )

    assert report.is_stored
    assert [policy(city, d).count("relapse_window_days") for d in ("990102", "990103")] == [90, 180]


def test_two_imports_at_once_are_one_after_the_other(city: City):
    """Both stored, versions without a gap, whoever was first."""
    files = [HEAD + f"relapse_window_days,9901,{n},2026-01-01,,办法,V," for n in (30, 40, 50)]

    answers = together(3, lambda n: enter_policy(city.database, files[n]))

    assert all(isinstance(a, ImportReport) and a.is_stored for a in answers), answers
    rows = city.all(sa.select(LocalPolicy).order_by(LocalPolicy.version))
    assert [r.version for r in rows] == [1, 2, 3]
    assert policy(city).count("relapse_window_days") == rows[-1].value


def test_what_was_rolled_back_is_never_believed(city: City):
    """The importing transaction read its own rows and failed; nobody else ever goes by them."""

    def read_and_fail() -> None:
        with city.database.transaction(SYSTEM) as session:
            import_policy(session, csv(POLICY), order())
            own = queries.policies(session, ["990102"], TODAY)["990102"]
            assert own.span("extension_apply_before", "major").amount == 15
            raise RuntimeError

    with pytest.raises(RuntimeError):
        read_and_fail()

    assert policy(city).span("extension_apply_before", "major").amount == 10


def test_another_process_sees_an_import_without_a_restart(city: City):
    other = opened(city.database.engine.url.render_as_string(hide_password=False))
    seen = []
    for text in (None, POLICY, POLICY.replace("15 workdays", "12 workdays")):
        if text:
            enter_policy(city.database, text)
        with other.reading(SYSTEM) as session:
            seen.append(
                queries.policies(session, ["990102"], TODAY)["990102"]
                .span("extension_apply_before", "major")
                .amount
            )
    other.dispose()

    assert seen == [10, 15, 12]


def test_a_batch_costs_one_query_however_many_divisions(city: City):
    """Two thousand counties, one look at the stamps."""
    enter_policy(city.database, POLICY)
    policy(city)
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    divisions = [f"{n:06d}" for n in range(110000, 112000)]
    with city.database.reading(SYSTEM) as session:
        session.connection()
        sa.event.listen(city.database.engine, "before_cursor_execute", note)
        found = queries.policies(session, divisions, TODAY)
        queries.policies(session, divisions, TODAY + timedelta(days=1))
        sa.event.remove(city.database.engine, "before_cursor_execute", note)

    assert len(found) == 2000
    assert len(asked) == 1


BAD_CALENDARS = {
    "years:\n  2027: {status: official, holidays: [02-30], workdays: []}": ("holidays", "not_a_span_of_days"),
    "years:\n  2027: {status: official, holidays: ['03-05..03-01'], workdays: []}": ("holidays", "not_a_span_of_days"),
    "years:\n  soon: {status: official}": ("years", "not_a_year"),
    "years:\n  1027: {status: official}": ("years", "not_a_year"),
    "years:\n  2027: {status: official, off: []}": ("off", "unknown_column"),
    "years: {}": ("years", "not_a_list"),
    "source: x\nyears:\n  2027: {status: sure, holidays: [01-01]}": ("status", "not_one_of"),
    "years:\n  2027: {status: official, holidays: [01-01]}": ("source", "needed"),
    "source: x\nyears:\n  2027: {status: official, holidays: [01-01, 01-01]}": ("date", "twice"),
    "source: x\nyears:\n  2027: {status: official, holidays: [01-05]}": ("date", "statutory_day_works"),
    "source: x\nyears:\n  2026: {status: provisional, holidays: [01-01]}": ("status", "official_stays"),
    "source: x\nyears:\n  2031: {status: provisional, workdays: [01-06]}": ("date", "nothing_differs"),
    # the trap of a public calendar: 2027 with the lunar dates of 2026
    "source: x\nyears:\n  2027: {status: official, holidays: ['01-01..01-03', '02-14..02-22', '04-04..04-06', '05-01..05-05', "
    "'06-19..06-21', '09-25..09-27', '10-01..10-07']}": ("date", "statutory_day_works"),
}  # fmt: skip


@pytest.mark.parametrize("text", BAD_CALENDARS)
def test_a_wrong_calendar_is_refused(city: City, text: str):
    with city.database.transaction(SYSTEM) as session:
        report = import_calendar(session, SourceFile("n.yaml", text.encode()), order())

    assert BAD_CALENDARS[text] in {(field, code) for _, field, code in faults(report)}
    assert stored(city) == [0, 0, 0, 0]


def test_a_table_of_days_is_the_same_as_spans(city: City):
    """One day a row, also where a file lists every day of the year."""
    announce(city.database, notice(holidays=["01-04"], workdays=["01-10"]), city.now)
    with city.database.reading(SYSTEM) as session:
        spans = queries.calendar_at(session)
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
    table = "date,is_workday,name,status,source\n" + "".join(
        f"{d:%Y/%m/%d},{'yes' if spans.is_workday(d) else 'no'},,official,表\n" for d in days
    )

    assert announce(city.database, SourceFile("days.csv", table.encode()), city.now).is_stored

    with city.database.reading(SYSTEM) as session:
        listed = queries.calendar_at(session)
    assert [listed.is_workday(d) for d in days] == [spans.is_workday(d) for d in days]
    assert len(city.all(sa.select(CalendarDay).where(CalendarDay.edition == 2))) < 30


@pytest.mark.parametrize("ending", [".csv", ".yaml", ".json"])
def test_what_is_exported_is_imported_again_elsewhere(city: City, ending: str):
    """And says nothing new where it came from."""
    enter_policy(city.database, POLICY)
    enter_catalogue(city.database, CATALOGUE)
    announce(city.database, notice(holidays=["01-04"], workdays=["01-10"]), city.now)
    announce(city.database, notice(holidays=["03-03"], division="9901"), city.now)

    for kind in kinds({"general.classify"}):
        with city.database.reading(SYSTEM) as session:
            text = kind.write_out(session, ExportOrder(ending))
        with city.database.transaction(SYSTEM) as session:
            report = kind.read_in(session, SourceFile(f"x{ending}", text.encode()), order())
        assert (report.faults, report.changes) == ((), ()), kind.key
        assert report.rows >= 2
        with city.database.reading(SYSTEM) as session:
            assert "990102" in kind.write_out(session, ExportOrder(ending, "990102")) or kind.key != "policy"
