"""kill -9 of the web process while programs post: what was acknowledged is stored once, what was not is sent again and stored once."""

import time

import pytest

from tests.chaos.callers import calling
from tests.chaos.checker import check
from tests.chaos.dice import dice
from tests.chaos.firings import lay
from tests.chaos.journal import ACKNOWLEDGED
from tests.chaos.place import Place

#: a minute on a machine of one's own, many on one that is shared
pytestmark = pytest.mark.timeout(900)

#: kills; hazards worked on
SAMPLE, WHOLE, HAZARDS = 2, 40, 40


def test_a_killed_web_process_keeps_its_word(place: Place):
    run(place, kills=SAMPLE)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_forty_times_killed_a_web_process_keeps_its_word(place: Place):
    run(place, kills=WHOLE)


def run(place: Place, *, kills: int) -> None:
    chance, began = dice(f"killed web, {place.database.engine.dialect.name}"), time.monotonic()
    lay(place, HAZARDS)
    web = place.web("web" if place.server else "serve")

    with calling(place, web, chance) as callers:
        for _ in range(kills):
            time.sleep(chance.uniform(0.3, 1.5))
            web.kill()
            web.start()
        time.sleep(0.5)
    web.stop()

    print(f"{kills} kills of the web process, {callers.told()}; {time.monotonic() - began:.1f} s", flush=True)
    assert callers.wrong == []
    assert callers.answers[0] > 0, "no request was cut off"
    assert len(callers.journal.having(ACKNOWLEDGED)) > kills
    now = place.application.clock.now()
    assert check(place.database, now, journal=callers.journal, all_fired=False, dice=chance) == []
