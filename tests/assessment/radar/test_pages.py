"""The radar over HTTP: for whom it is, what it offers them, what it never tells them, and what it refuses."""

import re

import pytest

from tests.assessment.radar.looking import begun
from tests.harness.cast import ANPING, HENGCHUAN
from tests.harness.inspecting import examine, take
from tests.harness.photos import tiny_jpeg
from tests.harness.site import Site, small_site

__all__ = ["small_site"]


@pytest.fixture(scope="module")
def numbers(small_site: Site) -> dict[str, str]:
    city = small_site.city
    photo = tiny_jpeg()
    theirs = city.report(by="邓总", unit=ANPING, evidence=[take(city, photo)])
    fast = begun(city, code="VLV-G03", evidence=[take(city, photo)])
    for step in (city.submit, city.verify, city.close):
        step(fast)
    hidden = [city.report_protected(catalogue_code="VLV-G01", asset="VW-1") for _ in range(3)]
    for _ in range(3):
        city.report(catalogue_code="VLV-G02", asset="VW-9", description="井盖<b>破损</b>")
    examine(city)
    return {"fast": fast.number, "theirs": theirs.number, "hidden": hidden[0].number}


def page(site: Site, who: str, path: str = "/radar") -> str:
    answer = site.client(who).get(path)
    assert answer.status == 200, (who, path, answer.status)
    return answer.body.decode()


def test_it_is_for_regulators_and_for_the_safety_director(small_site: Site, numbers: dict[str, str]):
    for path in ("/radar", "/radar/signals/closed_too_fast", "/api/v1/radar"):
        for who in ("唐监管", "陈处长", "卢主任", "何安全"):
            assert small_site.client(who).get(path).status == 200, (who, path)
        for who in ("李巡检", "韩总", "周调度", "钱管理"):
            assert small_site.client(who).get(path).status == 403, (who, path)


def test_a_finding_opens_into_its_hazard_and_into_an_audit(small_site: Site, numbers: dict[str, str]):
    drawn = page(small_site, "唐监管")
    assert f"/hazards/{numbers['fast']}" in drawn
    button = re.search(
        r'<form method="post" action="/audits".*?name="request_key" value="([^"]+)".*?name="number" value="([^"]+)"',
        drawn,
        re.DOTALL,
    )
    assert button is not None
    assert button[2] == numbers["fast"]
    assert f"/audits?organisation={small_site.city.founded.units[HENGCHUAN]}" in drawn


def test_the_enterprise_sees_itself_without_a_way_into_audits(small_site: Site, numbers: dict[str, str]):
    for path in ("/radar", "/radar/signals/closed_too_fast", "/radar/signals/reused_photos"):
        drawn = page(small_site, "何安全", path)
        assert numbers["fast"] in drawn
        assert "/audits" not in drawn
        assert numbers["theirs"] not in drawn
        assert ANPING not in drawn


def test_reports_past_a_manager_are_in_no_answer(small_site: Site, numbers: dict[str, str]):
    for who in ("何安全", "唐监管", "陈处长"):
        for path in ("/radar", "/radar/signals/recurring_assets", "/api/v1/radar"):
            assert numbers["hidden"] not in page(small_site, who, path), (who, path)


def test_the_interface_says_the_same_as_the_page(small_site: Site, numbers: dict[str, str]):
    told = small_site.client("唐监管").get("/api/v1/radar").json
    assert {one["signal"] for one in told["items"]} == {
        "closed_too_fast",
        "reused_photos",
        "recurring_assets",
    }
    drawn = page(small_site, "唐监管")
    for one in told["items"]:
        assert one["seen"] in drawn, one
        assert 0 < one["score"] < 100
    assert told["hazards"][0]["number"] == numbers["fast"]
    only = small_site.client("唐监管").get("/api/v1/radar?signal=recurring_assets").json
    assert {one["signal"] for one in only["items"]} == {"recurring_assets"}


def test_what_people_wrote_stays_text(small_site: Site, numbers: dict[str, str]):
    assert "<b>破损</b>" not in page(small_site, "唐监管", "/radar/signals/recurring_assets")


def test_a_wrong_question_is_refused_with_everything(small_site: Site):
    client = small_site.client("唐监管")
    answer = client.get("/api/v1/radar?organisation=x&days=7&signal=nothing")
    assert answer.status == 400
    assert answer.wrong == {
        ("organisation", "not_an_id"),
        ("days", "unknown_choice"),
        ("signal", "unknown_choice"),
    }
    assert client.get("/radar?days=7").status == 400
    assert client.get("/radar/signals/nothing").status == 404
