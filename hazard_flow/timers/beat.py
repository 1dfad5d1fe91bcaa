"""The timers' own job: fire what is due, then sleep until the next due instant, over and over for a second."""

import threading
import time
from collections import Counter
from dataclasses import dataclass

from hazard_flow.clock import Clock
from hazard_flow.storage.unit import Database
from hazard_flow.timers.engine import Announce, TickResult, tick
from hazard_flow.timers.handlers import Handlers
from hazard_flow.timers.scheduler import Job

#: how often the scheduler starts a beat
BEAT_SECONDS = 1.0
#: a beat ends this long before the next one starts: a start while it still runs would be skipped, and a second lost
BEAT_MARGIN_SECONDS = 0.1
#: a worker that never comes to an end looks dead to its watch
STAY_SECONDS_MAX = 10.0
#: shortest sleep, so that a clock that stands still does not make a busy loop
NAP_SECONDS = 0.005
#: sleep while something is due and nothing could be fired: somebody is at work on that hazard, asking faster helps nobody
HELD_NAP_SECONDS = 0.1


@dataclass(frozen=True)
class Beaten:
    """What one beat did."""

    counts: Counter[str]

    def tally(self) -> Counter[str]:
        """The numbers for the worker's pulse."""
        return self.counts


class Beat:
    """One second in the life of a worker. New timers are seen at the latest with the next beat."""

    def __init__(
        self, database: Database, clock: Clock, handlers: Handlers, *, announce: Announce | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._handlers = handlers
        self._announce = announce
        self._stopped = threading.Event()
        #: counted and not yet told: a beat that breaks off hands its numbers to the next one
        self._counts: Counter[str] = Counter()
        self.last: TickResult | None = None

    def __call__(self) -> Beaten:
        """Tick, sleep until the earliest due instant by the clock, tick again; back within the second.

        It stays for another second when a timer falls due after its end and before the next beat starts: that one would be late.
        """
        begun = time.monotonic()
        until = begun + BEAT_SECONDS - BEAT_MARGIN_SECONDS
        while not self._stopped.is_set():
            self.last = tick(
                self._database,
                self._clock.now(),
                handlers=self._handlers,
                announce=self._announce,
                should_stop=self._stopped.is_set,
            )
            self._counts.update(self.last.late)
            self._counts.update(fired=self.last.fired, parked=self.last.parked)
            if self.last.failed:
                # Logged where it happened; raised so that the worker's health shows it.
                raise RuntimeError(f"the database failed under the timers of {', '.join(self.last.failed)}")
            wait = self._seconds_to_next(self.last)
            wakes = time.monotonic() + wait
            if wakes >= until:
                if wakes >= until + BEAT_MARGIN_SECONDS or until - begun > STAY_SECONDS_MAX:
                    break
                until += BEAT_SECONDS
            is_held = wait <= 0 and not self.last.fired
            self._stopped.wait(HELD_NAP_SECONDS if is_held else max(wait, NAP_SECONDS))
        told, self._counts = self._counts, Counter()
        return Beaten(told)

    def stop(self) -> None:
        """Come back after the batch under way."""
        self._stopped.set()

    def job(self) -> Job:
        """How the worker runs it."""
        return Job("timers", BEAT_SECONDS, self, on_stop=self.stop)

    def _seconds_to_next(self, result: TickResult) -> float:
        if result.earliest_due_at is None:
            return BEAT_SECONDS
        return (result.earliest_due_at - self._clock.now()).total_seconds()
