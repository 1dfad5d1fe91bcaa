"""The command line: quick to explain itself, clear where it cannot go on."""

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hazard_flow.cli import COMMANDS, main
from hazard_flow.resources import resource_dir


def run(folder: Path, *arguments: str, **environment: str) -> Result:
    """A command in this process, with its data in a folder of its own."""
    return CliRunner().invoke(main, arguments, env={"HAZARD_FLOW_DATA_DIR": str(folder), **environment})


def test_help_names_every_command_without_loading_the_application():
    code = """
import sys
from hazard_flow.cli import main
try:
    main(["--help"])
except SystemExit:
    print("LOADED", "hazard_flow.app" in sys.modules, "weasyprint" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert "LOADED False False" in done.stdout
    for command in COMMANDS:
        assert f"  {command}" in done.stdout


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself_in_both_languages(tmp_path, command):
    done = run(tmp_path, command, "--help")

    assert done.exit_code == 0, done.output
    assert any("\u4e00" <= c <= "\u9fff" for c in done.output)


def test_wrong_settings_are_all_named_with_the_allowed_form(tmp_path):
    done = run(
        tmp_path,
        "migrate",
        HAZARD_FLOW_DATABASE_URL="mysql://x",
        HAZARD_FLOW_TIME_ZONE="Mars/Base",
        HAZARD_FLOW_PROT="1",
    )

    assert done.exit_code == 2
    for words in (
        "HAZARD_FLOW_DATABASE_URL",
        "postgresql+psycopg://",
        "HAZARD_FLOW_TIME_ZONE",
        "IANA",
        "HAZARD_FLOW_PROT",
    ):
        assert words in done.output


def test_a_busy_port_is_said_clearly(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run(tmp_path, "serve", "--port", port)

    assert done.exit_code == 1
    assert f"Port {port} is in use" in done.output


def test_a_database_that_does_not_answer_is_said_clearly(tmp_path):
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    for command in ("migrate", "worker", "serve"):
        done = run(tmp_path, command, HAZARD_FLOW_DATABASE_URL=nowhere)
        assert done.exit_code == 1
        assert "does not answer" in done.output
        assert "Traceback" not in done.output


def test_shipped_workflows_are_accepted_and_broken_ones_are_not(tmp_path):
    shipped = sorted(str(path) for path in resource_dir("workflows").glob("*.v*.yaml"))
    assert run(tmp_path, "workflow", "check", *shipped).exit_code == 0
    broken = tmp_path / "broken.v1.yaml"
    broken.write_text(Path(shipped[0]).read_text("utf-8").replace("to: closed", "to: nowhere"), "utf-8")

    refused = run(tmp_path, "workflow", "check", "--json", str(broken))

    assert refused.exit_code == 1
    rows = json.loads(refused.output)
    assert all({"file", "line", "rule", "message"} <= set(row) for row in rows)
    assert run(tmp_path, "workflow", "check", str(tmp_path / "absent.yaml")).exit_code == 2


def test_a_workflow_is_drawn(tmp_path):
    assert run(tmp_path, "workflow", "diagram", "general").output.startswith("stateDiagram-v2")
    assert run(tmp_path, "workflow", "diagram", "nothing").exit_code == 1


def test_the_first_people_of_an_installation(tmp_path):
    where = ["--division", "990101"]
    made = run(
        tmp_path,
        "organisation",
        "add",
        "--kind",
        "regulator",
        *where,
        "--name-zh",
        "住建局",
        "--name-en",
        "Bureau",
        "--document-word",
        "云泽",
        "--highest",
    )
    assert made.exit_code == 0, made.output
    bad = ["organisation", "add", "--kind", "enterprise", *where, "--name-zh", "甲", "--name-en", "A"]
    refused = run(tmp_path, *bad, "--document-word", "甲〔1〕")
    assert refused.exit_code == 1
    assert "机关代字" in refused.output
    person = [
        "person",
        "add",
        "--username",
        "chen",
        "--name",
        "陈",
        "--organisation",
        "住建局",
        "--role",
        "county_officer",
    ]
    assert run(tmp_path, *person, "--password", "long enough").exit_code == 0

    again = run(tmp_path, *person, "--password", "long enough")
    short = run(tmp_path, *person, "--password", "short")
    token = run(tmp_path, "token", "add", "--username", "chen", "--name", "test")

    assert again.exit_code == short.exit_code == 1
    assert "username" in again.output
    assert "8" in short.output
    assert token.exit_code == 0
    assert token.output.startswith("hf_")
    assert run(tmp_path, "token", "add", "--username", "nobody", "--name", "test").exit_code == 1


def test_check_says_what_is_wrong_and_how_to_mend_it(tmp_path):
    before = run(tmp_path, "check")
    assert before.exit_code == 1
    assert "hazard-flow migrate" in before.output
    run(tmp_path, "migrate")

    after = run(tmp_path, "check", HAZARD_FLOW_MQTT_URL="mqtt://127.0.0.1:1")

    assert "broker" in after.output
    assert "cannot be reached" in after.output
    assert after.exit_code == 1
    assert "hazard-flow migrate" not in after.output


def test_check_names_a_guard_somebody_took_off(tmp_path):
    run(tmp_path, "migrate")
    assert "FAIL  guards" not in run(tmp_path, "check").output
    with contextlib.closing(sqlite3.connect(tmp_path / "hazard_flow.db")) as raw:
        (name,) = raw.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'hazard_event'"
        ).fetchone()
        raw.execute(f"DROP TRIGGER {name}")

    found = run(tmp_path, "check")

    assert found.exit_code == 1
    assert "FAIL  guards" in found.output
    assert name in found.output
    run(tmp_path, "migrate")
    assert "FAIL  guards" not in run(tmp_path, "check").output


def test_soak_needs_a_checkout(tmp_path, monkeypatch):
    monkeypatch.setattr("hazard_flow.cli.measuring.PACKAGE", tmp_path / "hazard_flow")

    assert "checkout" in run(tmp_path, "soak", "timers").output


def test_serving_ends_cleanly_on_a_signal(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "hazard_flow", "serve", "--port", str(port)]
    environment = {**os.environ, "HAZARD_FLOW_DATA_DIR": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "Ctrl-C" in line:
                break
        process.terminate()
        said = process.stderr.read()
        assert process.wait(timeout=30) == 0, said
    assert "worker.stopped" in said


def test_the_demo_does_not_build_for_minutes_before_it_sees_a_busy_port(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run(tmp_path, "demo", "--port", str(taken.getsockname()[1]))

    assert done.exit_code == 1
    assert "in use" in done.output
    assert not list(tmp_path.rglob("*.db"))
