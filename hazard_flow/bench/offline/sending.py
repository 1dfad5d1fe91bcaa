"""Scripted tablets: each takes the next report and sends it until the server says complete, whatever the network does. Counts requests."""

import contextlib
import http.client
import itertools
import json
import random
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from hazard_flow.bench.offline.shots import Paper, sha256

#: small, so that a photo of some 30 kB comes in several parts
CHUNK_BYTES = 16 * 1024
ABORT_SECONDS = 15.0
#: pauses after a fault double from the first to the last; a tablet's begin at 2 s, which would measure sleep
PAUSE_SECONDS, PAUSE_SECONDS_MAX = 0.01, 0.2
#: a report nobody could send in so many requests is lost, and the counting will say so
REQUESTS_MAX = 2000


@dataclass(frozen=True)
class Sent:
    """What it took."""

    requests: int
    #: of these, spoiled by the network
    faults: int


@dataclass
class Tablet:
    """One client."""

    port: int
    token: str
    requests: int = 0
    _pauses: Iterator[float] = field(default_factory=lambda: itertools.repeat(0.0))

    def deliver(self, paper: Paper) -> bool:
        """Send one report until it is complete; whether it is."""
        for _ in range(REQUESTS_MAX):
            answer = self._ask("PUT", f"/api/v1/submissions/{paper.id}", paper.body, "application/json")
            if answer is None:
                continue
            # the last answer of all may have been lost: then this one says that nothing is missing
            if answer["state"] == "complete" or self._send_files(paper, answer["missing"]):
                return True
        return False

    def _send_files(self, paper: Paper, missing: dict[str, int]) -> bool:
        files = {sha256(data): data for data in paper.files}
        for name, data in files.items():
            offset: int | None = missing.get(name)
            while offset is not None:
                part = data[offset : offset + CHUNK_BYTES]
                path = f"/api/v1/submissions/{paper.id}/attachments/{name}"
                answer = self._ask("PATCH", path, part, "application/octet-stream", offset=offset)
                if answer is None:
                    return False  # ask how it stands
                if "offset" in answer:
                    offset = int(answer["offset"]) if answer["offset"] < len(data) else None
                elif "missing" in answer:
                    if answer["state"] == "complete":
                        return True
                    offset = answer["missing"].get(name)
                else:
                    offset = 0  # the whole had another hash: from the beginning
        return False

    def _ask(self, method: str, path: str, body: bytes, kind: str, *, offset: int | None = None) -> Any:
        """The answer's body; None for every fault of the network, a page in place of JSON among them."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind, "Connection": "close"}
        if offset is not None:
            headers["Upload-Offset"] = str(offset)
        self.requests += 1
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ABORT_SECONDS)
        with contextlib.closing(connection):
            try:
                connection.request(method, path, body, headers)
                got = connection.getresponse()
                data = got.read()
                if got.status < 500 and "json" in got.getheader("Content-Type", ""):
                    self._pauses = _doubling()
                    return _understood(got.status, json.loads(data))
            except (OSError, http.client.HTTPException, ValueError):
                pass
        time.sleep(next(self._pauses))
        return None


def send_all(papers: Iterable[Paper], *, port: int, token: str, tablets: int) -> int:
    """Everything sent by so many tablets at once; how many requests it took."""
    todo, lock = iter(papers), threading.Lock()

    def work(_: int) -> int:
        tablet = Tablet(port, token)
        while True:
            with lock:
                paper = next(todo, None)
            if paper is None:
                return tablet.requests
            tablet.deliver(paper)

    with ThreadPoolExecutor(tablets) as pool:
        return sum(pool.map(work, range(tablets)))


def _understood(status: int, body: Any) -> Any:
    if status in (200, 201, 409, 422):
        return body
    raise RuntimeError(f"the server refused a report that is right: {status} {body}")


def _doubling() -> Iterator[float]:
    pause = PAUSE_SECONDS
    while True:
        yield pause * random.uniform(0.5, 1.5)
        pause = min(2 * pause, PAUSE_SECONDS_MAX)
