"""CPU time of whole process trees, from /proc: unlike a rate it hardly depends on what else the machine does. Linux only."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system time of these processes and all their descendants, those that have ended (and were waited for) included."""
    stats = dict(_stats())
    wanted = set(roots)
    found = True
    while found:
        children = {pid for pid, stat in stats.items() if stat[0] in wanted} - wanted
        wanted |= children
        found = bool(children)
    return sum(stats[pid][1] for pid in wanted if pid in stats) / _TICKS


def _stats() -> Iterator[tuple[int, tuple[int, int]]]:
    """(pid, (parent, ticks)) of every process."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            # The second field is the program's name, which may hold spaces and brackets.
            fields = (folder / "stat").read_text("utf-8").rsplit(")", 1)[1].split()
        except OSError:
            continue  # ended meanwhile
        yield int(folder.name), (int(fields[1]), sum(map(int, fields[11:15])))
