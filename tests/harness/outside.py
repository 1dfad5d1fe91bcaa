"""Addresses outside the house: one that takes what is posted, one that stamps times with a real OpenSSL."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_CONFIG = """\
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


class Taker:
    """Keeps what it was posted, and answers as told."""

    def __init__(self, answer: Callable[[bytes], bytes] = lambda _body: b"") -> None:
        self.taken: list[bytes] = []
        self.status = 200
        taker = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                given = answer(body) if taker.status == 200 else b""
                if taker.status == 200:
                    taker.taken.append(body)
                self.send_response(taker.status)
                self.send_header("Content-Length", str(len(given)))
                self.end_headers()
                self.wfile.write(given)

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook?key=secret"


@contextmanager
def taker(answer: Callable[[bytes], bytes] = lambda _body: b"") -> Iterator[Taker]:
    """One that runs for a while."""
    made = Taker(answer)
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()


@contextmanager
def time_stamping(folder: Path) -> Iterator[Taker]:
    """A time-stamping service with a certificate of its own making."""
    _openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "tsa.key", "-out", folder / "tsa.pem", "-days", "30",
        "-subj", "/CN=time", "-addext", "extendedKeyUsage=critical,timeStamping",
    )  # fmt: skip
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")

    def stamp(query: bytes) -> bytes:
        (folder / "q.tsq").write_bytes(query)
        _openssl(
            "ts",
            "-reply",
            "-config",
            folder / "tsa.cnf",
            "-queryfile",
            folder / "q.tsq",
            "-out",
            folder / "r.tsr",
        )
        return (folder / "r.tsr").read_bytes()

    with taker(stamp) as made:
        yield made


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
