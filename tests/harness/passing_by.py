"""People of the street: they read the code at an asset and report; whoever is on duty looks at it first."""

import uuid

import sqlalchemy as sa

from hazard_flow.assets.models import Asset
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.models import Organisation
from hazard_flow.public_reports import operations, queries
from hazard_flow.public_reports.models import PublicReport
from hazard_flow.public_reports.operations import Said
from hazard_flow.public_reports.queries import Standing
from hazard_flow.public_reports.rules import public_rules
from hazard_flow.storage.scope import SYSTEM
from tests.harness import founding
from tests.harness.city import City


def reported(
    city: City,
    kind: str = "smell_of_gas",
    description: str = "路过时闻到很浓的燃气味",
    *,
    asset: str | None = "VW-1",
    regulator: str = "城东区燃气管理局",
    key: str | None = None,
    photos: tuple[EvidenceItem, ...] | None = None,
    **given: str,
) -> tuple[PublicReport, str]:
    """Somebody reports; the report and the code they were given."""
    with city.database.transaction(SYSTEM) as session:
        thing = session.get_one(Asset, city.founded.assets[asset]) if asset else None
        unit = (
            session.get_one(Organisation, thing.organisation_id)
            if thing is not None
            else session.scalars(sa.select(Organisation).where(Organisation.name_zh == regulator)).one()
        )
        return operations.hand_in(
            session,
            Said(kind, description, **given),
            rules=public_rules(),
            organisation=unit,
            asset=thing,
            evidence=(city.photo(),) if photos is None else photos,
            request_key=key or uuid.uuid4().hex,
            locale="zh",
            zone=founding.ZONE,
            now=city.now,
        )


def accepted(city: City, report: PublicReport, *, by: str = "周调度", asset: str = "", **data: str) -> Hazard:
    """Taken up as a hazard."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        outcome = operations.accept(
            session,
            report.id,
            actor=actor,
            data=data,
            asset_code=asset,
            evidence=(),
            request_key=uuid.uuid4().hex,
            now=city.now,
        )
    assert outcome.hazard is not None
    return outcome.hazard


def joined(city: City, report: PublicReport, hazard: Hazard, *, by: str = "李巡检") -> Hazard:
    """Joined to an open hazard."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        return operations.join(
            session,
            report.id,
            actor=actor,
            number=hazard.number,
            request_key=uuid.uuid4().hex,
            now=city.now,
        )


def refused(
    city: City, report: PublicReport, reason: str = "not_found", answer: str = "", *, by: str = "周调度"
) -> PublicReport:
    """Put away."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        return operations.refuse(
            session, report.id, actor=actor, rules=public_rules(), reason=reason, answer=answer, now=city.now
        )


def standing(city: City, code: str) -> Standing | None:
    """What whoever holds the code is told."""
    with city.database.reading(SYSTEM) as session:
        return queries.standing(session, code)
