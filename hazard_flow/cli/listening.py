"""Where the web listens: one door, with TLS or without, and perhaps a plain one beside the secure."""

import errno
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from hazard_flow.cli.certificates import first_name, usable_files
from hazard_flow.cli.environment import settings_or_exit, stop
from hazard_flow.settings import Settings
from hazard_flow.web.tls.files import TlsFiles

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


class Server(Protocol):
    """What we use of a server."""

    def run(self) -> None:
        """Take requests until the process is told to stop."""

    def close(self) -> None:
        """Give the port back."""


@dataclass(frozen=True)
class Doors:
    """Where the web listens: `tls` for HTTPS, and then perhaps a port without it that leads there."""

    host: str
    port: int
    tls: TlsFiles | None = None
    http_port: int | None = None


THREADS = 8
#: waitress takes the body before the application sees it: the largest any view takes, and a little
BODY_BYTES_MAX = 230_000_000
#: a connection that says nothing for so long is closed
IDLE_SECONDS = 60

PORT, SECURE_PORT = 8080, 8443


def doors_of(
    host: str, port: int | None, *, is_secure: bool, http_port: int | None
) -> tuple[Settings, Doors]:
    """Where to listen, and the settings with it. Links lead to where this process listens, unless PUBLIC_URL says better."""
    settings = settings_or_exit()
    if http_port is not None and not is_secure:
        stop("--http-port goes with --tls.", "--http-port 须与 --tls 一起使用。")
    chosen = port if port is not None else SECURE_PORT if is_secure else PORT
    tls = usable_files(settings) if is_secure else None
    doors = Doors(host, chosen, tls=tls, http_port=http_port)
    if "PUBLIC_URL" in settings.model_fields_set:
        if tls is not None and not settings.PUBLIC_URL.startswith("https://"):
            stop(
                f"HAZARD_FLOW_PUBLIC_URL is {settings.PUBLIC_URL}; with --tls it begins with https://.",
                f"HAZARD_FLOW_PUBLIC_URL 为 {settings.PUBLIC_URL}；使用 --tls 时应以 https:// 开头。",
            )
        return settings, doors
    shown = host
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        shown = first_name(tls) if tls is not None else "127.0.0.1"
    named = f"[{shown}]" if ":" in shown else shown
    scheme = "https" if tls is not None else "http"
    return settings.model_copy(update={"PUBLIC_URL": f"{scheme}://{named}:{chosen}"}), doors


def listen(flask: "WSGIApplication", doors: Doors, *, scheme: str) -> Server:
    """The server of these doors, its port taken; a certificate that cannot be used ends the command with a clear sentence."""
    listening = bind(doors.host, doors.port)
    if doors.tls is None:
        return _waitress(flask, listening, scheme=scheme)
    from hazard_flow.cli.secure_server import SecureServer  # as above

    try:
        return SecureServer(
            flask,
            listening,
            certificate=doors.tls.certificate,
            key=doors.tls.key,
            body_bytes_max=BODY_BYTES_MAX,
            idle_seconds=IDLE_SECONDS,
        )
    except OSError as error:
        listening.close()
        stop(
            f"The certificate {doors.tls.certificate} and its key cannot be used: {error}.",
            f"证书 {doors.tls.certificate} 或其私钥无法使用，请检查两者是否成对、能否读取。",
        )


def _waitress(flask: "WSGIApplication", listening: socket.socket, *, scheme: str) -> Server:
    from waitress import create_server  # type: ignore[import-untyped]

    made = create_server(
        flask,
        sockets=[listening],
        threads=THREADS,
        ident="hazard-flow",
        url_scheme=scheme,
        max_request_body_size=BODY_BYTES_MAX,
        channel_timeout=IDLE_SECONDS,
        clear_untrusted_proxy_headers=False,
    )
    return cast("Server", made)


def open_plain_door(flask: "WSGIApplication", doors: Doors, *, secure_url: str) -> Server:
    """The door without TLS, open beside the other until it is closed."""
    from hazard_flow.cli.plain_door import plain_door  # as above

    assert doors.http_port is not None
    listening = bind(doors.host, doors.http_port)
    server = _waitress(plain_door(flask, secure_url=secure_url), listening, scheme="http")
    threading.Thread(target=server.run, name="plain door", daemon=True).start()
    return server


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; a busy port ends the command with a clear sentence."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            stop(
                f"Port {port} is in use; choose another with --port.",
                f"端口 {port} 已被占用，请用 --port 换一个。",
            )
        stop(f"Cannot listen on {host}:{port}: {error.strerror}.", f"无法监听 {host}:{port}。")
