"""The register of risks in the city's words: a point is entered and rated, alarms fire, the follower reads on, and what colour it has."""

import uuid
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from hazard_flow.assessment import risk_feed
from hazard_flow.hazards.leaves import EventLeaves
from hazard_flow.ladders.models import TimeLimit
from hazard_flow.ledger.sealer import Sealer
from hazard_flow.risk import chain, operations, proposals, queries, reviews, waiting
from hazard_flow.risk.models import (
    MeasureProposal,
    RiskColour,
    RiskPoint,
    RiskPointVersion,
    RiskReview,
    SimilarCheck,
)
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.models import Alert
from hazard_flow.workflow.calendar import china
from hazard_flow.workflow.deadlines import Reckoning
from tests.harness.city import City
from tests.harness.founding import ZONE

DAYS = Reckoning(ZONE, china())
#: D = 1 × 6 × 15 = 90: yellow
YELLOW = {"method": "lec", "likelihood": "1", "exposure": "6", "consequence": "15"}
BLUE = {"method": "lec", "likelihood": "0.5", "exposure": "6", "consequence": "15"}
RED = {"method": "direct", "grounds": "ten_people"}


def entry(code: str, *, asset: str = "VW-1", **more: str) -> dict[str, str]:
    """What is said of a point."""
    said = {
        "code": code,
        "name_zh": f"{code}阀门井",
        "name_en": f"Well {code}",
        "kind": "facility",
        "category": "valve_well",
        "asset": asset,
    }
    return {**said, **YELLOW, **more}


def point(city: City, code: str = "FX-001", *, by: str = "何安全", **more: str) -> RiskPoint:
    """Somebody enters a point."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        return operations.enter(session, entry(code, **more), now=city.now, by=actor.id, zone=ZONE)


def rate(city: City, code: str, *, by: str = "何安全", **scores: str) -> None:
    """Somebody rates it again, which answers what was called for."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        found = queries.by_code(session, code)
        assert found is not None
        operations.rate_again(session, found, scores, now=city.now, by=actor.id, zone=ZONE)
        reviews.finish(session, found, "按新情况重新评估", now=city.now, actor=actor)


def measure(city: City, code: str = "FX-001", text: str = "井盖完好防水", **more: str) -> str:
    """A measure of the point with a check item; its code."""
    row = {
        "unit": "阀门井",
        "event": "井室积水、燃气积聚",
        "accidents": "leak,explosion",
        "measure_kind": "engineering",
        "measure": text,
    }
    with city.database.transaction(SYSTEM) as session:
        found = queries.by_code(session, code)
        assert found is not None
        added = chain.add(session, found, {**row, "item": f"{text}是否保持", **more}, now=city.now)
        assert added.measure is not None
        return added.measure.code


def fires(
    city: City, asset: str = "VW-1", *, level: int = 2, name: str = "G-101", klass: str = "process"
) -> None:
    """An alarm fires at a place, or changes its level."""
    with city.database.transaction(SYSTEM) as session:
        found = session.scalar(sa.select(Alert).where(Alert.fingerprint == name, Alert.condition == "firing"))
        if found is not None:
            found.level, found.peak_level = level, max(level, found.peak_level)
            return
        session.add(
            Alert(
                fingerprint=name, episode=f"{city.now.isoformat()}{uuid.uuid4()}", rule="ch4", rules_version=1,
                site_id=city.founded.assets[asset], device_id=None, family="gas_leak", alert_class=klass, condition="firing",
                level=level, peak_level=level, peak_value=50.0, started_at=city.now, last_high_at=city.now, seen_to_at=city.now,
                raised_at=city.now, ended_at=None, hazard_id=None, fired_at=city.now, normal_at=None, storm_id=None, merged_into_id=None,
            )
        )  # fmt: skip


def falls_silent(city: City, *, name: str = "G-101") -> None:
    """The alarm is over."""
    with city.database.transaction(SYSTEM) as session:
        for one in session.scalars(
            sa.select(Alert).where(Alert.fingerprint == name, Alert.condition == "firing")
        ):
            one.condition, one.ended_at, one.normal_at = "normal", city.now, city.now


def seal(city: City) -> None:
    """The ledger takes in what happened."""
    Sealer(city.database, EventLeaves()).run(city.now + timedelta(seconds=2))


def follow(city: City) -> risk_feed.Followed:
    """The worker seals and reads on."""
    seal(city)
    return risk_feed.run(city.database, city.now)


def colour(city: City, code: str = "FX-001") -> str:
    """What colour the point has now, once the feed is read."""
    follow(city)
    return look(city, code).dynamic


def look(city: City, code: str = "FX-001") -> RiskPoint:
    """The point as it is stored."""
    with city.database.reading(SYSTEM) as session:
        found = queries.by_code(session, code)
        assert found is not None
        return found


def colours(city: City) -> dict[str, str]:
    """All points in use by code."""
    with city.database.reading(SYSTEM) as session:
        rows = session.execute(
            sa.select(RiskPoint.code, RiskPoint.dynamic).where(RiskPoint.ended_at.is_(None))
        )
        return {row[0]: row[1] for row in rows}


def past(city: City, code: str = "FX-001") -> list[RiskColour]:
    """Every colour it has had."""
    with city.database.reading(SYSTEM) as session:
        return list(queries.past(session, look(city, code).id))


def open_reviews(city: City, code: str = "FX-001") -> list[RiskReview]:
    """What calls for a new rating."""
    with city.database.reading(SYSTEM) as session:
        return [review for review, at in waiting.reviews(session, open_only=True) if at.code == code]


def proposed(city: City) -> list[MeasureProposal]:
    """Measures proposed."""
    with city.database.reading(SYSTEM) as session:
        return [one for one, _ in waiting.proposals(session)]


def accept(city: City, proposal: MeasureProposal, *places: str, by: str = "何安全", **given: Any) -> None:
    """Somebody takes a proposal up, with a look at these places."""
    actor = city.actor(by)
    row = {
        "unit": "阀门井",
        "event": "井室积水、燃气积聚",
        "measure_kind": "management",
        "measure": "雨季每周抽排",
        "item": "井室有无积水",
    }
    with city.database.transaction(actor.scope) as session:
        stored = session.get_one(MeasureProposal, proposal.id)
        at = session.get_one(RiskPoint, stored.point_id)
        proposals.accept(
            session,
            stored,
            at,
            {**row, **given},
            [city.founded.assets[one] for one in places],
            now=city.now,
            actor=actor,
            days=DAYS,
        )


def days(count: int) -> timedelta:
    """So many days."""
    return timedelta(days=count)


def owed(city: City, subject: uuid.UUID) -> TimeLimit:
    """The limit of a review or a check."""
    with city.database.reading(SYSTEM) as session:
        return session.scalars(sa.select(TimeLimit).where(TimeLimit.subject_id == subject)).one()


def measures(city: City, code: str = "FX-001") -> list[str]:
    """The measures of a point."""
    with city.database.reading(SYSTEM) as session:
        units = queries.chain_of(session, look(city, code).id)
        return [one.measure.text_zh for unit in units for event in unit.events for one in event.measures]


def checks(city: City) -> list[tuple[SimilarCheck, str]]:
    """Looks at similar places, with the code of the place."""
    with city.database.reading(SYSTEM) as session:
        return [(check, asset.code) for check, asset in waiting.similar_checks(session)]


def versions(city: City, code: str = "FX-001") -> list[RiskPointVersion]:
    """How the entry stood after each change, the newest first."""
    with city.database.reading(SYSTEM) as session:
        return list(queries.versions(session, look(city, code).id))
