"""The recorded afternoon opens exactly the hazards it should, however often and in whatever portions it arrives."""

import pytest

from tests.telemetry.city import City
from tests.telemetry.payloads import AFTERNOON, bodies


def afternoon() -> list[bytes]:
    return [body for number in AFTERNOON for body in bodies(number)]


def test_the_afternoon_opens_one_hazard_that_rises_to_level_2_and_goes_blind(city: City) -> None:
    city.post(*bodies("01"))
    assert (city.hazard().alarm_level, city.hazard().blind) == (1, False)
    city.post(*bodies("02"))
    assert city.hazard().alarm_level == 2
    city.post(*bodies("03"), *bodies("04"))
    assert not city.hazard().blind
    city.post(*bodies("06"))
    assert city.hazard().blind
    city.post(*bodies("07"), *bodies("08"), *bodies("10"))
    hazard = city.hazard()
    assert (hazard.family, hazard.alarm_level, hazard.blind, hazard.incomplete) == (
        "gas_leak",
        2,
        True,
        False,
    )
    assert hazard.closed_at is None
    assert hazard.source == "telemetry"
    assert city.events(hazard) == [
        "report",  # 01 G-101 level 1
        "alarm",  # 02 level 2
        "alarm",  # 03 G-102
        "alarm",  # 03 G-103
        "alarm",  # 04 G-102 normal: a note
        "alarm",  # 06 G-101 dark
        "alarm",  # 07 G-103 normal: a note
        "alarm",  # 08 a new episode of G-101, told three times
        "alarm",  # 10 another, told twice
    ]
    assert city.states() == {"done": 8}


def test_a_message_cut_short_opens_an_incomplete_hazard_beside_it(city: City) -> None:
    city.post(*afternoon(), *bodies("11"))
    first, second = city.hazards()
    assert (second.family, second.alarm_level, second.incomplete, second.blind) == (
        "gas_leak",
        2,
        True,
        False,
    )
    assert (first.incomplete, first.closed_at, second.closed_at) == (False, None, None)
    assert first.asset_id != second.asset_id


def test_everything_twice_changes_nothing(city: City) -> None:
    everything = [*afternoon(), *bodies("11")]
    city.post(*everything)
    before = [(h.id, h.seq, h.alarm_level, h.blind, h.incomplete) for h in city.hazards()]
    city.post(*everything)
    assert [(h.id, h.seq, h.alarm_level, h.blind, h.incomplete) for h in city.hazards()] == before


def test_one_batch_gives_what_many_give(city: City) -> None:
    city.post(*afternoon(), *bodies("11"), drain=False)
    done = city.drain()
    assert (done.taken, done.dead, len(done.opened)) == (9, 0, 2)
    first, second = city.hazards()
    assert (first.alarm_level, first.blind, first.incomplete) == (2, True, False)
    assert (second.alarm_level, second.blind, second.incomplete) == (2, False, True)
    assert len(city.events(first)) == 9


@pytest.mark.parametrize("order", ["backwards", "faults first"])
def test_the_order_of_arrival_does_not_decide_what_is_open(small_city: City, order: str) -> None:
    everything = [*afternoon(), *bodies("11")]
    mixed = everything[::-1] if order == "backwards" else [*bodies("06"), *everything]
    small_city.post(*mixed)
    gas = [h for h in small_city.hazards() if h.family == "gas_leak"]
    assert sorted((h.alarm_level, h.blind, h.incomplete) for h in gas) == [(2, False, True), (2, True, False)]
    assert all(h.closed_at is None for h in small_city.hazards())
