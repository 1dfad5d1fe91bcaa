"""Clients of the webhook in a process of their own: each posts one request after the other over a connection it keeps.

    python -m hazard_flow.bench.telemetry.posting PORT PATH CLIENTS SECONDS LINES

LINES above 1 make each request a batch of so many messages. Says `ready`, begins at the first line it is sent, prints what it counted.
"""

import http.client
import json
import sys
import threading
import time
import uuid

_TIMEOUT_SECONDS = 30.0


def body(lines: int) -> bytes:
    """As many different messages of an Alertmanager, one a line."""
    return b"\n".join(_alert() for _ in range(lines))


def _alert() -> bytes:
    name = uuid.uuid4().hex
    alert = {
        "status": "firing",
        "labels": {"alertname": "CombustibleGas", "site": "GC-0001", "device": "GC-0001-1", "level": "1"},
        "startsAt": f"2026-11-23T08:00:00.{int(name[:6], 16):08d}Z",
        "fingerprint": name[:16],
    }
    return json.dumps({"version": "4", "status": "firing", "groupKey": name, "alerts": [alert]}).encode()


def main() -> None:
    """Wait, post for a while, count what was answered 202."""
    port, path, clients, seconds, lines = (
        int(sys.argv[1]),
        sys.argv[2],
        int(sys.argv[3]),
        float(sys.argv[4]),
        int(sys.argv[5]),
    )
    counts = [0] * clients
    refused: list[str] = []
    over = threading.Event()

    def post(number: int) -> None:
        headers = {"Content-Type": "application/x-ndjson" if lines > 1 else "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
        while not over.is_set():
            connection.request("POST", path, body(lines), headers)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status != 202:
                refused.append(f"{answer.status} {said[:200]!r}")
                return
            counts[number] += lines
        connection.close()

    print("ready", flush=True)
    sys.stdin.readline()
    threads = [threading.Thread(target=post, args=(number,), daemon=True) for number in range(clients)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    over.set()
    for thread in threads:
        thread.join(_TIMEOUT_SECONDS)
    print(
        json.dumps({"messages": sum(counts), "seconds": time.monotonic() - begun, "refused": refused[:3]}),
        flush=True,
    )


if __name__ == "__main__":
    main()
