"""Divisions, organisations, people, assets, detectors and message sources of the demo city, entered through the ordinary operations."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.operations import add_asset
from hazard_flow.identity.models import Organisation, Person
from hazard_flow.identity.operations import (
    add_division,
    add_organisation,
    add_person,
    give_role,
    name_highest_regulator,
)
from hazard_flow.simulation.cast import Cast
from hazard_flow.telemetry.operations import register_device, register_source

#: whose sites the city's detectors and its Alertmanager speak of
TELEMETRY_OWNER = "hengchuan"


@dataclass(frozen=True)
class Settled:
    """What exists now, by the keys the city's files use."""

    organisations: Mapping[str, Organisation]
    people: Mapping[str, Person]
    assets: Mapping[str, Asset]
    mqtt_source_id: uuid.UUID
    #: kind of source → its address below the site's root, secret included
    source_paths: Mapping[str, str]


def settle(session: Session, cast: Cast, *, password: str, now: datetime) -> Settled:
    """Enter the whole cast as of `now`; everybody gets the same password."""
    for division in cast.divisions:
        add_division(session, code=division.code, label=division.label)
    organisations: dict[str, Organisation] = {}
    for row in cast.organisations:
        organisations[row.key] = add_organisation(
            session,
            kind=row.kind,
            label=row.label,
            division=row.division,
            now=now,
            parent=organisations[row.parent] if row.parent else None,
            uscc=row.uscc,
        )
    for division in cast.divisions:
        name_highest_regulator(
            session, code=division.code, organisation=organisations[division.highest_regulator]
        )
    people = _people(session, cast, organisations, password=password, now=now)
    assets = _assets(session, cast, organisations, now=now)
    owner = organisations[TELEMETRY_OWNER]
    broker, _ = register_source(session, "mqtt", name="衡川燃气监测网", organisation=owner, now=now)
    _, token = register_source(session, "alertmanager", name="Alertmanager", organisation=owner, now=now)
    return Settled(organisations, people, assets, broker.id, {"alertmanager": f"/in/alertmanager/{token}"})


def _people(
    session: Session, cast: Cast, organisations: Mapping[str, Organisation], *, password: str, now: datetime
) -> dict[str, Person]:
    found: dict[str, Person] = {}
    for number, row in enumerate(cast.people):
        own = row.holds_at == row.organisation
        person = add_person(
            session,
            username=row.username,
            name=row.name.zh,
            organisation=organisations[row.organisation],
            roles=row.roles if own else (),
            password=password,
            now=now,
            # .example never resolves (RFC 2606); no Chinese mobile number begins with 100
            email=f"{row.username}@yunze.example",
            phone=f"100{number:08d}",
        )
        for role in () if own else row.roles:
            give_role(session, person=person, organisation=organisations[row.holds_at], role=role)
        found[row.username] = person
    session.flush()
    return found


def _assets(
    session: Session, cast: Cast, organisations: Mapping[str, Organisation], *, now: datetime
) -> dict[str, Asset]:
    found: dict[str, Asset] = {}
    for row in cast.assets:
        found[row.code] = add_asset(
            session,
            organisation=organisations[row.owner],
            code=row.code,
            kind=row.kind,
            label=row.label,
            now=now,
            address=row.address,
            lon=row.lon,
            lat=row.lat,
        )
        for device in row.detectors:
            register_device(session, device, site=found[row.code], now=now)
    return found
