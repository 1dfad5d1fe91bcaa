"""The peers: other programs that keep timers, in a virtual environment of their own, doing their own least work for each timer."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hazard_flow.bench.timers.databases import connect
from hazard_flow.bench.timers.trial import Watch
from hazard_flow.simulation.servers import Postgres

#: fastest first
PEERS = ("pgqueuer", "apscheduler", "procrastinate", "dbos")
_SCRIPTS = Path(__file__).parent / "peers"
_TICKETS = (
    "CREATE TABLE ticket (id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'assigned', fired int NOT NULL DEFAULT 0,"
    " fired_at timestamptz, due_at timestamptz) WITH (fillfactor = 80)",
    "ALTER TABLE ticket OWNER TO hazard_flow_owner",
)
_FIRED = "SELECT count(*) FROM ticket WHERE fired > 0"
_LEFT = "SELECT EXISTS (SELECT 1 FROM ticket WHERE fired = 0)"


class PeersMissing(RuntimeError):
    """The peers could not be installed; the message says why."""


def install() -> Path:
    """An interpreter with the peers, made once and kept in the user's cache folder."""
    wanted = (_SCRIPTS / "requirements.txt").read_text("utf-8")
    mark = hashlib.sha256((wanted + sys.version).encode()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "hazard-flow" / f"bench-peers-{mark}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        # Without pip inside: Debian keeps what `venv` needs for that in a package of its own.
        _call([sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)])
        _call(
            [
                str(getattr(sys, "_base_executable", sys.executable)),
                "-m",
                "pip",
                "--python",
                str(python),
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
                str(_SCRIPTS / "requirements.txt"),
            ]
        )
        (folder / "complete").touch()
    return python


class Rival:
    """One peer at work on a database of its own."""

    def __init__(self, name: str, python: Path, server: Postgres, database: str, watch: Watch) -> None:
        self.name = name
        self.watch = watch
        self._python = python
        self._dsn = f"postgresql://hazard_flow_owner@127.0.0.1:{server.port}/{database}"

    def schedule(self, count: int, *, due_at: float, spacing: float = 0.0) -> float:
        """Timers for tickets 1…count by the peer's own call; how many seconds that took."""
        return float(self._run("schedule", str(count), str(due_at), str(spacing)))

    def start(self) -> subprocess.Popen[str]:
        """A worker in a session of its own."""
        return subprocess.Popen(
            self._command("work"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def prepare(self) -> None:
        """The peer's own tables."""
        self._run("prepare")

    def _run(self, *arguments: str) -> str:
        return _call(self._command(*arguments))

    def _command(self, command: str, *rest: str) -> list[str]:
        return [str(self._python), str(_SCRIPTS / f"{self.name}_peer.py"), command, self._dsn, *rest]


@contextmanager
def rival(name: str, python: Path, server: Postgres, *, tickets: int) -> Iterator[Rival]:
    """A peer with a fresh database and so many tickets."""
    database = f"{name}_{time.monotonic_ns()}"
    server.create_database(database)
    server.sql(*_TICKETS, f"INSERT INTO ticket (id) SELECT generate_series(1, {tickets})", database=database)
    try:
        with connect(server, database) as connection:
            found = Rival(name, python, server, database, Watch(connection, _FIRED, _LEFT))
            found.prepare()
            yield found
    finally:
        server.drop_database(database)


def _call(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeersMissing(f"{' '.join(command[:4])}: {done.stderr.strip()[-2000:]}")
    return done.stdout
