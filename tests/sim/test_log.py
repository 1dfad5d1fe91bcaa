"""The log of a city holds what happened, in plain values, the same from either database."""

import json
from datetime import timedelta

from tests.harness.city import City
from tests.sim.diary import Diary, instant
from tests.sim.log import export


def test_log_is_plain_and_complete(city: City) -> None:
    """What was done can be read back from the JSON text of the log."""
    diary = Diary()
    diary.people(city.now, city.database)
    city.clock.advance(timedelta(seconds=1))
    hazard = city.report()
    city.outage(days=1)
    diary.tick(city.now)

    log = json.loads(json.dumps(export(city.database, diary)))

    assert [row["number"] for row in log["hazards"]] == [hazard.number]
    assert {row["hazard_id"] for row in log["events"]} == {hazard.id.hex}
    said = json.loads(bytes.fromhex(log["events"][0]["body"]))
    assert said["at"] == log["events"][0]["at"] == log["keys"][0]["at"] == instant(hazard.reported_at)
    assert {row["name"] for row in log["timers"]} == {"classify", "control"}
    assert {row["subject_id"] for row in log["outbox"]} == {hazard.id.hex}
    seats = next(entry for entry in log["diary"] if entry["kind"] == "people")["seats"]
    assert [city.person("何安全").hex, "safety_director"] in [seat[:2] for seat in seats]
    assert "general.v1" in log["shipped"]["workflows"]
