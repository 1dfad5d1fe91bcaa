"""The yardstick of the minute: `pgbench -N` with eight clients, each transaction an update and an insert, committed by itself."""

import re
import subprocess

from hazard_flow.simulation.servers import Postgres, ServerFailed

CLIENTS = 8
DATABASE = "pgbench"


def prepare(server: Postgres, *, scale: int) -> None:
    """The tables pgbench works on."""
    server.create_database(DATABASE)
    _run(server, "-i", "-q", "-s", str(scale))


def transactions_per_second(server: Postgres, *, seconds: int) -> float:
    """What this machine's disk and cores give right now, default durability."""
    said = _run(server, "-N", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds), "-M", "prepared", "-n")
    found = re.search(r"tps = ([\d.]+)", said)
    if found is None:
        raise ServerFailed(said)
    return float(found[1])


def _run(server: Postgres, *arguments: str) -> str:
    command = [
        str(server.programs / "pgbench"),
        "-h",
        str(server.folder),
        "-p",
        str(server.port),
        "-U",
        "postgres",
    ]
    done = subprocess.run([*command, *arguments, DATABASE], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServerFailed(done.stderr)
    return done.stdout
