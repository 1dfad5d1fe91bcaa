"""Fetching the bundle: whole once, nothing when nothing changed, never without a sign-in."""

import gzip
import json

from tests.offline.depot import Depot

DATA = "/api/v1/field/data"


def test_a_tablet_fetches_what_its_person_works_on(depot: Depot):
    hazard = depot.city.bring_to(depot.city.report("阀井漏气，读数偏高"), "assigned")

    answer = depot.tablet("王班长").get(DATA)

    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json["me"]["username"] == "wang"
    assert answer.json["emergency_phone"] == "119"
    assert [one["number"] for one in answer.json["tasks"]] == [hazard.number]


def test_nothing_changed_is_told_in_no_bytes(depot: Depot):
    tablet = depot.tablet("王班长")
    tag = tablet.get(DATA).headers["ETag"]

    again = tablet.get(DATA, **{"If-None-Match": tag})
    depot.city.report("阀井漏气，读数偏高", by="王班长")
    changed = tablet.get(DATA, **{"If-None-Match": tag})

    assert (again.status_code, again.data) == (304, b"")
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_it_travels_packed_where_the_browser_takes_that(depot: Depot):
    tablet = depot.tablet("王班长")

    packed, plain = tablet.get(DATA, **{"Accept-Encoding": "gzip, br"}), tablet.get(DATA)

    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert json.loads(gzip.decompress(packed.data)) == plain.json
    assert len(packed.data) * 3 < len(plain.data)
    assert "Content-Encoding" not in plain.headers


def test_it_is_kept_by_no_cache_in_between(depot: Depot):
    assert depot.tablet("王班长").get(DATA).headers["Cache-Control"] == "no-store"


def test_nobody_gets_it_signed_out_and_no_administrator(depot: Depot):
    assert depot.tablet().get(DATA).status_code == 401
    refused = depot.tablet("钱管理").get(DATA)
    assert (refused.status_code, refused.json["code"]) == (403, "not_allowed")
