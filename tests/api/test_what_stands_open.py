"""A hazard over the API with everything that stands open on it: requests, controls, signatures, marks, and hazards that belong to it."""

import itertools
import json

from tests.harness.client import File
from tests.harness.contract import Contract
from tests.harness.photos import tiny_jpeg
from tests.harness.site import Site

_keys = itertools.count(1)


def read(site, name, hazard):
    return site.client(name).get(f"/api/v1/hazards/{hazard.number}").json


def test_a_request_that_waits_is_told_with_who_asked_and_when(site: Site):
    city = site.city
    hazard = city.bring_to(city.report("延期样本：阀井渗水"), "rectifying")
    city.request_extension(hazard)

    shown = read(site, "何安全", hazard)

    [flag] = shown["flags"]
    assert (flag["flag"], flag["by"]["name"]) == ("extension", "王班长")
    assert flag["at"] == city.events(hazard)[-1].at.isoformat().replace("+00:00", "Z")
    decide = next(a for a in shown["allowed_actions"] if a["action"] == "decide_extension")
    assert decide["allowed"]
    assert {"field": "decision", "required": True}.items() <= decide["needs"][0].items()
    city.decide_extension(hazard)
    after = read(site, "何安全", hazard)
    assert after["flags"] == []
    assert after["original_due_at"] != after["due_at"]


def test_controls_are_listed_as_before_and_each_with_who_put_it_there(site: Site):
    city = site.city
    hazard = city.bring_to(city.report("管控样本：调压箱锈穿"), "assigned")
    city.control(hazard)
    city.control(hazard, by="王班长", control="INCREASED_PATROL")

    shown = read(site, "唐监管", hazard)

    assert shown["controls"] == ["GUARD", "INCREASED_PATROL"]
    assert [(c["control"], c["by"]["name"]) for c in shown["controls_open"]] == [
        ("GUARD", "周调度"),
        ("INCREASED_PATROL", "王班长"),
    ]
    assert "control_started" in shown["marks"]


def test_the_first_of_two_signatures_is_told_as_one_of_two(site: Site):
    city = site.city
    hazard = city.bring_to(city.report("会签样本：占压管线", major=True), "submitted")
    city.verify(hazard, by="唐监管")

    shown = read(site, "陈处长", hazard)

    [signed] = shown["signatures"]
    assert (signed["action"], signed["have"], signed["needed"]) == ("pass", 1, 2)
    assert [one["name"] for one in signed["by"]] == ["唐监管"]
    refused = site.client("唐监管").form(
        f"/api/v1/hazards/{hazard.number}/actions/pass",
        {"data": json.dumps({"on_site": True, "opinion": "同意"})},
        [File("file", "a.jpg", tiny_jpeg(), "image/jpeg")],
    )
    assert refused.status in (403, 422)
    assert "already_signed" in {code for _, code in refused.wrong}


def test_a_relapse_names_its_origin_and_is_named_by_it(site: Site):
    city = site.city
    origin = city.bring_to(city.report("复发样本：井盖移位", asset="VW-1"), "closed")
    person = site.client("李巡检")
    body = {
        "data": json.dumps({"description": "井盖又移位，井圈松动", "place": "青梧路 12 号"}),
        "reopen_of": origin.number,
        "asset": "VW-1",
    }

    made = person.form(
        "/api/v1/hazards",
        body,
        [File("file", "a.jpg", tiny_jpeg(), "image/jpeg")],
        Idempotency_Key=f"relapse-{next(_keys)}-{site.url}",
    )

    assert made.status == 201, made.body.decode()
    assert made.json["reopen_of"] == origin.number
    assert made.json["links"] == [{"link": "reopen_of", "number": origin.number}]
    assert read(site, "李巡检", origin)["links"] == [{"link": "reopened_as", "number": made.json["number"]}]
    absent = person.form(
        "/api/v1/hazards",
        body | {"reopen_of": "YH-990102-20200101-9999"},
        [File("file", "a.jpg", tiny_jpeg(), "image/jpeg")],
    )
    assert (absent.status, absent.wrong) == (422, {("reopen_of", "hazard_unknown")})
    open_one = city.report("复发样本：还没有销号")
    early = person.form(
        "/api/v1/hazards",
        body | {"reopen_of": open_one.number},
        [File("file", "a.jpg", tiny_jpeg(), "image/jpeg")],
    )
    assert ("reopen_of", "hazard_not_closed") in early.wrong


def test_split_and_merged_hazards_name_each_other(site: Site):
    city = site.city
    whole = city.bring_to(city.report("拆分样本：阀井两处毛病"), "assigned")
    part = city.split(whole)
    other = city.report("合并样本：同一处又报一次")
    city.merge(other, whole)

    links = {(one["link"], one["number"]) for one in read(site, "何安全", whole)["links"]}

    assert links == {("split_into", part.number), ("merged_from", other.number)}
    assert read(site, "何安全", part)["links"] == [{"link": "split_from", "number": whole.number}]
    assert read(site, "何安全", other)["links"] == [{"link": "merged_into", "number": whole.number}]


def test_an_unknown_way_of_reporting_is_refused(site: Site):
    answer = site.client("李巡检").form(
        "/api/v1/hazards",
        {"data": json.dumps({"description": "阀井漏气", "place": "青梧路"}), "action": "dismiss"},
        [File("file", "a.jpg", tiny_jpeg(), "image/jpeg")],
    )

    assert (answer.status, answer.wrong) == (422, {("action", "unknown_choice")})


def test_what_is_told_keeps_to_the_description(site: Site):
    city = site.city
    hazard = city.bring_to(city.report("契约样本：阀井渗水"), "rectifying")
    city.request_extension(hazard)
    city.control(hazard)
    reader = site.client("何安全")
    contract = Contract(reader.get("/api/v1/openapi.json").json)

    answers = [
        reader.get(f"/api/v1/hazards/{hazard.number}"),
        reader.get("/api/v1/hazards?flag=extension"),
        reader.post(f"/api/v1/hazards/{hazard.number}/actions/merge", {"data": {}}),
    ]

    assert [b for answer in answers for b in contract.breaches(answer)] == []
