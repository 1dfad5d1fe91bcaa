"""Every connection is cut, again and again, as a firewall or a failover would: nobody needs a restart, nothing is lost or done twice."""

import time

import pytest

from hazard_flow.bench.timers.trial import wait_until
from tests.chaos.callers import calling
from tests.chaos.checker import check
from tests.chaos.dice import dice
from tests.chaos.firings import all_fired, fates, lay
from tests.chaos.journal import ACKNOWLEDGED
from tests.chaos.place import Place

#: a minute on a machine of one's own, many on one that is shared
pytestmark = pytest.mark.timeout(900)

#: timers, cuts
SAMPLE, WHOLE = (1_000, 10), (20_000, 400)
_CUT = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'hazard-flow'"
)


@pytest.mark.postgres
def test_cut_connections_lose_nothing(postgres_place: Place):
    run(postgres_place, *SAMPLE)


@pytest.mark.soak
@pytest.mark.postgres
@pytest.mark.timeout(0)
def test_four_hundred_cuts_lose_nothing(postgres_place: Place):
    run(postgres_place, *WHOLE)


def run(place: Place, timers: int, cuts: int) -> None:
    chance, began, cut = dice("cut connections"), time.monotonic(), 0
    laid = lay(place, timers)
    web, worker = place.web(), place.worker()
    assert wait_until(lambda: worker.is_up, 300), worker.tail()

    with place.watching() as superuser, calling(place, web, chance) as callers:
        for _ in range(cuts):
            time.sleep(chance.uniform(0.05, 0.5))
            row = superuser.execute(_CUT).fetchone()
            cut += row[0] if row else 0
        assert all_fired(place, laid, within_seconds=300), worker.tail()
    for program in (web, worker):
        assert program.running, program.tail()
        program.stop()

    became = fates(place, laid)
    print(
        f"{cut} connections cut in {cuts} cuts, {dict(became)}, {callers.told()}; {time.monotonic() - began:.1f} s",
        flush=True,
    )
    assert cut >= cuts
    assert became == {"fired": timers}
    assert callers.wrong == []
    assert len(callers.journal.having(ACKNOWLEDGED)) > cuts
    now = place.application.clock.now()
    assert check(place.database, now, journal=callers.journal, all_fired=False, dice=chance) == []
