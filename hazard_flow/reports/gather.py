"""Everything a closure file or a paper draws on, read in one go and cut loose from the session."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets import queries as assets
from hazard_flow.assets.models import Asset
from hazard_flow.errors import NotFound
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards import queries as hazards
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.hazards.originality.flags import NO_FLAGS, Flags, flags_of
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.identity.models import Division, Membership, Organisation, Person, Personal
from hazard_flow.ledger import queries as ledger
from hazard_flow.ledger.queries import Proof
from hazard_flow.telemetry.curve import Curve
from hazard_flow.telemetry.drawing import curve_of
from hazard_flow.telemetry.queries import alarms_of


@dataclass(frozen=True)
class Named:
    """A person as printed."""

    name: str
    organisation: Organisation | None


@dataclass(frozen=True)
class Event:
    """A stored event with its body opened."""

    seq: int
    at: datetime
    type: str
    action: str
    actor: str
    hash: str
    data: Mapping[str, Any]

    @property
    def fields(self) -> Mapping[str, Any]:
        """The form's values, without those kept apart as personal data."""
        given: Mapping[str, Any] = self.data.get("fields") or {}
        return {
            name: value
            for name, value in given.items()
            if not isinstance(value, dict) and value not in (None, "", [])
        }

    @property
    def issued(self) -> Mapping[str, str] | None:
        """Kind, number and issuer of the paper this event brought forth."""
        found: Mapping[str, str] | None = self.data.get("issues")
        return found

    @property
    def person(self) -> uuid.UUID | None:
        """Who acted, if it was a person."""
        return uuid.UUID(self.actor.removeprefix("person:")) if self.actor.startswith("person:") else None


@dataclass(frozen=True)
class Disclosed:
    """A personal value with the salt that proves it; both are None once it was erased."""

    value: str | None
    salt: bytes | None


@dataclass(frozen=True)
class Sources:
    """One hazard with everything around it up to one event; detached, never written back.

    The row of the hazard stands as it is now: what a paper of an earlier event prints comes from the events alone.
    """

    hazard: Hazard
    bodies: tuple[bytes, ...]
    events: tuple[Event, ...]
    evidence: tuple[Evidence, ...]
    people: Mapping[uuid.UUID, Named]
    enterprise: Organisation | None
    unit: Organisation | None
    regulator: Organisation | None
    division: Division | None
    asset: Asset | None
    rules: Rules
    #: values kept apart from the events, by the digest that stands there; read for papers only
    personal: Mapping[str, Disclosed] = field(default_factory=dict)
    #: the bodies that issued papers, by id
    issuers: Mapping[str, Organisation] = field(default_factory=dict)
    #: who stands at the head of the enterprise
    principal: str = ""
    #: that the last event stands in the ledger; read for closure files only, None while no checkpoint covers it
    proof: Proof | None = None
    #: what was found doubtful; other hazards are named only within the enterprise
    flags: Flags = NO_FLAGS
    #: the gas curve around the alarm, as it was known when the hazard was closed; read for closure files only
    curve: Curve | None = None

    def last(self, *actions: str) -> Event | None:
        """The latest event of these actions."""
        return next((event for event in reversed(self.events) if event.action in actions), None)

    def all(self, *actions: str) -> Iterator[Event]:
        """The events of these actions, in order."""
        return (event for event in self.events if event.action in actions)

    def name(self, person_id: uuid.UUID | str | None) -> str:
        """The name of a person; a dash where there is none."""
        known = self.people.get(uuid.UUID(str(person_id))) if person_id else None
        return known.name if known else "—"


def read(session: Session, hazard_id: uuid.UUID) -> Sources:
    """The sources of one hazard's closure file. The rows are cut loose: the session may end."""
    hazard = session.get_one(Hazard, hazard_id)
    return _read(session, hazard, hazards.events(session, hazard))


def read_for_paper(session: Session, hazard_id: uuid.UUID, event_seq: int) -> Sources:
    """The sources of what one event issued: nothing that came later, and the personal values named until then."""
    hazard = session.get_one(Hazard, hazard_id)
    chain = [event for event in hazards.events(session, hazard) if event.seq <= event_seq]
    if not chain or chain[-1].seq != event_seq:
        raise NotFound(f"event {event_seq} of {hazard.number}")
    return _read(session, hazard, chain, for_paper=True)


def _read(
    session: Session, hazard: Hazard, chain: Sequence[HazardEvent], *, for_paper: bool = False
) -> Sources:
    events, rules = tuple(map(_opened, chain)), rules_of(session)
    root = hazard.home_id
    issuers = {event.issued["issuer"] for event in events if event.issued} if for_paper else set()
    units = _organisations(session, {hazard.organisation_id, root, *map(uuid.UUID, issuers)})
    divided = session.get(Division, hazard.division)
    sources = Sources(
        hazard=hazard,
        bodies=tuple(event.body for event in chain),
        events=events,
        evidence=tuple(e for e in hazards.evidence(session, hazard) if e.event_seq <= events[-1].seq),
        people=_people(session, _mentioned(hazard, events, rules)),
        enterprise=units.get(hazard.home_id),
        unit=units.get(hazard.organisation_id),
        regulator=_regulator(session, hazard.division, divided),
        division=divided,
        asset=assets.labels(session, [hazard.asset_id]).get(hazard.asset_id) if hazard.asset_id else None,
        rules=rules,
        personal=_personal(session, events) if for_paper else {},
        issuers={one: units[uuid.UUID(one)] for one in issuers},
        principal=_principal(session, root) if for_paper else "",
        proof=None if for_paper else ledger.proof_for(session, chain[-1].hash),
        flags=NO_FLAGS if for_paper else flags_of(session, hazard, within=root),
        curve=None if for_paper else _curve(session, hazard),
    )
    session.expunge_all()
    return sources


def _curve(session: Session, hazard: Hazard) -> Curve | None:
    # Not what came later: the file must come out the same whenever it is printed.
    return curve_of(session, hazard.id, alarms_of(session, hazard.id), known_by=hazard.closed_at)[1]


def _opened(event: HazardEvent) -> Event:
    return Event(
        seq=event.seq,
        at=event.at,
        type=event.type,
        action=event.action or "",
        actor=event.actor,
        hash=event.hash.hex(),
        data=json.loads(event.body)["data"],
    )


def _organisations(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, Organisation]:
    return {
        unit.id: unit for unit in session.scalars(sa.select(Organisation).where(Organisation.id.in_(ids)))
    }


def _personal(session: Session, events: Sequence[Event]) -> dict[str, Disclosed]:
    digests = {
        value["sha256"]
        for event in events
        for value in (event.data.get("fields") or {}).values()
        if isinstance(value, dict)
    }
    rows = session.scalars(sa.select(Personal).where(Personal.digest.in_(digests)))
    return {row.digest: Disclosed(row.value, row.salt) for row in rows}


def _principal(session: Session, enterprise: uuid.UUID) -> str:
    """The name of the enterprise's principal; empty where nobody or more than one is named."""
    found = session.scalars(
        sa.select(Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.organisation_id == enterprise,
            Membership.role == "enterprise_principal",
            Membership.ended_at.is_(None),
        )
    ).all()
    return found[0] if len(found) == 1 else ""


def _regulator(session: Session, code: str, division: Division | None) -> Organisation | None:
    """The regulator nearest to the hazard: its district's, else its city's, else the top one named for the division."""
    codes = [code[:6], code[:4] + "00", code[:2] + "0000"]
    found = {
        unit.division: unit
        for unit in session.scalars(
            sa.select(Organisation)
            .where(Organisation.kind == "regulator", Organisation.division.in_(codes))
            .order_by(Organisation.path.desc())
        )
    }
    nearest = next((found[code] for code in codes if code in found), None)
    if nearest is None and division is not None and division.highest_regulator_id is not None:
        return session.get(Organisation, division.highest_regulator_id)
    return nearest


def _mentioned(hazard: Hazard, events: Sequence[Event], rules: Rules) -> set[uuid.UUID]:
    ids = {hazard.reporter_id, hazard.responsible_id, hazard.closer_id, *map(uuid.UUID, hazard.verifier_ids)}
    for event in events:
        ids.add(event.person)
        ids |= {uuid.UUID(told.removeprefix("person:")) for told in event.data.get("told") or ()}
        for name, value in event.fields.items():
            known = rules.fields.fields.get(name)
            if known is not None and known.type in ("person", "people"):
                ids |= {uuid.UUID(str(one)) for one in (value if isinstance(value, list) else [value])}
    return {one for one in ids if one is not None}


def _people(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, Named]:
    rows = session.execute(
        sa.select(Person.id, Person.name, Organisation)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.id.in_(ids))
    )
    return {row[0]: Named(row[1], row[2]) for row in rows}
