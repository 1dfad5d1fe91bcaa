"""What every peer's script shares: the ticket its timers act on, and three commands with one form.

    SCRIPT prepare DSN
    SCRIPT schedule DSN COUNT DUE_EPOCH SPACING     timers for tickets 1…COUNT, the n-th due at DUE_EPOCH + n × SPACING seconds
    SCRIPT work DSN                                 fire what is due until told to stop

Run by an interpreter that has the peers and nothing of ours. `schedule` prints how many seconds the peer's own call took.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

#: what a peer does for each timer: one statement, committed by itself
FIRE = "UPDATE ticket SET state = 'escalated', fired = fired + 1, fired_at = clock_timestamp() WHERE id = {}"

Schedule = Callable[[str, list[tuple[int, datetime]]], None]


def main(*, prepare: Callable[[str], None], schedule: Schedule, work: Callable[[str], None]) -> None:
    """Carry out one of the three commands."""
    command, dsn, *rest = sys.argv[1:]
    if command == "prepare":
        prepare(dsn)
    elif command == "work":
        work(dsn)
    else:
        count, due, spacing = int(rest[0]), float(rest[1]), float(rest[2])
        first = datetime.fromtimestamp(due, UTC)
        planned = [(n, first + timedelta(seconds=spacing * n)) for n in range(1, count + 1)]
        begun = time.perf_counter()
        schedule(dsn, planned)
        print(time.perf_counter() - begun, flush=True)
