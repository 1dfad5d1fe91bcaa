"""Answers are what an independent count finds, within what the reader may see, and each figure leads to exactly its hazards."""

from collections import Counter
from datetime import UTC, datetime
from statistics import median
from urllib.parse import parse_qsl, urlsplit

import pytest

from hazard_flow.assessment.questions.asking import DIMENSIONS, MEASURES, read_question, span
from hazard_flow.errors import BadRequest, NotAllowed
from hazard_flow.hazards import queries as hazards
from hazard_flow.hazards.filtering import labels
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.queries import read_filter
from tests.assessment.questions.asking import ask, drawn, figures
from tests.harness.cast import ANPING, HENGCHUAN
from tests.harness.city import City
from tests.harness.founding import ZONE


@pytest.fixture
def town(city: City) -> City:
    """Hazards of every kind: of two enterprises and three units, open, late and ended, over two months."""
    city.report("阀井漏气，读数偏高", asset="VW-1", catalogue_code="VLV-G01", suspected_urgency="A")
    city.bring_to(city.report("井盖破损，行人有坠落风险", asset="VW-1"), "closed")
    city.bring_to(city.report("管线上方违章建筑占压", major=True), "rectifying")
    city.report("灶具连接软管老化开裂", source="household_check", by="郑巡检")
    city.report(by="孙巡检", asset="AP-1", catalogue_code="VLV-G01")
    city.household()
    late = city.bring_to(city.report("调压箱锈蚀，门锁损坏", by="郑巡检", asset="VW-9"), "rectifying")
    city.outage(days=30)
    ended = city.bring_to(city.report("标志桩缺失，警示带脱落", catalogue_code="PIP-G01"), "submitted")
    city.fast_forward(hours=40)
    city.verify(ended)
    city.close(ended)
    city.dismiss(city.report("疑似漏气，现场有异味"))
    city.report_protected()
    assert city.look(late).due_at < city.now
    return city


def behind(city: City, href: str, by: str) -> set[str]:
    """The numbers of the hazards a link of a figure leads to."""
    address = urlsplit(href)
    assert address.path == "/hazards"
    wanted = read_filter(dict(parse_qsl(address.query)))
    with city.database.reading(city.actor(by).scope) as session:
        return {
            one.number for one in hazards.page(session, wanted, now=city.now, cursor=None, limit=200).items
        }


def seen(city: City, by: str) -> list[Hazard]:
    return [
        one
        for one in city.hazards()
        if city.actor(by).scope.sees(path=one.path, division=one.division, parties=one.parties)
    ]


def test_every_measure_of_every_group_is_what_a_count_by_hand_finds(town: City):
    for by in ("何安全", "陈处长", "李巡检", "马安全"):
        counted_by_hand(town, by)


def counted_by_hand(town: City, by: str) -> None:
    own = seen(town, by)
    by_stage = ask(town, "stage", by=by)
    assert figures(by_stage) == {(stage,): n for stage, n in Counter(one.stage for one in own).items()}
    both = ask(town, "organisation", "level", by=by)
    counted = Counter((str(one.home_id), one.level) for one in own)
    assert figures(both) == dict(counted)
    late = Counter(
        (str(one.home_id), one.level) for one in own if one.is_open and one.due_at and one.due_at < town.now
    )
    assert figures(both, "overdue") == {key: late.get(key, 0) for key in counted}
    closed = Counter((str(one.home_id), one.level) for one in own if not one.is_open)
    assert figures(both, "closed") == {key: closed.get(key, 0) for key in counted}
    assert figures(both, "open") == {key: n - closed.get(key, 0) for key, n in counted.items()}
    assert figures(both, "closing_share") == {
        key: round(100 * closed.get(key, 0) / n, 1) for key, n in counted.items()
    }


def test_each_figure_leads_to_exactly_the_hazards_it_counts(town: City):
    for by in ("何安全", "陈处长"):
        for group in DIMENSIONS:
            leads(town, by, group)


def leads(town: City, by: str, group: str) -> None:
    found = ask(town, group, "stage" if group != "stage" else "urgency", by=by)
    assert found.rows
    assert sum(row.cells["count"].value or 0 for row in found.rows) == len(seen(town, by))
    assert found.total.cells["count"].value == len(seen(town, by))
    reached: list[str] = []
    for row in found.rows:
        for measure in ("count", "open", "overdue", "closed"):
            cell = row.cells[measure]
            if not cell.value:
                assert cell.href == ""
                continue
            numbers = behind(town, cell.href, by)
            assert len(numbers) == cell.value, (row.values, measure, cell.href)
            if measure == "count":
                reached += numbers
    assert sorted(reached) == sorted(one.number for one in seen(town, by)), "each hazard in one group"


def test_the_median_is_that_of_the_spans_from_report_to_end(town: City):
    found = ask(town, "organisation")
    days = [
        (one.closed_at - one.reported_at).total_seconds() / 86_400
        for one in seen(town, "何安全")
        if one.closed_at is not None
    ]
    assert len(days) == 3
    assert [row.cells["median_days"].value for row in found.rows] == [round(median(days), 1)]
    assert found.total.cells["median_days"].value == round(median(days), 1)


def test_of_an_even_number_the_two_in_the_middle_count(city: City):
    for hours in (24, 72):
        hazard = city.bring_to(city.report(), "verified")
        city.fast_forward(hours=hours)
        city.close(hazard)
    assert ask(city).total.cells["median_days"].value == 2.0


def test_the_filter_narrows_every_figure_and_every_link(town: City):
    found = ask(town, "stage", asset_kind="valve_well", by="陈处长")
    wells = [one for one in seen(town, "陈处长") if one.asset_id is not None]
    assert found.total.cells["count"].value == len(wells)
    for row in found.rows:
        assert "asset_kind=valve_well" in row.cells["count"].href
        assert behind(town, row.cells["count"].href, "陈处长") == {
            one.number for one in wells if (one.stage,) == row.values
        }


def test_months_are_those_of_the_organisations_zone(city: City):
    early = city.report("井盖破损，十一月初发现")
    city.clock.move_to(datetime(2026, 11, 30, 15, 59, tzinfo=UTC))
    last = city.report("井盖破损，十一月最后一分钟")
    city.clock.move_to(datetime(2026, 11, 30, 16, 1, tzinfo=UTC))
    first = city.report("井盖破损，十二月第一分钟")
    found = ask(city, "month")
    assert figures(found) == {("2026-11",): 2, ("2026-12",): 1}
    assert [behind(city, row.cells["count"].href, "何安全") for row in found.rows] == [
        {early.number, last.number},
        {first.number},
    ]
    assert ask(city, "stage", period="this_month").total.cells["count"].value == 1
    assert ask(city, "stage", period="last_month").total.cells["count"].value == 2


def test_a_span_that_moves_is_narrowed_further_by_what_the_filter_says(city: City):
    city.report()
    city.fast_forward(days=2)
    city.report()
    since = city.now.isoformat()
    assert ask(city, period="this_month", found_since=since).total.cells["count"].value == 1
    begins, ends = span("this_year", city.now.date(), ZONE)
    assert begins.astimezone(ZONE).isoformat()[:10] == "2026-01-01"
    assert ends > city.now


def test_a_question_about_nothing_answers_with_nothing(city: City):
    found = ask(city, "team")
    assert found.rows == ()
    assert {key: cell.value for key, cell in found.total.cells.items()} == {
        "count": 0, "open": 0, "overdue": 0, "closed": 0, "closing_share": None, "median_days": None,
    }  # fmt: skip


def test_groups_are_called_as_people_of_the_language_call_them(town: City):
    chinese = drawn(town, "organisation", "stage", by="陈处长")
    assert chinese.columns[:3] == ("企业", "阶段", "数量")
    assert {line.names[0] for line in chinese.lines} == {HENGCHUAN, ANPING}
    english = drawn(town, "category", "liable", by="陈处长", locale="en")
    assert "Valve and valve well" in {line.names[0] for line in english.lines}
    assert english.total.names == ("Total", "")
    assert "(none)" in {line.names[1] for line in english.lines}


def test_what_was_reported_past_a_manager_stays_the_regulators(town: City):
    assert ask(town, by="何安全").total.cells["count"].value == len(seen(town, "何安全"))
    assert ask(town, by="唐监管", protected="1").total.cells["count"].value == 1
    with pytest.raises(NotAllowed):
        ask(town, by="何安全", protected="1")


def test_a_wrong_question_is_refused_with_every_field():
    words = {
        "stage": "nowhere", "urgency": "Z", "organisation": "x", "code": "no code", "category": "none", "asset_kind": "moon",
        "liable": "nobody", "unit": "y", "found_since": "yesterday", "overdue": "perhaps", "colour_of_hair": "red",
    }  # fmt: skip
    with pytest.raises(BadRequest) as refused:
        read_question(words, ["team", "team", "mood"], ["count", "beauty"], "some_day")
    wrong = {(one.field, one.code) for one in refused.value.fields}
    assert wrong == {
        ("stage", "unknown_choice"), ("urgency", "unknown_choice"), ("organisation", "not_an_id"), ("code", "unknown_choice"),
        ("category", "unknown_choice"), ("asset_kind", "unknown_choice"), ("liable", "unknown_choice"), ("unit", "not_an_id"),
        ("found_since", "not_an_instant_with_zone"), ("overdue", "not_a_flag"), ("colour_of_hair", "unknown_field"),
        ("group", "unknown_choice"), ("group", "too_many"), ("group", "given_twice"), ("measure", "unknown_choice"),
        ("period", "unknown_choice"),
    }  # fmt: skip


def test_measures_stand_in_one_order_whatever_order_they_were_ticked_in():
    asked = read_question({}, [], ["closed", "count"])
    assert asked.measures == ("count", "closed")
    assert read_question({}, [], []).measures == MEASURES


def test_the_rows_of_one_team_stand_together_the_larger_team_first(city: City):
    for _ in range(3):
        city.bring_to(city.report(by="郑巡检"), "assigned")
    city.report(by="郑巡检")
    city.report()
    city.bring_to(city.report(), "assigned")
    page = drawn(city, "team", "stage")
    assert [line.names for line in page.lines] == [
        ("运行二班", "上报"),
        ("运行二班", "交办"),
        ("运行一班", "上报"),
        ("运行一班", "交办"),
    ]


def test_everything_a_filter_says_is_said_in_words(city: City):
    asset, team = str(city.founded.assets["VW-1"]), str(city.founded.units["运行一班"])
    words = {
        "asset": asset, "unit": team, "organisation": team, "code": "VLV-G01", "category": "valve_well", "asset_kind": "valve_well",
        "liable": "user", "urgency": "-", "found_since": "2026-11-01T00:00:00+08:00", "found_before": "2026-12-01T00:00:00+08:00",
    }  # fmt: skip
    wanted = read_filter(words)
    with city.database.reading(city.actor("何安全").scope) as session:
        chinese, english = (labels(session, wanted, locale) for locale in ("zh", "en"))
    assert chinese == {
        "asset": "设施：青梧路阀井", "unit": "班组（部门）：运行一班", "organisation": "运行一班", "code": "目录项：VLV-G01",
        "category": "类别：阀门及阀井", "asset_kind": "设施类型：阀门阀井", "liable": "责任主体：用户", "urgency": "未定级",
        "found_since": "发现不早于 2026-11-01 00:00", "found_before": "发现早于 2026-12-01 00:00",
    }  # fmt: skip
    assert english["unit"] == "Unit: First Team"
    assert english["urgency"] == "No urgency yet"
