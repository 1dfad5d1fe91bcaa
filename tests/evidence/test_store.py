"""What is kept is kept under its hash, whole, once, and is never overwritten."""

import hashlib
import threading
from pathlib import Path

import pytest

from hazard_flow.errors import NotFound, OutsideWorld, TooLarge
from hazard_flow.evidence.store import INCOMING, Store

DATA = "阀井照片".encode() * 1000
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"file://{tmp_path}/evidence")


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_put_is_named_by_its_content(store: Store, tmp_path: Path) -> None:
    assert store.put(DATA) == SHA256
    kept = tmp_path / "evidence/original" / SHA256[:2] / SHA256[2:4] / SHA256
    assert kept.read_bytes() == DATA
    assert kept.stat().st_mode & 0o222 == 0
    assert store.get(SHA256) == DATA
    assert store.size(SHA256) == len(DATA)
    assert b"".join(store.stream(SHA256)) == DATA


def test_the_same_bytes_twice_are_one_file(store: Store, tmp_path: Path) -> None:
    assert store.put(DATA) == store.put(DATA) == SHA256
    assert len(_files(tmp_path)) == 1


def test_areas_are_apart(store: Store) -> None:
    store.put(DATA, area="display")
    assert store.size(SHA256) is None
    with pytest.raises(NotFound):
        store.get(SHA256)
    store.put_thumb(SHA256, b"small")
    assert store.get(SHA256, area="thumb") == b"small"


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, SHA256 + "\n"])
def test_only_hashes_are_names(store: Store, name: str) -> None:
    with pytest.raises(NotFound):
        store.get(name)


def test_a_damaged_file_is_told_and_never_given_out(store: Store, tmp_path: Path) -> None:
    store.put(DATA)
    kept = _files(tmp_path)[0]
    kept.chmod(0o640)
    kept.write_bytes(DATA[:-1])
    with pytest.raises(OutsideWorld) as caught:
        store.get(SHA256)
    assert caught.value.permanent
    with pytest.raises(OutsideWorld):
        store.put(DATA)


def test_a_long_file_is_kept_while_it_arrives(store: Store, tmp_path: Path) -> None:
    assert store.put_stream([DATA[:5], DATA[5:]], size_bytes_max=len(DATA)) == (SHA256, len(DATA))
    assert store.put_stream([DATA], size_bytes_max=len(DATA)) == (SHA256, len(DATA))
    with pytest.raises(TooLarge):
        store.put_stream([DATA, b"x"], size_bytes_max=len(DATA))
    assert len(_files(tmp_path)) == 1


def test_a_crash_before_the_link_leaves_nothing_under_the_name(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*_: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr("os.link", power_cut)
        with pytest.raises(OutsideWorld):
            store.put(DATA)
    assert store.size(SHA256) is None
    assert not list((tmp_path / "evidence" / INCOMING).iterdir())
    assert store.put(DATA) == SHA256


def test_eight_writers_of_the_same_bytes_all_succeed(store: Store, tmp_path: Path) -> None:
    results: list[str] = []
    threads = [threading.Thread(target=lambda: results.append(store.put(DATA))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [SHA256] * 8
    assert len(_files(tmp_path)) == 1


@pytest.mark.parametrize(
    "url", ["/var/evidence", "http://host/x", "file://", "s3://", "memory://", "file://host/x"]
)
def test_other_places_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected file:///folder or s3://"):
        Store.open(url)
