"""The same act on many hazards at once: an answer for each, each whole or not at all, the same request twice one effect."""

import itertools

from tests.harness.contract import Contract
from tests.harness.site import Site

_keys = itertools.count(1)
ASSIGN = "/api/v1/hazards/actions/assign"
ACKNOWLEDGE = "/api/v1/hazards/actions/acknowledge"


def key(site: Site) -> str:
    return f"many-{next(_keys)}-{site.url}"


def items(*hazards, **more):
    return [{"number": hazard.number, **more} for hazard in hazards]


def results(answer):
    assert answer.status == 200, answer.body.decode()
    return {one["number"]: one for one in answer.json["items"]}


def test_each_is_answered_by_itself_and_a_refused_one_changes_nothing(site: Site):
    city = site.city
    fresh = [city.report(f"批量样本第 {n} 件") for n in range(2)]
    ahead = city.bring_to(city.report("批量样本：已经交办"), "rectifying")
    director = site.client("何安全")
    body = {"items": items(fresh[0], ahead, fresh[1]), "data": city.general_order()}

    answer = director.post(ASSIGN, body, Idempotency_Key=key(site))

    assert [one["number"] for one in answer.json["items"]] == [one["number"] for one in body["items"]]
    found = results(answer)
    for hazard in fresh:
        assert (found[hazard.number]["done"], found[hazard.number]["problem"]) == (True, None)
        assert found[hazard.number]["hazard"]["stage"] == "assigned"
        assert city.actions(hazard) == ["report", "assign"]
    refused = found[ahead.number]
    assert (refused["done"], refused["hazard"]) == (False, None)
    assert (refused["problem"]["status"], refused["problem"]["code"]) == (409, "state_conflict")
    assert refused["problem"]["title"]
    assert city.actions(ahead) == ["report", "assign", "accept"]


def test_what_is_wrong_with_the_form_is_said_for_each(site: Site):
    city = site.city
    hazards = [city.report(f"批量缺项样本第 {n} 件") for n in range(2)]
    order = {name: value for name, value in city.general_order().items() if name != "closer"}

    answer = site.client("何安全").post(
        ASSIGN, {"items": items(*hazards), "data": order}, Idempotency_Key=key(site)
    )

    for one in results(answer).values():
        assert one["problem"]["status"] == 422
        assert ("closer", "required") in {(e["field"], e["code"]) for e in one["problem"]["errors"]}
        assert all(e["message"] and "{" not in e["message"] for e in one["problem"]["errors"])
    assert {len(city.events(hazard)) for hazard in hazards} == {1}


def test_the_same_request_twice_is_one_effect_and_says_so(site: Site):
    city = site.city
    hazards = [city.report(f"批量重发样本第 {n} 件") for n in range(3)]
    desk, mine = site.client("周调度"), key(site)
    body = {"items": items(*hazards), "data": {"note": "已知悉"}}

    first = results(desk.post(ACKNOWLEDGE, body, Idempotency_Key=mine))
    again = results(desk.post(ACKNOWLEDGE, body, Idempotency_Key=mine))

    assert {one["replayed"] for one in first.values()} == {False}
    assert {(one["done"], one["replayed"]) for one in again.values()} == {(True, True)}
    assert {tuple(city.actions(hazard)) for hazard in hazards} == {("report", "acknowledge")}


def test_an_old_version_is_refused_for_its_hazard_alone(site: Site):
    city = site.city
    seen, moved = city.report("批量版本样本甲"), city.report("批量版本样本乙")
    city.acknowledge(moved, by="何安全")
    body = {"items": items(seen, moved, expected_version=1), "data": {}}

    found = results(site.client("周调度").post(ACKNOWLEDGE, body, Idempotency_Key=key(site)))

    assert found[seen.number]["done"]
    assert found[moved.number]["problem"]["code"] == "version_conflict"
    assert city.actions(moved) == ["report", "acknowledge"]


def test_a_hazard_of_another_enterprise_is_not_there(site: Site):
    city = site.city
    mine = city.report("批量越界样本")
    foreign = city.report("批量越界样本：别家的", by="孙巡检")
    body = {
        "items": [*items(mine, foreign), {"number": "YH-990102-20200101-9999"}],
        "data": {},
    }

    found = results(site.client("周调度").post(ACKNOWLEDGE, body, Idempotency_Key=key(site)))

    assert found[mine.number]["done"]
    absent = {number: found[number]["problem"] for number in (foreign.number, "YH-990102-20200101-9999")}
    assert {(p["status"], p["code"]) for p in absent.values()} == {(404, "not_found")}
    assert city.actions(foreign) == ["report"]


def test_who_may_not_is_refused_for_each(site: Site):
    city = site.city
    hazard = city.report("批量无权样本")

    found = results(
        site.client("李巡检").post(
            ASSIGN, {"items": items(hazard), "data": city.general_order()}, Idempotency_Key=key(site)
        )
    )

    assert found[hazard.number]["problem"]["status"] == 403
    assert city.actions(hazard) == ["report"]


def test_a_list_that_is_no_list_of_hazards_is_refused_whole(site: Site):
    hazard = site.city.report("批量坏输入样本")
    desk, before = site.client("周调度"), site.stored()

    twice = desk.post(ACKNOWLEDGE, {"items": items(hazard, hazard), "data": {}}, Idempotency_Key=key(site))
    assert (twice.status, twice.wrong) == (400, {("items", "same_hazard_twice")})
    too_many = [{"number": f"YH-990102-20260101-{n:04d}"} for n in range(101)]
    for body in (
        {"items": [], "data": {}},
        {"items": too_many, "data": {}},
        {"items": hazard.number},
        {"items": [{"number": hazard.number, "colour": "red"}]},
        {"items": [{"number": hazard.number, "expected_version": -1}]},
        {"data": {}},
        [],
    ):
        answer = desk.post(ACKNOWLEDGE, body, Idempotency_Key=key(site))
        assert answer.status in (400, 422), (body, answer.status)
        assert answer.json["errors"] or answer.json["detail"]
    assert site.stored() == before


def test_an_act_nobody_knows_is_refused_for_each(site: Site):
    hazard = site.city.report("批量未知动作样本")

    found = results(
        site.client("何安全").post(
            "/api/v1/hazards/actions/nonsense", {"items": items(hazard)}, Idempotency_Key=key(site)
        )
    )

    assert found[hazard.number]["problem"]["status"] in (404, 409, 422)


def test_a_hundred_at_once_and_the_answers_keep_to_the_description(site: Site):
    city = site.city
    hazards = [city.report(f"百件样本第 {n} 件") for n in range(100)]
    desk = site.client("周调度")
    contract = Contract(desk.get("/api/v1/openapi.json").json)

    answer = desk.post(ACKNOWLEDGE, {"items": items(*hazards), "data": {}}, Idempotency_Key=key(site))

    assert len([one for one in results(answer).values() if one["done"]]) == 100
    assert contract.breaches(answer) == []
    city.checks()
