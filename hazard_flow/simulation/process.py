"""A server process of our own: a folder, a free loopback port, a clean stop, and a plug that chaos tests may pull.

Only the standard library is imported.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

#: Where Debian keeps servers that are not on everybody's PATH.
ADMIN_PATH = ("/usr/local/sbin", "/usr/sbin", "/sbin")
#: How long a server may take to answer after its start, and to leave when asked.
#: seconds of a machine of one's own; on a shared one a start has taken more than half a minute
START_WITHIN_SECONDS = 120.0
STOP_WITHIN_SECONDS = 20.0


class ServerMissing(RuntimeError):
    """A server program is not installed on this machine; the message names it."""


class ServerFailed(RuntimeError):
    """A server ended or did not answer in time; the message carries the end of its log."""


def find_program(*names: str) -> str | None:
    """The path of the first of these programs, administrators' folders included; None when none is installed."""
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), *ADMIN_PATH])
    return next((path for name in names if (path := shutil.which(name, path=places))), None)


def free_port() -> int:
    """A loopback port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One process with a folder and a loopback port. Subclasses say how it is started and how it shows that it answers."""

    #: asks the process to finish what it does and leave
    quit_signal = signal.SIGTERM

    def __init__(self, folder: Path | None = None, *, port: int | None = None) -> None:
        self._own = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="hf-"))  # short: socket paths end at 107 bytes
        self.folder.mkdir(parents=True, exist_ok=True)
        self._port_given = port is not None
        self.port = port or free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the server has said."""
        return self.folder / "server.log"

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self.process is not None and self.process.poll() is None

    def __enter__(self) -> Self:
        try:
            return self._start_on_a_free_port()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    def prepare(self) -> None:
        """Lay out the folder before the first start."""

    def command(self) -> list[str]:
        """The command line of the process."""
        raise NotImplementedError

    def identity(self) -> dict[str, Any]:
        """Which user the process runs as, as arguments of Popen."""
        return {}

    def environment(self) -> Mapping[str, str]:
        """What the process is told."""
        return plain_environment()

    def answers(self) -> bool:
        """Whether the server serves; by default, whether its port accepts a connection."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def start(self) -> Self:
        """Start (again) and return once it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment(),
                preexec_fn=_leave_with_parent(self.quit_signal),  # noqa: PLW1509 - one system call, no lock is taken
                **self.identity(),
            )
        deadline = time.monotonic() + START_WITHIN_SECONDS
        while not self.answers():
            if not self.running or time.monotonic() > deadline:
                raise ServerFailed(f"{type(self).__name__} does not answer:\n{self.tail()}")
            time.sleep(0.02)
        return self

    def stop(self) -> None:
        """Ask it to leave, and insist after a while."""
        self._end(self.quit_signal)

    def kill(self) -> None:
        """Pull the plug: SIGKILL, nothing is flushed."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze it as a stalled machine would (SIGSTOP); `resume` thaws it."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on."""
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        """Stop, and remove the folder if it was made here."""
        self.stop()
        if self._own:
            shutil.rmtree(self.folder, ignore_errors=True)

    def tail(self, lines: int = 20) -> str:
        """The last lines of the log."""
        said = self.log.read_text("utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(said.splitlines()[-lines:])

    def _start_on_a_free_port(self, tries: int = 3) -> Self:
        # Between looking for a free port and using it somebody else may take it.
        for left in reversed(range(tries)):
            self.prepare()
            try:
                return self.start()
            except ServerFailed:
                if self._port_given or not left or "in use" not in self.tail().lower():
                    raise
                self._end(signal.SIGKILL)
                self.port = free_port()
        raise AssertionError("unreachable")

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        ending = self.process
        self._signal(number)
        self._signal(signal.SIGCONT)  # a paused process would never see the request
        if ending is not None:
            try:
                ending.wait(STOP_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                ending.kill()
                ending.wait()
        if self.process is ending:  # another thread may have started the next one meanwhile
            self.process = None


def plain_environment() -> Mapping[str, str]:
    """The environment without anybody's PG* settings, in a language whose messages we can read."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _leave_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """In the child: be told when the starting *thread* ends, so that no kill -9 leaves servers behind (Linux)."""
    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return None

    def arrange() -> None:
        prctl(1, int(number))  # PR_SET_PDEATHSIG

    return arrange
