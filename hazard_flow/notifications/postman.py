"""The worker's job that empties the outbox, over and over, until it is asked to stop."""

import threading

from hazard_flow.clock import Clock
from hazard_flow.notifications.dispatch import Post, drain
from hazard_flow.notifications.results import DrainResult
from hazard_flow.storage.unit import Database

#: how often the outbox is looked into
DELIVER_EVERY_SECONDS = 2.0


class Postman:
    """One round a call; asked to stop it comes back after the message under way and gives the rest back."""

    def __init__(self, database: Database, clock: Clock, post: Post) -> None:
        self._database = database
        self._clock = clock
        self._post = post
        self._stopped = threading.Event()
        self.last: DrainResult | None = None

    def __call__(self) -> DrainResult:
        """Deliver what is due now."""
        self.last = drain(self._database, self._clock.now(), self._post, should_stop=self._stopped.is_set)
        return self.last

    def stop(self) -> None:
        """Come back soon."""
        self._stopped.set()
