"""Reads dossiers, set-based: a page of files costs the same handful of queries as one."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from hazard_flow.audits.dossier import Dossier, Known
from hazard_flow.audits.rules import audit_rules
from hazard_flow.audits.seams import Seams
from hazard_flow.evidence.models import Evidence
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.classifying import assigned_at
from hazard_flow.hazards.effects import parts
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.hazards.past import Past, read_past
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.models import Membership, Organisation, Person
from hazard_flow.reports.models import Document
from hazard_flow.reports.queries import CLOSURE
from hazard_flow.storage.unit import scope_of_session


def dossiers(
    session: Session, hazards: Sequence[Hazard], now: datetime, *, seams: Seams | None = None
) -> dict[uuid.UUID, Dossier]:
    """The records of hazards in scope, by id; what needs the store (originals, the file itself) is asked by `whole` alone."""
    rules, seams = rules_of(session), seams or Seams()
    ids = [hazard.id for hazard in hazards]
    events, evidence = _events(session, ids), _evidence(session, ids)
    past = {id_: read_past(chain) for id_, chain in events.items()}
    people = _people(session, {p for h in hazards for p in _named(h, past[h.id])})
    units = _unit_names(session, {h.home_id for h in hazards})
    documents = _documents(session, ids)
    reused = _reused(session, hazards, evidence)
    flags = seams.flags(session, ids) if seams.flags else {}
    return {
        hazard.id: Dossier(
            hazard=hazard,
            bodies=tuple(event.body for event in events[hazard.id]),
            past=past[hazard.id],
            evidence=tuple(evidence[hazard.id]),
            people=people,
            unit_names=units[hazard.home_id],
            rules=rules,
            audit_rules=audit_rules(),
            policy=rules.book.policy(
                hazard.division, rules.day_of(assigned_at(hazard) or hazard.reported_at)
            ),
            document=documents.get(hazard.id),
            now=now,
            reused=reused[hazard.id],
            flags=tuple(flags.get(hazard.id, ())),
        )
        for hazard in hazards
    }


def whole(
    session: Session, hazard: Hazard, now: datetime, *, seams: Seams | None = None, store: Store | None = None
) -> Dossier:
    """One record with everything: also whether the originals are in the store, and what the verification of the file says."""
    seams = seams or Seams()
    found = dossiers(session, [hazard], now, seams=seams)[hazard.id]
    if store is None:
        return found
    missing = tuple(p.sha256 for p in found.evidence if p.has_original and store.size(p.sha256) is None)
    document = found.document
    proven = seams.proof(session, store, document) if seams.proof and document is not None else None
    return replace(found, missing=missing, proven=proven)


def _events(session: Session, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, list[HazardEvent]]:
    found: dict[uuid.UUID, list[HazardEvent]] = defaultdict(list)
    rows = sa.select(HazardEvent).where(HazardEvent.hazard_id.in_(ids))
    for event in session.scalars(rows.order_by(HazardEvent.hazard_id, HazardEvent.seq)):
        found[event.hazard_id].append(event)
    return found


def _evidence(session: Session, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, list[Evidence]]:
    found: dict[uuid.UUID, list[Evidence]] = defaultdict(list)
    rows = sa.select(Evidence).where(Evidence.hazard_id.in_(ids))
    for piece in session.scalars(rows.order_by(Evidence.hazard_id, Evidence.event_seq, Evidence.id)):
        found[piece.hazard_id].append(piece)
    return found


def _named(hazard: Hazard, past: Iterable[Past]) -> set[uuid.UUID]:
    return {p for _, p in parts(hazard)} | {event.who for event in past if event.who is not None}


def _people(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, Known]:
    rows = session.execute(
        sa.select(Person.id, Person.name, Organisation)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.id.in_(ids))
    ).all()
    roles: dict[uuid.UUID, set[str]] = defaultdict(set)
    held = sa.select(Membership.person_id, Membership.role).where(Membership.person_id.in_(ids))
    for person, role in session.execute(held):
        roles[person].add(role)
    return {id_: Known(name, _unit_name(unit), frozenset(roles[id_])) for id_, name, unit in rows}


def _unit_name(unit: Organisation | None) -> str:
    return unit.name_zh if unit is not None else ""


def _unit_names(session: Session, homes: set[uuid.UUID]) -> dict[uuid.UUID, frozenset[str]]:
    found: dict[uuid.UUID, set[str]] = {home: set() for home in homes}
    reach = sa.or_(sa.false(), *(Organisation.path.startswith(home.hex) for home in homes))
    rows = session.execute(
        sa.select(Organisation.path, Organisation.name_zh, Organisation.name_en).where(reach)
    )
    for path, zh, en in rows:
        home = uuid.UUID(hex=path.split("/", 1)[0])
        found[home] |= {zh, en}
    return {home: frozenset(names) for home, names in found.items()}


def _documents(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Document]:
    rows = sa.select(Document).where(Document.subject_id.in_(ids), Document.kind == CLOSURE)
    # the newest version comes last and stays
    return {row.subject_id: row for row in session.scalars(rows.order_by(Document.version))}


def _reused(
    session: Session, hazards: Sequence[Hazard], evidence: Mapping[uuid.UUID, list[Evidence]]
) -> Mapping[uuid.UUID, dict[str, tuple[str, ...]]]:
    """Files that other hazards in scope hold too; those it was split from, reopened from or joined with share theirs rightly."""
    other, scope = aliased(Hazard), scope_of_session(session)
    files = {piece.sha256 for pieces in evidence.values() for piece in pieces}
    rows = session.execute(
        sa.select(Evidence.sha256, other)
        .join(other, other.id == Evidence.hazard_id)
        .where(Evidence.sha256.in_(files), scope.where(other.path, other.division, other.parties))
    ).all()
    found: dict[uuid.UUID, dict[str, tuple[str, ...]]] = {}
    for hazard in hazards:
        mine = {piece.sha256 for piece in evidence[hazard.id]}
        held: dict[str, set[str]] = defaultdict(set)
        for sha256, owner in rows:
            if sha256 in mine and not _linked(hazard, owner):
                held[sha256].add(owner.number)
        found[hazard.id] = {sha256: tuple(sorted(numbers)) for sha256, numbers in held.items()}
    return found


def _linked(one: Hazard, other: Hazard) -> bool:
    ids = {one.id, one.reopen_of_id, one.split_from_id, one.merged_into_id}
    return other.id in ids or one.id in (other.reopen_of_id, other.split_from_id, other.merged_into_id)
