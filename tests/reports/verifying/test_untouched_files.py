"""No false alarm: every closure file of a city that was lived in, with all that broke there, passes untouched."""

import contextlib
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.evidence.store import Store
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.ledger.keys import KeyHolder, SigningKey
from hazard_flow.reports.issue import Issuer
from hazard_flow.reports.queries import Wanted
from hazard_flow.reports.seal.keeper import SealKeeper
from hazard_flow.reports.seal.sealer import Level
from hazard_flow.reports.verifying.whole import verify
from hazard_flow.reports.worker import Press
from hazard_flow.storage.scope import SYSTEM
from tests.harness.ledger import sealer
from tests.sim.pictures import pictures
from tests.sim.place import sqlite_place
from tests.sim.run import run

IN_CI, IN_A_SOAK = 3, 500
#: of an episode; more hazards are closed in the later ones
STEPS_IN_CI, STEPS_IN_A_SOAK = 2_000, 6_000


def test_files_of_a_simulated_city_pass(
    press: Press, seal_key: SigningKey, seal_file: Path, tmp_path: Path
) -> None:
    assert looked_at(press, seal_key, seal_file, tmp_path, IN_CI, STEPS_IN_CI) >= IN_CI


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_five_hundred_untouched_files_of_simulated_cities_pass(
    press: Press, seal_key: SigningKey, seal_file: Path, tmp_path: Path
) -> None:
    assert looked_at(press, seal_key, seal_file, tmp_path, IN_A_SOAK, STEPS_IN_A_SOAK) >= IN_A_SOAK


def looked_at(press: Press, key: SigningKey, key_file: Path, folder: Path, count: int, steps: int) -> int:
    """How many files passed; every wrong and every refused printing fails, with the seed."""
    store, began = Store.open((folder / "store").as_uri()), time.monotonic()
    for picture in pictures().values():
        store.put(picture, area="display")
    done, pages, printed = 0, Counter[int](), 0
    while done < count:
        seed = secrets.randbits(32)
        for number, pdf, length in files_of(seed, steps, store, press, key, key_file, count - done):
            report = verify(pdf, trust=key.chain, require=Level.B)
            assert [str(one.said.en) for one in report.wrongs] == [], f"seed {seed}, {number}"
            assert report.trusted, f"seed {seed}, {number}"
            done, printed = done + 1, printed + (b"/DCTDecode" in pdf)
            pages[length] += 1
    assert printed > 0, "no photograph was printed"
    print(
        f"untouched: {done} files, {printed} with photographs, pages {dict(sorted(pages.items()))}, "
        f"0 false alarms in {time.monotonic() - began:.0f} s"
    )
    return done


def files_of(
    seed: int, steps: int, store: Store, press: Press, key: SigningKey, key_file: Path, most: int
) -> Iterator[tuple[str, bytes, int]]:
    """(number, sealed file, pages) of the hazards closed in one episode, at most `most`."""
    with sqlite_place() as here:
        # whether its timers did what they should is the simulation's own question, not that of these files
        run(seed, steps, place=contextlib.nullcontext(here), stop_at_first=False)
        ledger = sealer(here.database, signer=key)
        keeper = SealKeeper(KeyHolder(str(key_file)))
        issuer = Issuer(
            here.database, store, press, public_url="https://gas.example.org", sealer=ledger, seals=keeper
        )
        with here.database.reading(SYSTEM) as session:
            now = _end(session)
            closed = session.scalars(
                sa.select(Hazard.id).where(Hazard.stage == "closed").order_by(Hazard.id).limit(most)
            ).all()
        ledger.run(now)
        for hazard_id in closed:
            made = issuer.issue(Wanted(hazard_id), now)
            assert made is not None
            assert made.sealed
            yield made.number, store.get(made.sha256, area="document"), made.pages


def _end(session: Session) -> datetime:
    last: datetime | None = session.scalar(sa.select(sa.func.max(HazardEvent.at)))
    assert last is not None
    return last + timedelta(minutes=1)
