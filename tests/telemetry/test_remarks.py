"""A gas hazard says so when the well's own record resembles biogas; it is opened all the same."""

import pytest

from tests.telemetry.test_biogas import air

#: more gas than the limit, so that an alarm comes whatever the air does
LEVEL_LEL = 30
HALF_HOURS = 6


@pytest.fixture
def filled(city):
    """Fills VW-1 with gas half an hour at a time; `shares`: how much of it each of two heads sees."""

    def fill(shares, airs) -> None:
        for half_hour in range(HALF_HOURS):
            for minute in range(30 * half_hour, 30 * half_hour + 30):
                city.pass_time(seconds=60)
                rising = min(LEVEL_LEL, 12 + minute * 0.09)
                for device, share, moved in zip(("G-101", "G-102"), shares, airs, strict=True):
                    body = b'{"m": {"ch4_lel": %g}}' % (share * (rising + moved[minute]))
                    city.deliver(f"gas/demo/VW-1/{device}/telemetry", body)
            city.drain()

    return fill


def test_heads_that_agree_and_move_together_are_remarked_on(city, filled):
    shared = air()

    filled((1.0, 0.97), (shared, shared))

    [hazard] = city.hazards()
    assert "形态近似沼气" in hazard.description
    assert "Biogas burns as well" in hazard.description


def test_a_head_that_sees_much_less_is_not(city, filled):
    shared = air()

    filled((1.0, 0.5), (shared, shared))

    [hazard] = city.hazards()
    assert "沼气" not in hazard.description
