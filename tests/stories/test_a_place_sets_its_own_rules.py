"""A city tightens a time limit and names dangers of its own: hazards there go by it, those elsewhere do not."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.errors import Refused
from hazard_flow.hazards.models import Hazard
from tests.harness.city import City
from tests.harness.local_rules import CATALOGUE, as_csv, enter_catalogue, enter_policy

HEAD = "key,division,value,valid_from,valid_to,source,confidence,withdrawn\n"
#: classify an A within two hours instead of four, in East District, from 10 November on
EAST = HEAD + "limit.general.classify,990102,A: 2 h,2026-11-10,,城东区办法,V,"


def within(city: City, hazard: Hazard, timer: str = "classify") -> timedelta:
    pending = city.timers(hazard)[timer]
    return pending.expires_at - pending.started_at


def test_a_place_tightens_a_time_limit_from_its_first_day_on(city: City):
    """Before that day and beside that place the workflow's own limit holds."""
    enter_policy(city.database, EAST)
    before = city.report()
    city.clock.advance(timedelta(days=9))
    east, west = city.report(), city.outcome_of_report("调压箱漏气", by="孙巡检").hazard

    assert [within(city, h) for h in (before, east, west)] == [timedelta(hours=n) for n in (4, 2, 4)]


def test_it_fires_when_the_place_says(city: City):
    """The ladder begins at the place's limit, not at the workflow's."""
    enter_policy(city.database, EAST.replace("2026-11-10", "2026-01-01"))
    hazard = city.report()

    city.fast_forward(hours=3)

    assert [f.after for f in city.firings(hazard, "classify")] == [timedelta(hours=2)]


def test_limits_that_run_stay_as_they_are(city: City):
    """A rule of today does not shorten what began yesterday."""
    hazard = city.report()
    enter_policy(city.database, EAST.replace("2026-11-10", "2026-01-01"))

    assert within(city, hazard) == timedelta(hours=4)
    assert within(city, city.report()) == timedelta(hours=2)


def test_a_changed_urgency_counts_by_the_rules_of_the_day_it_began(city: City):
    """B has a day by the workflow; as an A the same start has the place's two hours."""
    enter_policy(city.database, EAST.replace("2026-11-10", "2026-01-01").replace("A: 2 h", "B: 5 h; A: 2 h"))
    hazard = city.report(suspected_urgency="B")
    assert within(city, hazard) == timedelta(hours=5)

    city.assign(hazard)
    assert within(city, hazard, "accept") > timedelta(hours=5)


def test_a_danger_of_a_local_list_can_be_named_there_and_nowhere_else(city: City):
    """As the row of the report and as the basis of the order."""
    enter_catalogue(city.database, CATALOGUE)
    hazard = city.report(catalogue_code="PIP-G51")

    city.assign(hazard, basis=["pip-g51"])

    assert city.look(hazard).state == "assigned"
    with pytest.raises(Refused) as refused:
        city.assign(city.report(), basis=["PIP-G77"])
    assert [(e.field, e.code) for e in refused.value.fields] == [("basis", "clause_unknown")]


def test_a_major_of_one_district_is_unknown_in_the_next(city: City):
    """West District lists it; nobody raises a hazard of East District by it."""
    row = {
        "authority_division": "990103", "code": "PIP-M61", "title_zh": "重大", "title_en": "Major", "default_level": "major",
        "urgency": "M", "legal_basis": "补充判定标准", "basis_confidence": "verified", "response_hours": "2", "deadline_days": "30",
        "interim_control": "GUARD", "suggested_evidence": "PHOTO_BEFORE", "valid_from": "2026-01-01", "source": "补充判定标准",
    }  # fmt: skip
    assert enter_catalogue(city.database, as_csv(row)).is_stored
    hazard = city.report()

    with pytest.raises(Refused) as refused:
        city.escalate_to_major(hazard, clause=["PIP-M61"])

    assert [e.code for e in refused.value.fields] == ["clause_unknown"]


def test_a_hazard_keeps_the_row_it_was_judged_by(city: City):
    """In its own record and in the hashed event, with version, marks and place; a later entry does not touch it."""
    enter_catalogue(city.database, CATALOGUE)
    hazard = city.report(catalogue_code="VLV-G03")
    kept = city.look(hazard).details["catalogue"]["VLV-G03"]
    assert kept["version"] == "9901.v1"
    assert (kept["authority_division"], kept["deadline_days"], kept["confidence"]) == ("9901", 0, "V")
    assert "GPS_POINT" in kept["evidence"]

    enter_catalogue(
        city.database,
        CATALOGUE.replace("井盖缺失、破损或被埋压", "井盖缺失").replace(";GPS_POINT", ";GPS_POINT;VIDEO"),
    )
    city.assign(hazard, basis=["VLV-G03"])

    [first, *_] = city.events(hazard)
    assert first.data["catalogue"] == {"VLV-G03": kept}
    assert json.loads(first.body)["data"]["catalogue"]["VLV-G03"]["title"]["zh"] == "井盖缺失、破损或被埋压"
    assert city.events(hazard)[-1].data["catalogue"]["VLV-G03"]["version"] == "9901.v2"
    assert city.all(sa.select(Hazard.catalogue_code).where(Hazard.id == hazard.id)) == ["VLV-G03"]
