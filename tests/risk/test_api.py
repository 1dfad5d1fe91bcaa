"""The API of risk points: what a program reads, how it rates, and what it is refused."""

from hazard_flow.storage.scope import SYSTEM
from tests.harness import risks
from tests.harness.site import Site


def test_points_are_listed_read_and_rated(site: Site):
    city = site.city
    risks.point(city, "API-1")
    mine = site.client("何安全")
    listed = mine.get("/api/v1/risk-points?q=API-1")
    assert [one["code"] for one in listed.json["items"]] == ["API-1"]
    assert (listed.json["items"][0]["dynamic"], listed.json["items"][0]["check_rule"]) == (
        "yellow",
        "FREQ=MONTHLY",
    )
    wrong = mine.post(
        "/api/v1/risk-points/API-1/rating", {"method": "lec", "likelihood": "5", "exposure": "6"}
    )
    assert wrong.status == 422
    assert [one["field"] for one in wrong.json["errors"]] == ["likelihood", "consequence"]
    rated = mine.post(
        "/api/v1/risk-points/API-1/rating", {"method": "ls", "probability": "5", "severity": "4"}
    )
    assert (rated.status, rated.json["residual"]) == (200, "red")
    colours = mine.get("/api/v1/risk-points/API-1/colours").json["items"]
    assert [one["colour"] for one in colours] == ["yellow", "red"]


def test_strangers_find_nothing_and_workers_may_not_rate(site: Site):
    risks.point(site.city, "API-2")
    assert site.client("马安全").get("/api/v1/risk-points/API-2").status == 404
    assert site.client("李巡检").get("/api/v1/risk-points/API-2").status == 200
    refused = site.client("李巡检").post(
        "/api/v1/risk-points/API-2/rating", {"method": "direct", "grounds": ["ten_people"]}
    )
    assert refused.status == 403
    assert site.client("何安全").get("/api/v1/risk-points?colour=green").status == 400


def test_the_worker_of_a_running_site_follows_by_itself(site: Site):
    """Nobody calls the follower here: seal and feed are jobs of the worker."""
    from tests.harness.waiting import wait_for

    risks.point(site.city, "API-3", asset="VW-9")
    site.city.report(asset="VW-9", by="郑巡检", suspected_urgency="A", risk_point="API-3")
    wait_for(lambda: risks.look(site.city, "API-3").dynamic, lambda colour: colour == "orange")
    with site.database.reading(SYSTEM):
        assert risks.past(site.city, "API-3")[-1].cause in ("hazard", "gathered")
