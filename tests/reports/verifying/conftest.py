"""Sealed closure files as one would find them: with and without a time stamp, with its archive copy, and the strangers' means."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from hazard_flow.ledger.keys import SigningKey, load_key
from hazard_flow.ledger.new_key import make_key
from hazard_flow.reports.closure import template_data
from hazard_flow.reports.seal.archive import archive_copy
from hazard_flow.reports.seal.pades import PadesSealer
from hazard_flow.reports.worker import Press
from tests.harness.tsa import Authority
from tests.reports.cases import NUMBER, Case


@dataclass(frozen=True)
class Files:
    """The same closure file at each level, and what a stranger trusts."""

    plain: bytes
    stamped: bytes
    archived: bytes
    unsealed: bytes
    case: Case
    key: SigningKey
    trust: tuple[x509.Certificate, ...]
    tsa: tuple[x509.Certificate, ...]


@pytest.fixture(scope="session")
def key_case(seal_key: SigningKey) -> Case:
    return Case(photos=2, key=seal_key)


@pytest.fixture(scope="session")
def make(press: Press) -> Callable[..., bytes]:
    """A sealed file of a case by a key."""

    def made(case: Case, key: SigningKey, tsa_url: str = "") -> bytes:
        ready = press.render("closure", template_data(case.data), **case.arguments())
        assert ready.seal_place is not None
        sealer = PadesSealer(key, tsa_url=tsa_url)
        sealed = sealer.seal(ready.pdf, ready.seal_place, number=NUMBER, at=datetime.now(UTC))
        assert sealed.level == sealer.level
        return sealed.pdf

    return made


@pytest.fixture(scope="session")
def files(
    press: Press, make: Callable[..., bytes], key_case: Case, seal_key: SigningKey, tsa: Authority
) -> Files:
    bare = Case(photos=2)
    stamped = make(key_case, seal_key, tsa.url)
    return Files(
        plain=make(key_case, seal_key),
        stamped=stamped,
        archived=archive_copy(stamped, tsa.url),
        unsealed=press.render("closure", template_data(bare.data), **bare.arguments()).pdf,
        case=key_case,
        key=seal_key,
        trust=seal_key.chain,
        tsa=(tsa.root,),
    )


@pytest.fixture(scope="session")
def other_key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    """Somebody else's, in the same organisation's name."""
    folder: Path = tmp_path_factory.mktemp("other")
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    made = make_key(
        folder, organisation="恒川燃气有限公司", country="CN", passphrase="", now=begins, years=30
    )
    return load_key(str(made.key_file))
