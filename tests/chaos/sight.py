"""Whether a process is in the middle of a transaction that has written, seen from outside."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.chaos.place import Place
from tests.chaos.programs import ports_of

#: byte of SQLite's -shm file on which whoever writes holds a lock
_WAL_WRITE_LOCK = 120

Writes = Callable[[int], bool]


@contextlib.contextmanager
def sight(place: Place) -> Iterator[Writes]:
    """Asks about a process by its id."""
    if place.server is None:
        file = Path(f"{place.database.engine.url.database}-shm")
        yield lambda pid: _holds_the_lock(pid, file)
        return
    with place.watching() as connection:

        def writes(pid: int) -> bool:
            row = connection.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE client_port = ANY(%s) AND backend_xid IS NOT NULL)",
                (sorted(ports_of(pid)),),
            ).fetchone()
            assert row is not None
            return bool(row[0])

        yield writes


def _holds_the_lock(pid: int, file: Path) -> bool:
    if not file.exists():
        return False
    inode = os.stat(file).st_ino
    for line in Path("/proc/locks").read_text("ascii").splitlines():
        row = line.split()
        if "->" in row:
            continue  # waits for it
        kind, owner, where, first = row[3], int(row[4]), row[5], row[6]
        if kind == "WRITE" and owner == pid and where.endswith(f":{inode}") and int(first) == _WAL_WRITE_LOCK:
            return True
    return False
