"""Figures on the page, in the file and in the API are one; who may see what; an appeal and its answer."""

import io
import re
import uuid
from pathlib import Path

import openpyxl
import pytest

from hazard_flow.assessment.indicators.book import indicators
from tests.harness import figures
from tests.harness.cast import ANPING, HENGCHUAN
from tests.harness.city import City
from tests.inspections.office import Office

LEAK = "阀井内燃气浓度偏高，法兰漏气"


@pytest.fixture
def office(city: City, tmp_path: Path) -> Office:
    return Office(city, tmp_path)


@pytest.fixture
def lived(city: City) -> City:
    """Twelve hazards of one enterprise, nine of them closed, and one of the other."""
    for number in range(12):
        hazard = city.report(LEAK, asset="VW-1")
        if number < 9:
            city.bring_to(hazard, "closed")
    city.report(LEAK, asset="AP-1", by="孙巡检")
    figures.make(city)
    return city


def test_page_file_and_api_say_the_same(lived: City, office: Office):
    home = lived.founded.units[HENGCHUAN]
    desk = office.person("陈处长")
    page = desk.get("/scorecards").get_data(as_text=True)
    card = desk.get(f"/scorecards/{home}").get_data(as_text=True)
    one = desk.get(f"/indicators/I01?organisation={home}").get_data(as_text=True)
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/scorecards.xlsx").data))
    told = {
        row["organisation"]: row for row in office.person("陈处长").json("/api/v1/indicators/I01")["items"]
    }[str(home)]

    assert (told["above"], told["below"], told["value"], told["is_ranked"]) == (9, 12, 75, True)
    assert all("75.0 %" in text for text in (page, card, one))
    assert all("9 / 12" in text for text in (card, one))
    head, *rows = [
        [cell.value for cell in row]
        for row in book.active.iter_rows()
        if row[0].value is not None or row[1].value
    ]
    place = next(n for n, name in enumerate(head) if name and name.startswith("I01"))
    mine = next(row for row in rows if "恒川" in str(row[1]))
    assert mine[place : place + 3] == [9, 12, 75]
    assert len(re.findall(r'href="/hazards/YH-', one)) == 12


def test_too_few_is_not_ranked_and_nothing_is_blank(lived: City, office: Office):
    told = office.person("陈处长").json("/api/v1/indicators/I01")["items"]
    other = next(row for row in told if row["organisation"] == str(lived.founded.units[ANPING]))
    assert (other["below"], other["is_ranked"]) == (1, False)
    nothing = office.person("陈处长").json("/api/v1/indicators/I02")["items"]
    assert {(row["below"], row["value"]) for row in nothing} == {(0, None)}


def test_an_enterprise_sees_itself_and_a_regulator_its_division(lived: City, office: Office):
    ours, theirs = lived.founded.units[HENGCHUAN], lived.founded.units[ANPING]
    seen = {row["organisation"] for row in office.person("何安全").json("/api/v1/scorecards")["items"]}
    assert seen == {str(ours)}
    assert office.person("何安全").get(f"/scorecards/{theirs}").status_code == 404
    assert (
        office.person("何安全").get(f"/api/v1/indicators/I01/rows?organisation={theirs}").status_code == 404
    )
    east = {row["organisation"] for row in office.person("唐监管").json("/api/v1/scorecards")["items"]}
    assert east == {str(ours)}
    assert office.person("李巡检").get("/scorecards").status_code == 403


def test_rows_are_read_page_by_page(lived: City, office: Office):
    home, found, cursor = lived.founded.units[HENGCHUAN], [], ""
    officer = office.person("陈处长")
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        said = officer.json(f"/api/v1/indicators/I01/rows?organisation={home}&limit=5{more}")
        found += said["items"]
        cursor = said["next_cursor"]
    assert len({row["number"] for row in found}) == 12
    assert sum(row["is_counted"] for row in found) == 9


def test_an_appeal_waits_until_the_score_is_frozen_and_is_answered_once(lived: City, office: Office):
    home = lived.founded.units[HENGCHUAN]
    principal, officer = office.person("韩总"), office.person("陈处长")
    words = "十月份停气检修期间的三件隐患已报备，不应计入逾期"
    month = lived.now.astimezone(figures.ZONE).strftime("%Y-%m")
    send = {"page": "/help/", "period": month, "about": "I04", "words": words}
    assert principal.post(f"/scorecards/{home}/appeals", **send).status_code == 409
    lived.fast_forward(days=40)
    figures.make(lived)
    principal, officer = office.person("韩总"), office.person("陈处长")
    assert principal.post(f"/scorecards/{home}/appeals", **{**send, "words": "不服"}).status_code == 422
    assert officer.post(f"/scorecards/{home}/appeals", **send).status_code == 403
    assert principal.post(f"/scorecards/{home}/appeals", **send).status_code == 302
    page = officer.get(f"/scorecards/{home}?period={month}").text
    assert words in page
    appeal = re.search(r"/scorecards/appeals/([0-9a-f-]{36})/answer", page)
    assert appeal is not None
    reply = {"outcome": "upheld", "words": "情况属实，下期说明中更正"}
    assert principal.post(appeal[0], **reply).status_code == 403
    assert officer.post(appeal[0], **reply).status_code == 302
    assert officer.post(appeal[0], **reply).status_code == 409
    assert "申诉成立" in principal.get(f"/scorecards/{home}?period={month}").text


@pytest.mark.parametrize("query", ["period=2026-13", "period=2099-01", "period=x", "supply=coal"])
def test_a_wrong_question_is_refused(lived: City, office: Office, query: str):
    assert office.person("陈处长").get(f"/scorecards?{query}").status_code == 400


def test_every_indicator_has_a_page(lived: City, office: Office):
    desk = office.person("陈处长")
    for key in indicators():
        assert desk.get(f"/indicators/{key}?organisation={lived.founded.units[HENGCHUAN]}").status_code == 200
    assert desk.get("/indicators/I99").status_code == 404
    assert desk.get(f"/indicators/I01?organisation={uuid.uuid4()}").status_code == 404


@pytest.mark.parametrize("who", ["陈处长", "唐监管", "何安全", "韩总", "王班长"])
def test_each_reader_has_a_dashboard(lived: City, office: Office, who: str):
    assert office.person(who).get("/overview").status_code == 200
