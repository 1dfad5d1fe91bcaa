"""Rounds at the desk and by the API: who sees and does what, and what comes back when something is missing."""

import io
import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hazard_flow.hazards.models import Hazard
from hazard_flow.inspections.checklists.loading import checklists
from hazard_flow.inspections.models import Round, RoundPlan
from tests.harness.city import City
from tests.harness.founding import ZONE
from tests.harness.photos import tiny_jpeg
from tests.harness.rounds import (
    answers_of,
    hand_in,
    of_today,
    paper,
    pipe,
    places_of,
    plan,
    rounds,
    today,
    walk,
    work,
)
from tests.inspections.office import Office

SOUTH, NORTH = (119.40, 32.300), (119.40, 32.309)


def sheet(*, failed: str = "", photo: bool = True) -> dict[str, Any]:
    """The valve well's sheet as the desk sends it."""
    found: dict[str, Any] = {}
    for item in checklists()["valve_well"].items:
        value = {"gas": "0", "oxygen": "20.9", "toxic": "0"}.get(item.key, "yes")
        found[f"0.{item.key}"] = "no" if item.key == failed else value
    if photo:
        for key in {"cover", failed} - {""}:
            found[f"0.{key}"] = [found[f"0.{key}"], (io.BytesIO(tiny_jpeg()), "photo.jpg")]
    return found


def times(city: City) -> dict[str, str]:
    local = city.now.astimezone(ZONE)
    return {
        "started_at": (local - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
        "ended_at": local.strftime("%Y-%m-%dT%H:%M"),
    }


def test_every_page_opens_for_who_may_and_says_the_round(city: City, office: Office):
    made = plan(city, needs_sign_off=True)
    work(city)
    done = hand_in(city, of_today(city), failed=["cover"])
    li, wang, tang = (office.person(name) for name in ("李巡检", "王班长", "唐监管"))
    for who in (li, wang, tang):
        for address in (
            "/rounds",
            "/rounds/calendar",
            f"/rounds/{done.id}",
            "/rounds/plans",
            f"/rounds/plans/{made.id}",
        ):
            page = who.get(address)
            assert page.status_code == 200, (address, page.text[:500])
            assert "阀井周检" in page.text
    [hazard] = city.all(sa.select(Hazard))
    assert hazard.number in li.get(f"/rounds/{done.id}").text
    assert "阀井周检" in li.get(f"/hazards/{hazard.number}").text
    assert "sign-off" in wang.get(f"/rounds/{done.id}").text
    assert "sign-off" not in li.get(f"/rounds/{done.id}").text


def test_out_of_scope_is_not_there_and_without_the_right_is_refused(city: City, office: Office):
    made = plan(city)
    work(city)
    found = of_today(city)
    for name in ("郑巡检", "孙巡检", "方监管"):
        stranger = office.person(name)
        assert stranger.get(f"/rounds/{found.id}").status_code == 404
        assert stranger.get(f"/rounds/plans/{made.id}").status_code == 404
        assert stranger.client.get(f"/api/v1/rounds/{found.id}").status_code == 404
        assert "阀井周检" not in stranger.get("/rounds").text
    li = office.person("李巡检")
    assert li.get("/rounds/plans/new").status_code == 403
    assert office.person("唐监管").get(f"/rounds/{found.id}/fill").status_code == 403


def test_a_round_is_handed_in_at_the_desk_with_its_photos(city: City, office: Office):
    plan(city)
    work(city)
    found = of_today(city)
    li = office.person("李巡检")
    assert li.post(f"/rounds/{found.id}/begin").status_code == 303
    assert of_today(city).state == "under_way"
    answer = li.post(
        f"/rounds/{found.id}", **times(city), **sheet(failed="water"), request_key=uuid.uuid4().hex
    )
    assert answer.status_code == 303, answer.text
    done = of_today(city)
    assert (done.state, done.source, done.findings) == ("done", "desk", 1)
    shown = li.get(f"/rounds/{found.id}").text
    start = shown.index("/photos/") + len("/photos/")
    sha256 = shown[start : start + 64]
    picture = li.get(f"/rounds/{found.id}/photos/{sha256}/thumb")
    assert (picture.status_code, picture.mimetype) == (200, "image/jpeg")
    assert li.get(f"/rounds/{found.id}/photos/{'0' * 64}/thumb").status_code == 404
    assert office.person("郑巡检").get(f"/rounds/{found.id}/photos/{sha256}/thumb").status_code == 404


def test_what_is_missing_is_said_beside_it_and_what_was_typed_stays(city: City, office: Office):
    plan(city)
    work(city)
    found = of_today(city)
    li = office.person("李巡检")
    given = {**sheet(photo=False), "0.gas": "viel", "weather": "小雨"}
    answer = li.post(f"/rounds/{found.id}", **times(city), **given)
    assert answer.status_code == 422
    assert "小雨" in answer.text
    assert 'href="#0-gas"' in answer.text
    assert 'href="#0-cover"' in answer.text
    assert of_today(city).state == "planned"
    broken = {**sheet(), "0.cover": ["yes", (io.BytesIO(b"not a picture"), "photo.jpg")]}
    assert li.post(f"/rounds/{found.id}", **times(city), **broken).status_code in (415, 422)
    assert answers_of(city, found) == {}


def test_a_leader_plans_from_the_form_and_is_told_what_is_wrong(city: City, office: Office):
    wang = office.person("王班长")
    assert wang.get("/rounds/plans/new").status_code == 200
    given = {
        "name_zh": "一班阀井", "organisation_id": str(city.founded.units["运行一班"]), "checklist": "valve_well",
        "often": "weekly", "starts_on": today(city).isoformat(), "term_days": "3", "asset_ids": "VW-1",
    }  # fmt: skip
    for wrong in (
        {"asset_ids": "VW-1 NIEMAND"}, {"starts_on": "gestern"}, {"starts_on": "2020-01-01"}, {"term_days": "viele"},
        {"checklist": "pipeline_patrol"}, {"often": "own", "rule": "FREQ=HOURLY"}, {"name_zh": ""},
        {"organisation_id": str(city.founded.units["运行二班"])},
    ):  # fmt: skip
        answer = wang.post("/rounds/plans", **{**given, **wrong})
        assert answer.status_code == 422, wrong
    assert city.all(sa.select(RoundPlan)) == []
    answer = wang.post("/rounds/plans", **given)
    assert answer.status_code == 303, answer.text
    [made] = city.all(sa.select(RoundPlan))
    assert (made.rule, made.line, made.term_days) == ("FREQ=WEEKLY", "valves", 3)
    assert wang.post(f"/rounds/plans/{made.id}/end").status_code == 303
    assert wang.post(f"/rounds/plans/{made.id}/end").status_code == 409


def test_a_doubt_is_judged_by_somebody_else_with_a_reason(city: City, office: Office):
    plan(city)
    work(city)
    found = of_today(city)
    done = hand_in(city, found, paper(city, found, places=[(city.founded.assets["VW-1"], 119.41, 32.4)]))
    [flag] = office.person("唐监管").json(f"/api/v1/rounds/{done.id}")["doubt_list"]
    assert (flag["rule"], flag["asset"]) == ("outside_fence", "VW-1")
    address = f"/rounds/{done.id}/doubts/{flag['id']}"
    assert office.person("李巡检").post(address, verdict="explained", note="车上").status_code == 403
    tang = office.person("唐监管")
    assert tang.post(address, verdict="explained", note=" ").status_code == 422
    assert tang.post(address, verdict="explained", note="道路封闭，远处拍照核实").status_code == 303
    assert "道路封闭，远处拍照核实" in tang.get(f"/rounds/{done.id}").text
    assert tang.post(address, verdict="confirmed", note="又一次").status_code == 409


def test_a_walked_line_shows_its_track_and_what_it_is_worth(city: City, office: Office):
    segment = pipe(city, "P-1", [SOUTH, NORTH])
    plan(city, "巡线", line="pipeline_patrol", checklist="pipeline_patrol", assets=[segment])
    work(city)
    found = of_today(city, "巡线")
    done = hand_in(
        city, found, paper(city, found, track=walk(city.now - timedelta(minutes=25), [SOUTH, NORTH]))
    )
    assert (done.is_valid, done.covered_m) == (True, pytest.approx(done.due_m, abs=2))
    page = office.person("唐监管").get(f"/rounds/{done.id}").text
    assert "polyline" in page
    assert "100%" in page
    said = office.person("唐监管").json(f"/api/v1/rounds/{done.id}")
    assert said["track"]["because"] == []
    assert said["places"][0]["covered_m"] == pytest.approx(done.due_m, abs=2)


def test_the_api_plans_lists_and_takes_a_round_once(city: City, office: Office):
    wang, li = office.person("王班长"), office.person("李巡检")
    body = {
        "organisation": str(city.founded.units["运行一班"]), "name_zh": "接口计划", "line": "valves",
        "checklist": "valve_well", "rule": "FREQ=DAILY", "starts_on": today(city).isoformat(), "assets": ["VW-1"],
    }  # fmt: skip
    made = wang.send("/api/v1/round-plans", body, **{"Idempotency-Key": "plan 1"})
    assert made.status_code == 201, made.text
    assert (
        wang.send("/api/v1/round-plans", body, **{"Idempotency-Key": "plan 1"}).json["id"] == made.json["id"]
    )
    refused = wang.send("/api/v1/round-plans", {**body, "assets": ["NIEMAND"], "rule": "FREQ=HOURLY"})
    assert refused.status_code == 422
    assert {one["field"] for one in refused.json["errors"]} == {"asset_ids", "rule"}
    work(city)
    [one] = [
        r for r in li.json("/api/v1/rounds?state=open")["items"] if r["planned_on"] == today(city).isoformat()
    ]
    answers = {
        item.key: {"value": {"gas": "0", "oxygen": "20.9", "toxic": "0"}.get(item.key, "yes")}
        for item in checklists()["valve_well"].items
    }
    at = city.now.isoformat()
    paper_ = {
        "started_at": at,
        "ended_at": at,
        "visits": [{"asset": "VW-1", "answers": answers, "visited_at": at}],
    }
    without = li.send(f"/api/v1/rounds/{one['id']}/result", paper_)
    assert without.status_code == 422
    assert [(e["field"], e["code"]) for e in without.json["errors"]] == [("VW-1.cover", "photo_needed")]

    def send() -> Any:
        parts = {"round": json.dumps(paper_), "VW-1.cover": (io.BytesIO(picture), "cover.jpg")}
        headers = {"Idempotency-Key": "round 1", "X-HF-Client": "1"}
        return li.client.post(f"/api/v1/rounds/{one['id']}/result", data=parts, headers=headers)

    picture = tiny_jpeg()
    first, second = send(), send()
    assert (first.status_code, second.status_code) == (200, 200), first.text
    assert first.json["state"] == "done"
    assert len([r for r in rounds(city) if r.state == "done"]) == 1
    assert li.json("/api/v1/checklists/valve_well")["items"][0]["clause"]
    assert li.client.get("/api/v1/rounds?state=kaputt").status_code == 400


def test_checklists_are_read_in_both_languages(city: City, office: Office):
    li = office.person("李巡检")
    for key in checklists():
        page = li.get(f"/checklists/{key}")
        assert page.status_code == 200, key
    assert "阀井巡检表" in li.get("/checklists").text
    li.post("/language", page="/help/", locale="en", next="/checklists")
    assert "Valve well inspection" in li.get("/checklists").text or "阀井巡检表" in li.get("/checklists").text
    assert li.get("/checklists/nothing").status_code == 404


def test_a_long_sheet_is_not_asked_for_at_the_desk(city: City, office: Office):
    many = [pipe(city, f"P-{n}", [SOUTH, NORTH]) for n in range(12)]
    plan(city, "巡线", line="pipeline_patrol", checklist="pipeline_patrol", assets=many)
    work(city)
    found = of_today(city, "巡线")
    assert len(places_of(city, found)) == 12
    page = office.person("李巡检").get(f"/rounds/{found.id}/fill").text
    assert "平板" in page
    assert "request_key" not in page


def test_the_home_page_lists_what_is_owed_today(city: City, office: Office):
    plan(city)
    work(city)
    li = office.person("李巡检")
    assert f"/rounds/{of_today(city).id}" in li.get("/").text
    hand_in(city, of_today(city))
    assert f"/rounds/{of_today(city).id}" not in li.get("/").text
    assert city.all(sa.select(Round))
