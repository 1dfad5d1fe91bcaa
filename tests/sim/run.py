"""One episode: a seed, a number of steps, what may break; the findings. The same seed is the same history, byte for byte."""

import hashlib
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta

from structlog.testing import capture_logs

from hazard_flow.clock import VirtualClock
from tests.harness.cast import START
from tests.sim import checks
from tests.sim.authority import MOMENT, Authority
from tests.sim.clients import Clients, Submission
from tests.sim.faults import Fault
from tests.sim.ids import seeded
from tests.sim.log import Log, export
from tests.sim.oracle import differences
from tests.sim.people import People
from tests.sim.place import Place, sqlite_place
from tests.sim.town import Town
from tests.sim.workers import Workers

#: open hazards a city has to do with at the same time
OPEN_MIN, OPEN_MAX = 12, 40
#: steps between two whole checks
WHOLE_EVERY = 500
#: how often each kind of step is drawn
ODDS = {
    "tick": 54.0, "act": 18.0, "drain": 8.0, "report": 1.5, "alarm": 0.7, "acknowledge": 1.0, "control": 1.0, "away": 2.0, "sync": 1.5,
    "retry": 1.5, "again": 1.0, "errand": 0.8, "sight": 0.3, "settle": 0.7, "migrate": 0.3,
}  # fmt: skip
#: what breaks, and what changes around the hazards; `run(faults=False)` leaves both out
FAULTS = {
    "outage": 0.15, "set_back": 0.3, "mail": 2.0, "poison": 0.1, "heal": 0.3, "remind": 0.2, "shared": 1.0, "reuse": 0.3,
    "calendar": 0.06, "policy": 0.1,
    "release": 0.08, "leave": 0.2, "come_back": 0.25, "roles": 0.15,
}  # fmt: skip
#: days after the founding that an episode begins: at once, or where limits reach into a year nobody has announced
_BEGINS = (0, 0, 24, 43, 50)
#: in a hundred: how often something breaks under a request, a tick, a drain
_BREAKS = 5
_KINDS: tuple[Fault, ...] = ("dies_before_commit", "dies_after_commit", "locked_midway", "locked_out")


@dataclass
class Findings:
    """What an episode brought to light."""

    seed: int
    steps: int
    differences: list[str]
    journal: list[str]
    counts: Counter[str]
    seconds: float
    log: Log = field(repr=False, default_factory=dict)

    @property
    def seen(self) -> Counter[str]:
        """What happened how often: kinds of steps, faults, acts, firings, and how hazards ended."""
        found = Counter(self.counts)
        found.update(f"act {row['action']}" for row in self.log.get("events", ()) if row["action"])
        found.update(row["type"] for row in self.log.get("events", ()))
        found.update(
            f"closed {row['workflow']} {row['resolution']}"
            for row in self.log.get("hazards", ())
            if row["resolution"]
        )
        return found

    @property
    def digest(self) -> str:
        """One hash over all that happened: the same for the same seed."""
        told = "\n".join(self.journal) + json.dumps(self.log, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()


def run(
    seed: int,
    steps: int,
    *,
    faults: bool = True,
    place: AbstractContextManager[Place] | None = None,
    stop_at_first: bool = True,
) -> Findings:
    """Live through `steps` steps of a fresh city; `place` is a file of its own unless given."""
    dice = random.Random(seed)
    clock = VirtualClock(START + timedelta(days=dice.choice(_BEGINS)))
    begun = time.perf_counter()
    # what breaks on purpose is logged with its whole traceback; the journal says it in a word
    with place or sqlite_place() as here, seeded(dice, clock), capture_logs():
        episode = Episode(Town.begin(seed, here, clock, dice), faults=faults)
        try:
            done = episode.live(steps, stop_at_first=stop_at_first)
            log = export(here.database, episode.town.diary)
            episode.town.differences += [
                f"seed {seed}, after {done} steps: {told}" for told in differences(log)
            ]
        finally:
            episode.town.look.close()
    town = episode.town
    return Findings(seed, done, town.differences, town.journal, town.counts, time.perf_counter() - begun, log)


class Episode:
    """A city, and the dice that say what happens next."""

    def __init__(self, town: Town, *, faults: bool) -> None:
        self.town = town
        self.clients = Clients(town)
        self.people = People(town, self.clients)
        self.workers = Workers(town)
        self.authority = Authority(town)
        self.faults = faults
        self.sent: list[Submission] = []
        #: what surely comes next
        self.next: str | None = None
        odds = {**ODDS, **(FAULTS if faults else {})}
        self._names, self._odds = list(odds), list(odds.values())

    def live(self, steps: int, *, stop_at_first: bool) -> int:
        """Step after step, each followed by what must be true; the whole check now and then and at the end. Returns steps done."""
        town = self.town
        for number in range(steps):
            try:
                self.step()
                checks.after_step(town)
                if number % WHOLE_EVERY == WHOLE_EVERY - 1 or number == steps - 1:
                    self.workers.remind()  # a job that runs every so often; whoever parks a timer may die before telling
                    checks.whole(town, self.clients.acknowledged)
            except Exception as error:
                town.wrong(f"{type(error).__name__}: {error}")
                raise
            if town.differences and stop_at_first:
                return number + 1
        return steps

    def step(self) -> None:
        """One thing drawn and done."""
        town = self.town
        name, self.next = self.next or town.dice.choices(self._names, self._odds)[0], None
        if len(town.open) < OPEN_MIN and name in ("act", "retry", "again"):
            name = "report"
        if len(town.open) >= OPEN_MAX and name in ("report", "alarm"):
            name = "act"
        town.clock.advance(timedelta(seconds=town.dice.randrange(1, 240)) + MOMENT)
        did: Callable[[], str] = getattr(self, f"_{name}")
        town.counts[name] += 1
        said = did()
        town.note(f"{name}: {said}")

    # people and their devices

    def _report(self) -> str:
        """Whoever sees something mostly also sees to it that nobody comes to harm."""
        self.next = "control" if self.town.chance(90) else None
        return self._send(self.people.report())

    def _alarm(self) -> str:
        return self._send(self.people.alarm())

    def _act(self) -> str:
        return self._send(self.people.act())

    def _acknowledge(self) -> str:
        return self._send(self.people.act(only="acknowledge"))

    def _control(self) -> str:
        return self._send(self.people.act(only="start_control"))

    def _away(self) -> str:
        """Somebody acts without a signal: the tablet keeps it."""
        one = self.people.act() or self.people.report()
        if one is None:
            return "nobody is out"
        self.clients.keep(one)
        return f"{one.what}, kept"

    def _sync(self) -> str:
        waiting = [person for person, kept in self.clients.tablets.items() if kept]
        if not waiting:
            return self._away()
        return self.clients.sync(self.town.dice.choice(waiting))

    def _retry(self) -> str:
        return self.clients.retry() if self.clients.unanswered else self._act()

    def _again(self) -> str:
        """Something answered long ago is sent once more."""
        if not self.sent:
            return self._act()
        one = self.town.dice.choice(self.sent)
        return f"{one.what} once more: {self.clients.send(one)}"

    def _reuse(self) -> str:
        """Somebody's device uses a key again, for something else."""
        answered = [one for one in self.sent if one.answer is not None]
        return self.clients.reuse(self.town.dice.choice(answered)) if answered else self._act()

    def _send(self, one: Submission | None) -> str:
        if one is None:
            return "nothing to do"
        fault = self._fault()
        self.sent = [*self.sent[-200:], one]
        lost = fault is None and self.faults and self.town.chance(4)
        return f"{one.what}: {self.clients.send(one, fault=fault, after=self._after(fault), is_lost=lost)}"

    def _errand(self) -> str:
        return self.people.call()

    # workers

    def _tick(self) -> str:
        """A worker wakes: at the next due instant, a little later than that, or only because its nap is over."""
        town = self.town
        due, drawn = self.workers.next_look(), town.dice.random()
        if drawn < 0.22:
            town.clock.move_to(due)
        elif drawn < 0.3:
            town.clock.move_to(due + timedelta(seconds=town.dice.randrange(900)))
        fault = self._fault()
        return self.workers.tick(fault=fault, after=self._after(fault))

    def _shared(self) -> str:
        town = self.town
        town.clock.move_to(self.workers.next_look())
        return self.workers.tick(is_shared=True)

    def _drain(self) -> str:
        fault = self._fault()
        return self.workers.drain(fault=fault, after=self._after(fault))

    def _settle(self) -> str:
        fault = self._fault()
        return self.workers.settle(fault=fault, after=self._after(fault))

    def _outage(self) -> str:
        """Nothing runs for hours or days; then one worker wakes."""
        town = self.town
        town.clock.advance(timedelta(hours=town.dice.choice((3, 9, 30, 80))))
        return self.workers.tick()

    def _set_back(self) -> str:
        """A time server sets the clock back a little."""
        town, before = self.town, self.town.now
        town.clock.move_to(
            max(before - timedelta(seconds=town.dice.randrange(1, 180)), town.changed_at + MOMENT)
        )
        town.diary.set_back(before, town.now)
        return town.now.isoformat()

    def _poison(self) -> str:
        return self.workers.poison()

    def _remind(self) -> str:
        return self.workers.remind()

    def _heal(self) -> str:
        return self.workers.heal()

    def _mail(self) -> str:
        town = self.town
        town.mail.mood = town.dice.choice(("up", "up", "up", "up", "down", "moody"))
        return town.mail.mood

    # what changes around

    def _calendar(self) -> str:
        return self.authority.calendar()

    def _policy(self) -> str:
        return self.authority.policy()

    def _release(self) -> str:
        return self.authority.release()

    def _migrate(self) -> str:
        said = self.authority.migrate(fault=self._fault())
        self.town.survey()
        return said

    def _leave(self) -> str:
        return self.authority.leave()

    def _come_back(self) -> str:
        return self.authority.come_back()

    def _roles(self) -> str:
        return self.authority.change_roles()

    def _sight(self) -> str:
        who = self.town.dice.choice(self.town.cast.present())
        checks.sight(self.town, who)
        return who.name

    def _fault(self) -> Fault | None:
        return self.town.dice.choice(_KINDS) if self.faults and self.town.chance(_BREAKS) else None

    def _after(self, fault: Fault | None) -> int:
        """How many commits or statements go well before: a request has one commit, a worker several."""
        return 0 if fault is None else self.town.dice.choice((0, 0, 0, 1, 2))
