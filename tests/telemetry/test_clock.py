"""What the clock says: silence and its gateways, readings that do not move, storms that are over."""

import json
from datetime import timedelta

from tests.telemetry.city import START, City


def run(city: City, minutes: int, *speaking: str, site: str = "VW-1") -> None:
    """Minutes go by with a sweep in each, some devices reporting."""
    for _ in range(minutes):
        city.pass_time(minutes=1)
        if speaking:
            city.deliver_all(
                [(f"gas/d/{site}/{device}/telemetry", b'{"m": {"ch4_lel": 1.5}}') for device in speaking]
            )
            city.drain()
        city.sweep()


def listen(city: City, minutes: int) -> None:
    """Nobody reports, the broker is heard; a sweep every two minutes, as rarely as keeps us listening."""
    for _ in range(0, minutes, 2):
        city.pass_time(minutes=2)
        city.sweep()


def test_a_device_missing_three_intervals_is_a_fault_and_speaking_ends_it(city: City) -> None:
    city.expect(60, "G-101")
    run(city, 5, "G-101")
    run(city, 2)
    assert city.hazards() == []
    run(city, 2)
    [alert] = city.alerts()
    assert (alert.rule, alert.condition, city.hazard().family) == ("silent", "firing", "device_fault")
    run(city, 1, "G-101")
    [alert] = city.alerts()
    assert (alert.condition, city.hazard().closed_at) == ("normal", None)
    run(city, 5)
    assert [one.condition for one in city.alerts()] == ["normal", "firing"]
    assert len(city.hazards()) == 1


def test_a_device_never_heard_is_not_waited_for(small_city: City) -> None:
    run(small_city, 10)
    assert small_city.alerts() == []


def test_the_quantitys_interval_stands_where_the_device_has_none(small_city: City) -> None:
    city = small_city
    run(city, 1, "G-101")
    listen(city, 85)
    assert city.alerts() == []
    listen(city, 8)
    assert [alert.rule for alert in city.alerts()] == ["silent"]


def test_our_own_deafness_is_nobodys_silence(small_city: City) -> None:
    city = small_city
    city.expect(60, "G-101")
    run(city, 3, "G-101")
    city.pass_time(hours=5)  # no worker ran, or the broker was away
    city.sweep()
    assert city.alerts() == []
    run(city, 2)
    assert city.alerts() == []
    run(city, 3)
    assert [alert.rule for alert in city.alerts()] == ["silent"]


def test_ten_silent_behind_one_gateway_are_one_hazard_of_the_gateway(small_city: City) -> None:
    city = small_city
    gateway = city.site("GW-1", kind="station")
    names = [f"H-{n}" for n in range(12)]
    city.site("VW-5", *names)
    city.expect(60, *names, gateway=gateway)
    for minute in range(4):
        run(city, 1, *names[minute % 2 :: 2], site="VW-5")  # not all in the same minute
    run(city, 6)
    hazard = city.hazard()
    assert (hazard.asset_id, hazard.family) == (gateway.id, "comm_fault")
    silent = city.alerts()
    assert len(silent) == 12
    assert {alert.hazard_id for alert in silent} == {hazard.id}


def test_nine_silent_behind_one_gateway_are_faults_of_their_own_site(small_city: City) -> None:
    city = small_city
    gateway = city.site("GW-1", kind="station")
    names = [f"H-{n}" for n in range(9)]
    city.site("VW-5", *names)
    city.expect(60, *names, gateway=gateway)
    run(city, 2, *names, site="VW-5")
    run(city, 6)
    assert city.hazard().family == "device_fault"
    assert city.hazard().asset_id != gateway.id


def stuck(city: City, value: float, *, minutes: int = 60, jitter: float = 0.0) -> None:
    """An hour of samples of one value, then the time they settle in."""
    city.expect(60, "G-101")
    body = [
        {
            "ts": (START + timedelta(minutes=n)).isoformat(),
            "m": {"ch4_lel": value + (jitter if n % 7 == 0 else 0)},
        }
        for n in range(minutes)
    ]
    city.now = START + timedelta(minutes=minutes)
    city.deliver("gas/d/VW-1/G-101/telemetry", json.dumps(body).encode())
    city.drain()
    city.sweep()
    assert city.alerts() == []  # not yet settled
    city.deliver("gas/d/VW-1/G-101/status", b'{"status": "offline"}')
    city.drain()
    city.pass_time(minutes=100)
    city.sweep()


def test_a_reading_that_does_not_move_is_a_fault(city: City) -> None:
    stuck(city, 12.5)
    [alert] = city.alerts()
    assert (alert.rule, alert.alert_class, city.hazard().family) == ("stuck", "sensor_fault", "device_fault")


def test_a_clean_well_is_flat_at_zero(small_city: City) -> None:
    stuck(small_city, 0.0)
    assert small_city.alerts() == []


def test_a_reading_that_moves_is_no_fault(small_city: City) -> None:
    stuck(small_city, 12.5, jitter=0.1)
    assert small_city.alerts() == []


def test_a_stuck_reading_that_moves_again_is_healthy_and_its_hazard_stays(small_city: City) -> None:
    city = small_city
    stuck(city, 12.5)
    moving = [
        {"ts": (city.now + timedelta(minutes=n)).isoformat(), "m": {"ch4_lel": 1 + n % 3}}
        for n in range(-90, 1)
    ]
    city.deliver("gas/d/VW-1/G-101/telemetry", json.dumps(moving).encode())
    city.drain()
    city.pass_time(minutes=130)
    city.sweep()
    assert [(alert.rule, alert.condition) for alert in city.alerts()] == [("stuck", "normal")]
    assert city.hazard().closed_at is None


def supply(city: City, wells: list[str]) -> None:
    """Wells under one regulator."""
    upstream = city.site("RG-1", kind="regulator")
    for well in wells:
        city.site(well, f"{well}-G")
    city.expect(60, *(f"{well}-G" for well in wells), upstream=upstream)


def alarm(city: City, wells: list[str]) -> None:
    """One well after the other alarms at level 1, half a minute apart."""
    for well in wells:
        city.pass_time(seconds=30)
        topic = f"gas/d/{well}/{well}-G/telemetry"
        stamps = [(city.now - timedelta(seconds=n)).isoformat() for n in (20, 10, 0)]
        city.deliver_all([(topic, json.dumps({"ts": ts, "m": {"ch4_lel": 30}}).encode()) for ts in stamps])
        city.drain()


def go_on(city: City, wells: list[str], *, calm: str, minutes: int) -> None:
    """All stay in alarm but one."""
    for _ in range(minutes):
        city.pass_time(minutes=1)
        city.deliver_all(
            [
                (f"gas/d/{well}/{well}-G/telemetry", b'{"m": {"ch4_lel": %d}}' % (1 if well == calm else 30))
                for well in wells
            ]
        )
        city.drain()
        city.sweep()


def test_the_tenth_alarm_of_an_upstream_makes_an_area_event_and_the_next_join_it(city: City) -> None:
    wells = [f"S-{n}" for n in range(13)]
    supply(city, wells)
    alarm(city, wells)
    families = [hazard.family for hazard in city.hazards()]
    assert families.count("gas_leak") == 9
    assert families.count("area_event") == 1
    [area] = [hazard for hazard in city.hazards() if hazard.family == "area_event"]
    own = [alert for alert in city.alerts() if alert.hazard_id == area.id]
    assert len(own) == 1 + 4  # the storm's own and those it gathered


def test_when_a_storm_is_over_what_still_alarms_gets_its_own_hazard(small_city: City) -> None:
    city = small_city
    wells = [f"S-{n:02}" for n in range(17)]
    supply(city, wells)
    alarm(city, wells[:12])
    go_on(city, wells[:12], calm="S-09", minutes=6)
    alarm(city, wells[12:])  # keeps it going
    assert len(city.hazards()) == 10
    go_on(city, wells, calm="S-09", minutes=11)
    titles = sorted(hazard.title.split()[0] for hazard in city.hazards())
    assert titles == ["RG-1", *(well for well in wells if well != "S-09")]  # normal before the storm ended
    assert {hazard.closed_at for hazard in city.hazards()} == {None}


def test_nine_alarms_of_an_upstream_are_nine_hazards(small_city: City) -> None:
    wells = [f"S-{n}" for n in range(9)]
    supply(small_city, wells)
    alarm(small_city, wells)
    assert [hazard.family for hazard in small_city.hazards()] == ["gas_leak"] * 9
