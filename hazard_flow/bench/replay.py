"""How fast history is walked again by a changed file: a thousand hazards of ten acts each, with the firings in between.

Both sides are ours: the door lives the history first, with locks, hash chain, outbox and commits, in batches of 500 as engines do; then
the replay walks it twice in memory, by the rules in force and by the changed ones, and compares. Time is this process's own (CPU): a busy
machine slows both sides and proves nothing.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.progress import track

from hazard_flow import app
from hazard_flow.bench import Line
from hazard_flow.clock import VirtualClock
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards.changes import Act, Change, Report
from hazard_flow.hazards.door import BATCH_MAX, apply
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import actor_of_person
from hazard_flow.rulebook.replay import Period, Replay, replay
from hazard_flow.settings import load_settings
from hazard_flow.simulation.cast import load_cast
from hazard_flow.simulation.settling import Settled, settle
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.timers.engine import tick
from hazard_flow.workflow.definition import Duration, Keyed, Workflow

HAZARDS = 1_000
_VERSUS = "the door living it"
_PASSWORD = "bench-only-2026"  # noqa: S105 - of a database that is deleted at the end
#: who does what after how many hours, one act a line; ten with the report
_LIFE: tuple[tuple[str, str, float, Mapping[str, Any]], ...] = (
    ("zhouming", "start_control", 0.2, {"control": "GUARD"}),
    ("hejing", "assign", 5, {}),
    ("luzheng", "accept", 6, {}),
    ("luzheng", "progress", 30, {"percent": "20", "note": "材料已到场"}),
    ("luzheng", "progress", 80, {"percent": "60", "note": "已完成更换"}),
    ("luzheng", "submit", 40, {}),
    ("fangye", "pass", 100, {"on_site": True, "opinion": "整改到位，同意"}),
    ("luzheng", "lift_control", 1, {}),
    ("hejing", "close", 60, {"opinion": "同意销号"}),
)


@dataclass
class _City:
    application: app.Application
    clock: VirtualClock
    settled: Settled
    actors: Mapping[str, Actor]

    @property
    def database(self) -> Database:
        return self.application.database


def run() -> Sequence[Line]:
    """Hazards a second, and how many times faster that is than living the same history."""
    with tempfile.TemporaryDirectory(prefix="hazard-flow-bench-") as folder:
        city = _city(Path(folder))
        begun = time.process_time()
        _live(city)
        lived = time.process_time() - begun
        found, walked = _replay(city)
        city.database.dispose()
    firings = sum(len(hazard.differences) for hazard in found.hazards)
    assert len(found.hazards) == HAZARDS
    assert found.unexplained == found.totals.missed == 0, "the record is not reproduced"
    ours, theirs = HAZARDS / walked, HAZARDS / lived
    return [
        Line("replay: hazards per CPU second", ours, "1/s", f"{_VERSUS}, {theirs:.0f}/s", ours / theirs),
        Line("replay: firings compared", firings / walked, "1/s"),
        Line("replay: CPU seconds for all", walked, "s"),
    ]


def _city(folder: Path) -> _City:
    settings = load_settings({}, DATA_DIR=folder, SECRET_KEY=os.urandom(32).hex())
    app.upgrade(settings)
    clock = VirtualClock(datetime.fromisoformat("2026-10-12T01:00:00+00:00"))
    application = app.build(settings, clock=clock)
    with application.database.transaction(SYSTEM) as session:
        settled = settle(session, load_cast(), password=_PASSWORD, now=clock.now())
        actors = {name: actor_of_person(session, person) for name, person in settled.people.items()}
    return _City(application, clock, settled, actors)


def _live(city: _City) -> None:
    """Every hazard lives the same life, all at the same hours."""
    ids = _apply(city, [_report(city, number) for number in range(HAZARDS)])
    for step, (who, action, after_hours, given) in enumerate(track(_LIFE, description="living it")):
        _pass_time(city, timedelta(hours=after_hours))
        data = {**given, **_form(city, action)}
        _apply(
            city,
            [
                Act(
                    hazard_id=id_,
                    action=action,
                    actor=city.actors[who],
                    request_key=f"{number}:{step}",
                    data=data,
                    evidence=_evidence(city, action, number),
                )
                for number, id_ in enumerate(ids)
            ],
        )


def _report(city: _City, number: int) -> Report:
    return Report(
        workflow="general",
        actor=city.actors["zhouming"],
        request_key=f"report:{number}",
        organisation_id=city.settled.organisations["hengchuan-patrol"].id,
        data={
            "description": "阀井漏气，读数偏高",
            "place": "青梧路 12 号",
            "suspected_urgency": "ABC"[number % 3],
        },
        evidence=_evidence(city, "report", number),
    )


def _form(city: _City, action: str) -> dict[str, Any]:
    if action == "assign":
        people = {name: str(city.actors[name].id) for name in ("luzheng", "fangye", "hejing")}
        return {
            "urgency": "B",
            "basis": ["VLV-G01"],
            "responsible": people["luzheng"],
            "verifiers": [people["fangye"]],
            "closer": people["hejing"],
            "due_at": (city.clock.now() + timedelta(days=6)).date().isoformat(),
            "measures": "更换阀门填料，复测气密性合格",
        }
    if action == "submit":
        return {
            "completed_at": city.clock.now().isoformat(),
            "measures_done": "已更换阀门填料，复测气密性合格",
            "funds_used": "1200",
        }
    return {}


def _evidence(city: _City, action: str, number: int) -> tuple[EvidenceItem, ...]:
    before = hashlib.sha256(f"report:{number}".encode()).hexdigest()
    if action == "report":
        return (_piece(city, before, "report", "PHOTO_BEFORE"),)
    stages = {"submit": "rectify", "pass": "verify", "lift_control": "control"}
    if action not in stages:
        return ()
    wanted = {"PHOTO_AFTER": before if action == "submit" else None}
    if action == "submit":
        wanted |= dict.fromkeys(("LEAK_READING_BEFORE", "LEAK_READING_AFTER"))
    return tuple(
        _piece(
            city,
            hashlib.sha256(f"{action}:{kind}:{number}".encode()).hexdigest(),
            stages[action],
            kind,
            pair_of,
        )
        for kind, pair_of in wanted.items()
    )


def _piece(city: _City, sha256: str, stage: str, kind: str, pair_of: str | None = None) -> EvidenceItem:
    now = city.clock.now()
    nothing: dict[str, Any] = dict.fromkeys(
        ("lon", "lat", "crs", "accuracy_m", "display_sha256", "width", "height", "phash", "exif_at")
    )
    return EvidenceItem(
        sha256=sha256,
        size=1000,
        mime="image/jpeg",
        stage=stage,
        kind=kind,
        filename="photo.jpg",
        captured_at=now,
        received_at=now,
        pair_of=pair_of,
        **nothing,
    )


def _apply(city: _City, changes: Sequence[Change]) -> list[Any]:
    ids = []
    for start in range(0, len(changes), BATCH_MAX):
        with city.database.transaction(SYSTEM) as session:
            for outcome in apply(session, changes[start : start + BATCH_MAX], city.clock.now()):
                hazard = outcome.or_raise().hazard
                assert isinstance(hazard, Hazard)
                ids.append(hazard.id)
    return ids


def _pass_time(city: _City, span: timedelta) -> None:
    until = city.clock.now() + span
    while True:
        due = tick(city.database, city.clock.now(), handlers=city.application.handlers).earliest_due_at
        if due is None or due > until:
            break
        city.clock.move_to(max(due, city.clock.now()))
    city.clock.move_to(until)


def _replay(city: _City) -> tuple[Replay, float]:
    general = city.application.rules.newest("general")
    period = Period(city.clock.now() - timedelta(days=60), city.clock.now())
    with city.database.reading(SYSTEM) as session:
        begun = time.process_time()
        found = replay(session, _stricter(general), period)
        return found, time.process_time() - begun


def _stricter(general: Workflow) -> Workflow:
    """Two hours to classify, whatever the urgency."""
    reported = general.states[general.initial]
    timers = {
        name: replace(rule, within=Keyed(default=Duration(2, "h"))) if rule.within else rule
        for name, rule in reported.timers.items()
    }
    states = {**general.states, general.initial: replace(reported, timers=timers)}
    return replace(general, version=general.version + 1, states=states, sha256="stricter")
