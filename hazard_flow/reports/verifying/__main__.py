"""The process that judges a file somebody uploaded: one job, one answer, bounded memory and processor time, no network."""

import json
import resource
import sys

from cryptography import x509

from hazard_flow.reports.frames import read_frame
from hazard_flow.reports.verifying.findings import Unreadable
from hazard_flow.reports.verifying.whole import verify

MEMORY_BYTES_MAX = 1024**3
CPU_SECONDS_MAX = 20


def main() -> None:
    """Answer one JSON object: the report, or why the file is unreadable."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES_MAX),
        (resource.RLIMIT_CPU, CPU_SECONDS_MAX),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    sys.addaudithook(_refuse_acts)
    header, (pdf,) = read_frame(sys.stdin.buffer)
    trust = x509.load_pem_x509_certificates(header["trust"].encode()) if header["trust"] else []
    try:
        answer = verify(pdf, trust=trust).as_dict()
    except Unreadable as error:
        answer = {"unreadable": str(error)}
    sys.stdout.write(json.dumps(answer, ensure_ascii=False))


def _refuse_acts(event: str, _: tuple[object, ...]) -> None:
    if event in (
        "socket.connect",
        "socket.getaddrinfo",
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.posix_spawn",
    ):
        raise PermissionError(f"{event} is not allowed while a file is judged")


if __name__ == "__main__":
    main()
