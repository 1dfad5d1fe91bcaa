"""Our own commands as processes of their own, which may be killed and frozen like any server."""

import contextlib
import http.client
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from hazard_flow.simulation.process import Server, plain_environment


class Program(Server):
    """`hazard-flow WORDS`; its log is one file however often it is started."""

    def __init__(
        self,
        words: list[str],
        environment: Mapping[str, str],
        folder: Path,
        *,
        port: int | None = None,
        launch: list[str] | None = None,
    ) -> None:
        super().__init__(folder, port=port)
        self.words = words
        self._environment = environment
        self._launch = launch or ["-m", "hazard_flow"]

    def environment(self) -> Mapping[str, str]:
        """The installation's settings, and nothing of anybody else's."""
        kept = {n: v for n, v in plain_environment().items() if not n.startswith("HAZARD_FLOW_")}
        return {**kept, **self._environment}

    def command(self) -> list[str]:
        """As the installed command runs it, unless something else is to be launched."""
        return [sys.executable, *self._launch, *self.words]

    def answers(self) -> bool:
        """At once: whoever wants more looks for it."""
        return True

    def said(self, words: str) -> int:
        """How often its log holds these words."""
        return self.log.read_text("utf-8", errors="replace").count(words) if self.log.exists() else 0

    @property
    def pid(self) -> int:
        """The process under way."""
        assert self.process is not None
        return self.process.pid


class Worker(Program):
    """`hazard-flow worker`."""

    def __init__(
        self, environment: Mapping[str, str], folder: Path, *, launch: list[str] | None = None
    ) -> None:
        super().__init__(["worker"], environment, folder, launch=launch)

    @property
    def is_up(self) -> bool:
        """Whether its jobs are being woken."""
        return self.said("worker.started") > 0


class Web(Program):
    """`hazard-flow web` or `hazard-flow serve` on a port of its own."""

    def __init__(
        self,
        environment: Mapping[str, str],
        folder: Path,
        *,
        command: str = "web",
        launch: list[str] | None = None,
    ) -> None:
        super().__init__([command], environment, folder, launch=launch)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        """With its port."""
        return [*super().command(), "--port", str(self.port)]

    def answers(self) -> bool:
        """Whether it takes requests; the database may be away."""
        return self.status("/livez") == 200

    def status(self, path: str) -> int:
        """What a GET answers; 0 for no answer at all."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", path)
            return connection.getresponse().status
        return 0


def ports_of(pid: int) -> set[int]:
    """The local ports of a process's connections: how PostgreSQL names its clients."""
    inodes = set()
    with contextlib.suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                inodes.add(os.readlink(link).removeprefix("socket:[").rstrip("]"))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[9] in inodes}
