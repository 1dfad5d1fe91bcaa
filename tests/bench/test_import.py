"""The benchmark of imports: what it makes can be imported, and it tells broken rows from whole ones."""

import importlib
from pathlib import Path

import pytest

bench = importlib.import_module("hazard_flow.bench.import")


@pytest.mark.slow
def test_a_small_run_measures_and_every_broken_row_is_told(tmp_path: Path):
    made = bench.network(tmp_path / "net.geojson", 20)
    told = bench._child(made, tmp_path / made.kind)
    assert (told["stored"], told["changed"], told["assets"]) == (True, 20, 20)

    broken = bench.users(tmp_path / "users.csv", 200, broken=0.1)
    lines = bench._refused(broken, tmp_path)
    assert [line.value for line in lines[:2]] == [len(broken.broken), 0]
    assert len(broken.broken) > 5
