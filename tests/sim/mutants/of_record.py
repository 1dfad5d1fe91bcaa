"""Faults in what is written: to whom, how often, under which key, in which chain."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from hazard_flow.hazards import chain, firing, keys
from hazard_flow.hazards.changes import Outcome
from hazard_flow.hazards.standing import HazardLike
from hazard_flow.identity import directory
from hazard_flow.identity.directory import Directory
from hazard_flow.identity.models import Membership, Organisation, Person
from hazard_flow.notifications.standing import Ground
from hazard_flow.schedule import operations as schedule
from hazard_flow.schedule.rows import MessageRow
from hazard_flow.storage.base import new_id
from hazard_flow.workflow import permitted
from tests.sim.faults import Breakable
from tests.sim.mutants import lives
from tests.sim.mutants.planting import Hits, Mutant

Any_ = Callable[..., Any]


def _twice(real: Any_, hits: Hits) -> Any_:
    def escalate(*args: Any) -> Any:
        hits()
        real(*args)
        return real(*args)

    return escalate


def _without_event(real: Any_, hits: Hits) -> Any_:
    """The people of a rung are told, and no event says so."""

    def escalate(batch: Any, hazard: HazardLike, *args: Any) -> Any:
        hits()
        seq, head, written = hazard.seq, hazard.head, len(batch.events)
        outcome = real(batch, hazard, *args)
        hazard.seq, hazard.head = seq, head
        del batch.events[written:]
        return outcome

    return escalate


def _message_doubled(real: Any_, hits: Hits) -> Any_:
    def enqueue(session: Any, messages: Iterable[MessageRow]) -> None:
        rows = list(messages)
        again = [row._replace(id=new_id(), channel="email") for row in rows if row.channel == "message"]
        if again:
            hits()
        real(session, [*rows, *again])

    return enqueue


def _message_survives(real: Any_, hits: Hits) -> Any_:
    """Messages are written beside the transaction that causes them."""

    @contextmanager
    def transaction(self: Breakable, scope: Any) -> Iterator[Any]:
        kept: list[Any] = []
        try:
            with real(self, scope) as session:
                yield session
                kept = session.execute(sa.text("SELECT * FROM outbox")).mappings().all()
        except BaseException:
            self._fault = None
            with self.engine.begin() as connection:
                known = {row[0] for row in connection.execute(sa.text("SELECT id FROM outbox"))}
                lost = [dict(row) for row in kept if row["id"] not in known]
                if lost:
                    hits()
                    names = ", ".join(lost[0])
                    values = ", ".join(f":{name}" for name in lost[0])
                    connection.execute(sa.text(f"INSERT INTO outbox ({names}) VALUES ({values})"), lost)
            raise

    return transaction


def _farthest(real: Any_, hits: Hits) -> Any_:
    """A role is looked for as far up as it can be, instead of as near as it can be."""

    def nearest(seats: list[Any], depth: Callable[[Any], int]) -> list[Any]:
        found: list[Any] = real(seats, lambda seat: -depth(seat))
        if found != real(seats, depth):
            hits()
        return found

    return nearest


def _neighbours(real: Any_, hits: Hits) -> Any_:
    """An office is taken for its neighbour's: the division is not asked for."""

    def at_place(self: Directory, role: str, parts: Any) -> list[Any]:
        found: list[Any] = real(self, role, parts)
        if role != "county_officer":
            return found
        hits()
        return [seat.person_id for seat in self._seats if seat.role == role]

    return at_place


def _nobody_above(real: Any_, hits: Hits) -> Any_:
    def reach(self: Directory, addressee: str, parts: Any) -> tuple[list[Any], list[str]]:
        people, missed = real(self, addressee, parts)
        if not missed:
            return people, missed
        hits()
        return [], missed[:1]

    return reach


def _leavers_too(real: Any_, hits: Hits) -> Any_:
    def seats(light: bool) -> Any:
        hits()
        asked = real(light)
        statement = sa.select(*asked.selected_columns).select_from(Membership)
        statement = statement.join(Organisation, Organisation.id == Membership.organisation_id)
        statement = statement.join(Person, Person.id == Membership.person_id)
        # `:ancestors` and `:named` are still given; nobody is left out any more, whoever left included
        return statement.order_by(Membership.person_id)

    return seats


def _wrong_stand_in(real: Any_, hits: Hits) -> Any_:
    """Who is told instead of somebody who left: whoever is in charge of the whole enterprise, whatever the message was about."""

    def told(self: Ground, row: Any, held: Any) -> Any:
        hits()
        return self.directory.tell(["enterprise_principal"], held).people

    return told


def _own_work_judged(real: Any_, hits: Hits) -> Any_:
    def excluded(*args: Any) -> bool:
        if real(*args):
            hits()
        return False

    return excluded


def _key_ignored(real: Any_, hits: Hits) -> Any_:
    def claim(*args: Any) -> dict[Any, Outcome]:
        if real(*args):
            hits()
        return {}

    return claim


def _field_left_out(real: Any_, hits: Hits) -> Any_:
    def canonical(said: dict[str, Any]) -> Any:
        hits()
        return real({name: value for name, value in said.items() if name != "actor"})

    return canonical


def _chain_forgets(real: Any_, hits: Hits) -> Any_:
    def append(hazard: HazardLike, *args: Any) -> Any:
        if hazard.seq == 0:
            return real(hazard, *args)
        hits()
        hazard.head = bytes(32)
        return real(hazard, *args)

    return append


def _colour_falls(real: Any_, hits: Hits) -> Any_:
    def raise_colour(hazard: HazardLike, colour: str | None) -> None:
        before = hazard.colour
        real(hazard, colour)
        if colour is not None and hazard.colour == before and colour != before:
            hits()
            hazard.colour = colour

    return raise_colour


def _late_is_punctual(real: Any_, hits: Hits) -> Any_:
    def escalate(
        batch: Any, hazard: Any, workflow: Any, rule: Any, change: Any, fired: Any, data: dict[str, Any]
    ) -> Any:
        if data["late_ms"]:
            hits()
        return real(batch, hazard, workflow, rule, change, fired, {**data, "late_ms": 0})

    return escalate


MUTANTS = (
    Mutant("fired twice", "a rung fires twice", firing, "_escalate", _twice, lives.PLAIN),
    Mutant("no event", "a rung fires and no event says so", firing, "_escalate", _without_event, lives.PLAIN),
    Mutant("late is punctual", "a firing does not say how late it is", firing, "_escalate", _late_is_punctual, lives.OUTAGES),
    Mutant("told twice", "a message is written once more over another channel", schedule, "enqueue_new", _message_doubled, lives.PLAIN),
    Mutant("told of nothing", "a message survives the transaction that was rolled back", Breakable, "transaction", _message_survives,
           lives.BREAKING),
    Mutant("farthest unit", "whoever holds the role farthest up is told", Directory, "_nearest", _farthest, lives.HIRING),
    Mutant("neighbour's office", "the officers of all districts are told", Directory, "_at_place", _neighbours, lives.PLAIN),
    Mutant("nobody above", "where a role is empty, nobody is told instead", Directory, "_reach", _nobody_above, lives.LEAVING),
    Mutant("leaver told", "whoever has left is still told", directory, "_seats", _leavers_too, lives.LEAVING),
    Mutant("wrong stand-in", "the principal is told instead of whoever left", Ground, "_told", _wrong_stand_in, lives.WAITING),
    Mutant("own work judged", "nobody is kept from judging own work", permitted, "_excluded", _own_work_judged, lives.ON_THE_SPOT),
    Mutant("key ignored", "the same request again is done again", keys, "claim", _key_ignored, lives.REPEATED),
    Mutant("field left out", "an event does not say who did it", chain, "canonical", _field_left_out, lives.PLAIN),
    Mutant("chain forgets", "an event does not name the one before it", firing, "append", _chain_forgets, lives.PLAIN),
    Mutant("colour falls", "a lower rung takes a higher colour away", firing, "raise_colour", _colour_falls, lives.PLAIN),
)  # fmt: skip
