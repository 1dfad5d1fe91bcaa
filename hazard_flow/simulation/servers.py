"""PostgreSQL, mosquitto and Alertmanager started for a while: on a free loopback port, in a folder of their own, stopped cleanly.

Each is a context manager. The demo, the benchmarks and the tests use them; only the standard library is imported.
"""

import contextlib
import glob
import os
import pwd
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from hazard_flow.simulation.process import (
    Server,
    ServerFailed,
    ServerMissing,
    find_program,
    plain_environment,
)

__all__ = [
    "Alertmanager", "DatabaseAddress", "Mosquitto", "Postgres", "ServerFailed", "ServerMissing",
    "broker_if_there", "find_program", "postgres_programs",
]  # fmt: skip

#: mosquitto's settings that lose nothing short of a killed broker: persistence every 5 s, no cut of the queue, a window of 1000
#: unacknowledged messages, sessions kept 14 days, 256 KiB a message.
MOSQUITTO = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 5
max_queued_messages 0
max_inflight_messages 1000
persistent_client_expiration 14d
message_size_limit 262144
"""

#: how long a cluster whose plug was pulled may still be in its own way
MEMORY_FREED_WITHIN_SECONDS = 15

#: PostgreSQL without durability: for tests that never pull the plug.
#: how long a cluster whose plug was pulled may still be in its own way
MEMORY_FREED_WITHIN_SECONDS = 15
FAST = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "wal_level=minimal",
    "max_wal_senders=0",
)


def postgres_programs() -> Path | None:
    """The folder of the newest PostgreSQL's `initdb` and `postgres`; None when there is none."""
    on_path = find_program("initdb")
    found = glob.glob("/usr/lib/postgresql/*/bin/initdb") + (
        [str(Path(on_path).resolve())] if on_path else []
    )
    folders = {Path(path).parent for path in found if (Path(path).parent / "postgres").exists()}
    return max(folders, key=lambda folder: [int(n) for n in re.findall(r"\d+", str(folder))], default=None)


@dataclass(frozen=True)
class DatabaseAddress:
    """A database and how its two roles reach it, as SQLAlchemy URLs."""

    name: str
    #: the application's role: may not own anything, so row-level security holds for it
    url: str
    #: the role that owns the tables: migrations only
    owner_url: str


class Postgres(Server):
    """A fresh cluster with the roles `postgres` (superuser), `hazard_flow` (application) and `hazard_flow_owner`."""

    quit_signal = signal.SIGINT  # "fast": roll back and leave, without waiting for clients

    def __init__(self, folder: Path | None = None, *, port: int | None = None, durable: bool = True) -> None:
        programs = postgres_programs()
        if programs is None:
            raise ServerMissing("postgresql: initdb was found nowhere")
        super().__init__(folder, port=port)
        self.programs = programs
        self.settings = {} if durable else dict(pair.split("=") for pair in FAST)

    @property
    def data(self) -> Path:
        """The cluster's files."""
        return self.folder / "data"

    def start(self) -> Self:
        """After a pulled plug the backends take a moment to notice; until then their shared memory is in the way."""
        until = time.monotonic() + MEMORY_FREED_WITHIN_SECONDS
        while True:
            try:
                return super().start()
            except ServerFailed:
                if "pre-existing shared memory block" not in self.tail(3) or time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def identity(self) -> dict[str, Any]:
        """PostgreSQL refuses to run as root: then it runs as the user Debian made for it."""
        if os.geteuid() != 0:
            return {}
        user = pwd.getpwnam("postgres")
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def prepare(self) -> None:
        """Make the cluster and its roles' files, once."""
        if self.data.exists():
            return
        run_as = self.identity()
        if run_as:
            os.chown(self.folder, run_as["user"], run_as["group"])
            self.folder.chmod(0o755)
        make = [
            str(self.programs / "initdb"),
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
        ]
        quick = ["--no-sync"] if self.settings else []
        done = subprocess.run(
            [*make, "--locale=C.UTF-8", "--no-instructions", *quick],
            cwd=self.folder, env=plain_environment(), capture_output=True, check=False, **run_as,
        )  # fmt: skip
        if done.returncode:
            raise ServerFailed(done.stderr.decode(errors="replace"))

    def command(self) -> list[str]:
        """On loopback and on a socket in the folder, with the settings asked for."""
        settings = {
            "unix_socket_directories": str(self.folder),
            "listen_addresses": "127.0.0.1",
            **self.settings,
        }
        given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), "-p", str(self.port), *given]

    def answers(self) -> bool:
        """Accepting connections, not merely listening: crash recovery listens too."""
        ask = [str(self.programs / "pg_isready"), "-q", "-h", str(self.folder), "-p", str(self.port)]
        return subprocess.run(ask, check=False).returncode == 0

    def sql(self, *statements: str, database: str = "postgres") -> str:
        """Run statements as superuser through psql, each in its own transaction; what they print, unaligned."""
        given = [part for statement in statements for part in ("-c", statement)]
        psql = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-p", str(self.port)]
        done = subprocess.run(
            [str(self.programs / psql[0]), *psql[1:], "-U", "postgres", "-d", database, *given],
            cwd=self.folder, env=plain_environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise ServerFailed(done.stderr)
        return done.stdout.strip()

    def create_database(self, name: str, *, template: str | None = None) -> DatabaseAddress:
        """A new database owned by the owner's role; a copy of `template` (to which nobody may be connected) if named."""
        self._create_roles()
        copied = f' TEMPLATE "{template}"' if template else ""
        self.sql(
            f'CREATE DATABASE "{name}" OWNER hazard_flow_owner{copied}',
            f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC',
            f'GRANT CONNECT, TEMPORARY ON DATABASE "{name}" TO hazard_flow',
        )
        self.sql("ALTER SCHEMA public OWNER TO hazard_flow_owner", database=name)
        return self.address(name)

    def drop_database(self, name: str) -> None:
        """Drop a database even while clients hang on to it."""
        self.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def address(self, name: str) -> DatabaseAddress:
        """The URLs of a database of this cluster."""
        at = f"127.0.0.1:{self.port}/{name}"
        return DatabaseAddress(
            name=name,
            url=f"postgresql+psycopg://hazard_flow@{at}",
            owner_url=f"postgresql+psycopg://hazard_flow_owner@{at}",
        )

    def _create_roles(self) -> None:
        for role in ("hazard_flow_owner", "hazard_flow"):
            if not self.sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{role}'"):  # noqa: S608 - our own two names
                self.sql(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS")


class Mosquitto(Server):
    """An MQTT broker that keeps sessions and queues over a restart."""

    def __init__(self, folder: Path | None = None, *, port: int | None = None, extra: str = "") -> None:
        program = find_program("mosquitto")
        if program is None:
            raise ServerMissing("mosquitto was found nowhere")
        super().__init__(folder, port=port)
        self.program = program
        self.extra = extra

    @property
    def url(self) -> str:
        """As the setting MQTT_URL wants it."""
        return f"mqtt://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Write the configuration."""
        # Started as root it would change to a user who may not reach the folder, and lose its queues silently.
        user = f"user {pwd.getpwuid(os.geteuid()).pw_name}\n"
        text = MOSQUITTO.format(port=self.port, folder=self.folder) + user + self.extra
        (self.folder / "mosquitto.conf").write_text(text, "utf-8")

    def command(self) -> list[str]:
        """With our configuration only."""
        return [self.program, "-c", str(self.folder / "mosquitto.conf")]


class Alertmanager(Server):
    """Prometheus's Alertmanager, sending to one webhook; alerts are handed to it on its own API at `url`."""

    def __init__(self, webhook: str, folder: Path | None = None, *, port: int | None = None) -> None:
        program = find_program("prometheus-alertmanager", "alertmanager")
        if program is None:
            raise ServerMissing("prometheus-alertmanager was found nowhere")
        super().__init__(folder, port=port)
        self.program = program
        self.webhook = webhook

    @property
    def url(self) -> str:
        """Where its own API listens."""
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """One route, grouped by site, repeating soon enough for a test."""
        (self.folder / "alertmanager.yml").write_text(
            "route: {receiver: hazard_flow, group_by: [site], group_wait: 1s, group_interval: 2s, repeat_interval: 10s}\n"
            f"receivers: [{{name: hazard_flow, webhook_configs: [{{url: '{self.webhook}', send_resolved: true}}]}}]\n",
            "utf-8",
        )

    def command(self) -> list[str]:
        """Alone (no cluster), on loopback."""
        return [
            self.program,
            f"--config.file={self.folder / 'alertmanager.yml'}",
            f"--storage.path={self.folder / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",
        ]


@contextlib.contextmanager
def broker_if_there(folder: Path | None = None, *, port: int | None = None) -> Iterator[Mosquitto | None]:
    """A running broker, or None where mosquitto is not installed: the demo then feeds alarms in process."""
    if find_program("mosquitto") is None:
        yield None
        return
    with Mosquitto(folder, port=port) as broker:
        yield broker
