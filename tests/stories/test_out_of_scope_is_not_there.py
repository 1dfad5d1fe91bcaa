"""What somebody may not see does not exist for them: not in lists, not by number, not for acts."""

import uuid

import pytest

from hazard_flow.errors import NotFound, Refused
from hazard_flow.hazards import queries
from hazard_flow.hazards.models import Hazard
from tests.harness.city import City
from tests.harness.refusals import said

EVERY = queries.Filter()


def seen_by(city: City, who: str) -> list[str]:
    with city.database.reading(city.actor(who).scope) as session:
        found = queries.page(session, EVERY, now=city.now, cursor=None, limit=50)
        counted = queries.capped_count(session, EVERY, now=city.now)
        assert counted == len(found.items)
        return [hazard.number for hazard in found.items]


@pytest.mark.parametrize(
    "who", ["李巡检", "王班长", "徐复查", "赵经理", "何安全", "韩总", "周调度", "唐监管", "陈处长", "卢主任"]
)
def test_the_own_line_upward_sees_it(city: City, who: str):
    hazard = city.report(by="李巡检")

    assert seen_by(city, who) == [hazard.number]


@pytest.mark.parametrize(
    "who", ["郑巡检", "吴班长", "孟安全", "孙巡检", "马安全", "邓总", "方监管", "钱管理"]
)
def test_nobody_else_does(city: City, who: str):
    hazard = city.report(by="李巡检")

    assert seen_by(city, who) == []
    with city.database.reading(city.actor(who).scope) as session, pytest.raises(NotFound):
        queries.by_number(session, hazard.number)


@pytest.mark.parametrize("who", ["郑巡检", "马安全", "方监管", "钱管理"])
def test_to_act_on_it_is_the_same_as_to_act_on_nothing(city: City, who: str):
    hazard = city.report(by="李巡检")

    with pytest.raises(NotFound) as hidden:
        city.act(who, hazard, "acknowledge")
    with pytest.raises(NotFound) as absent:
        city.act(who, Hazard(id=uuid.uuid4()), "acknowledge")

    assert (str(hidden.value), hidden.value.params) == (str(absent.value), absent.value.params)


def test_a_part_in_it_opens_it(city: City):
    hazard = city.report(by="李巡检")
    assert seen_by(city, "吴班长") == []

    city.assign(hazard, responsible=str(city.person("吴班长")))

    assert seen_by(city, "吴班长") == [hazard.number]
    assert seen_by(city, "孟安全") == [hazard.number]


def test_who_reports_outside_the_own_team_sees_what_became_of_it(city: City):
    hazard = city.report(by="李巡检", unit="运行二班")

    assert seen_by(city, "李巡检") == [hazard.number]
    assert seen_by(city, "郑巡检") == [hazard.number]
    assert seen_by(city, "王班长") == []


@pytest.mark.parametrize("who", ["孙巡检", "马安全", "方监管"])
def test_nobody_reports_into_somebody_elses_enterprise(city: City, who: str):
    with pytest.raises(Refused) as refusal:
        city.report(by=who, unit="运行一班")

    assert said(refusal) == {("organisation_id", "unknown_organisation")}


def test_an_officer_reports_to_an_enterprise_of_the_division(city: City):
    hazard = city.report(by="唐监管", unit="恒川运行部")

    assert seen_by(city, "赵经理") == [hazard.number]
