"""One rendered closure file for all tests that only look at it: rendering costs a second."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hazard_flow.ledger.keys import SigningKey, load_key
from hazard_flow.ledger.new_key import make_key
from hazard_flow.reports.closure import template_data
from hazard_flow.reports.worker import Press, Rendered
from tests.harness.tsa import Authority, time_stamping
from tests.reports.cases import Case


@pytest.fixture(scope="session")
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


@pytest.fixture(scope="session")
def case() -> Case:
    return Case(photos=2)


@pytest.fixture(scope="session")
def rendered(press: Press, case: Case) -> Rendered:
    return press.render("closure", template_data(case.data), **case.arguments())


@pytest.fixture(scope="session")
def seal_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key file, valid before and after any day a test lives in."""
    folder = tmp_path_factory.mktemp("keys")
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    made = make_key(
        folder, organisation="恒川燃气有限公司", country="CN", passphrase="", now=begins, years=30
    )
    return made.key_file


@pytest.fixture(scope="session")
def seal_key(seal_file: Path) -> SigningKey:
    """The key in it."""
    return load_key(str(seal_file))


@pytest.fixture(scope="session")
def tsa() -> Iterator[Authority]:
    with time_stamping() as authority:
        yield authority
