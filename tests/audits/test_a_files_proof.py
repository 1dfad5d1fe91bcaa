"""What the desk is told of a closure file: one that is broken, gone or changed proves nothing, and is no fault of the page."""

import hashlib
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from hazard_flow.audits import providers
from hazard_flow.errors import OutsideWorld
from hazard_flow.evidence.store import Store
from hazard_flow.reports.models import Document

NO_FILE = b"%PDF-1.7 and then nothing"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path.as_uri())


def said(store: Store, sha256: str) -> tuple[bool | None, str]:
    found = providers.proof_of(Session(), store, Document(sha256=sha256))
    return found.holds, found.reason.en


def kept_at(folder: Path, sha256: str) -> Path:
    return folder / "document" / sha256[:2] / sha256[2:4] / sha256


def test_a_file_nobody_can_open_fails(store: Store):
    assert said(store, store.put(NO_FILE, area="document")) == (
        False,
        "The file cannot be read: it is broken, or no PDF",
    )


def test_a_file_that_is_gone_fails_until_it_is_restored(store: Store):
    sha256 = hashlib.sha256(NO_FILE).hexdigest()

    assert said(store, sha256) == (False, "The file is not in the store: restore it from the backup")
    store.put(NO_FILE, area="document")
    assert "cannot be read" in said(store, sha256)[1]


def test_a_file_changed_in_the_store_fails_until_it_is_restored(store: Store, tmp_path: Path):
    sha256 = store.put(NO_FILE, area="document")
    lying = kept_at(tmp_path, sha256)
    lying.chmod(0o600)
    lying.write_bytes(b"another")

    assert said(store, sha256)[1].startswith("The stored file no longer has the hash")
    lying.write_bytes(NO_FILE)
    assert "cannot be read" in said(store, sha256)[1]


def test_a_store_that_does_not_answer_is_no_judgement(tmp_path: Path):
    store = Store.open(tmp_path.as_uri())
    sha256 = store.put(NO_FILE, area="document")
    kept_at(tmp_path, sha256).unlink()
    kept_at(tmp_path, sha256).symlink_to(kept_at(tmp_path, sha256))

    with pytest.raises(OutsideWorld):
        said(store, sha256)
