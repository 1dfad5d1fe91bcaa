"""Which tests a sampled run takes: all on SQLite, and by the run's own seed a share of those that cost most.

What is left out is skipped and says so; `hazard-flow soak drawn` runs every one, and so does pytest without `--sampled`.
"""

from pathlib import PurePath
from random import Random

import pytest

#: folders whose tests run on PostgreSQL every time: what they are about is the database itself
ALWAYS_ON_POSTGRES = frozenset({"chaos", "migrations", "sim", "storage", "telemetry", "timers"})
#: of the others, which ask of PostgreSQL what they have asked of SQLite
SHARE_ON_POSTGRES = 0.25


def mark_drawn(config: pytest.Config, items: list[pytest.Item], home: PurePath) -> None:
    """Mark the tests that are drawn for; skip those this run does not take."""
    seed = config.getoption("randomly_seed", default=0)
    is_sampled = config.getoption("sampled")
    is_soak = "soak" in str(config.getoption("markexpr"))
    on_sqlite = {_function(item) for item in items if "sqlite" in _parameters(item)}
    for item in items:
        drawn = item.get_closest_marker("drawn")
        if drawn is None and "postgres" in _parameters(item) and _function(item) in on_sqlite:
            if PurePath(item.path).relative_to(home).parts[0] in ALWAYS_ON_POSTGRES:
                continue
            drawn = pytest.mark.drawn(SHARE_ON_POSTGRES).mark
            item.add_marker("drawn")
        if drawn is None:
            continue
        if is_soak:
            item.add_marker("soak")
        elif is_sampled and Random(f"{seed}:{item.nodeid}").random() >= drawn.args[0]:
            item.add_marker(pytest.mark.skip("not drawn in this run; `hazard-flow soak drawn` runs it"))


def _function(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _parameters(item: pytest.Item) -> str:
    return str(getattr(getattr(item, "callspec", None), "id", ""))
