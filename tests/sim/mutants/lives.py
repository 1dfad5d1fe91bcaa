"""The kinds of life in which faults show, and one episode of each."""

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import sqlalchemy as sa
from structlog.testing import capture_logs

from hazard_flow.clock import VirtualClock
from hazard_flow.errors import HazardFlowError
from tests.sim import people as acts
from tests.sim import run as odds
from tests.sim.faults import Died
from tests.sim.ids import seeded
from tests.sim.log import export
from tests.sim.mutants.planting import Life
from tests.sim.oracle import differences
from tests.sim.oracle.told_city import city_in, told
from tests.sim.place import sqlite_place
from tests.sim.run import Episode
from tests.sim.town import Town

#: how a city with a fault may fall over
_FALLS = (HazardFlowError, sa.exc.SQLAlchemyError, AssertionError, LookupError, ValueError, TypeError)
#: steps between two looks of the oracle
LOOK_EVERY = 60

PLAIN = Life("plain", acts={"acknowledge": 1.0, "progress": 2.0, "raise_urgency": 1.5})
TOLD = Life("told", is_told=True)
OUTAGES = Life("outages", odds={"outage": 3.0})
#: much is handed out, and reported on
WORKING = Life("working", odds={"act": 40.0}, acts={"assign": 40.0, "accept": 40.0, "progress": 60.0})
#: more time is asked for, and given
ASKING = Life(
    "asking",
    odds={"act": 60.0},
    acts={"assign": 40.0, "accept": 40.0, "request_extension": 80.0, "decide_extension": 80.0},
)
#: mended on the spot, and confirmed by whoever is there
ON_THE_SPOT = Life(
    "on the spot", odds={"act": 60.0}, acts={"fix_on_site": 60.0, "confirm_fix": 60.0, "dismiss": 4.0}
)
#: nobody decides what was asked for, and the workers sleep long
UNANSWERED = Life(
    "unanswered",
    odds={"act": 30.0, "outage": 3.0},
    acts={
        "request_extension": 60.0,
        "request_lowering": 60.0,
        "decide_extension": 0.01,
        "decide_lowering": 0.01,
        "refuse_lowering": 0.01,
    },
)
LEAVING = Life("leaving", odds={"leave": 3.0, "come_back": 1.0})
#: messages wait for a mail server that is down, and meanwhile their readers leave
WAITING = Life("waiting", odds={"leave": 14.0, "come_back": 12.0, "mail": 8.0, "drain": 12.0})
HIRING = Life("hiring", odds={"come_back": 6.0, "roles": 4.0})
REPEATED = Life("repeated", odds={"again": 8.0})
BREAKING = Life("breaking", breaks=True)
POISONED = Life("poisoned", odds={"poison": 4.0})
TURN_OF_THE_YEAR = Life("turn of the year", odds={"outage": 2.0}, start=datetime(2026, 12, 28, 1, tzinfo=UTC))
#: the notice of a year that has begun: the days after the spring festival are not what they were taken for
NOTICE = Life("notice", odds={"calendar": 1.5, "settle": 8.0}, start=datetime(2027, 2, 3, 1, tzinfo=UTC))
LOCAL = Life("local", odds={"policy": 6.0})


@contextmanager
def _living(life: Life, seed: int) -> Iterator[Episode]:
    dice, clock = random.Random(seed), VirtualClock(life.start)
    with patch.dict(acts._WEIGHTS, life.acts), sqlite_place() as here, seeded(dice, clock), capture_logs():
        episode = Episode(Town.begin(seed, here, clock, dice), faults=life.breaks)
        wanted = {**odds.ODDS, **life.odds}
        episode._names, episode._odds = list(wanted), list(wanted.values())
        try:
            yield episode
        finally:
            episode.town.look.close()


@dataclass(frozen=True)
class Lived:
    """What the oracle found in an episode, and the error the city fell over, if it did."""

    found: list[str]
    fell: str | None = None


def lived(life: Life, seed: int, steps: int) -> Lived:
    """An episode with the oracle looking now and then; it ends where the oracle finds something, or where the city falls over."""
    if life.is_told:
        return _told()
    with _living(life, seed) as episode:
        for number in range(steps):
            fell = None
            try:
                episode.step()
            except (*_FALLS, Died) as error:
                fell = f"step {number}: {type(error).__name__}: {error}"
            if fell or number % LOOK_EVERY == LOOK_EVERY - 1 or number == steps - 1:
                found = differences(export(episode.town.database, episode.town.diary), at_most=20)
                if found or fell:
                    return Lived(found, fell)
    return Lived([])


def _told() -> Lived:
    with tempfile.TemporaryDirectory() as folder, city_in(Path(folder)) as city:
        return Lived(differences(told(city), at_most=20))
