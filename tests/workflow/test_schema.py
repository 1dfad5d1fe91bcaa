"""The JSON Schema for editors: the shipped files are valid, a slip of the hand is not."""

import json
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from hazard_flow.cli.workflows import workflow as command
from hazard_flow.workflow.schema import json_schema
from hazard_flow.workflow.vocabulary import Vocabulary
from hazard_flow.workflow.yaml_lines import parse
from tests.workflow.corpus import SHIPPED, shipped


def tree(text: str) -> Any:
    return parse(text)[0].plain()


@pytest.fixture(scope="module")
def validator(vocabulary: Vocabulary) -> Draft202012Validator:
    schema = json_schema(vocabulary)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("base", SHIPPED)
def test_the_shipped_files_are_valid(validator: Draft202012Validator, base: str) -> None:
    assert [error.message for error in validator.iter_errors(tree(shipped(base)))] == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("    holder: closer", "    holdr: closer", ["states", "verified"]),
        ("guards: [control_open]", "guards: [control_opn]", ["actions", "suspend", "guards"]),
        ("within: {A: 30 min,", "within: {A: 30 minutes,", ["clocks", "control", "within"]),
        ("      measures: {at_least: 10}", "      measurs: {at_least: 10}", ["actions", "assign", "needs"]),
        ("stage: verified", "stage: checked", ["states", "verified", "stage"]),
        ("initial: reported\n", "", []),
        ("    opens: extension", "    opens: exstension", ["actions", "request_extension", "opens"]),
        ("    takes: responsible", "    takes: verifiers", ["actions", "fix_on_site", "takes"]),
        ("{times: 1, per: person", "{times: 0, per: person", ["actions", "return", "at_most", "times"]),
        (
            "timers: {confirm: {within",
            "timers: {confirm: {name: {zh: 确认}, within",
            ["states", "fixed", "timers", "confirm", "name"],
        ),
        ("    tell: [enforcement]", "    tell: [enforcers]", ["actions", "request_transfer", "tell"]),
        (
            "safety_told: confirmed, life",
            "safety_told: confirmd, life",
            ["actions", "stop_gas", "needs", "safety_told"],
        ),
    ],
)
def test_a_slip_is_shown_where_it_is(
    validator: Draft202012Validator, old: str, new: str, where: list[str]
) -> None:
    text = shipped("general")
    assert old in text
    found = [list(error.absolute_path) for error in validator.iter_errors(tree(text.replace(old, new, 1)))]
    assert where in found


def test_the_command_prints_it(vocabulary: Vocabulary) -> None:
    result = CliRunner().invoke(command, ["schema"])
    assert result.exit_code == 0
    assert json.loads(result.output) == json_schema(vocabulary)
