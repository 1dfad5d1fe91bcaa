"""The streams of one process: how many there are, and one look at the markers a second for all of them together.

Any number of web processes may serve streams: what changed is asked of the database, so it does not matter who changed it.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.web.live.topics import Topics

log = structlog.get_logger("live")

#: seconds between two looks at the markers
LOOK_EVERY_SECONDS = 1.0
#: streams a process holds open; a further one is answered and closed, and its browser comes back after `RETRY_SECONDS`
STREAMS_MAX = 3
#: and those of one person
STREAMS_A_PERSON_MAX = 2


class Hub:
    """What the streams of one process share."""

    def __init__(
        self, database: Database, topics: Topics, *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self.topics = topics
        self._database = database
        self._seconds = seconds
        self._looking = threading.Lock()
        self._looked_at = float("-inf")
        self._markers: Mapping[str, int] = {}
        self._counting = threading.Lock()
        self._open: dict[str, int] = {}
        self._never = threading.Event()

    def markers(self) -> Mapping[str, int]:
        """The markers as they were at most `LOOK_EVERY_SECONDS` ago; while the database is away, as they were last."""
        with self._looking:
            at = self._seconds()
            if at - self._looked_at >= LOOK_EVERY_SECONDS:
                self._looked_at = at
                try:
                    with self._database.reading(SYSTEM) as session:
                        self._markers = {
                            name: topic.marker(session) for name, topic in self.topics.by_name.items()
                        }
                except SQLAlchemyError as error:
                    log.warning("live.markers_unread", error=type(error).__name__)
            return self._markers

    def await_change(
        self, names: Collection[str], seen: Mapping[str, int], *, within: float
    ) -> Mapping[str, int]:
        """The markers of these topics once one differs from what was seen, or after so many seconds."""
        until = self._seconds() + within
        while True:
            found = {name: number for name, number in self.markers().items() if name in names}
            left = until - self._seconds()
            if any(seen.get(name) != number for name, number in found.items()) or left <= 0:
                return found
            self._never.wait(min(left, LOOK_EVERY_SECONDS))

    @contextmanager
    def place(self, person: str) -> Iterator[bool]:
        """Whether this person's stream may stay open; it counts as open until the block ends."""
        with self._counting:
            mine = self._open.get(person, 0)
            has_place = sum(self._open.values()) < STREAMS_MAX and mine < STREAMS_A_PERSON_MAX
            if has_place:
                self._open[person] = mine + 1
        try:
            yield has_place
        finally:
            if has_place:
                with self._counting:
                    self._open[person] -= 1
                    if not self._open[person]:
                        del self._open[person]

    @property
    def streams(self) -> int:
        """How many are open now."""
        with self._counting:
            return sum(self._open.values())
