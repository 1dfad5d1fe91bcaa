"""The checks of the city see what they are there for: each is shown a city in which exactly that went wrong."""

import random
import sqlite3
from collections.abc import Iterator

import pytest

from hazard_flow.clock import VirtualClock
from tests.harness.cast import START
from tests.sim import checks
from tests.sim.ids import seeded
from tests.sim.place import sqlite_place
from tests.sim.run import Episode
from tests.sim.town import Town

#: steps until there are hazards, firings and messages enough
AGE = 150
_OPEN = "(SELECT id FROM hazard WHERE closed_at IS NULL ORDER BY number LIMIT 1)"
#: what goes wrong, as SQL; what is said of it
WRONGS = {
    "nothing is to come": f"DELETE FROM timer WHERE subject_id = {_OPEN}",
    "is pending on a closed hazard": f"UPDATE hazard SET closed_at = reported_at WHERE id = {_OPEN}",
    "was asked for under no key": "DELETE FROM request_key WHERE seq = 1",
    "acknowledged and not stored": "UPDATE request_key SET seq = seq + 1000",
    "tells of an event that never was": f"UPDATE outbox SET seq = seq + 1000 WHERE subject_id = {_OPEN}",
    "is parked and nobody was told": f"UPDATE timer SET parked_at = created_at WHERE subject_id = {_OPEN}",
    "would reach nobody": "UPDATE person SET active = 0",
    "is sent with due": "UPDATE outbox SET sent_at = NULL",
    "breaks at event": "UPDATE hazard_event SET hash = randomblob(32) WHERE seq = 2",
    "fired again": (
        "INSERT INTO hazard_event SELECT home_id, hazard_id, seq + 1000, type, action, actor, at, prev, randomblob(32), body"
        " FROM hazard_event e WHERE type = 'timer.escalated'"
    ),
    "key without an answer": "UPDATE request_key SET hazard_id = NULL",
}  # fmt: skip


@pytest.fixture
def episode() -> Iterator[Episode]:
    """A city some days old, in which all is well."""
    dice, clock = random.Random(5), VirtualClock(START)
    with sqlite_place() as place, seeded(dice, clock):
        made = Episode(Town.begin(5, place, clock, dice), faults=False)
        assert made.live(AGE, stop_at_first=True) == AGE
        assert made.town.differences == []
        yield made
        made.town.look.close()


def tamper(episode: Episode, statement: str, *parameters: str) -> None:
    """Past the door and past the triggers, as only whoever holds the file can."""
    file = sqlite3.connect(str(episode.town.database.engine.url.database), isolation_level=None)
    for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        file.execute(f"DROP TRIGGER {trigger}")
    file.execute(statement, parameters)
    file.close()


@pytest.mark.parametrize("said", WRONGS)
def test_what_goes_wrong_is_seen(episode: Episode, said: str):
    tamper(episode, WRONGS[said])

    checks.whole(episode.town, episode.clients.acknowledged)

    assert any(said in difference for difference in episode.town.differences), episode.town.differences


def test_a_hazard_without_a_timer_is_seen_after_any_step(episode: Episode):
    tamper(episode, WRONGS["nothing is to come"])

    checks.after_step(episode.town)

    assert len(episode.town.differences) == 1


def test_a_request_done_twice_is_seen(episode: Episode):
    """As a door would that forgets its keys."""
    one = next(one for one in episode.sent if one.answer is not None and one.actor.id is not None)
    tamper(episode, "DELETE FROM request_key")

    episode.clients.send(one)

    assert episode.town.differences


def test_sight_beyond_the_own_organisation_is_seen(episode: Episode):
    """As a list would that forgets its scope."""
    who = next(a for a in episode.town.cast.present() if a.roles == {"inspector"})
    tamper(episode, "UPDATE hazard SET path = ?", who.holdings[0].path)

    checks.sight(episode.town, who)

    assert any("of another organisation" in difference for difference in episode.town.differences)
