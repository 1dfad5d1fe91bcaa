"""Closing never waits for a seal: without a key the file is issued unsealed, and sealed as the next version once there is one."""

import hashlib
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hazard_flow.ledger.keys import KeyHolder
from hazard_flow.ledger.new_key import make_key
from hazard_flow.reports import queries
from hazard_flow.reports.issue import ARCHIVE_AFTER, Issuer
from hazard_flow.reports.models import Document
from hazard_flow.reports.seal.keeper import SealKeeper
from hazard_flow.reports.verifying.whole import verify
from hazard_flow.reports.worker import Press
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City, city, place
from tests.harness.ledger import sealer
from tests.harness.tsa import Authority

__all__ = ["city", "place"]


@pytest.fixture(autouse=True)
def one_clock(city: City, tsa: Authority) -> Iterator[None]:
    """The time stamps say the time it is in the city."""
    tsa.at = city.now
    yield
    tsa.at = None


class Desk:
    """An issuer whose key file can come and go."""

    def __init__(self, city: City, press: Press, folder: Path, tsa_url: str = "") -> None:
        self.city = city
        self.key_file = folder / "seal.p12"
        holder = KeyHolder(str(self.key_file), is_required=False)
        self.issuer = Issuer(
            city.database,
            city.store,
            press,
            public_url="https://gas.example.org",
            sealer=sealer(city.database),
            seals=SealKeeper(holder, tsa_url=tsa_url),
        )

    def get_key(self, *, years: int = 10) -> None:
        folder = self.key_file.parent / f"made-{years}"
        made = make_key(
            folder, organisation="恒川燃气", country="CN", passphrase="", now=self.city.now, years=years
        )
        shutil.copy(made.key_file, self.key_file)

    def close_one(self) -> None:
        self.city.bring_to(self.city.report(), "closed")
        while self.issuer.drain(self.city.now):
            pass

    def versions(self) -> list[tuple[int, bool, str | None]]:
        return [(one.version, one.sealed, one.seal_level) for one in self.rows()]

    def rows(self) -> list[Document]:
        with self.city.database.reading(SYSTEM) as session:
            wanted = sa.select(Document).where(Document.kind == queries.CLOSURE).order_by(Document.version)
            rows = list(session.scalars(wanted))
            session.expunge_all()
        for row in rows:
            kept = self.city.store.get(row.sha256, area="document")
            assert hashlib.sha256(kept).hexdigest() == row.sha256
            assert len(kept) == row.size
            assert not row.sealed or verify(kept).wrongs == []
            assert (b"/ETSI.CAdES.detached" in kept) == row.sealed
        return rows


@pytest.fixture
def desk(city: City, press: Press, tmp_path: Path) -> Desk:
    return Desk(city, press, tmp_path)


def test_with_a_key_the_first_version_is_sealed(desk: Desk) -> None:
    desk.get_key()
    desk.close_one()
    assert desk.versions() == [(1, True, "B-B")]
    (row,) = desk.rows()
    assert row.seal_alg == "PAdES-RSA-SHA256"
    assert row.seal_key_id is not None
    assert len(row.seal_key_id) == 64
    assert desk.issuer.reseal(desk.city.now) == 0


def test_a_file_issued_without_a_key_is_sealed_when_there_is_one(desk: Desk) -> None:
    desk.close_one()
    assert desk.versions() == [(1, False, None)]
    assert desk.issuer.reseal(desk.city.now) == 0
    desk.get_key()
    assert desk.issuer.reseal(desk.city.now) == 1
    assert desk.issuer.reseal(desk.city.now) == 0
    assert desk.versions() == [(1, False, None), (2, True, "B-B")]


def test_a_key_that_expired_stops_no_closing_and_seals_nothing(desk: Desk) -> None:
    desk.get_key(years=1)
    desk.city.clock.advance(timedelta(days=400))
    desk.close_one()
    assert desk.versions() == [(1, False, None)]
    desk.get_key(years=2)
    assert desk.issuer.reseal(desk.city.now) == 1


def test_a_key_file_that_is_rubbish_stops_no_closing(desk: Desk) -> None:
    desk.key_file.write_bytes(b"rubbish")
    desk.close_one()
    assert desk.versions() == [(1, False, None)]


def test_without_an_answer_from_the_time_stamper_a_plain_seal_now_and_a_stamped_one_later(
    city: City, press: Press, tmp_path: Path, tsa: Authority
) -> None:
    desk = Desk(city, press, tmp_path, tsa.url)
    desk.get_key()
    tsa.is_down = True
    try:
        desk.close_one()
        assert desk.issuer.reseal(city.now) == 0
    finally:
        tsa.is_down = False
    assert desk.versions() == [(1, True, "B-B")]
    assert desk.issuer.reseal(city.now) == 1
    assert desk.versions() == [(1, True, "B-B"), (2, True, "B-T")]


def test_at_night_a_stamped_file_gets_its_archive_copy_once(
    city: City, press: Press, tmp_path: Path, tsa: Authority
) -> None:
    desk = Desk(city, press, tmp_path, tsa.url)
    desk.get_key()
    desk.close_one()
    assert desk.issuer.archive(city.now) == 0
    later = city.now + ARCHIVE_AFTER + timedelta(hours=1)
    tsa.is_down = True
    try:
        assert desk.issuer.archive(later) == 0
    finally:
        tsa.is_down = False
    assert desk.issuer.archive(later) == 1
    assert desk.issuer.archive(later) == 0
    assert desk.versions() == [(1, True, "B-T"), (2, True, "B-LTA")]
    first, copy = desk.rows()
    kept = city.store.get(copy.sha256, area="document")
    assert kept.startswith(city.store.get(first.sha256, area="document"))
    assert copy.name == f"{first.name[:-2]}-2"
