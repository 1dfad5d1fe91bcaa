"""Sixty days of the demo city, lived through under a virtual clock: people act, detectors speak, timers fire in between."""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import sqlalchemy as sa

from hazard_flow.clock import VirtualClock
from hazard_flow.errors import HazardFlowError
from hazard_flow.hazards import operations
from hazard_flow.hazards.changes import Outcome, Report
from hazard_flow.hazards.door import apply_one
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.simulation import duty
from hazard_flow.simulation.albums import Album
from hazard_flow.simulation.settling import Settled
from hazard_flow.simulation.story import Alarm, Script, Step
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry.intake import drain
from hazard_flow.telemetry.packets import Packet, store_packets
from hazard_flow.timers.engine import tick
from hazard_flow.timers.handlers import Handlers

#: who acts where the script does not say
_BY_RELATION = {
    "accept": "responsible",
    "return": "responsible",
    "progress": "responsible",
    "submit": "responsible",
    "lift_control": "responsible",
    "request_extension": "responsible",
    "submit_plan": "responsible",
    "pass": "verifiers",
    "fail": "verifiers",
    "close": "closer",
}
#: fields that name people, by username
_PEOPLE = ("responsible", "closer", "verifiers", "officers")
#: when things happened that a form asks the time of: so long before it was filled in
_WHEN: Mapping[str, Mapping[str, timedelta]] = {
    "report_staff": {"staff_notified_at": timedelta(minutes=50)},
    "record_visit": {"visit_at": timedelta(minutes=20)},
    "record_absence": {"visit_at": timedelta(minutes=15)},
    "stop_gas": {"stop_at": timedelta(minutes=10)},
    "resume_gas": {"resumed_at": timedelta(minutes=15)},
    "record_inspection": {"inspected_from": timedelta(minutes=95), "inspected_to": timedelta(minutes=15)},
    "record_penalty": {"penalty_at": timedelta(hours=3)},
}
#: people take this long from noticing to reporting, and from finishing to submitting
_FOUND_BEFORE = timedelta(minutes=12)
_DONE_BEFORE = timedelta(minutes=25)
_FIXED_BEFORE = timedelta(minutes=2)
_SAMPLE_EVERY = timedelta(minutes=2)
#: a repaired place is watched this long before its samples count
_CALM_AFTER = timedelta(hours=2)

#: Called after every instant at which something happened, so that mail, sealing and the like live through the same days.
Between = Callable[[datetime], None]


class CityRefused(AssertionError):
    """The application refused something the story says; the story and the rules have parted."""


@dataclass
class History:
    """Plays scripts; knows what has become of each."""

    database: Database
    settled: Settled
    actors: Mapping[str, Actor]
    album: Album
    handlers: Handlers
    clock: VirtualClock
    between: Between | None = None
    #: script key → hazard
    hazards: dict[str, uuid.UUID] = field(default_factory=dict)
    fired: int = 0
    _cast: dict[str, dict[str, str]] = field(default_factory=dict)
    _packets: int = 0

    def play(self, story: Sequence[Script], until: datetime) -> None:
        """Everything in order of time, then on to `until` with only the timers at work."""
        for at, act in sorted(self._agenda(story), key=lambda entry: entry[0]):
            self._pass_time(at)
            act()
            self._look_round()
        self._pass_time(until)

    def _agenda(self, story: Sequence[Script]) -> list[tuple[datetime, Callable[[], None]]]:
        agenda: list[tuple[datetime, Callable[[], None]]] = []
        for script in story:
            if script.split_of is None:
                agenda.append((script.at, partial(self._open, script)))
            for number, step in enumerate(script.steps):
                agenda.append((step.at, partial(self._do, script, number, step)))
                if script.alarm and step.action == "submit":
                    agenda.append((step.at + _CALM_AFTER, partial(self._calm, script.alarm)))
        return agenda

    def _pass_time(self, until: datetime) -> None:
        """Let timers fire at the instants they are due."""
        while True:
            result = tick(self.database, self.clock.now(), handlers=self.handlers)
            self.fired += result.fired
            if result.failed or result.parked:
                raise CityRefused(f"timers failed at {self.clock.now()}: {result}")
            if result.fired:
                self._look_round()
            due = result.earliest_due_at
            if due is None or due >= until:
                break
            self.clock.move_to(max(due, self.clock.now()))
        self.clock.move_to(until)

    def _look_round(self) -> None:
        if self.between is not None:
            self.between(self.clock.now())

    def _open(self, script: Script) -> None:
        if script.alarm is not None:
            self._alarm(script, script.alarm, float(script.alarm.reading))
            return
        assert script.reporter is not None
        actor, asset = self.actors[script.reporter], self.settled.assets[script.asset]
        data = {
            "found_at": self.clock.now() - _FOUND_BEFORE,
            "suspected_level": script.workflow,
            **script.data,
        }
        change = Report(
            workflow=script.workflow,
            actor=actor,
            request_key=f"story:{script.key}",
            organisation_id=asset.organisation_id,
            data=data,
            evidence=self.album.get((script.key, -1), ()),
            source=script.source,
            asset_id=asset.id,
            action=script.way,
            reopen_of_id=self.hazards[script.reopen_of] if script.reopen_of else None,
        )
        with self.database.transaction(actor.scope) as session:
            outcome = _through(script.key, "report", lambda: apply_one(session, change, self.clock.now()))
        assert outcome.hazard is not None
        self.hazards[script.key] = outcome.hazard.id

    def _do(self, script: Script, number: int, step: Step) -> None:
        if step.action == "realarm":
            assert script.alarm is not None
            self._alarm(script, script.alarm, float(step.data["reading"]))
            return
        if step.action in ("assign", "reassign"):
            cast = self._cast.setdefault(script.key, {})
            cast |= {part: step.data[part] for part in ("responsible", "closer") if part in step.data}
            cast |= {"verifiers": step.data["verifiers"][0]} if "verifiers" in step.data else {}
        if step.action == "fix_on_site":
            self._cast.setdefault(script.key, {})["responsible"] = str(step.by)
        by = step.by or self._cast[script.key][_BY_RELATION[step.action]]
        actor = self.actors[by]
        with self.database.transaction(actor.scope) as session:
            outcome = _through(
                script.key,
                step.action,
                lambda: operations.act(
                    session,
                    actor=actor,
                    hazard_id=self.hazards[script.key],
                    action=step.action,
                    request_key=f"story:{script.key}:{number}",
                    now=self.clock.now(),
                    data=self._data(script, step),
                    evidence=self.album.get((script.key, number), ()),
                ),
            )
            spawned = json.loads(outcome.event.body)["data"].get("spawned") if outcome.event else None
            if spawned and step.other:
                found = session.scalar(sa.select(Hazard.id).where(Hazard.number == spawned))
                assert found is not None
                self.hazards[step.other] = found

    def _data(self, script: Script, step: Step) -> dict[str, Any]:
        data = {name: value for name, value in step.data.items() if name != "reading"}
        for name in _PEOPLE:
            if isinstance(data.get(name), list):
                data[name] = [str(self.actors[person].id) for person in data[name]]
            elif name in data:
                data[name] = str(self.actors[data[name]].id)
        if step.action in ("submit", "fix_on_site"):
            data["completed_at"] = self.clock.now() - (
                _DONE_BEFORE if step.action == "submit" else _FIXED_BEFORE
            )
        data |= {name: self.clock.now() - span for name, span in _WHEN.get(step.action, {}).items()}
        if step.action == "merge":
            data["merge_into"] = self._number(str(step.other))
        if step.action == "pass":
            asset = self.settled.assets[script.asset]
            data |= {
                "on_site": True,
                "lon": str(asset.lon),
                "lat": str(asset.lat),
                "crs": "WGS84",
                "accuracy_m": "6",
            }
            if "leak_reading" in script.data or script.alarm:
                data |= {"leak_reading": "0", "leak_unit": "pct_lel", "instrument_number": "XJ-204"}
        if "leak_reading" in data:
            data |= {"leak_unit": "pct_lel", "instrument_number": "XJ-204"}
        return data

    def _number(self, key: str) -> str:
        """The number of a hazard of the story."""
        with self.database.reading(SYSTEM) as session:
            return session.get_one(Hazard, self.hazards[key]).number

    def _alarm(self, script: Script, alarm: Alarm, peak: float) -> None:
        """Half an hour of rising samples arrives, as from a gateway that was out of reach; the rule does the rest."""
        rng = Random(f"{script.key}:{peak}")
        shape = [2.0] * 8 + [peak * share for share in (0.2, 0.42, 0.7, 0.9, 1.0, 1.0, 0.98)]
        self._speak(alarm, [max(0.0, value + rng.uniform(-0.6, 0.6)) for value in shape])
        with self.database.reading(SYSTEM) as session:
            opened = session.scalar(
                sa.select(Hazard.id).where(
                    Hazard.asset_id == self.settled.assets[alarm.site].id,
                    Hazard.closed_at.is_(None),
                    Hazard.family == "gas_leak",
                )
            )
        if opened is None or self.hazards.setdefault(script.key, opened) != opened:
            raise CityRefused(f"{script.key}: the alarm opened or joined no hazard of its own")

    def _calm(self, alarm: Alarm) -> None:
        """After the repair the detector reads next to nothing."""
        rng = Random(f"{alarm.device}:calm")
        self._speak(alarm, [rng.uniform(0.6, 1.9) for _ in range(15)])

    def _speak(self, alarm: Alarm, values: Sequence[float]) -> None:
        now = self.clock.now()
        first = now - _SAMPLE_EVERY * (len(values) - 1)
        samples = [
            {"ts": (first + _SAMPLE_EVERY * place).isoformat(), "m": {"ch4_lel": round(value, 1)}}
            for place, value in enumerate(values)
        ]
        self._packets += 1
        topic = f"gas/yunze/{alarm.site}/{alarm.device}/telemetry"
        packet = Packet(topic, json.dumps(samples).encode(), now, mid=self._packets)
        with self.database.transaction(SYSTEM) as session:
            store_packets(session, [packet])
        with self.database.transaction(SYSTEM) as session:
            done = drain(session, now)
        if done.dead:
            raise CityRefused(f"samples of {alarm.device} were not understood")
        duty.attend(self.database, self.actors.values(), now)


def _through(key: str, action: str, walk: Callable[[], Outcome]) -> Outcome:
    try:
        return walk()
    except HazardFlowError as refused:
        wrong = [f"{problem.field}: {problem.code} {problem.params}" for problem in refused.fields]
        raise CityRefused(f"{key}, {action}: {refused.code} {refused.detail} {wrong}") from refused
