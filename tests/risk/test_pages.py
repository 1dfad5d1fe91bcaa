"""The pages by hand: who may see and do what, what is refused and where it is said, and what each form leads to."""

import re
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from hazard_flow.storage.scope import SYSTEM
from tests.harness import risk_scene, risks
from tests.harness.city import City
from tests.offline.depot import Depot


@pytest.fixture
def depot(city: City, tmp_path: Path) -> Depot:
    return Depot(city, tmp_path)


class Seat:
    """Somebody at a browser without scripts; every form carries the token of the list."""

    def __init__(self, depot: Depot, name: str) -> None:
        self._desk = depot.desk(name)

    def get(self, path: str) -> TestResponse:
        return self._desk.get(path)

    def post(self, path: str, fields: dict[str, str]) -> TestResponse:
        return self._desk.post(path, page="/risk", **fields)


def test_every_page_is_drawn_for_whoever_may_see_it(city: City, depot: Depot):
    points = risk_scene.fill(city)
    for who in ("何安全", "李巡检", "唐监管"):
        desk = Seat(depot, who)
        for path in (
            "/risk",
            "/risk/distribution",
            "/risk/tasks",
            "/risk/boards",
            f"/risk/{points['FX-101']}",
            "/",
        ):
            assert desk.get(path).status_code == 200, (who, path)
    page = Seat(depot, "何安全").get(f"/risk/{points['FX-101']}").text
    assert "A 级隐患未销号" in page
    assert "D = 1 × 6 × 15 = 90" in page
    assert "D = 0.5 × 6 × 15 = 45" in page


def test_another_enterprise_finds_nothing_and_a_worker_may_not_write(city: City, depot: Depot):
    point = risks.point(city)
    assert Seat(depot, "马安全").get(f"/risk/{point.id}").status_code == 404
    assert Seat(depot, "马安全").get("/risk").text.count("FX-001") == 0
    assert Seat(depot, "李巡检").get("/risk/new").status_code == 403
    assert (
        Seat(depot, "李巡检")
        .post(f"/risk/{point.id}/rating", {"method": "direct", "grounds": "ten_people"})
        .status_code
        == 403
    )


def test_a_point_is_entered_and_everything_wrong_is_said_at_once(city: City, depot: Depot):
    desk = Seat(depot, "何安全")
    wrong = desk.post("/risk", {"code": "FX 1", "kind": "facility", "category": "valve_well", "asset": "nowhere", "method": "lec",
                                "likelihood": "7", "exposure": "6"})  # fmt: skip
    assert wrong.status_code == 422
    for name in ("code", "name_zh", "asset", "likelihood", "consequence"):
        assert f'href="#{name}"' in wrong.text, name
    right = desk.post("/risk", {**risks.entry("FX-009"), "has_board": "true"})
    assert right.status_code == 303
    assert risks.look(city, "FX-009").dynamic == "yellow"
    assert risks.look(city, "FX-009").has_board
    assert desk.post("/risk", risks.entry("FX-009")).status_code == 422, "the code is taken"


def test_a_new_rating_moves_the_colour_and_answers_the_call(city: City, depot: Depot):
    point = risks.point(city)
    desk = Seat(depot, "何安全")
    assert desk.post(f"/risk/{point.id}/review", {"cause": "更换调压器"}).status_code == 303
    assert len(risks.open_reviews(city)) == 1
    assert (
        desk.post(
            f"/risk/{point.id}/rating", {"method": "ls", "probability": "5", "severity": "6"}
        ).status_code
        == 422
    )
    assert (
        desk.post(
            f"/risk/{point.id}/rating", {"method": "ls", "probability": "5", "severity": "5"}
        ).status_code
        == 303
    )
    assert risks.look(city).dynamic == "red"
    assert risks.open_reviews(city) == []
    kept = len(risks.versions(city))
    twice = {"method": "ls", "probability": "5", "severity": "5"}
    assert desk.post(f"/risk/{point.id}/rating", twice).status_code == 303
    assert len(risks.versions(city)) == kept, "the same form sent twice"
    assert desk.post(f"/risk/{point.id}/review", {"cause": "更换调压器"}).status_code == 303
    assert len(risks.open_reviews(city)) == 1, "the same words of another time call again"


def test_measures_come_from_a_form_and_from_the_library_and_are_kept_when_ended(city: City, depot: Depot):
    point = risks.point(city)
    desk = Seat(depot, "赵经理")
    row = {
        "unit": "阀门井",
        "event": "积水",
        "measure_kind": "engineering",
        "measure": "防水井盖",
        "item": "井盖是否完好",
    }
    assert desk.post(f"/risk/{point.id}/measures", row).status_code == 303
    assert desk.post(f"/risk/{point.id}/measures", {"unit": "阀门井"}).status_code == 422
    assert desk.post(f"/risk/{point.id}/library", {"risk": "well_flooded"}).status_code == 303
    assert desk.post(f"/risk/{point.id}/library", {"risk": "well_flooded"}).status_code == 303
    assert len(risks.measures(city)) == 3
    page = desk.get(f"/risk/{point.id}").text
    first = re.findall(rf"/risk/{point.id}/measures/([0-9a-f-]+)/end", page)[0]
    assert desk.post(f"/risk/{point.id}/measures/{first}/ineffective", {}).status_code == 303
    assert desk.post(f"/risk/{point.id}/measures/{first}/end", {}).status_code == 303
    assert len(risks.measures(city)) == 2
    assert [version.what for version in risks.versions(city)][:2] == ["chain", "chain"]


def test_a_proposal_is_refused_with_a_reason_or_accepted_once(city: City, depot: Depot):
    risk_scene.fill(city)
    [proposal] = risks.proposed(city)
    desk = Seat(depot, "何安全")
    assert desk.post(f"/risk/proposals/{proposal.id}/refusal", {"reason": "不"}).status_code == 422
    form = {
        "unit": "阀门井",
        "event": "井室积水",
        "measure_kind": "management",
        "measure": "雨季每周抽排",
        "item": "有无积水",
    }
    places = {"place": str(city.founded.assets["VW-9"])}
    assert desk.post(f"/risk/proposals/{proposal.id}/acceptance", {**form, **places}).status_code == 303
    assert desk.post(f"/risk/proposals/{proposal.id}/acceptance", form).status_code == 409
    [(check, _)] = risks.checks(city)
    worker = Seat(depot, "郑巡检")
    assert worker.post(f"/risk/checks/{check.id}/done", {"result": "bad"}).status_code == 422
    assert (
        worker.post(f"/risk/checks/{check.id}/done", {"result": "bad", "note": "同样积水"}).status_code == 303
    )
    assert worker.post(f"/risk/checks/{check.id}/done", {"result": "good"}).status_code == 409
    assert risks.owed(city, check.id).outcome == "met"


def test_a_point_out_of_use_stays_readable_and_owes_nothing(city: City, depot: Depot):
    point = risks.point(city)
    desk = Seat(depot, "何安全")
    desk.post(f"/risk/{point.id}/review", {"cause": "设备更换"})
    [review] = risks.open_reviews(city)
    assert desk.post(f"/risk/{point.id}/end", {}).status_code == 303
    assert desk.get(f"/risk/{point.id}").status_code == 200
    assert "FX-001" not in desk.get("/risk").text
    assert risks.owed(city, review.id).outcome == "dropped"
    assert (
        desk.post(f"/risk/{point.id}/rating", {"method": "direct", "grounds": "ten_people"}).status_code
        == 409
    )
    with city.database.reading(SYSTEM):
        assert risks.colours(city) == {}


@pytest.mark.parametrize(
    "query", ["colour=green", "category=x", "division=abc", "organisation=1", "q=" + "x" * 101]
)
def test_a_filter_nobody_knows_is_refused(city: City, depot: Depot, query: str):
    assert Seat(depot, "何安全").get(f"/risk?{query}").status_code == 400
