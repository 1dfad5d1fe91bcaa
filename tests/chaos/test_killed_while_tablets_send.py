"""kill -9 of the server in the middle of a file: a tablet that asks where it stands and goes on ends with one hazard and whole files."""

import contextlib
import http.client
import threading
import time

import pytest
import sqlalchemy as sa

from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.models import Hazard
from hazard_flow.storage.scope import SYSTEM
from tests.chaos.checker import check
from tests.chaos.dice import dice
from tests.chaos.place import Place
from tests.harness.client import Answer
from tests.harness.tablet import Draft, Tablet, report, sha256, shot

#: a minute on a machine of one's own, many on one that is shared
pytestmark = pytest.mark.timeout(900)

#: kills; reports sent by each of the tablets
SAMPLE, WHOLE = (2, 4), (40, 60)
TABLETS = 3
#: small, so that every photo comes in several parts
CHUNK_BYTES = 150


def test_a_killed_server_keeps_what_it_took_of_a_file(place: Place):
    run(place, *SAMPLE)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_forty_times_killed_a_server_keeps_what_it_took_of_a_file(place: Place):
    run(place, *WHOLE)


def run(place: Place, kills: int, reports: int) -> None:
    chance, began = dice(f"killed while tablets send, {place.database.engine.dialect.name}"), time.monotonic()
    web = place.web("web" if place.server else "serve")
    client = place.client("李巡检", web)
    drafts = [[_draft(f"{tablet}-{n}") for n in range(reports)] for tablet in range(TABLETS)]
    senders = [Sender(Tablet(client), mine) for mine in drafts]
    for sender in senders:
        sender.start()
    for _ in range(kills):
        time.sleep(chance.uniform(0.3, 1.2))
        web.kill()
        web.start()
    for sender in senders:
        sender.join(timeout=600)
    web.stop()

    cut = sum(sender.cut for sender in senders)
    print(
        f"{kills} kills, {TABLETS * reports} reports, {cut} requests cut; {time.monotonic() - began:.1f} s",
        flush=True,
    )
    assert [sender.wrong for sender in senders] == [""] * TABLETS
    assert all(_is_whole(place, one) for mine in drafts for one in mine)
    assert check(place.database, place.application.clock.now(), all_fired=False, dice=chance) == []


def _draft(name: str) -> Draft:
    return report(shot(), shot(), data={"description": f"阀井积水 {name}"})


def _is_whole(place: Place, one: Draft) -> bool:
    """One hazard, each of its files bit for bit in the store."""
    words = one.body.decode().split('"description": "')[1].split('"')[0]
    with place.database.reading(SYSTEM) as session:
        [hazard] = session.scalars(sa.select(Hazard).where(Hazard.description == words)).all()
        pieces = session.scalars(sa.select(Evidence).where(Evidence.hazard_id == hazard.id)).all()
        has_all = all(piece.has_copy and piece.has_original for piece in pieces)
    store = place.application.store
    kept = all(
        store.get(sha256(s.original)) == s.original
        and store.get(sha256(s.display or b""), area="display") == s.display
        for s in one.shots
    )
    return has_all and kept and len(pieces) == len(one.shots)


class Sender(threading.Thread):
    """A tablet that goes on until everything is complete; a request without an answer is a network fault to it."""

    def __init__(self, tablet: Tablet, drafts: list[Draft]) -> None:
        super().__init__(daemon=True)
        self.tablet, self.drafts = tablet, drafts
        self.cut = 0
        self.wrong = "not done"

    def run(self) -> None:
        for one in self.drafts:
            while not self._sent(one):
                time.sleep(0.05)
        self.wrong = ""

    def _sent(self, one: Draft) -> bool:
        answer = self._try(lambda: self.tablet.put(one))
        if answer is None:
            return False
        files = {sha256(data): data for data in one.files}
        while answer.json["missing"]:
            name, offset = next(iter(answer.json["missing"].items()))
            data, start = files[name], offset
            found = self._try(lambda: self.tablet.patch(one, name, start, data[start : start + CHUNK_BYTES]))  # noqa: B023
            if found is None or found.status != 200:
                return False
            answer = found
        return bool(answer.json["state"] == "complete")

    def _try(self, ask) -> Answer | None:
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            answer = ask()
            if answer.status in (200, 201, 409, 422):
                return answer
        self.cut += 1
        return None
