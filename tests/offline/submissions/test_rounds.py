"""A round handed in by a tablet: exactly once, by the device's corrected time, contested when it is no longer this person's to do."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from hazard_flow.clock import SystemClock
from hazard_flow.inspections import making, operations
from hazard_flow.inspections.checklists.loading import checklists
from hazard_flow.inspections.models import Round, RoundAnswer, RoundPhoto
from hazard_flow.storage.scope import SYSTEM
from tests.harness.founding import ZONE
from tests.harness.rounds import paper, plan
from tests.harness.site import Site
from tests.harness.tablet import Draft, Shot, Tablet, draft, sha256, shot


def owed(site: Site, name: str, *, who: str | None = "李巡检") -> Round:
    """Today's round of a fresh plan."""
    today = datetime.now(UTC).astimezone(ZONE).date()
    plan(site.city, name, starts_on=today, who=who)
    making.make(site.database, SystemClock(), ZONE)
    with site.database.reading(SYSTEM) as session:
        return session.scalars(sa.select(Round).filter_by(name_zh=name, planned_on=today)).one()


def stands(site: Site, found: Round) -> Round:
    with site.database.reading(SYSTEM) as session:
        return session.get_one(Round, found.id)


def done(found: Round, *shots: Shot, failed: str = "", skew: timedelta = timedelta()) -> Draft:
    """The sheet of the valve well, filled in an hour ago by a clock that is `skew` ahead."""
    at = datetime.now(UTC) - timedelta(hours=1) + skew
    answers = {}
    for item in checklists()["valve_well"].items:
        value = {"gas": "0", "oxygen": "20.9", "toxic": "0"}.get(item.key, "yes")
        answers[item.key] = {"value": "no" if item.key == failed else value}
    visit = {
        "asset": "VW-1", "answers": answers, "visited_at": at.isoformat(), "lon": "119.4000000", "lat": "32.4000000",
        "accuracy_m": "5.5",
    }  # fmt: skip
    data = {
        "started_at": (at - timedelta(minutes=5)).isoformat(),
        "ended_at": (at + timedelta(minutes=5)).isoformat(),
        "visits": [visit],
        "track": [{"at": at.isoformat(), "lon": "119.4", "lat": "32.4", "accuracy_m": "5.5"}],
    }
    return draft("round", {"round": str(found.id), "data": data}, shots)


def test_a_round_is_taken_up_once_something_can_be_looked_at_and_never_twice(site: Site):
    found = owed(site, "平板周检")
    one = done(found, shot(field="VW-1.cover"), shot(field="VW-1.water"), failed="water")
    mine = Tablet(site.client("李巡检"))
    answer = mine.put(one)
    assert (answer.status, answer.json["outcome"]) == (201, "waiting"), answer.body.decode()
    assert stands(site, found).state == "planned"
    last = mine.send(one)
    assert (last.json["state"], last.json["outcome"]) == ("complete", "entered"), last.body.decode()
    kept = stands(site, found)
    assert (kept.state, kept.source, kept.findings) == ("done", "tablet", 1)
    again = mine.put(one)
    assert (again.status, again.json["outcome"]) == (200, "entered")
    with site.database.reading(SYSTEM) as session:
        rows = session.scalars(sa.select(RoundPhoto).filter_by(round_id=found.id)).all()
        [hazard] = session.scalars(
            sa.select(RoundAnswer.hazard_id).filter_by(round_id=found.id, item="water")
        ).all()
    assert {row.sha256 for row in rows} == {sha256(one.original) for one in one.shots}
    assert all(row.display_sha256 and row.phash for row in rows)
    assert hazard is not None
    number = site.client("李巡检").get("/api/v1/hazards?limit=1").json["items"][0]["number"]
    [piece] = site.client("李巡检").get(f"/api/v1/hazards/{number}/evidence").json["items"]
    assert (piece["has_copy"], piece["has_original"]) == (True, True)


def test_a_clock_that_is_ahead_is_set_right(site: Site):
    found = owed(site, "快钟周检")
    skew = timedelta(hours=9)
    mine = Tablet(site.client("李巡检"))
    one = done(found, shot(field="VW-1.cover"), skew=skew)
    mine.put(one, **{"X-HF-Device-At": (datetime.now(UTC) + skew).isoformat()})
    mine.send(one)
    kept = stands(site, found)
    assert kept.state == "done"
    assert kept.ended_at is not None
    assert abs(kept.ended_at - (datetime.now(UTC) - timedelta(minutes=55))) < timedelta(minutes=2)


def test_no_longer_his_it_is_contested_and_nothing_is_lost(site: Site):
    found = owed(site, "换人周检")
    one = done(found, shot(field="VW-1.cover"))
    mine = Tablet(site.client("李巡检"))
    mine.put(one)
    with site.database.transaction(SYSTEM) as session:
        session.get_one(Round, found.id).responsible_id = site.city.person("王班长")
    last = mine.send(one)
    assert (last.json["state"], last.json["outcome"]) == ("complete", "contested")
    assert last.json["problems"][0]["code"] == "not_allowed"
    assert stands(site, found).state == "planned"
    page = site.client("王班长").get(f"/submissions/{one.id}", Accept="text/html")
    assert page.status == 200


def test_somebody_else_was_first_and_a_leader_looks(site: Site):
    found = owed(site, "先后周检", who=None)
    one = done(found, shot(field="VW-1.cover"))
    leader = site.city.actor("王班长")
    with site.database.transaction(leader.scope) as session:
        operations.hand_in(
            session,
            leader,
            found.id,
            paper(site.city, found),
            request_key="first",
            now=datetime.now(UTC),
            zone=ZONE,
        )
    last = Tablet(site.client("李巡检")).send(one)
    assert (last.json["outcome"], last.json["problems"][0]["code"]) == ("contested", "conflict")
    assert stands(site, found).done_by == site.city.person("王班长")


def test_a_sheet_that_is_not_whole_is_contested_with_every_reason_and_nothing_half_stored(site: Site):
    found = owed(site, "缺照周检")
    one = done(found, failed="water")
    last = Tablet(site.client("李巡检")).put(one)
    assert last.json["outcome"] == "contested"
    assert {p["field"] for p in last.json["problems"]} >= {"VW-1.cover", "VW-1.water"}
    with site.database.reading(SYSTEM) as session:
        assert session.scalars(sa.select(RoundAnswer).filter_by(round_id=found.id)).all() == []


def test_the_bundle_carries_todays_rounds_and_their_checklists(site: Site):
    found = owed(site, "随身周检")
    bundle = site.client("李巡检").get("/api/v1/field/data").json
    [mine] = [one for one in bundle["rounds"] if one["id"] == str(found.id)]
    assert mine["places"][0]["asset"] == "VW-1"
    assert {item["key"] for item in bundle["checklists"][mine["checklist"]]["items"]} == set(
        checklists()["valve_well"].by_key
    )
    assert site.client("郑巡检").get("/api/v1/field/data").json["rounds"] == []
