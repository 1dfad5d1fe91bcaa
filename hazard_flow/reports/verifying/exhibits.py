"""The evidence files themselves, in a folder: found by what they hold, whatever they are called."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hazard_flow.reports.verifying.findings import Finding, fine, unjudged, wrong

_CHUNK_BYTES = 1024 * 1024


def check_files(evidence: Sequence[Mapping[str, Any]], folder: Path) -> Iterator[Finding]:
    """One finding for each piece of evidence the folder lacks or holds changed, one for each file the record does not know."""
    there = {path: _sha256(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    found = set(there.values())
    known = {one["sha256"]: one for one in evidence}
    whole, absent = 0, 0
    for sha256, one in known.items():
        if sha256 in found:
            whole += 1
            continue
        if one.get("received") is False:
            absent += 1
            yield unjudged("evidence", "file_never_received", sha256=sha256, seq=one["event_seq"])
            continue
        named = next((path for path in there if sha256 in (path.stem, path.name)), None)
        if named is not None:
            yield wrong("evidence", "file_changed", sha256=sha256, file=str(named.relative_to(folder)))
        else:
            yield wrong("evidence", "file_missing", sha256=sha256, seq=one["event_seq"])
    strangers = [str(path.relative_to(folder)) for path, sha256 in there.items() if sha256 not in known]
    if strangers:
        yield unjudged("evidence", "file_unknown", files=", ".join(strangers)[:400])
    if whole == len(known) - absent:
        yield fine("evidence", "files_whole", count=whole)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
