"""An alarm of a place that is known to be dangerous joins; one after the re-check sends it back; one after closing opens a new one."""

import pytest
import sqlalchemy as sa

from hazard_flow.hazards.changes import Act
from tests.harness.city import City


def opened(city: City, **given):
    [outcome] = city.apply([city.alarm_report(**given)])
    assert outcome.error is None
    return outcome.hazard


def again(city: City, hazard, action: str, **signal) -> Act:
    change = city.change("system", hazard, action, note="G-101 再次报警")
    return Act(**{**vars(change), "signal": signal})


def test_an_alarm_opens_a_hazard_without_a_photo(city: City):
    hazard = opened(city, signal={"alarm_level": 1})

    assert (hazard.source, hazard.family, hazard.alarm_level) == ("telemetry", "gas_leak", 1)
    assert (hazard.place, hazard.reporter_id) == ("青梧路 12 号", None)
    assert {"classify", "control"} == city.timers(hazard).keys()
    assert "何安全" in {m.who for m in city.told(hazard)}


def test_a_further_alarm_joins_and_only_raises_the_level(city: City):
    hazard = opened(city, signal={"alarm_level": 1})
    city.apply([again(city, hazard, "alarm", alarm_level=2, blind=True)])
    city.apply([again(city, hazard, "alarm", alarm_level=1)])

    joined = city.look(hazard)
    assert (joined.state, joined.alarm_level, joined.blind) == ("reported", 2, True)
    assert city.actions(hazard) == ["report", "alarm", "alarm"]


def test_one_open_hazard_per_place_and_family(city: City):
    hazard = opened(city)

    with pytest.raises(sa.exc.IntegrityError):
        city.apply([city.alarm_report()])

    opened(city, family="device_fault")
    opened(city, asset="VW-9")
    assert [h.number for h in city.hazards() if (h.asset_id, h.family) == (hazard.asset_id, "gas_leak")] == [
        hazard.number
    ]


def test_an_alarm_after_the_recheck_sends_it_back_to_work(city: City):
    hazard = opened(city)
    city.assign(hazard)
    city.accept(hazard)
    city.act("王班长", hazard, "attach", evidence=[city.photo()])  # nobody had been there when it opened
    city.submit(hazard)
    city.verify(hazard)

    [outcome] = city.apply([again(city, hazard, "realarm", alarm_level=2)])

    assert outcome.error is None
    assert city.look(hazard).state == "rectifying"
    assert {"rectify", "progress"} <= city.timers(hazard).keys()
    assert {m.who for m in city.told(hazard, template="alarm")} == {"王班长"}


def test_no_alarm_joins_a_verified_one(city: City):
    hazard = city.bring_to(city.report(asset="VW-1"), "verified")

    [outcome] = city.apply([again(city, hazard, "alarm")])

    assert outcome.error is not None
    assert outcome.error.code == "state_conflict"


def test_after_closing_a_new_one_is_opened_that_names_the_old(city: City):
    old = opened(city)
    city.dismiss(old, leak_reading="0", leak_unit="pct_lel")

    new = opened(city, reopen_of_id=old.id)

    assert new.id != old.id
    assert new.reopen_of_id == old.id
    assert city.events(new)[0].data["reopen_of"] == str(old.id)
    assert city.look(old).stage == "closed"


@pytest.mark.parametrize("who", ["李巡检", "何安全", "陈处长"])
def test_people_do_not_alarm(city: City, who: str):
    hazard = opened(city)

    with pytest.raises(Exception, match="alarm") as refusal:
        city.act(who, hazard, "alarm", note="假装报警")

    assert refusal.value.code == "not_allowed"
