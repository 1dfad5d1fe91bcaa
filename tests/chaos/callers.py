"""Programs of people that post acts with request keys, keep a journal, and send again whatever was never answered."""

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from hazard_flow.hazards.models import Hazard
from tests.chaos.journal import ACKNOWLEDGED, REFUSED, UNKNOWN, Entry, Journal, new_key
from tests.chaos.place import Place
from tests.chaos.programs import Web
from tests.harness.client import Client

#: who posts what; none of it changes the state, so that every hazard stays open to all of them
ACTS = {
    "王班长": ("acknowledge", {}),
    "何安全": ("acknowledge", {}),
    "李巡检": ("start_control", {"control": "GUARD"}),
    "周调度": ("start_control", {"control": "GUARD"}),
}
PAUSE_SECONDS = 0.05
#: the pause before an unanswered request is sent again
AGAIN_SECONDS = 0.2
#: how long after the fault everything must have been answered
SETTLED_WITHIN_SECONDS = 120


@dataclass
class Callers:
    """What they sent and what came back."""

    journal: Journal = field(default_factory=Journal)
    #: answers by status; 0 for none
    answers: Counter[int] = field(default_factory=Counter)
    #: bodies of what must not come: an unexplained 5xx, a refusal without a sentence
    wrong: list[str] = field(default_factory=list)
    sent_again: int = 0

    def told(self) -> str:
        """One line."""
        return f"acts: {self.journal.told()}, {self.sent_again} sent again; answers {dict(sorted(self.answers.items()))}"


@contextmanager
def calling(place: Place, web: Web, chance: random.Random) -> Iterator[Callers]:
    """The callers at work until the block ends; then whatever is unanswered is sent until it is answered."""
    made, stop = Callers(), threading.Event()
    threads = [
        threading.Thread(
            target=_post,
            args=(
                made,
                stop,
                place.client(name, web),
                name,
                place,
                _hazards(place, name),
                random.Random(chance.random()),
            ),
        )
        for name in ACTS
    ]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        stop.set()
        for thread in threads:
            thread.join(SETTLED_WITHIN_SECONDS)
    assert not any(thread.is_alive() for thread in threads), "still unanswered"
    assert made.journal.having(UNKNOWN) == [], f"{made.told()}; {made.wrong[:3]}"


def _hazards(place: Place, name: str) -> list[tuple[str, str]]:
    """(number, id) of the open ones this person sees."""
    actor = place.founded.actors[name]
    with place.database.reading(actor.scope) as session:
        rows = session.execute(
            sa.select(Hazard.number, Hazard.id).where(
                Hazard.closed_at.is_(None), actor.scope.where(Hazard.path, Hazard.division, Hazard.parties)
            )
        )
        return [(row.number, str(row.id)) for row in rows]


def _post(
    callers: Callers,
    stop: threading.Event,
    client: Client,
    name: str,
    place: Place,
    hazards: list[tuple[str, str]],
    chance: random.Random,
) -> None:
    action, data = ACTS[name]
    actor = place.founded.actors[name].key
    while not stop.is_set():
        number, id_ = chance.choice(hazards)
        entry = Entry(new_key(), actor, action, id_)
        callers.journal.note(entry)
        path = f"/api/v1/hazards/{number}/actions/{action}"
        callers.journal.note(replace(entry, outcome=_until_answered(callers, client, path, data, entry.key)))
        stop.wait(chance.uniform(0, PAUSE_SECONDS))


def _until_answered(callers: Callers, client: Client, path: str, data: dict[str, str], key: str) -> str:
    """Sends the same until it is known what became of it."""
    begun, pause = time.monotonic(), threading.Event()
    while time.monotonic() - begun < SETTLED_WITHIN_SECONDS:
        outcome = _once(callers, client, path, data, key)
        if outcome != UNKNOWN:
            return outcome
        callers.sent_again += 1
        pause.wait(AGAIN_SECONDS)
    return UNKNOWN


def _once(callers: Callers, client: Client, path: str, data: dict[str, str], key: str) -> str:
    try:
        answer = client.post(path, {"data": data}, Idempotency_Key=key)
    except (OSError, http.client.HTTPException):
        callers.answers[0] += 1
        return UNKNOWN
    callers.answers[answer.status] += 1
    if answer.status == 200:
        return ACKNOWLEDGED
    try:
        said = answer.json["title"]
    except (ValueError, KeyError):
        said = ""
    if not said or answer.status not in (409, 422, 503, 507):
        callers.wrong.append(f"{answer.status} {answer.body[:200]!r}")
    return REFUSED if answer.status < 500 else UNKNOWN
