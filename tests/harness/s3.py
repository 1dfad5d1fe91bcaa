"""An S3 of our own: a real server on this machine, spoken to over HTTP as any other."""

import itertools
import logging
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from moto.server import ThreadedMotoServer

_numbers = itertools.count(1)


@dataclass(frozen=True)
class S3Server:
    """Where it answers, and what a client needs to be told in its environment."""

    address: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables operators set for any S3 client."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def fresh(self) -> str:
        """A bucket of one's own, as STORAGE_URL names it."""
        bucket = f"evidence-{next(_numbers)}"
        made = urllib.request.Request(f"{self.address}/{bucket}", data=b"", method="PUT")
        with urllib.request.urlopen(made) as answer:
            assert answer.status == 200
        return f"s3://{bucket}/city"


@contextmanager
def s3_server_running() -> Iterator[S3Server]:
    """The server on a free port of the loopback, with nothing in it."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield S3Server(f"http://{host}:{port}")
    finally:
        server.stop()
