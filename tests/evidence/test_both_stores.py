"""The same promises on a disk and on S3: kept under its hash, whole, once, never overwritten, never given out damaged."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import obstore
import pytest
from obstore.store import S3Store

from hazard_flow.errors import NotFound, OutsideWorld, TooLarge
from hazard_flow.evidence.store import Store
from tests.harness.s3 import S3Server

DATA = "阀井照片".encode() * 1000
SHA256 = hashlib.sha256(DATA).hexdigest()
PATH = f"original/{SHA256[:2]}/{SHA256[2:4]}/{SHA256}"


class Kept:
    """A store, and the way somebody with access to its disk or bucket reaches into it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.store = Store.open(url)

    def overwrite(self, data: bytes) -> None:
        if self.url.startswith("s3://"):
            obstore.put(S3Store.from_url(self.url), PATH, data, mode="overwrite")
            return
        file = Path(self.url.removeprefix("file://")) / PATH
        file.chmod(0o640)
        file.write_bytes(data)


@pytest.fixture(params=["disk", "s3"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    if request.param == "disk":
        yield Kept(f"file://{tmp_path}/store")
        return
    server: S3Server = request.getfixturevalue("s3_server")
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    yield Kept(server.fresh())


def test_what_is_put_comes_back_bit_for_bit(kept: Kept) -> None:
    assert kept.store.put(DATA) == SHA256
    assert kept.store.get(SHA256) == DATA
    assert kept.store.size(SHA256) == len(DATA)
    assert b"".join(kept.store.stream(SHA256)) == DATA


def test_another_process_finds_it(kept: Kept) -> None:
    kept.store.put(DATA)
    assert Store.open(kept.url).get(SHA256) == DATA


def test_a_long_film_streams_through(kept: Kept) -> None:
    pieces = [bytes([n]) * 1_000_000 for n in range(12)]
    sha256, size = kept.store.put_stream(iter(pieces), size_bytes_max=20_000_000)
    assert (sha256, size) == (hashlib.sha256(b"".join(pieces)).hexdigest(), 12_000_000)
    assert sum(len(piece) for piece in kept.store.stream(sha256)) == size


def test_too_long_a_film_leaves_nothing(kept: Kept) -> None:
    with pytest.raises(TooLarge):
        kept.store.put_stream(iter([DATA, DATA]), size_bytes_max=len(DATA))
    assert kept.store.size(SHA256) is None


def test_the_same_bytes_from_many_hands_at_once_are_one_file(kept: Kept) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: kept.store.put(DATA), range(16))) == {SHA256}
    assert kept.store.get(SHA256) == DATA


def test_what_was_changed_behind_our_back_is_neither_given_out_nor_written_over(kept: Kept) -> None:
    kept.store.put(DATA)
    kept.overwrite(DATA[:-1])
    with pytest.raises(OutsideWorld, match="damaged"):
        kept.store.get(SHA256)
    with pytest.raises(OutsideWorld, match="restore it"):
        kept.store.put(DATA)
    assert kept.store.size(SHA256) == len(DATA) - 1


def test_areas_are_apart_and_what_is_not_there_is_said(kept: Kept) -> None:
    kept.store.put(DATA, area="display")
    assert kept.store.size(SHA256) is None
    with pytest.raises(NotFound):
        kept.store.get(SHA256)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, SHA256 + "\n"])
def test_only_hashes_are_names(kept: Kept, name: str) -> None:
    with pytest.raises(NotFound):
        kept.store.get(name)


def test_a_bucket_that_is_away_is_said_plainly(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises((OutsideWorld, NotFound)):
        Store.open("s3://no-such-bucket/city").put(DATA)


def test_parts_are_put_together_in_order_and_forgotten(kept: Kept) -> None:
    pieces = {0: DATA[:100], 100: DATA[100:9000], 9000: DATA[9000:]}
    for offset in (9000, 0, 100):
        kept.store.put_part("ab/cd", offset, pieces[offset])
    kept.store.put_part("ab/ef", 0, b"another file's")

    offsets = kept.store.part_offsets("ab/cd")
    assert offsets == [0, 100, 9000]
    assert kept.store.join_parts("ab/cd", offsets) == DATA
    kept.store.drop_parts("ab/cd")
    assert kept.store.part_offsets("ab/cd") == []
    assert kept.store.part_offsets("ab/ef") == [0]
    kept.store.drop_parts("ab/cd")


def test_a_part_sent_again_takes_the_place_of_the_first(kept: Kept) -> None:
    kept.store.put_part("ab/cd", 0, b"torn")
    kept.store.put_part("ab/cd", 0, DATA)

    assert kept.store.join_parts("ab/cd", [0]) == DATA
    with pytest.raises(NotFound):
        kept.store.join_parts("ab/cd", [0, 4])


def test_what_is_no_evidence_is_kept_apart(kept: Kept) -> None:
    assert kept.store.put(b"no picture", area="refused") == hashlib.sha256(b"no picture").hexdigest()
    assert kept.store.size(hashlib.sha256(b"no picture").hexdigest()) is None


def test_two_who_forget_the_same_parts_at_once_do_not_mind_each_other(kept: Kept):
    for offset in range(200):
        kept.store.put_part("ab/gh", offset, b"part")
    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(kept.store.drop_parts, "ab/gh") for _ in range(6)]:
            done.result()
    assert kept.store.part_offsets("ab/gh") == []
