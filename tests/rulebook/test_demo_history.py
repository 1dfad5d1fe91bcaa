"""Sixty days of the demo city, walked again by the rules they were lived under: every firing, to the second, to the same people."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hazard_flow.clock import VirtualClock
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import install_rules
from hazard_flow.rulebook.replay import Period, replay
from hazard_flow.simulation import albums, city
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from tests.harness import founding
from tests.harness.pictures import plain
from tests.harness.versions import changed, stricter
from tests.harness.walking import told, walks
from tests.schedule.databases import database

__all__ = ["database"]

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
#: the story stops at NOW: what is due in that very second has not fired
BEFORE = NOW - timedelta(seconds=1)


@pytest.fixture
def lived(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The demo city as of a working noon."""
    monkeypatch.setattr(albums, "draw_all", plain)
    install_rules(database.info, founding.rules())
    city.build(database, Store.open(f"file://{tmp_path}/store"), VirtualClock(NOW))
    return database


@pytest.mark.slow
def test_sixty_days_are_reproduced_exactly_and_a_stricter_file_only_brings_things_forward(lived: Database):
    with lived.reading(SYSTEM) as session:
        ids = list(session.scalars(sa.select(Hazard.id).order_by(Hazard.number)))

    found = walks(lived, ids, until=BEFORE)

    assert len(ids) >= 40
    assert sum(len(real) for real, _ in found) > 100
    for real, walked in found:
        assert told(walked.fired) == told(real)
        assert walked.not_followed == ()

    with lived.reading(SYSTEM) as session:
        tried = replay(session, changed(stricter), Period(NOW - timedelta(days=61), BEFORE))
    assert tried.unexplained == tried.totals.missed == 0
    assert tried.totals.counts["earlier"] > 0
    assert not {"gone", "later"} & tried.totals.counts.keys()
