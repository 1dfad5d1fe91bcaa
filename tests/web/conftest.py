from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.office import Office, office
from tests.web.sample import blueprint


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, blueprint) as made:
        yield made
