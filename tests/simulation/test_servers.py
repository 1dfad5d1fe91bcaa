"""The servers we start: they answer, survive having their plug pulled, and leave nothing behind."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from hazard_flow.simulation.servers import Mosquitto, Postgres, ServerFailed, broker_if_there
from tests.harness.mosquitto import publish


def taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_application_role_owns_nothing(postgres_server):
    address = postgres_server.empty()
    with psycopg.connect(address.owner_url.replace("+psycopg", "")) as owner:
        owner.execute("CREATE TABLE seen (i int)")
    with (
        psycopg.connect(address.url.replace("+psycopg", "")) as application,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        application.execute("SELECT * FROM seen")
    with (
        psycopg.connect(address.url.replace("+psycopg", "")) as application,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        application.execute("CREATE TABLE mine (i int)")


def test_a_template_is_filled_once_and_copied(postgres_server):
    filled = []

    def fill(address):
        filled.append(address)
        with psycopg.connect(address.owner_url.replace("+psycopg", "")) as owner:
            owner.execute("CREATE TABLE copied (i int)")

    for _ in range(2):
        address = postgres_server.fresh(fill, key="once")
        with psycopg.connect(address.owner_url.replace("+psycopg", "")) as owner:
            assert owner.execute("SELECT count(*) FROM copied").fetchone() == (0,)
        postgres_server.drop(address)
    assert len(filled) == 1


def test_a_durable_postgres_keeps_a_commit_through_a_pulled_plug():
    with Postgres() as server:
        address = server.create_database("kept")
        with psycopg.connect(address.owner_url.replace("+psycopg", "")) as owner:
            owner.execute("CREATE TABLE kept AS SELECT 7 AS seven")
        server.kill()
        server.start()
        with psycopg.connect(address.owner_url.replace("+psycopg", "")) as owner:
            assert owner.execute("SELECT seven FROM kept").fetchone() == (7,)
        folder = server.folder
    assert not folder.exists()
    assert not taken(server.port)


def test_the_broker_keeps_a_retained_message_over_a_restart():
    with Mosquitto() as broker:
        publish(broker, "gas/s/VW-1/G-101/status", "online")
        subprocess.run(
            ["mosquitto_pub", "-p", str(broker.port), "-r", "-q", "1", "-t", "gas/kept", "-m", "安全"],
            check=True,
        )
        broker.stop()
        broker.start()
        heard = subprocess.run(
            ["mosquitto_sub", "-p", str(broker.port), "-t", "gas/kept", "-C", "1", "-W", "5"],
            capture_output=True, check=True,
        )  # fmt: skip
        assert heard.stdout.decode().strip() == "安全"


def test_a_given_port_that_is_taken_is_said_aloud():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        with pytest.raises(ServerFailed, match=r"(?i)in use"), Mosquitto(port=other.getsockname()[1]):
            pass


def test_without_mosquitto_there_is_no_broker(monkeypatch):
    monkeypatch.setattr("hazard_flow.simulation.servers.find_program", lambda *_: None)
    with broker_if_there() as broker:
        assert broker is None


def test_a_killed_parent_leaves_no_server_behind(tmp_path: Path):
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from hazard_flow.simulation.servers import Mosquitto\n"
        "with Mosquitto(Path(sys.argv[1])) as broker:\n"
        "    print(broker.port, flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONPATH": "."},
    )  # fmt: skip
    assert parent.stdout
    port = int(parent.stdout.readline())
    assert taken(port)

    parent.kill()
    parent.wait()
    parent.stdout.close()

    deadline = time.monotonic() + 10
    while taken(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not taken(port)
