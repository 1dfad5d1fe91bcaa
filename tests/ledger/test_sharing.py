"""Several processes verify what one would, say the same, and are not believed when they say that all is well with what they did not see."""

import multiprocessing
import os
import signal
from typing import Any

import pytest
import sqlalchemy as sa

from hazard_flow.hazards.guarding import door_open
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.hazards.walking import EventWalk
from hazard_flow.ledger import sharing
from hazard_flow.ledger.findings import Findings
from hazard_flow.ledger.sharing import verify_by_many
from hazard_flow.ledger.verification import Asked, verify
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.streaming import WHOLE, spans
from tests.harness.city import City
from tests.harness.ledger import sealer


@pytest.fixture
def lived(city: City) -> City:
    """Nine hazards, of one event to eight, all but the last event in the ledger."""
    for number in range(9):
        hazard = city.report(f"第 {number} 处漏气")
        if number % 3:
            city.bring_to(hazard, ("rectifying", "closed")[number % 3 - 1])
    sealer(city.database).run(city.now)
    city.report("刚刚发现的漏气点")
    return city


@pytest.fixture
def never_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second walk, by one process, would tell."""
    monkeypatch.setattr(sharing, "verify", None)


def alone(city: City) -> Findings:
    with city.database.snapshot(SYSTEM) as session:
        return verify(session, EventWalk())


@pytest.mark.usefixtures("never_alone")
@pytest.mark.parametrize("helpers", [2, 3])
def test_they_count_what_one_counts(lived: City, helpers: int):
    shared = verify_by_many(lived.database, EventWalk(), helpers=helpers)

    assert shared.is_intact
    assert shared.counts == alone(lived).counts
    assert (shared.counts["hazards"], shared.counts["unsealed"]) == (10, 1)


@pytest.mark.usefixtures("never_alone")
def test_progress_comes_to_every_row_once(lived: City):
    told: list[int] = []

    shared = verify_by_many(lived.database, EventWalk(), Asked(advance=told.append), helpers=2)

    assert sum(told) == shared.counts["events"] + shared.counts["leaves"]


def test_what_they_find_is_said_as_one_says_it(lived: City):
    with lived.database.transaction(SYSTEM) as session, door_open(session):
        hazard = session.scalars(sa.select(Hazard).order_by(Hazard.number).limit(1)).one()
        number, head = hazard.number, hazard.head
        hazard.head = b"\x00" * 32

    shared = verify_by_many(lived.database, EventWalk(), helpers=2)
    by_one = alone(lived)
    with lived.database.transaction(SYSTEM) as session, door_open(session):
        session.execute(sa.update(Hazard).where(Hazard.number == number).values(head=head))

    assert [(one.hazard, one.code) for one in shared.kept] == [(number, "other_head")]
    assert shared == by_one


class Dying(EventWalk):
    """Helpers that are killed at their first part."""

    def walk(self, *given: Any) -> int:
        if multiprocessing.parent_process():
            os.kill(os.getpid(), signal.SIGKILL)
        return super().walk(*given)


class Skipping(EventWalk):
    """Helpers that leave out all but the first part."""

    def walk(self, session: Any, findings: Any, advance: Any, secret: Any, span: Any = WHOLE) -> int:
        if multiprocessing.parent_process() and span.first is not None:
            return 1
        return super().walk(session, findings, advance, secret, span)


@pytest.mark.parametrize("keeper", [Dying(), Skipping()], ids=["dying", "skipping"])
def test_what_they_leave_out_one_looks_at(lived: City, keeper: EventWalk):
    told: list[int] = []

    shared = verify_by_many(lived.database, keeper, Asked(advance=told.append), helpers=2)

    assert shared == alone(lived)
    assert sum(told) == shared.counts["events"] + shared.counts["leaves"]


@pytest.mark.parametrize("parts", [1, 2, 5, 100])
def test_parts_leave_nothing_out(lived: City, parts: int):
    with lived.database.reading(SYSTEM) as session:
        cut = spans(session, "hazard", "home_id", "id", parts=parts)
        counts = [
            session.scalar(
                sa.text(f"SELECT count(*) FROM hazard_event WHERE {part.where('home_id', 'hazard_id')}")
            )
            for part in cut
        ]
        whole = session.scalar(sa.select(sa.func.count()).select_from(HazardEvent))

    assert len(cut) == min(parts, 10)
    assert sum(counts) == whole
    assert all(counts)
