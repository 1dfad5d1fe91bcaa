"""The dear tests that are drawn for: each is still there, and costs enough to be."""

from pathlib import Path

from tests.harness.drawing import COSTS, WORTH_SECONDS, Noting, read_costs

ROOT = Path(__file__).parents[2]


def test_each_is_in_a_file_that_is_there():
    gone = {test for test in read_costs(COSTS) if not (ROOT / test.partition("::")[0]).is_file()}
    assert gone == set()


def test_only_dear_tests_are_drawn_for():
    assert min(read_costs(COSTS).values()) >= WORTH_SECONDS


def test_costs_are_noted_anew_and_what_did_not_run_keeps_its_own(tmp_path):
    noting = Noting(tmp_path / "costs.csv")
    known = next(iter(read_costs(COSTS)))
    noting.seconds |= {"tests/a.py::dear": 400.04, "tests/a.py::cheap": 0.2}

    noting.pytest_sessionfinish()

    found = read_costs(tmp_path / "costs.csv")
    assert found["tests/a.py::dear"] == 400.0
    assert "tests/a.py::cheap" not in found
    assert found[known] == read_costs(COSTS)[known]
    assert next(iter(found)) == "tests/a.py::dear"
