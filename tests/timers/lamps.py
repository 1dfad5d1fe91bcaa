"""A toy subject: a lamp that blinks once for each timer; a broken one raises. Its table stands apart from the application's own."""

import threading
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hazard_flow.schedule.claims import Poisoned, claim_due
from hazard_flow.schedule.models import Timer
from hazard_flow.schedule.operations import plan
from hazard_flow.storage.base import new_id
from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.scope import SYSTEM

NOW = datetime(2026, 5, 11, 8, 0, tzinfo=UTC)
HOME = uuid.uuid4()


class Toys(DeclarativeBase):
    pass


class Lamp(Toys):
    __tablename__ = "lamp"

    id: Mapped[uuid.UUID] = mapped_column(sa.Uuid(), primary_key=True)
    blinks: Mapped[int] = mapped_column(default=0)
    broken: Mapped[bool] = mapped_column(default=False)


class LampHandler:
    """Counts what it fired in the table, so that only committed work counts."""

    kind = "lamp"

    def __init__(self, *, names_the_guilty: bool = False, repeat: timedelta | None = None) -> None:
        self.names_the_guilty = names_the_guilty
        self.repeat = repeat
        self.batches: list[int] = []
        self.calls = Counter()
        self.raises: list[Exception] = []
        self.gate = threading.Barrier(1)

    def claim(self, session, now, limit):
        return claim_due(session, self.kind, subject=Lamp, only=sa.true(), now=now, limit=limit)

    def fire(self, session, timers, now):
        self.batches.append(len(timers))
        self.gate.wait(10)
        if self.raises:
            raise self.raises.pop()
        for timer in timers:
            lamp = session.get(Lamp, timer.subject_id)
            if lamp.broken:
                if self.names_the_guilty:
                    raise Poisoned(timer.id, "the lamp is broken")
                raise ValueError("the lamp is broken")
            lamp.blinks += 1
            if self.repeat:
                plan(session, [timer_of(lamp.id, due_at=now + self.repeat, cycle=timer.cycle + 1)])


def timer_of(lamp, *, due_at=NOW, name="blink", level=0, cycle=0, kind="lamp"):
    return Timer(
        home_id=HOME, subject_kind=kind, subject_id=lamp, name=name, level=level, cycle=cycle, due_at=due_at,
        expires_at=due_at, started_at=NOW - timedelta(days=1), fence=1, created_at=NOW - timedelta(days=1),
    )  # fmt: skip


def make_lamps(database, count, *, broken=(), due_at=NOW):
    """Lamps with a timer each, those with the given positions broken; the first is due first."""
    owner = make_engine(getattr(database, "owner_url", str(database.engine.url)))
    with owner.begin() as connection:
        Toys.metadata.create_all(connection)
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql("GRANT ALL ON lamp TO hazard_flow")
    owner.dispose()
    ids = [new_id() for _ in range(count)]
    with database.transaction(SYSTEM) as session:
        session.add_all(Lamp(id=id_, broken=n in broken) for n, id_ in enumerate(ids))
        plan(
            session,
            [timer_of(id_, due_at=due_at - timedelta(seconds=count - n)) for n, id_ in enumerate(ids)],
        )
    return ids


def blinks(database):
    with database.reading(SYSTEM) as session:
        return dict(session.execute(sa.select(Lamp.id, Lamp.blinks)).all())


def pending(database):
    with database.reading(SYSTEM) as session:
        found = list(session.scalars(sa.select(Timer).order_by(Timer.due_at)))
        session.expunge_all()
        return found
