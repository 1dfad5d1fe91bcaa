"""One rendered closure file for all tests that only look at it: rendering costs a second."""

from collections.abc import Iterator

import pytest

from hazard_flow.reports.closure import template_data
from hazard_flow.reports.worker import Press, Rendered
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
