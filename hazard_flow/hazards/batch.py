"""What the door holds in its hands while it works through a batch: locked hazards, their timers, and the rows to be written at the end."""

import uuid
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.evidence.models import Evidence, EvidenceArrival
from hazard_flow.hazards.chain import EventRow
from hazard_flow.hazards.door_limits import DoorLimits, door_limits
from hazard_flow.hazards.effects import parts
from hazard_flow.hazards.firings import Firings
from hazard_flow.hazards.keys import Key
from hazard_flow.hazards.models import DocumentOrder, Hazard, HazardEvent, HazardParty
from hazard_flow.hazards.originality.models import OriginalityFlag, OriginalityOrder
from hazard_flow.hazards.originality.reuse import Uses
from hazard_flow.hazards.rules import Rules
from hazard_flow.hazards.standing import HazardLike, Standing, write_standing
from hazard_flow.identity.directory import Directory, Told
from hazard_flow.identity.models import Organisation
from hazard_flow.schedule import operations as schedule
from hazard_flow.schedule.bulk import among, append_rows
from hazard_flow.schedule.models import Timer
from hazard_flow.schedule.rows import MessageRow, TimerRow
from hazard_flow.storage.scope import Scope

if TYPE_CHECKING:
    from hazard_flow.hazards.steps import Step


@dataclass
class Batch:
    """One call of the door. Everything it reads was read set-based before the first change is judged."""

    session: Session
    now: datetime
    rules: Rules
    scope: Scope
    directory: Directory
    #: hazards somebody acts on or reports, whole
    hazards: dict[uuid.UUID, Hazard] = field(default_factory=dict)
    #: hazards on which only timers fire
    standings: dict[uuid.UUID, Standing] = field(default_factory=dict)
    timers: dict[uuid.UUID, dict[str, TimerRow]] = field(default_factory=dict)
    evidence: dict[uuid.UUID, list[Evidence]] = field(default_factory=dict)
    parts: dict[uuid.UUID, set[tuple[str, uuid.UUID]]] = field(default_factory=dict)
    facts: Mapping[uuid.UUID, Mapping[str, Any]] = field(default_factory=dict)
    organisations: Mapping[uuid.UUID, Organisation] = field(default_factory=dict)
    assets: Mapping[uuid.UUID, Asset] = field(default_factory=dict)
    #: what fired last and was acknowledged, of hazards whose limits are to be counted again
    firings: Firings = field(default_factory=Firings)
    #: a number for each change that opens a hazard, by its request key; taken together, so that two batches cannot deadlock
    numbers: Mapping[Key, str] = field(default_factory=dict)
    #: hazards named in forms, by number (locked as well), and those reports refer to, by id
    named: Mapping[str, Hazard] = field(default_factory=dict)
    linked: Mapping[uuid.UUID, Hazard] = field(default_factory=dict)
    events: list[EventRow] = field(default_factory=list)
    outbox: list[MessageRow] = field(default_factory=list)
    new_timers: dict[uuid.UUID, TimerRow] = field(default_factory=dict)
    moved_timers: dict[uuid.UUID, TimerRow] = field(default_factory=dict)
    dropped_timers: set[uuid.UUID] = field(default_factory=set)
    new_evidence: list[Evidence] = field(default_factory=list)
    #: what had come of declared pieces when they were bound
    arrivals: list[dict[str, Any]] = field(default_factory=list)
    #: where the bytes of after-photos stand already, in any hazard
    uses: Uses = field(default_factory=dict)
    #: events whose evidence is to be examined, and flags that come with the act itself
    to_examine: set[tuple[uuid.UUID, int]] = field(default_factory=set)
    flags: list[dict[str, Any]] = field(default_factory=list)
    #: what was decided for one hazard and holds for all that stand alike: firings, and who is told
    steps: dict[Hashable, "Step"] = field(default_factory=dict)
    told: dict[Hashable, Told] = field(default_factory=dict)
    #: documents to be made of events of this batch
    document_orders: list[DocumentOrder] = field(default_factory=list)

    def standing(self, hazard_id: uuid.UUID) -> HazardLike | None:
        """Where a hazard stands, as far as timers care."""
        return self.standings.get(hazard_id) or self.hazards.get(hazard_id)

    def current(self, timer: TimerRow) -> TimerRow:
        """A claimed timer as earlier changes of the batch left it."""
        known = self.timers.get(timer.subject_id, {}).get(timer.name)
        return known if known is not None and known.id == timer.id else timer

    def limits(self, division: str, level: str = "general") -> DoorLimits:
        """The figures of local policy for a place."""
        return door_limits(self.rules, division=division, level=level, now=self.now)

    def add_timer(self, timer: TimerRow) -> None:
        """A timer to be written; it takes the place of an earlier one of the same name."""
        pending = self.timers.setdefault(timer.subject_id, {})
        self.drop_timer(pending.get(timer.name))
        pending[timer.name] = timer
        self.new_timers[timer.id] = timer

    def move_timer(self, timer: TimerRow, **changed: Any) -> None:
        """A pending timer that goes on with other values, its name, level and cycle unchanged."""
        moved = timer._replace(**changed)
        self.timers[timer.subject_id][timer.name] = moved
        (self.new_timers if timer.id in self.new_timers else self.moved_timers)[timer.id] = moved

    def drop_timer(self, timer: TimerRow | None) -> None:
        """A timer that has fired or lost its meaning."""
        if timer is None:
            return
        pending = self.timers.get(timer.subject_id, {})
        known = pending.get(timer.name)
        if known is not None and known.id == timer.id:
            del pending[timer.name]
        self.moved_timers.pop(timer.id, None)
        if self.new_timers.pop(timer.id, None) is None:
            self.dropped_timers.add(timer.id)

    def write(self) -> None:
        """All rows of the batch, table by table, each with one statement for many rows."""
        session = self.session
        session.flush()  # new hazards first: the others refer to them
        if self.dropped_timers:
            session.connection().execute(
                sa.delete(Timer).where(among(session, Timer.id, self.dropped_timers))
            )
        append_rows(session, HazardEvent.__table__, self.events)
        session.add_all([*self.new_evidence, *self.document_orders])
        if self.arrivals:
            session.flush()  # they refer to the evidence
            append_rows(session, EvidenceArrival.__table__, self.arrivals)
        append_rows(session, OriginalityOrder.__table__, self._orders())
        append_rows(session, OriginalityFlag.__table__, self.flags)
        schedule.plan_new(session, self.new_timers.values())
        schedule.move(session, self.moved_timers.values())
        schedule.enqueue_new(session, self.outbox)
        # After the events: their foreign key locks the hazard's row, which costs nothing until it has a new version.
        write_standing(session, list(self.standings.values()))
        for hazard_id, hazard in self.hazards.items():
            self._write_parts(hazard_id, hazard)
        session.flush()

    def _orders(self) -> list[dict[str, Any]]:
        return [
            {"hazard_id": hazard_id, "event_seq": seq, "ordered_at": self.now}
            for hazard_id, seq in sorted(self.to_examine)
        ]

    def _write_parts(self, hazard_id: uuid.UUID, hazard: Hazard) -> None:
        from_row = set(parts(hazard))
        stored = self.parts.get(hazard_id, set())
        for relation, person in stored - from_row:
            self.session.execute(
                sa.delete(HazardParty).where(
                    HazardParty.hazard_id == hazard_id,
                    HazardParty.relation == relation,
                    HazardParty.person_id == person,
                )
            )
        self.session.add_all(
            HazardParty(hazard_id=hazard_id, relation=relation, person_id=person)
            for relation, person in sorted(from_row - stored)
        )
