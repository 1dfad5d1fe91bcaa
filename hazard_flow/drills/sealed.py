"""The sealed copy: an embedded database of its own with the real organisations and people, thrown away afterwards. Nothing leads back."""

import contextlib
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import Rules, amend_rules, rules_of
from hazard_flow.identity.models import Contact, Division, Membership, Organisation, Person
from hazard_flow.schedule.bulk import insert_rows
from hazard_flow.storage import migrate
from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.workflow.definition import TimerRule, Workflow

PREFIX = "hazard-flow-drill-"
#: no drill takes so long; a folder this old was left by one that was killed
LEFT_AFTER_SECONDS = 86_400
#: who exists and where they can be reached; no password, session or token leaves the live database
_COPIED = (Organisation, Division, Person, Membership, Contact)


@dataclass(frozen=True)
class Place:
    """A unit hazards really arise in, and an asset of it where it has one."""

    organisation_id: uuid.UUID
    path: str
    division: str
    asset_id: uuid.UUID | None = None


@contextlib.contextmanager
def sealed_copy(live: Database) -> Iterator[tuple[Database, list[Place]]]:
    """A copy with today's people and no hazard in it, and the places to drill; its folder is removed at the end, whatever happens."""
    _sweep()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        url = f"sqlite:///{Path(folder) / 'drill.db'}"
        migrate.upgrade(url)
        engine = make_engine(url)
        sa.event.listen(engine, "connect", _hurry)
        copy = Database(engine)
        # the same rules: workflows, zone, and the rule book as the last import left it
        with live.reading(SYSTEM) as session:
            rules_of(session)
        copy.info.update(live.info)
        amend_rules(copy.info, patient)
        try:
            yield copy, _fill(live, copy)
        finally:
            copy.dispose()


def patient(rules: Rules) -> Rules:
    """The same rules, but nothing is done by itself when time is up: people hear of it up the ladder, as where that act is refused."""
    return replace(rules, workflows={key: _patient(workflow) for key, workflow in rules.workflows.items()})


def _patient(workflow: Workflow) -> Workflow:
    def waiting(timers: Mapping[str, TimerRule]) -> dict[str, TimerRule]:
        return {name: replace(rule, if_silent=None) for name, rule in timers.items()}

    return replace(
        workflow,
        clocks=waiting(workflow.clocks),
        states={key: replace(state, timers=waiting(state.timers)) for key, state in workflow.states.items()},
        actions={key: replace(act, starts=waiting(act.starts)) for key, act in workflow.actions.items()},
    )


def _sweep() -> None:
    """Remove what a drill left that was killed outright."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > LEFT_AFTER_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def _hurry(connection: Any, _record: Any) -> None:
    # Nothing in here must outlive a power cut.
    connection.execute("PRAGMA synchronous=OFF")


def _fill(live: Database, copy: Database) -> list[Place]:
    with live.reading(SYSTEM) as session:
        tables = {kind: _rows(session, kind) for kind in _COPIED}
        places = _places(session)
        assets = _rows(session, Asset, ids=[place.asset_id for place in places if place.asset_id])
    with copy.transaction(SYSTEM) as session:
        # organisations name their parents, divisions their regulators: all are there when the transaction ends
        session.execute(sa.text("PRAGMA defer_foreign_keys=ON"))
        for kind, rows in [*tables.items(), (Asset, assets)]:
            insert_rows(session, kind.__table__, rows)
    return places


def _rows(session: Session, kind: type[Any], ids: Sequence[uuid.UUID] | None = None) -> list[dict[str, Any]]:
    table = kind.__table__
    statement = sa.select(table)
    if ids is not None:
        statement = statement.where(table.c.id.in_(ids))
    return [dict(row) for row in session.execute(statement).mappings()]


def _places(session: Session) -> list[Place]:
    """Units that own assets or have had hazards, each once for every division these lie in; enterprises with neither, as a whole."""
    units = {
        id_: (path, division)
        for id_, path, division in session.execute(
            sa.select(Organisation.id, Organisation.path, Organisation.division).where(
                Organisation.kind != "regulator"
            )
        )
    }
    asset = sa.func.min(sa.cast(Asset.id, sa.Text()))
    grouped = sa.select(Asset.organisation_id, Asset.division, asset).group_by(
        Asset.organisation_id, Asset.division
    )
    found: dict[tuple[uuid.UUID, str], uuid.UUID | None] = {
        (unit, division): uuid.UUID(str(id_)) for unit, division, id_ in session.execute(grouped)
    }
    for unit, division in session.execute(sa.select(Hazard.organisation_id, Hazard.division).distinct()):
        if unit in units and division == units[unit][1]:
            found.setdefault((unit, division), None)
    busy = {units[unit][0].split("/", 1)[0] for unit, _ in found if unit in units}
    for unit, (path, division) in units.items():
        if path.count("/") == 1 and path.split("/", 1)[0] not in busy:
            found[unit, division] = None
    places = [
        Place(unit, units[unit][0], division, asset_id)
        for (unit, division), asset_id in found.items()
        if unit in units
    ]
    return sorted(places, key=lambda place: (place.path, place.division))
