"""One finding from many sources is offered as one hazard; a merge that was wrong is undone by a new hazard that names the merged one."""

import uuid

import pytest

from hazard_flow.errors import NotAllowed, Refused
from hazard_flow.hazards import nearby
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.nearby import Near, Sought
from tests.harness.city import City
from tests.harness.refusals import said

#: about 30 m and 300 m east of the well at 119.4, 32.4
NEAR_LON, FAR_LON = "119.40032", "119.40320"


def near(city: City, hazard: Hazard, *, by: str = "何安全") -> list[Near]:
    with city.database.reading(city.actor(by).scope) as session:
        return nearby.find(session, Sought.of(hazard), now=city.now)


def opened_anew(
    city: City, hazard: Hazard, reason: str = "两处不是同一漏点", *, by: str = "何安全", key: str = ""
) -> Hazard:
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        outcome = nearby.undo_merge(
            session,
            actor=actor,
            hazard_id=hazard.id,
            reason=reason,
            request_key=key or uuid.uuid4().hex,
            now=city.now,
        )
    assert outcome.hazard is not None
    return outcome.hazard


def test_what_lies_near_in_place_and_time_is_offered_the_nearest_first(city: City):
    alarm = city.alarm_report(asset="VW-1")
    [told] = city.apply([alarm])
    assert told.hazard is not None
    beside = city.report("井边有气味", lon=NEAR_LON, lat="32.4", crs="WGS84")
    far = city.report("路口有气味", lon=FAR_LON, lat="32.4", crs="WGS84")

    assert [one.hazard.id for one in near(city, beside)] == [told.hazard.id]
    assert near(city, beside)[0].metres == pytest.approx(30, abs=2)
    assert near(city, far) == []


def test_what_was_found_another_day_is_another_finding(city: City):
    first = city.report("井边有气味", asset="VW-1")
    city.fast_forward(hours=13)
    second = city.report("井边有气味", asset="VW-1")

    assert first.id not in {one.hazard.id for one in near(city, second)}


def test_another_enterprise_s_hazard_is_not_offered(city: City):
    city.report("安平的阀井", by="孙巡检", asset="AP-1")
    mine = city.report("井边有气味", asset="VW-1")

    assert near(city, mine, by="陈处长") == []


def test_a_merge_is_undone_by_a_new_hazard_with_the_same_photographs(city: City):
    first, second = (
        city.report("阀井漏气，读数高", asset="VW-1"),
        city.report("调压箱漏气，有响声", asset="VW-1"),
    )
    city.merge(second, first)
    city.fast_forward(hours=1)

    anew = opened_anew(city, city.look(second))

    look = city.look(anew)
    assert (look.reopen_of_id, look.description, look.state) == (second.id, "调压箱漏气，有响声", "reported")
    assert look.found_at == city.look(second).found_at
    assert {e.sha256 for e in city.evidence(anew)} == {e.sha256 for e in city.evidence(second)}
    assert city.look(second).resolution == "merged"


def test_it_is_undone_once(city: City):
    first, second = city.report(asset="VW-1"), city.report("又一处在漏气", asset="VW-1")
    city.merge(second, first)
    anew = opened_anew(city, city.look(second), key="once")

    assert opened_anew(city, city.look(second), key="once").id == anew.id
    with pytest.raises(Refused) as refusal:
        opened_anew(city, city.look(second))
    assert said(refusal) == {("reopen_of", "hazard_opened_anew")}


def test_only_what_was_merged_is_undone_and_only_by_who_may_merge(city: City):
    first, second = city.report(asset="VW-1"), city.report("又一处漏气", asset="VW-1")
    with pytest.raises(Refused) as refusal:
        opened_anew(city, first)
    assert said(refusal) == {("reopen_of", "hazard_not_merged")}
    city.merge(second, first)
    with pytest.raises(NotAllowed):
        opened_anew(city, city.look(second), by="李巡检")
