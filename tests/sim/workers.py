"""The workers: they fire what is due, send what was written, count again what a calendar moved; they die, and two meet at one timer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards import escalation
from hazard_flow.hazards.settling import settle
from hazard_flow.notifications.alarms import announce_parked, remind_keepers
from hazard_flow.notifications.dispatch import drain
from hazard_flow.schedule.claims import Poisoned
from hazard_flow.schedule.rows import TimerRow
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.timers import engine, parking
from hazard_flow.timers.engine import TickResult, tick
from hazard_flow.timers.handlers import Handlers, TimerHandler
from tests.sim.faults import Died, Fault
from tests.sim.town import Town

#: how long a worker at most sleeps until it looks again
NAP_MAX = timedelta(hours=6)
#: pauses between tries; nobody waits for real here
engine.CONTENTION_PAUSE_SECONDS = 0.0


@dataclass
class Workers:
    """The city's workers, one at a time or one between the batches of another."""

    town: Town
    #: timers no handler can fire
    poisoned: set[UUID] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.handlers = Handlers([TimerHandler("hazard", escalation.claim, self._fire)])

    def next_look(self) -> datetime:
        """When a worker would look next: at the next due instant, at the latest after its longest nap."""
        town = self.town
        due = town.look.rows("SELECT min(due_at) FROM timer WHERE parked_at IS NULL")[0][0]
        if due is None:
            return town.now + NAP_MAX
        at = datetime.fromisoformat(due) if isinstance(due, str) else due
        return min(max(at.replace(tzinfo=town.now.tzinfo), town.now), town.now + NAP_MAX)

    def tick(self, *, fault: Fault | None = None, after: int = 0, is_shared: bool = False) -> str:
        """One look for what is due. `is_shared`: a second worker looks between the batches of the first, and half the time dies at it."""
        town = self.town
        stop = self._second_worker() if is_shared else _never
        batch = town.dice.choice((1, 2, 5)) if is_shared else engine.BATCH_MAX
        try:
            with town.database.breaking(fault, after=after):
                result = tick(
                    town.database,
                    town.now,
                    handlers=self.handlers,
                    announce=announce_parked,
                    should_stop=stop,
                    batch=batch,
                )
        except Died:
            self._note_parked()
            town.diary.tick(town.now, whole=False)
            town.survey()
            town.counts[f"tick {fault}"] += 1
            return f"{fault}"
        self._note_parked()
        town.diary.tick(town.now, whole=not result.failed)
        town.survey()
        self._judge(result, fault)
        return f"{result.fired} fired, {result.parked} parked{', failed' if result.failed else ''}"

    def drain(self, *, fault: Fault | None = None, after: int = 0) -> str:
        """One round of sending."""
        town = self.town
        town.diary.drain(town.now)
        try:
            with town.database.breaking(fault, after=after):
                result = drain(town.database, town.now, town.post)
        except Died:
            town.counts[f"drain {fault}"] += 1
            return f"{fault}"
        except sa.exc.OperationalError:
            if fault is None:
                raise
            town.counts[f"drain {fault}"] += 1
            return f"{fault}"
        return ", ".join(f"{count} {what}" for what, count in sorted(result.counts.items())) or "nothing"

    def settle(self, *, fault: Fault | None = None, after: int = 0) -> str:
        """Count again what an import of working days moved, if any."""
        town = self.town
        whole = True
        try:
            with town.database.breaking(fault, after=after):
                moved = settle(town.database, lambda: town.now)
        except (Died, sa.exc.OperationalError):
            if fault is None:
                raise
            whole, moved = False, 0
        town.diary.settle(town.now, whole=whole)
        return f"{moved} moved" if whole else f"{fault}"

    def remind(self) -> str:
        """Keepers hear again of what is parked, and for the first time where whoever parked it died before telling."""
        town = self.town
        with town.database.transaction(SYSTEM) as session:
            return f"{remind_keepers(session, town.now)} reminded"

    def poison(self) -> str:
        """From now on one timer cannot be fired, until a keeper lets it try again."""
        found = self.town.look.rows(
            "SELECT id FROM timer WHERE parked_at IS NULL ORDER BY due_at, id LIMIT 5"
        )
        if not found:
            return "nothing pending"
        id_ = UUID(str(self.town.dice.choice(found)[0]))
        self.poisoned.add(id_)
        return f"timer {id_}"

    def heal(self) -> str:
        """A keeper lets the parked timers try again; what was wrong with them is mended."""
        town = self.town
        self.poisoned.clear()
        parked = town.look.rows("SELECT id FROM timer WHERE parked_at IS NOT NULL ORDER BY id")
        for (id_,) in parked:
            with town.database.transaction(SYSTEM) as session:
                parking.retry(session, UUID(str(id_)), actor="system:keeper", now=town.now)
        return f"{len(parked)} let go"

    def _fire(self, session: Session, timers: Sequence[TimerRow], now: datetime) -> None:
        for timer in timers:
            if timer.id in self.poisoned:
                raise Poisoned(timer.id, "no such rule")
        escalation.fire(session, timers, now)

    def _second_worker(self) -> Callable[[], bool]:
        """Called between the first worker's batches: the second one takes a batch of its own, and dies before or after its commit."""
        town, dice = self.town, self.town.dice

        def between() -> bool:
            fault: Fault | None = dice.choice((None, None, "dies_before_commit", "dies_after_commit"))
            try:
                with town.database.breaking(fault):
                    tick(
                        town.database,
                        town.now,
                        handlers=self.handlers,
                        announce=announce_parked,
                        batch=2,
                        should_stop=_after(2),
                    )
            except Died:
                town.counts["second worker died"] += 1
            return False

        return between

    def _note_parked(self) -> None:
        if not self.poisoned:
            return
        found = self.town.look.rows(
            "SELECT id, subject_id, name, level, cycle FROM timer WHERE parked_at = ? ORDER BY id",
            self.town.now,
        )
        for id_, subject, name, level, cycle in found:
            self.town.diary.parked(self.town.now, id_, subject, (name, level, cycle))

    def _judge(self, result: TickResult, fault: Fault | None) -> None:
        """After a whole tick nothing is due; after a failed one everything that was due still is."""
        town = self.town
        town.counts["fired"] += result.fired
        town.counts["parked"] += result.parked
        if result.failed:
            town.counts["tick failed"] += 1
            if fault is None:
                town.wrong(f"a tick failed for {', '.join(result.failed)}, and nothing broke")
            return
        left = town.look.rows(
            "SELECT name, level, due_at FROM timer WHERE parked_at IS NULL AND due_at <= ? AND subject_kind = 'hazard'",
            town.now,
        )
        for name, level, due_at in left:
            town.wrong(f"timer {name} {level} due at {due_at} was left by a tick")
        if result.parked and not self.poisoned:
            town.wrong(f"{result.parked} timers were parked, and none was poisoned")


def _never() -> bool:
    return False


def _after(rounds: int) -> Callable[[], bool]:
    """Stop after so many questions."""
    asked = iter([False] * rounds)
    return lambda: next(asked, True)
