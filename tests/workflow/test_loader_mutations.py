"""Whatever a hand slips on: a mutated file is refused or loads, it never crashes the loader."""

from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hazard_flow.resources import resource_dir
from hazard_flow.workflow.loader import load_text
from hazard_flow.workflow.problems import Problem, Unreadable, WorkflowRefused
from hazard_flow.workflow.vocabulary import default_vocabulary

TREE = yaml.safe_load((Path(resource_dir("workflows")) / "major.v1.yaml").read_text("utf-8"))


def places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += places(inner, (*path, index))
    return found


PLACES = places(TREE)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(PLACES),
    st.sampled_from(
        [
            None,
            "",
            "x",
            0,
            -1,
            True,
            [],
            {},
            ["x"],
            {"x": "y"},
            "30 min",
            "reported",
            {"zh": "x"},
            [[]],
            {"A": {}},
        ]
    ),
)
def test_any_value_replaced_by_any_other(path: tuple[object, ...], value: object) -> None:
    tree = yaml.safe_load(yaml.safe_dump(TREE))
    inner = tree
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    problems = problems_of(yaml.safe_dump(tree, allow_unicode=True).encode())
    assert all(1 <= problem.rule <= 12 and problem.line >= 1 and problem.mend for problem in problems)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    assert problems_of(content)


def problems_of(content: bytes) -> list[Problem]:
    try:
        load_text(content, file="x.yaml", vocabulary=default_vocabulary())
    except WorkflowRefused as refused:
        return refused.problems
    except Unreadable as unreadable:
        return [unreadable.problem]
    return []
