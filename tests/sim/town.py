"""The running city: its database, clock, dice and people, what it acknowledged, and what it found wrong."""

import random
import sqlite3
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hazard_flow.clock import VirtualClock
from hazard_flow.hazards.rules import Rules
from hazard_flow.notifications.dispatch import Post
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.timers.engine import TickResult
from tests.harness.cast import START
from tests.sim.cast import Cast
from tests.sim.diary import Diary
from tests.sim.faults import Breakable
from tests.sim.place import Place, is_sqlite
from tests.sim.post import Mail, post_with

#: entries of the diary after which nothing is another than before
_NO_CHANGE = ("tick", "drain", "settle", "set_back", "parked")
#: rows that only ever appear with an accepted change
_COUNTED = ("hazard", "hazard_event", "request_key", "outbox", "timer", "evidence", "penalty")
COUNTS = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in _COUNTED)


class Look:
    """Reads committed rows by plain SQL, past everything the application does."""

    def __init__(self, database: Breakable) -> None:
        self._database = database
        self._file = (
            sqlite3.connect(str(database.engine.url.database), isolation_level=None)
            if is_sqlite(database)
            else None
        )

    def rows(self, statement: str, *parameters: Any) -> Sequence[Sequence[Any]]:
        """Rows of a statement with `?` for parameters."""
        if self._file is not None:
            return self._file.execute(statement, [_as_text(p) for p in parameters]).fetchall()
        named = {f"p{number}": value for number, value in enumerate(parameters)}
        for name in named:
            statement = statement.replace("?", f":{name}", 1)
        with self._database.reading(SYSTEM) as session:
            return session.execute(sa.text(statement), named).all()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()


def _as_text(value: Any) -> Any:
    """As the application's types write it on SQLite."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.hex if isinstance(value, uuid.UUID) else value


@dataclass(frozen=True)
class Known:
    """An open hazard as the city's people know it by name."""

    id: uuid.UUID
    number: str
    home_id: uuid.UUID
    path: str
    division: str


@dataclass
class Town:
    """Everything one episode holds in its hands."""

    seed: int
    dice: random.Random
    place: Place
    clock: VirtualClock
    mail: Mail
    diary: Diary = field(default_factory=Diary)
    #: one line a step
    journal: list[str] = field(default_factory=list)
    #: what happened how often
    counts: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)
    #: open hazards by id
    open: dict[uuid.UUID, Known] = field(default_factory=dict)
    closed: list[uuid.UUID] = field(default_factory=list)
    last_tick: TickResult | None = None

    def __post_init__(self) -> None:
        self.look = Look(self.database)
        self.post: Post = post_with(self.mail)

    @classmethod
    def begin(cls, seed: int, place: Place, clock: VirtualClock, dice: random.Random) -> "Town":
        """A city on its first morning."""
        town = cls(seed, dice, place, clock, Mail(dice))
        town.diary.people(START - timedelta(days=1), place.database)
        return town

    @property
    def database(self) -> Breakable:
        """The city's database."""
        return self.place.database

    @property
    def cast(self) -> Cast:
        """The city's people."""
        return self.place.cast

    @property
    def now(self) -> datetime:
        """The city's time."""
        return self.clock.now()

    @property
    def rules(self) -> Rules:
        """The workflows installed."""
        rules = self.database.info["hazards.rules"]
        assert isinstance(rules, Rules)
        return rules

    @property
    def changed_at(self) -> datetime:
        """When people, rules or files changed last: before it the clock is never set back."""
        changes = (entry for entry in reversed(self.diary.entries) if entry["kind"] not in _NO_CHANGE)
        return datetime.fromisoformat(next(changes)["at"])

    def chance(self, of_hundred: float) -> bool:
        """Whether the dice say so."""
        return self.dice.random() * 100 < of_hundred

    def key(self) -> str:
        """A request key nobody used before."""
        return self.dice.randbytes(16).hex()

    def wrong(self, what: str) -> None:
        """Note a difference between what is and what must be."""
        self.differences.append(f"seed {self.seed}, step {len(self.journal)}, {self.now.isoformat()}: {what}")

    def note(self, step: str) -> None:
        """The line of this step."""
        self.journal.append(f"{len(self.journal)} {self.now.isoformat()} {step}")

    def row_counts(self) -> tuple[int, ...]:
        """How many rows there are of everything that an accepted change leaves behind."""
        return tuple(self.look.rows(COUNTS)[0])

    def meet(self, hazard: Any) -> None:
        """Remember how a hazard stands after an answer."""
        if hazard.closed_at is not None:
            if self.open.pop(hazard.id, None) is not None:
                self.closed.append(hazard.id)
            return
        self.open[hazard.id] = Known(hazard.id, hazard.number, hazard.home_id, hazard.path, hazard.division)

    def survey(self) -> None:
        """Which hazards are open, by the rows themselves: after what was done without an answer, or to several at once."""
        found = self.look.rows(
            "SELECT id, number, home_id, path, division FROM hazard WHERE closed_at IS NULL ORDER BY reported_at, number"
        )
        now_open = {_uuid(r[0]): Known(_uuid(r[0]), r[1], _uuid(r[2]), r[3], r[4]) for r in found}
        self.closed += [id_ for id_ in self.open if id_ not in now_open]
        self.open = now_open


def _uuid(value: uuid.UUID | str) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)
