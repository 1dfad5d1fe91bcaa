"""Receiving keeps the original bit-exact, makes its copies and tells three times apart."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from hazard_flow import i18n
from hazard_flow.errors import Refused, UnsupportedMedia
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.evidence.kinds import KINDS, kind_name
from hazard_flow.evidence.operations import receive
from hazard_flow.evidence.store import Store
from hazard_flow.ledger.canonical import canonical
from tests.evidence.photos import photo

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TAKEN = datetime(2026, 11, 20, 9, 30)  # noqa: DTZ001 - EXIF has no zone


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"file://{tmp_path}")


def _receive(store: Store, data: bytes, name: str = "阀井.jpg", **more: object) -> EvidenceItem:
    return receive(store, data, name, stage="report", kind="PHOTO_BEFORE", received_at=NOW, **more)  # type: ignore[arg-type]


def test_a_photo_is_kept_with_its_copies(store: Store) -> None:
    data = photo(taken=TAKEN, place=(121.391283, 37.539166))
    item = _receive(store, data)
    assert store.get(item.sha256) == data
    assert item.display_sha256 is not None
    assert store.get(item.display_sha256, area="display")[:2] == b"\xff\xd8"
    assert store.get(item.display_sha256, area="thumb")[:2] == b"\xff\xd8"
    assert (item.exif_at, item.received_at, item.captured_at) == (
        datetime(2026, 11, 20, 1, 30, tzinfo=UTC),
        NOW,
        None,
    )
    assert (item.lon, item.lat, item.crs) == (Decimal("121.391283"), Decimal("37.539166"), "WGS-84")
    assert len(item.phash or "") == 16
    canonical(item.event_data())
    assert item.event_data()["lon"] == "121.391283"


def test_the_device_s_place_wins_and_keeps_its_system(store: Store) -> None:
    item = _receive(
        store,
        photo(place=(1.0, 1.0)),
        lon=Decimal("121.4"),
        lat=Decimal("37.5"),
        crs="GCJ02",
        accuracy_m=Decimal(8),
    )
    assert (item.lon, item.crs, item.accuracy_m) == (Decimal("121.4"), "GCJ02", Decimal(8))


def test_a_paper_has_no_copies(store: Store) -> None:
    item = receive(store, b"%PDF-1.7 ...", "工单.pdf", stage="rectify", kind="WORK_ORDER", received_at=NOW)
    assert (item.display_sha256, item.phash, item.width) == (None, None, None)


def test_refused_files_leave_nothing_behind(store: Store, tmp_path: Path) -> None:
    whole = photo(size=(1600, 1200))
    with pytest.raises(UnsupportedMedia):
        _receive(store, b"<svg/>")
    with pytest.raises(Refused):
        _receive(store, whole[: len(whole) // 2])
    with pytest.raises(Refused) as caught:
        receive(store, whole, "a.jpg", stage="nowhere", kind="NOTHING", received_at=NOW)
    assert [field.field for field in caught.value.fields] == ["stage", "kind"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_every_kind_has_a_name_in_both_languages() -> None:
    for kind in KINDS:
        assert {kind_name(kind, locale) for locale in i18n.LOCALES}.isdisjoint({kind})
