"""A saved question: whose it is, who may open it, what is wrong with one, and its files, which say what the page says."""

import csv
from io import BytesIO, StringIO

import openpyxl
import pytest
import sqlalchemy as sa

from hazard_flow.assessment.questions import operations, queries, table
from hazard_flow.assessment.questions.asking import from_plain
from hazard_flow.assessment.questions.chart import BAR_WIDTH, BARS_MAX, chart
from hazard_flow.assessment.questions.models import SavedQuestion
from hazard_flow.assessment.questions.operations import Given
from hazard_flow.errors import NotAllowed, NotFound, Refused
from hazard_flow.identity.models import Organisation
from hazard_flow.storage.scope import SYSTEM
from tests.assessment.questions.asking import drawn, save
from tests.harness.city import City

EVIL = '=HYPERLINK("http://evil.example","x")'


def opens(city: City, who: str) -> set[str]:
    actor = city.actor(who)
    with city.database.reading(actor.scope) as session:
        return {one.name for one in queries.page(session, actor, cursor=None, limit=50).items}


def changed(city: City, question: SavedQuestion, *, by: str, **given: object) -> SavedQuestion:
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        return operations.change(
            session, actor=actor, question_id=question.id, given=Given(**{"name": "新名称", "filter": {}, **given}), now=city.now
        )  # type: ignore[arg-type]  # fmt: skip


def test_a_private_question_is_its_owners_and_a_shared_one_the_organisations(city: City):
    save(city, "我的")
    save(city, "大家的", shared=True)
    assert opens(city, "何安全") == {"我的", "大家的"}
    for who in ("韩总", "李巡检", "孟安全"):
        assert opens(city, who) == {"大家的"}, who
    for who in ("唐监管", "陈处长", "马安全", "顾管理"):
        assert opens(city, who) == set(), who


def test_the_database_itself_keeps_private_ones(city: City):
    if not city.on_postgres:
        pytest.skip("row-level security is PostgreSQL's")
    save(city, "我的")
    save(city, "大家的", shared=True)
    counted = {}
    for who in ("何安全", "韩总", "唐监管", "马安全"):
        with city.database.reading(city.actor(who).scope) as session:
            counted[who] = session.execute(sa.text("SELECT count(*) FROM saved_question")).scalar_one()
    assert counted == {"何安全": 2, "韩总": 1, "唐监管": 0, "马安全": 0}


def test_only_the_owner_changes_and_ends_it(city: City):
    question = save(city, shared=True)
    with pytest.raises(NotAllowed):
        changed(city, question, by="韩总")
    with pytest.raises(NotFound):
        changed(city, question, by="唐监管")
    again = changed(
        city, question, by="何安全", filter={"stage": "closed"}, groups=("team",), is_shared=False
    )
    assert from_plain(again.asked).groups == ("team",)
    assert opens(city, "韩总") == set()
    actor = city.actor("何安全")
    with city.database.transaction(actor.scope) as session:
        operations.end(session, actor=actor, question_id=question.id, now=city.now)
    assert opens(city, "何安全") == set()


def test_the_same_request_saves_one_question(city: City):
    first, again = save(city, key="k"), save(city, key="k")
    assert first.id == again.id
    assert len(opens(city, "何安全")) == 1


def test_a_wrong_one_is_refused_with_every_field_and_nothing_is_stored(city: City):
    with pytest.raises(Refused) as refused:
        save(city, " ", groups=("mood", "mood", "team"), stage="nowhere", period="some_day")
    assert {(one.field, one.code) for one in refused.value.fields} == {
        ("name", "required"),
        ("group", "unknown_choice"),
        ("group", "too_many"),
        ("group", "given_twice"),
        ("stage", "unknown_choice"),
        ("period", "unknown_choice"),
    }
    with pytest.raises(Refused):
        save(city, "长" * 81)
    with pytest.raises(NotAllowed):
        save(city, protected="1")
    with pytest.raises(NotAllowed):
        save(city, by="钱管理")
    assert opens(city, "何安全") == set()


def test_files_say_what_the_page_says(city: City):
    for place in ("closed", "rectifying", "assigned"):
        city.bring_to(city.report(), place)
    page = drawn(city, "stage", "team")
    rows = [[*line.names, *[cell.value for cell in line.cells]] for line in (*page.lines, page.total)]
    text = table.csv(page)
    assert text.startswith("\ufeff")
    read = list(csv.reader(StringIO(text[1:])))
    assert read[0] == list(page.columns)
    assert read[1:] == [["" if one is None else str(one) for one in row] for row in rows]
    sheet = openpyxl.load_workbook(BytesIO(table.xlsx(page, "各阶段"))).active
    assert sheet is not None
    assert sheet.title == "各阶段"
    cells = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert cells[0] == list(page.columns)
    assert [[None if one == "" else one for one in row] for row in cells[1:]] == [
        [None if one == "" else one for one in row] for row in rows
    ]


def test_a_name_that_is_a_formula_is_a_text_in_every_file(city: City):
    with city.database.transaction(SYSTEM) as session:
        team = session.get_one(Organisation, city.founded.units["运行一班"])
        team.name_zh = EVIL
    city.report()
    page = drawn(city, "team")
    assert page.lines[0].names == (EVIL,)
    [_, row, _] = csv.reader(StringIO(table.csv(page)[1:]))
    assert row[0] == f"'{EVIL}"
    sheet = openpyxl.load_workbook(BytesIO(table.xlsx(page, "=1+1"))).active
    assert sheet is not None
    assert (sheet["A2"].value, sheet["A2"].data_type) == (EVIL, "s")


def test_bars_are_as_long_as_their_figures_and_say_them(city: City):
    for _ in range(2):
        city.report()
    city.bring_to(city.report(), "assigned")
    found = chart(drawn(city, "stage"))
    assert found is not None
    assert [(bar.said, bar.width) for bar in found.bars] == [("2", BAR_WIDTH), ("1", BAR_WIDTH // 2)]
    assert chart(drawn(city)) is None, "a sum alone is no comparison"
    assert len(found.bars) <= BARS_MAX
