"""The server that speaks TLS: cheroot, where waitress speaks none; the same limits, ended the same way.

Chosen among what there is for WSGI in one process beside a worker: gunicorn forks, granian and hypercorn bring an event loop and another
protocol stack, a proxy of our own would hide who is asking. By itself cheroot shakes hands in the thread that accepts, and gives a
thread to every line that is opened: one silent visitor holds up everybody. Here both wait until there is something to read.
"""

import contextlib
import logging
import socket
import ssl
import threading
from io import DEFAULT_BUFFER_SIZE
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from cheroot import wsgi
from cheroot.makefile import MakeFile
from cheroot.server import HTTPConnection, HTTPRequest
from cheroot.ssl import Adapter
from cheroot.workers.threadpool import ThreadPool, WorkerThread

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

#: each open page of a live list holds one, and a slow tablet's chunk another
THREADS = 16
KEPT_CONNECTIONS_MAX = 300
HEADER_BYTES_MAX = 64 * 1024
#: an answer given before the whole body came closes the line rather than read more than this to its end
DISCARDED_BYTES_MAX = 1_000_000
STOP_SECONDS = 5
#: how long a visitor may take to shake hands, and how long to go on with what they began to say
GREETING_SECONDS = 10
READ_SECONDS = 30
log = structlog.get_logger("web")


class SecureServer(wsgi.Server):
    """HTTPS on a socket that listens already; `certificate` and `key` are read again when they were renewed."""

    keep_alive_conn_limit = KEPT_CONNECTIONS_MAX
    max_request_header_size = HEADER_BYTES_MAX

    def __init__(
        self,
        flask: "WSGIApplication",
        listening: socket.socket,
        *,
        certificate: Path,
        key: Path,
        body_bytes_max: int,
        idle_seconds: int,
    ) -> None:
        super().__init__(
            listening.getsockname()[:2],
            flask,
            numthreads=THREADS,
            max=THREADS,
            server_name="hazard-flow",
            timeout=idle_seconds,
            shutdown_timeout=STOP_SECONDS,
            request_queue_size=128,
        )
        self.software = "hazard-flow"
        self.requests = _Threads(self, min=THREADS, max=THREADS)
        self.max_request_body_size = body_bytes_max
        self.ssl_adapter = _Later(certificate, key)
        self.ConnectionClass = _Connection
        self._listening = listening
        # headers and body of an answer leave in two writes: held back for the first's receipt, each would take 40 ms
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def bind(self, family: int, type: int, proto: int = 0) -> socket.socket:
        """The socket there is: whoever opened it has said by then what was wrong with the port."""
        self.socket = self._listening
        return self._listening

    def process_conn(self, conn: HTTPConnection) -> None:
        """To a thread; whoever has only just come waits with the others until they say something."""
        if isinstance(conn, _Connection) and conn.is_new:
            conn.is_new = False
            self.put_conn(conn)
        else:
            super().process_conn(conn)

    def put_conn(self, conn: HTTPConnection) -> None:
        """Back among those who are waited for, unless there is more of them already."""
        if isinstance(conn, _Connection) and conn.has_more:
            self.process_conn(conn)
        else:
            super().put_conn(conn)

    def run(self) -> None:
        """Take requests until the process is told to stop."""
        self.start()

    def close(self) -> None:
        """Let requests in hand end, then give the port back."""
        self.stop()
        self._listening.close()

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        """Into our own log, one line each; what visitors' networks do to connections is no news."""
        if level >= logging.ERROR:
            log.error("server", said=msg, exc_info=traceback)


class _Threads(ThreadPool):
    """Threads that end with the process: a live page's stream, which says something every ten seconds, must not keep it from ending."""

    def _spawn_worker(self) -> WorkerThread:
        worker = WorkerThread(self.server)  # type: ignore[no-untyped-call] # its stubs leave this one out
        worker.daemon = True
        worker.start()
        return worker

    def stop(self, timeout: float = STOP_SECONDS) -> None:
        """Wait for requests in hand no longer than this; by itself cheroot waits for streams to their end."""
        waiting = threading.Thread(target=super().stop, args=(timeout,), daemon=True)
        waiting.start()
        waiting.join(timeout)


class _Later(Adapter):
    """Wraps accepted sockets without a word being exchanged yet."""

    def __init__(self, certificate: Path, key: Path) -> None:
        super().__init__(str(certificate), str(key))
        self._files = (certificate, key)
        self._seen = self._stamps()
        self.context: ssl.SSLContext = self._loaded()

    def bind(self, sock: socket.socket) -> socket.socket:
        return sock

    def wrap(self, sock: socket.socket) -> tuple[ssl.SSLSocket, dict[str, str]]:
        self._keep_up()
        wrapped = self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        return wrapped, self.get_environ()

    def get_environ(self) -> dict[str, str]:
        return {"wsgi.url_scheme": "https", "HTTPS": "on"}

    def makefile(self, sock: socket.socket, mode: str = "r", bufsize: int = DEFAULT_BUFFER_SIZE) -> Any:
        return MakeFile(sock, mode, bufsize)

    def _keep_up(self) -> None:
        stamps = self._stamps()
        if stamps == self._seen:
            return
        # A pair half renewed does not fit: the next connection tries again, and until then the old one serves.
        with contextlib.suppress(OSError):
            self.context = self._loaded()
            self._seen = stamps
            log.info("certificate renewed")

    def _loaded(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        certificate, key = self._files
        context.load_cert_chain(certificate, key)
        return context

    def _stamps(self) -> tuple[int, ...]:
        try:
            return tuple(path.stat().st_mtime_ns for path in self._files)
        except OSError:
            return ()


class _Request(HTTPRequest):
    """One request; see `DISCARDED_BYTES_MAX`."""

    def send_headers(self) -> None:
        if getattr(self.rfile, "remaining", 0) > DISCARDED_BYTES_MAX:
            self.close_connection = True
        super().send_headers()


class _Connection(HTTPConnection):
    """One visitor. A thread is spent on them only while there is something to read: a browser opens lines long before it says anything."""

    RequestHandlerClass = _Request
    is_new = True
    _is_greeted = False

    def communicate(self) -> bool:
        if not self._is_greeted:
            self.socket.settimeout(GREETING_SECONDS)
            try:
                self.socket.do_handshake()
            except OSError:
                # No trust in our certificate, plain HTTP, a scan, silence: nothing of ours, and nobody to tell.
                return False
            self.socket.settimeout(READ_SECONDS)
            self._is_greeted = True
            if not self.has_more:
                return True
        return bool(super().communicate())  # type: ignore[no-untyped-call] # its stubs leave this one out

    @property
    def has_more(self) -> bool:
        """Whether something was deciphered that nobody has read yet: the network will not say so again."""
        return self._is_greeted and bool(self.socket.pending())
