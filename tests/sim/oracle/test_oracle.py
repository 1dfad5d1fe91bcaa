"""The oracle agrees with a true record, and says of an altered one what is wrong where."""

import ast
import copy
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness.city import City
from tests.sim.log import Log
from tests.sim.oracle import differences
from tests.sim.oracle.told_city import city_in, told

FOLDER = Path(__file__).parent
Row = dict[str, Any]


def test_a_true_record_is_as_it_should_be(city: City) -> None:
    """On either database; and the history holds a little of everything."""
    log = told(city)

    assert differences(log) == []
    kinds = {row["type"] for row in log["events"]}
    assert kinds >= {
        "hazard.reported",
        "hazard.acted",
        "hazard.linked",
        "timer.reminded",
        "timer.escalated",
        "timer.void",
    }
    assert any(said["collapsed"] for said in _said(log, "timer.escalated"))
    assert {row["stage"] for row in log["hazards"]} > {"closed", "reported"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """The log of this module's city, told once."""
    with city_in(tmp_path_factory.mktemp("told")) as city:
        yield told(city)


@pytest.fixture
def log(kept: Log) -> Log:
    """A copy of the log, to be altered."""
    return copy.deepcopy(kept)


def _first(log: Log, key: str, **wanted: Any) -> Row:
    return next(row for row in log[key] if all(row[name] == value for name, value in wanted.items()))


def _said(log: Log, type_: str) -> list[Row]:
    return [json.loads(bytes.fromhex(row["body"]))["data"] for row in log["events"] if row["type"] == type_]


def _retell(log: Log, event: Row, change: Callable[[Row], object]) -> str:
    """An event that says something else, with the whole chain after it written anew; the hazard's number."""
    hazard = _first(log, "hazards", id=event["hazard_id"])
    head: str | None = None
    for row in (
        r for r in log["events"] if r["hazard_id"] == event["hazard_id"] and r["seq"] >= event["seq"]
    ):
        said = json.loads(bytes.fromhex(row["body"]))
        if row is event:
            change(said)
        said["prev"] = row["prev"] = head or row["prev"]
        body = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        row |= {
            "body": body.hex(),
            "actor": said["actor"],
            "at": said["at"],
            "hash": hashlib.sha256(b"\x00" + body).hexdigest(),
        }
        head = row["hash"]
    hazard["head"] = head
    number: str = hazard["number"]
    return number


def _firing(log: Log, level: int) -> tuple[Row, Row]:
    for row in log["events"]:
        said = json.loads(bytes.fromhex(row["body"]))["data"]
        if row["type"] == "timer.escalated" and said["level"] == level:
            return row, said
    raise AssertionError(f"nothing fired level {level}")


def test_a_byte_that_changed_is_found(log: Log) -> None:
    event = log["events"][3]
    event["body"] = event["body"].replace("22", "20", 1)
    assert any(
        "its hash is not that of its bytes" in said and event["at"] in said for said in differences(log)
    )


def test_an_event_left_out_is_found(log: Log) -> None:
    event, _ = _firing(log, 0)
    log["events"].remove(event)
    assert any("it does not follow the event before it" in said for said in differences(log))


def test_a_firing_that_never_was_is_found(log: Log) -> None:
    """The last firing of a hazard taken out with everything it left: only the look at which nothing happened tells."""
    last = {row["hazard_id"]: row for row in log["events"]}
    event = next(row for row in last.values() if row["type"] == "timer.escalated")
    said = json.loads(bytes.fromhex(event["body"]))["data"]
    hazard = _first(log, "hazards", id=event["hazard_id"])
    log["events"].remove(event)
    log["outbox"] = [
        row for row in log["outbox"] if (row["subject_id"], row["seq"]) != (hazard["id"], event["seq"])
    ]
    hazard |= {"head": event["prev"], "seq": event["seq"] - 1}
    [found] = [text for text in differences(log) if "nothing happened at the look of" in text]
    assert hazard["number"] in found
    assert said["timer"] in found
    assert event["at"] in found


@pytest.mark.parametrize(
    ("key", "value"),
    [("due_at", "2026-11-02T01:00:00.000000Z"), ("late_ms", 7), ("cycle", 9), ("collapsed", [{"level": 0, "cycle": 0}]), ("told", []),
     ("unreachable", ["safety_director"]), ("colour", "red"), ("channels", ["letter"])],
)  # fmt: skip
def test_a_firing_that_says_something_else_is_found(log: Log, key: str, value: Any) -> None:
    event, said = _firing(log, 0)
    number = _retell(log, event, lambda body: body["data"].update({key: value}))
    assert any(
        number in text and said["timer"] in text and key in text and event["at"] in text
        for text in differences(log)
    )


def test_a_timer_that_is_missing_or_moved_is_found(log: Log) -> None:
    gone, moved = log["timers"][0], log["timers"][-1]
    log["timers"].remove(gone)
    was, moved["due_at"] = moved["due_at"], "2027-06-01T00:00:00.000000Z"
    found = differences(log)
    assert any(
        f"{gone['name']} level {gone['level']} should be pending for {gone['due_at']}" in text
        for text in found
    )
    assert any(f"{moved['name']} level {moved['level']}: due_at" in text and was in text for text in found)


def test_a_timer_too_many_is_found(log: Log) -> None:
    log["timers"].append({**log["timers"][0], "id": "0" * 32, "name": "close"})
    assert any("close level" in text and "expected none" in text for text in differences(log))


@pytest.mark.parametrize("template", ["escalation", "reminder", "task", "told", "closed"])
def test_a_message_that_is_missing_is_found(log: Log, template: str) -> None:
    row = _first(log, "outbox", template=template)
    log["outbox"].remove(row)
    assert any(
        f"event {row['seq']} " in text and f"no {row['channel']} to {row['person_id']}" in text
        for text in differences(log)
    )


def test_a_message_too_many_is_found(log: Log) -> None:
    row = _first(log, "outbox", template="escalation")
    somebody = next(
        one["id"] for one in log["people"] if one["id"] != row["person_id"] and one["username"] == "sun"
    )
    log["outbox"].append({**row, "id": "0" * 32, "person_id": somebody})
    assert any(f"to {somebody} (escalation), who should not be told" in text for text in differences(log))


def test_a_message_about_nothing_is_found(log: Log) -> None:
    row = log["outbox"][0]
    log["outbox"].append({**row, "id": "0" * 32, "seq": 999})
    assert any("about event 999, which does not exist" in text for text in differences(log))


def test_somebody_judging_own_work_is_found(log: Log) -> None:
    """The re-check signed by whoever did the work."""
    event = _first(log, "events", action="pass")
    hazard = _first(log, "hazards", id=event["hazard_id"])
    person = json.loads(
        bytes.fromhex(_first(log, "events", action="submit", hazard_id=hazard["id"])["body"])
    )["actor"]
    _first(log, "keys", hazard_id=hazard["id"], seq=event["seq"])["actor"] = person
    _retell(log, event, lambda body: body.update({"actor": person}))
    assert any(
        "pass by" in text and "whoever is responsible may not do it" in text for text in differences(log)
    )


def test_a_step_that_leads_elsewhere_is_found(log: Log) -> None:
    event = _first(log, "events", action="fail")
    number = _retell(log, event, lambda body: body["data"].update({"state": "verified", "stage": "verified"}))
    assert any(
        number in text and "state is 'verified', expected 'rectifying'" in text for text in differences(log)
    )


def test_a_request_answered_twice_or_never_is_found(log: Log) -> None:
    twice, never = log["keys"][0], log["keys"][-1]
    log["keys"].append({**twice, "key": "once more"})
    log["keys"].remove(never)
    found = differences(log)
    assert any("2 requests were answered with event" in text for text in found)
    assert any(
        f"event {never['seq']} of {never['hazard_id']}" in text and "answers no request" in text
        for text in found
    )


@pytest.mark.parametrize(
    "key", ["state", "colour", "due_at", "responsible_id", "urgency", "resolution", "level"]
)
def test_a_row_that_says_something_else_is_found(log: Log, key: str) -> None:
    row = next(one for one in log["hazards"] if one[key] is not None)
    row[key] = "something else"
    assert any(
        f"the hazard's {key} is 'something else'" in text and row["number"] in text
        for text in differences(log)
    )


def test_silence_is_found_after_any_event(log: Log) -> None:
    """Nobody works at the highest regulator, nor anywhere else, from one instant on: whatever happens then speaks to nobody."""
    at = log["events"][5]["at"]
    log["diary"].append({"at": at, "kind": "people", "seats": [], "highest": {}})
    assert any("nothing runs that would reach anybody" in text for text in differences(log))


def test_the_oracle_knows_nothing_of_the_product() -> None:
    """It reads with the standard library and yaml, and importing it brings in nothing else."""
    for path in FOLDER.glob("*.py"):
        if path.name.startswith(("test_", "told_")):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            foreign = [n for n in names if n.split(".")[0] not in {*sys.stdlib_module_names, "yaml"}]
            assert all(name.startswith("tests.sim.oracle") for name in foreign), f"{path.name}: {foreign}"
    asked = "import sys, tests.sim.oracle; print([m for m in sys.modules if m.split('.')[0] in ('hazard_flow', 'sqlalchemy')])"
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=FOLDER.parents[2], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
