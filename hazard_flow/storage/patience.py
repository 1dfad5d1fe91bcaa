"""Trying again for a person: others in the way, or a connection that broke, are nothing they should hear of."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from hazard_flow.storage.troubles import Trouble, is_disk_full, trouble

T = TypeVar("T")

#: how often at most the same is begun anew, by what went wrong
TRIES = {Trouble.CONTENTION: 6, Trouble.DATABASE: 3}
#: pauses double from here on
PAUSE_SECONDS = 0.05
#: no new try is begun after this; a try itself ends with the database's own limits (15 s for a lock)
PATIENCE_SECONDS = 20.0

log = structlog.get_logger(__name__)


def patiently(work: Callable[[], T]) -> T:
    """What `work` returns, begun anew after contention or a lost connection; raises its last error.

    A full disk is not tried again: it stays full for longer than anybody waits.
    """
    begun, tries = time.monotonic(), 0
    while True:
        tries += 1
        try:
            return work()
        except Exception as error:
            kind = trouble(error)
            tired = tries >= TRIES.get(kind, 1) or time.monotonic() - begun > PATIENCE_SECONDS
            if tired or is_disk_full(error):
                raise
            log.warning(
                "storage.tried_again", trouble=kind.name.lower(), error=type(error).__name__, tries=tries
            )
        time.sleep(PAUSE_SECONDS * 2 ** (tries - 1) * random.uniform(0.5, 1.5))  # noqa: S311 - a pause, no secret
