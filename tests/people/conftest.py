from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.office import Office, office


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made
