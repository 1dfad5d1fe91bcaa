"""Which tests a sampled run takes: a fixed set, and by the run's own seed a share of those that cost most.

A test that costs more than `WORTH_SECONDS` runs so often that it costs a run no more than that on average, by the costs noted in
`tests/costs.csv`; `--note-costs FILE` notes them anew. Of tests that ask of PostgreSQL what they have asked of SQLite a small part runs,
except where the database is what they are about. `@pytest.mark.always` takes a test out of the draw.

What is left out is skipped and says so; `hazard-flow soak drawn` runs every one, and so does pytest without `--sampled`.
"""

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path, PurePath
from random import Random

import pytest

COSTS = Path(__file__).parents[1] / "costs.csv"
WORTH_SECONDS = 1.5
SHARE_MIN = 0.1
#: folders whose tests run on PostgreSQL every time: what they are about is the database itself
ALWAYS_ON_POSTGRES = frozenset({"chaos", "migrations", "sim", "storage", "telemetry", "timers"})
#: of the others
SHARE_ON_POSTGRES = 0.15


def mark_drawn(config: pytest.Config, items: list[pytest.Item], home: PurePath) -> None:
    """Mark the tests that are drawn for; skip those this run does not take."""
    seed = config.getoption("randomly_seed", default=0)
    is_sampled = config.getoption("sampled")
    is_soak = "soak" in str(config.getoption("markexpr"))
    on_sqlite = {_function(item) for item in items if "sqlite" in _parameters(item)}
    for item in items:
        share = _share(item, home, has_sqlite=_function(item) in on_sqlite)
        if share == 1:
            continue
        if item.get_closest_marker("drawn") is None:
            item.add_marker("drawn")
        if is_soak:
            item.add_marker("soak")
        elif is_sampled and Random(f"{seed}:{item.nodeid}").random() >= share:
            item.add_marker(pytest.mark.skip("not drawn in this run; `hazard-flow soak drawn` runs it"))


class Noting:
    """Notes what tests cost, the dearest first: those that are to be drawn for."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.seconds: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The test itself: what it shares with others is paid for whether it runs or not."""
        if report.when == "call":
            self.seconds[report.nodeid] = report.duration

    def pytest_sessionfinish(self) -> None:
        """Those that did not run keep the cost they had."""
        costs = {**read_costs(COSTS), **self.seconds}
        dear = {test: seconds for test, seconds in costs.items() if seconds > WORTH_SECONDS}
        write_costs(self.file, dear)


@cache
def read_costs(file: Path) -> Mapping[str, float]:
    """Seconds by test."""
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["test"]: float(row["seconds"]) for row in csv.DictReader(lines)}


def write_costs(file: Path, costs: Mapping[str, float]) -> None:
    """The dearest first."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines, lineterminator="\n")
        table.writerow(("seconds", "test"))
        table.writerows(_rows(costs))


def _rows(costs: Mapping[str, float]) -> Iterable[tuple[str, str]]:
    for test, seconds in sorted(costs.items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"{seconds:.1f}", test


def _share(item: pytest.Item, home: PurePath, *, has_sqlite: bool) -> float:
    """In which share of the sampled runs a test runs."""
    if item.get_closest_marker("always") or item.get_closest_marker("soak"):
        return 1
    asked = item.get_closest_marker("drawn")
    share = float(asked.args[0]) if asked else 1.0
    if cost := read_costs(COSTS).get(item.nodeid, 0.0):
        share = min(share, max(SHARE_MIN, WORTH_SECONDS / cost))
    folder = PurePath(item.path).relative_to(home).parts[0]
    if has_sqlite and "postgres" in _parameters(item) and folder not in ALWAYS_ON_POSTGRES:
        share = min(share, SHARE_ON_POSTGRES)
    return share


def _function(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _parameters(item: pytest.Item) -> str:
    return str(getattr(getattr(item, "callspec", None), "id", ""))
