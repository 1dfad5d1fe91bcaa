"""What judging a batch needs, locked and read set-based before the first change is judged."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.changes import Act, Change, Fire, Migrate, Recount, Report
from hazard_flow.hazards.effects import parts
from hazard_flow.hazards.firings import read_firings
from hazard_flow.hazards.keys import Key, key_of
from hazard_flow.hazards.models import Hazard, HazardParty
from hazard_flow.hazards.numbers import take_numbers
from hazard_flow.hazards.originality import reuse
from hazard_flow.hazards.proceedings import read
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.hazards.standing import HazardLike, lock_standing
from hazard_flow.identity.directory import Directory
from hazard_flow.identity.models import Organisation
from hazard_flow.schedule.bulk import among
from hazard_flow.schedule.models import Timer
from hazard_flow.schedule.rows import TIMER_COLUMNS, TimerRow
from hazard_flow.storage.engine import is_sqlite
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import scope_of_session


def load(session: Session, changes: Sequence[Change], now: datetime) -> Batch:
    """Lock the hazards of the changes (in id order, so that two batches cannot deadlock) and read all that judging needs."""
    rules, scope = rules_of(session), scope_of_session(session)
    others = _named_hazards(session, changes, rules, scope)
    hazards = _lock(session, _wanted_whole(changes, rules) | set(others.values()), scope)
    fired = {_target(c) for c in changes if isinstance(c, Fire)}
    standings = lock_standing(session, fired - hazards.keys(), scope)
    ids = sorted(hazards)
    all_of_them: list[HazardLike] = [*hazards.values(), *standings.values()]
    reports = [c for c in changes if isinstance(c, Report)]
    organisations = _by_id(
        session,
        Organisation,
        {r.organisation_id for r in reports} | {h.organisation_id for h in hazards.values()},
    )
    splits = [c for c in changes if isinstance(c, Act) and _spawns(rules, hazards.get(c.hazard_id), c.action)]
    assets = _by_id(
        session,
        Asset,
        {r.asset_id for r in reports if r.asset_id}
        | {a for c in splits if (a := hazards[c.hazard_id].asset_id)},
    )
    paths = (
        {h.path for h in all_of_them}
        | {o.path for o in organisations.values()}
        | {a.path for a in assets.values()}
    )
    people = {person for h in all_of_them for _, person in parts(h)} | _applicants(hazards.values())
    facts: dict[uuid.UUID, dict[str, Any]] = {id_: {} for id_ in ids}
    for provider in rules.facts if hazards else ():
        for id_, known in provider(session, list(hazards.values())).items():
            facts[id_].update(known)
    return Batch(
        session=session,
        now=now,
        rules=rules,
        scope=scope,
        hazards=hazards,
        standings=standings,
        timers=_timers(session, ids),
        evidence=_evidence(session, ids),
        parts=_stored_parts(session, ids),
        facts=facts,
        organisations=organisations,
        assets=assets,
        directory=Directory.load(session, paths=paths, people=people | _named(changes)),
        firings=read_firings(session, [c.hazard_id for c in changes if isinstance(c, Recount)]),
        numbers=_numbers(
            session,
            {
                **{
                    key_of(r): division_of(r, organisations[r.organisation_id], assets)
                    for r in reports
                    if r.organisation_id in organisations
                },
                **{key_of(c): hazards[c.hazard_id].division for c in splits},
            },
            now,
            rules,
        ),
        named={number: hazards[id_] for number, id_ in others.items() if id_ in hazards},
        linked=_linked(session, reports, scope),
        uses=reuse.look_up(session, [e for c in changes if isinstance(c, Act) for e in c.evidence]),
    )


def _applicants(hazards: Iterable[Hazard]) -> set[uuid.UUID]:
    """Whoever asked for something hears the answer, also where the hazard has passed to somebody else since."""
    return {
        uuid.UUID(one.by) for h in hazards for one in read(h.proceedings).open.values() if one.by is not None
    }


def _wanted_whole(changes: Sequence[Change], rules: Rules) -> set[uuid.UUID]:
    """Hazards that are acted on, perhaps by a timer: judging an act needs all of a hazard, firing a small part."""
    return {
        _target(change)
        for change in changes
        if not isinstance(change, Report | Fire)
        or (isinstance(change, Fire) and change.timer.name in rules.acting_timers)
    }


def _named_hazards(
    session: Session, changes: Sequence[Change], rules: Rules, scope: Scope
) -> dict[str, uuid.UUID]:
    """Other hazards that forms name by number, those in scope: they may change with the one acted on, so they are locked with it."""
    fields = [name for name, known in rules.fields.fields.items() if known.type == "hazard"]
    numbers = {
        str(change.data[name]).strip().upper()
        for change in changes
        if isinstance(change, Act)
        for name in fields
        if change.data.get(name)
    }
    if not numbers:
        return {}
    seen = scope.where(Hazard.path, Hazard.division, Hazard.parties)
    rows = session.execute(
        sa.select(Hazard.number, Hazard.id).where(Hazard.number.in_(sorted(numbers)), seen)
    )
    return {row.number: row.id for row in rows}


def _linked(session: Session, reports: Sequence[Report], scope: Scope) -> dict[uuid.UUID, Hazard]:
    ids = {id_ for r in reports for id_ in (r.reopen_of_id, r.split_from_id) if id_ is not None}
    if not ids:
        return {}
    seen = scope.where(Hazard.path, Hazard.division, Hazard.parties)
    return {h.id: h for h in session.scalars(sa.select(Hazard).where(Hazard.id.in_(sorted(ids)), seen))}


def _spawns(rules: Rules, hazard: Hazard | None, action: str) -> bool:
    """Whether this act opens a second hazard."""
    if hazard is None:
        return False
    known = rules.pinned(hazard.workflow, hazard.workflow_version).actions.get(action)
    return known is not None and known.spawns


def _numbers(session: Session, divisions: Mapping[Key, str], now: datetime, rules: Rules) -> dict[Key, str]:
    if not divisions:
        return {}
    taken = take_numbers(session, list(divisions.values()), now, rules.zone)
    return dict(zip(divisions, taken, strict=True))


def division_of(report: Report, organisation: Organisation, assets: Mapping[uuid.UUID, Asset]) -> str:
    """Where a reported hazard lies: the asset's division where there is one, else that of the unit."""
    asset = assets.get(report.asset_id) if report.asset_id else None
    return asset.division if asset is not None else organisation.division


def _target(change: Act | Migrate | Fire | Recount) -> uuid.UUID:
    return change.timer.subject_id if isinstance(change, Fire) else change.hazard_id


def _lock(session: Session, ids: Collection[uuid.UUID], scope: Scope) -> dict[uuid.UUID, Hazard]:
    if not ids:
        return {}
    statement = (
        sa.select(Hazard)
        .where(among(session, Hazard.id, ids), scope.where(Hazard.path, Hazard.division, Hazard.parties))
        .order_by(Hazard.id)
        .execution_options(populate_existing=True)
    )
    if not is_sqlite(session.connection()):
        statement = statement.with_for_update()
    return {h.id: h for h in session.scalars(statement)}


def _by_id(session: Session, entity: Any, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Any]:
    wanted = sorted(set(ids))
    return (
        {row.id: row for row in session.scalars(sa.select(entity).where(entity.id.in_(wanted)))}
        if wanted
        else {}
    )


def _timers(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, TimerRow]]:
    found: dict[uuid.UUID, dict[str, TimerRow]] = {id_: {} for id_ in ids}
    if ids:
        rows = session.execute(
            sa.select(*TIMER_COLUMNS).where(
                among(session, Timer.subject_id, ids), Timer.subject_kind == "hazard"
            )
        )
        for timer in map(TimerRow._make, rows):
            found[timer.subject_id][timer.name] = timer
    return found


def _evidence(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Evidence]]:
    found: dict[uuid.UUID, list[Evidence]] = {id_: [] for id_ in ids}
    if ids:
        for item in session.scalars(
            sa.select(Evidence).where(Evidence.hazard_id.in_(ids)).order_by(Evidence.event_seq)
        ):
            found[item.hazard_id].append(item)
    return found


def _stored_parts(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, set[tuple[str, uuid.UUID]]]:
    found: dict[uuid.UUID, set[tuple[str, uuid.UUID]]] = {id_: set() for id_ in ids}
    if ids:
        rows = session.execute(
            sa.select(HazardParty.hazard_id, HazardParty.relation, HazardParty.person_id).where(
                HazardParty.hazard_id.in_(ids)
            )
        )
        for hazard_id, relation, person in rows:
            found[hazard_id].add((relation, person))
    return found


def _named(changes: Sequence[Change]) -> set[uuid.UUID]:
    """People named in forms: the directory must know whether they are active."""
    found = set()
    for change in changes:
        if not isinstance(change, Report | Act):
            continue
        for value in change.data.values():
            for item in value if isinstance(value, list | tuple) else [value]:
                with_id = _as_id(item)
                if with_id is not None:
                    found.add(with_id)
    return found


def _as_id(value: object) -> uuid.UUID | None:
    if isinstance(value, uuid.UUID):
        return value
    try:
        return uuid.UUID(value) if isinstance(value, str) and len(value) in (32, 36) else None
    except ValueError:
        return None
