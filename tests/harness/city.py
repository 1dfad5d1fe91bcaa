"""A small gas city that stories are told in: named people report, assign, mend and re-check; time passes only when told to."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from obstore.store import MemoryStore

from hazard_flow.clock import VirtualClock
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.evidence.operations import receive
from hazard_flow.evidence.store import Store
from hazard_flow.hazards import escalation, operations
from hazard_flow.hazards.changes import Act, Change, Outcome, Report
from hazard_flow.hazards.door import apply, apply_one
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import Label
from hazard_flow.identity import operations as identity
from hazard_flow.identity import queries as identity_queries
from hazard_flow.identity.actor import Actor, system_actor
from hazard_flow.identity.models import Organisation, Person
from hazard_flow.ladders import firing as limits_firing
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.timers.engine import TickResult, tick
from hazard_flow.timers.handlers import Handlers, TimerHandler
from tests.harness import checks, founding
from tests.harness.cast import HENGCHUAN, PASSWORD, START, Founded
from tests.harness.measures import Measures
from tests.harness.photos import tiny_jpeg
from tests.harness.sights import Sights
from tests.harness.together import together

place = founding.place
#: a story that needs more ticks than this is going round in circles
TICKS_MAX = 3_000


class City(Measures, Sights):
    """What a story does to the city; what it looks at are its `Sights`."""

    def __init__(self, database: Database, founded: Founded, *, owner_url: str, store: Store) -> None:
        self.database = database
        self.founded = founded
        self.owner_url = owner_url
        self.store = store
        self.clock = VirtualClock(START)
        #: how many workers look for due timers at the same moment
        self.workers = 1
        self.handlers = Handlers(
            [
                TimerHandler("hazard", escalation.claim, escalation.fire),
                TimerHandler("limit", limits_firing.claim, limits_firing.fire),
            ]
        )
        self._actors = dict(founded.actors)
        self._units = dict(founded.units)
        self._names = {actor.id: name for name, actor in founded.actors.items()}

    @property
    def now(self) -> datetime:
        """The city's time."""
        return self.clock.now()

    @property
    def on_postgres(self) -> bool:
        """Whether row-level security stands behind the queries."""
        return self.database.engine.dialect.name == "postgresql"

    # who is who

    def actor(self, name: str) -> Actor:
        """A person by name; `system` for the system itself."""
        return system_actor("story") if name == "system" else self._actors[name]

    def person(self, name: str) -> uuid.UUID:
        """A person's id."""
        id_ = self._actors[name].id
        assert id_ is not None
        return id_

    def name(self, id_: uuid.UUID | str) -> str:
        """The name behind an id or an event's `person:…`."""
        return self._names[id_ if isinstance(id_, uuid.UUID) else uuid.UUID(id_.removeprefix("person:"))]

    def hire(self, name: str, unit: str, *roles: str) -> str:
        """Somebody new begins to work; their name."""
        with self.database.transaction(SYSTEM) as session:
            person = identity.add_person(
                session,
                username=f"u{len(self._actors)}",
                name=name,
                organisation=session.get_one(Organisation, self._units[unit]),
                roles=roles,
                password=PASSWORD,
                now=self.now,
            )
            self._actors[name] = identity_queries.actor_of_person(session, person)
        self._names[person.id] = name
        return name

    def also(self, name: str, unit: str, role: str) -> None:
        """Somebody takes another job beside the one they have."""
        with self.database.transaction(SYSTEM) as session:
            person = session.get_one(Person, self.person(name))
            organisation = session.get_one(Organisation, self._units[unit])
            identity.give_role(session, person=person, organisation=organisation, role=role)
            self._actors[name] = identity_queries.actor_of_person(session, person)

    def found_unit(self, name: str, division: str) -> str:
        """The enterprise opens a team in another district; its name."""
        with self.database.transaction(SYSTEM) as session:
            enterprise = session.get_one(Organisation, self.founded.units[HENGCHUAN])
            made = identity.add_organisation(
                session, kind="team", label=Label(zh=name, en=name), division=division, parent=enterprise, now=self.now,
            )  # fmt: skip
            self._units[name] = made.id
        return name

    # what people do

    def photo(
        self, kind: str = "PHOTO_BEFORE", *, stage: str = "report", pair_of: str | None = None
    ) -> EvidenceItem:
        """A picture just taken, received and kept."""
        return receive(
            self.store,
            tiny_jpeg(),
            "photo.jpg",
            stage=stage,
            kind=kind,
            received_at=self.now,
            captured_at=self.now,
            pair_of=pair_of,
        )

    def report(
        self,
        description: str = "阀井漏气，读数偏高",
        *,
        by: str = "李巡检",
        major: bool = False,
        key: str | None = None,
        evidence: Sequence[EvidenceItem] | None = None,
        asset: str | None = None,
        unit: str | None = None,
        **data: Any,
    ) -> Hazard:
        """Somebody reports a hazard, with a photo unless told otherwise."""
        return self.outcome_of_report(
            description, by=by, major=major, key=key, evidence=evidence, asset=asset, unit=unit, **data
        ).hazard

    def outcome_of_report(
        self,
        description: str,
        *,
        by: str,
        major: bool = False,
        key: str | None = None,
        evidence: Sequence[EvidenceItem] | None = None,
        asset: str | None = None,
        unit: str | None = None,
        source: str = "self_inspection",
        **data: Any,
    ) -> Any:
        """The same with all that the door answers."""
        actor = self.actor(by)
        filled = {"description": description, "place": "青梧路 12 号", **data}
        if major:
            filled["suspected_level"] = "major"
        with self.database.transaction(actor.scope) as session:
            return operations.report(
                session,
                actor=actor,
                request_key=key or uuid.uuid4().hex,
                data=filled,
                now=self.now,
                evidence=tuple([self.photo()] if evidence is None else evidence),
                source=source,
                asset_id=self.founded.assets[asset] if asset else None,
                organisation_id=self._units[unit] if unit else None,
            )

    def act(
        self,
        who: str,
        hazard: Hazard,
        action: str,
        *,
        key: str | None = None,
        evidence: Sequence[EvidenceItem] = (),
        expected_version: int | None = None,
        **data: Any,
    ) -> Outcome:
        """Somebody acts on a hazard with exactly this form; refusals are raised."""
        return self.act_as(
            self.change(
                who, hazard, action, key=key, evidence=evidence, expected_version=expected_version, **data
            )
        )

    def act_as(self, change: Act) -> Outcome:
        """The act carried out as whoever it names; refusals are raised."""
        with self.database.transaction(change.actor.scope) as session:
            return apply_one(session, change, self.now)

    def change(
        self,
        who: str,
        hazard: Hazard,
        action: str,
        *,
        key: str | None = None,
        evidence: Sequence[EvidenceItem] = (),
        expected_version: int | None = None,
        **data: Any,
    ) -> Act:
        """The act as it is handed to the door, not yet carried out."""
        return Act(
            hazard_id=hazard.id,
            action=action,
            actor=self.actor(who),
            request_key=key or uuid.uuid4().hex,
            data=data,
            evidence=tuple(evidence),
            expected_version=expected_version,
        )

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """A batch of the system's own, one outcome each."""
        with self.database.transaction(SYSTEM) as session:
            return apply(session, changes, self.now)

    def alarm_report(self, *, asset: str = "VW-1", family: str = "gas_leak", **given: Any) -> Report:
        """What telemetry hands to the door for a place nobody knows to be dangerous."""
        return Report(
            workflow="general",
            actor=self.actor("system"),
            request_key=uuid.uuid4().hex,
            organisation_id=self.founded.units["运行一班"],
            data={"description": "甲烷浓度超过报警值"},
            source="telemetry",
            asset_id=self.founded.assets[asset],
            family=family,
            **given,
        )

    # time

    def fast_forward(self, **span: float) -> None:
        """Let time pass, each timer firing at its own due instant."""
        until = self.now + timedelta(**span)
        result = self.tick()
        for _ in range(TICKS_MAX):
            due_at = result.earliest_due_at
            if due_at is None or due_at > until:
                self.clock.move_to(until)
                return
            self.clock.move_to(max(due_at, self.now))
            result = self.tick()
        raise AssertionError(f"more than {TICKS_MAX} ticks")

    def outage(self, **span: float) -> TickResult:
        """Nothing runs for a while, then one worker wakes up."""
        self.clock.advance(timedelta(**span))
        return self.tick()

    def tick(self) -> TickResult:
        """Every worker looks once for what is due; one answer for all."""
        if self.workers == 1:
            answers: list[Any] = [self._one_tick()]
        else:
            answers = together(self.workers, lambda _: self._one_tick())
        assert all(isinstance(a, TickResult) and not a.failed and not a.parked for a in answers), answers
        earliest = [a.earliest_due_at for a in answers if a.earliest_due_at is not None]
        return TickResult(
            sum(a.fired for a in answers), parked=0, earliest_due_at=min(earliest, default=None)
        )

    def _one_tick(self) -> TickResult:
        return tick(self.database, self.now, handlers=self.handlers)

    def checks(self) -> None:
        """Assert what must always be true."""
        with self.database.reading(SYSTEM) as session:
            assert checks.broken_chains(session) == []
            assert checks.silent_hazards(session, self.now) == []
            assert checks.doubled(session) == []


@pytest.fixture
def city(place: tuple[Database, Founded, str]) -> Iterator[City]:
    """A city of one's own, on each kind of database; what must always be true is checked at the end."""
    database, founded, owner_url = place
    made = City(database, founded, owner_url=owner_url, store=Store(MemoryStore()))
    yield made
    made.checks()
