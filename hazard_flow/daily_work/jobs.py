"""The worker's part: what plans ask for is made as its time comes."""

from datetime import datetime, timedelta

from hazard_flow.clock import Clock
from hazard_flow.daily_work import planning
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

JOB = "daily_work"
#: how often it says that it is alive
LOOK_EVERY_SECONDS = 60.0
#: how often every plan is gone through: items begin on days, so minutes do not matter
MAKE_EVERY = timedelta(minutes=15)


class ItemMaker:
    """Makes the items of every plan whose time has come; between two rounds it does nothing."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._next_at: datetime | None = None

    def __call__(self) -> None:
        """One look."""
        now = self._clock.now()
        if self._next_at is not None and now < self._next_at:
            return
        with self._database.transaction(SYSTEM) as session:
            planning.make_items(session, now)
        self._next_at = now + MAKE_EVERY
