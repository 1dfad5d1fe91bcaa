"""Works of others near a pipe, in the city's words: a pipe lies there, somebody digs, papers are signed, a guard stands by."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hazard_flow.assets.models import Asset
from hazard_flow.assets.operations import add_asset
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation
from hazard_flow.inspections.construction import guarding, incidents, queries, register
from hazard_flow.inspections.construction.guarding import DayGiven
from hazard_flow.inspections.construction.models import ConstructionSite, GuardDay
from hazard_flow.inspections.construction.owing import KIND
from hazard_flow.inspections.construction.queries import Guarding
from hazard_flow.inspections.construction.register import SiteGiven
from hazard_flow.ladders import queries as limits_queries
from hazard_flow.ladders.models import TimeLimit
from hazard_flow.storage.scope import SYSTEM
from tests.harness.calling import good_answers, today
from tests.harness.city import City

TEAM = "运行一班"
#: the pipe runs east along a parallel; a metre to the north of it is so many degrees
LON, LAT, METRE = 119.4, 32.4, 1 / 111_195


def lay_pipe(city: City, code: str = "P-1", *, tier: str = "medium_a", unit: str = TEAM) -> str:
    """A kilometre of pipe; its number."""
    with city.database.transaction(SYSTEM) as session:
        add_asset(
            session,
            organisation=session.get_one(Organisation, city._units[unit]),
            code=code,
            kind="pipe_segment",
            label=Label(zh="青梧路中压管", en="Qingwu Road main"),
            now=city.now,
            geometry={"type": "LineString", "coordinates": [[LON, LAT], [LON + 0.01, LAT]]},
            details={"pressure_tier": tier},
        )
    return code


def given(
    city: City, code: str = "SG-1", *, metres: float = 1, days: int = 10, unit: str = TEAM, **other: Any
) -> SiteGiven:
    """A site so many metres north of the pipe."""
    return SiteGiven(
        organisation_id=city._units[unit],
        **{
            "code": code,
            "project": "青梧路排水改造",
            "builder": "区住建局",
            "constructor": "宏达市政",
            "starts_on": today(city),
            "ends_on": today(city) + timedelta(days=days),
            "place": {"lon": LON + 0.005, "lat": LAT + metres * METRE, "crs": "WGS84"},
            "address": "青梧路",
            "guard_id": city.person("李巡检"),
            "works": ("excavation",),
            **other,
        },
    )


def register_site(
    city: City, code: str = "SG-1", *, by: str = "李巡检", key: str | None = None, **other: Any
) -> ConstructionSite:
    """A builder comes before digging."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        return register.register(
            session,
            given(city, code, **other),
            actor=actor,
            request_key=key or uuid.uuid4().hex,
            now=city.now,
        )


def come_upon(city: City, code: str = "SG-1", *, by: str = "李巡检", **other: Any) -> Hazard:
    """A patrol comes upon digging that nobody told of."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        _, hazard = register.found(
            session,
            given(city, code, builder="", constructor="", **other),
            evidence=[city.photo()],
            note="巡查发现挖掘机在管道上方开挖，未办理手续",
            actor=actor,
            request_key=uuid.uuid4().hex,
            now=city.now,
        )
        return hazard


def register_after_all(city: City, code: str = "SG-1", *, by: str = "李巡检") -> None:
    """The builder of a site that was found comes after all."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        found = queries.by_word(session, code)
        assert found is not None
        register.register_found(
            session, found.site, builder="区住建局", constructor="宏达市政", actor=actor, request_key=uuid.uuid4().hex, now=city.now
        )  # fmt: skip


def sign(
    city: City, step: str, code: str = "SG-1", *, by: str = "李巡检", evidence: Any = None, **other: Any
) -> None:
    """A paper is signed: `agreement`, `briefing`, `acceptance`."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        found = queries.by_word(session, code)
        assert found is not None
        register.add_paper(
            session,
            found.site,
            step,
            note="三方签字",
            evidence=[city.photo("THIRD_PARTY_AGREEMENT", stage="report")] if evidence is None else evidence,
            actor=actor,
            request_key=uuid.uuid4().hex,
            now=city.now,
            **other,
        )


def hit(city: City, code: str = "SG-1", *, by: str = "李巡检") -> Hazard:
    """The excavator hits the pipe."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        found = queries.by_word(session, code)
        assert found is not None
        return incidents.damage(
            session,
            found.site,
            description="挖掘机挖破中压管，现场有燃气泄漏",
            evidence=[city.photo(), city.photo("LEAK_READING_BEFORE")],
            leak={"leak_reading": "35", "leak_unit": "pct_lel", "instrument_number": "JC-07"},
            actor=actor,
            request_key=uuid.uuid4().hex,
            now=city.now,
        )


def guard(
    city: City,
    code: str = "SG-1",
    *,
    by: str = "李巡检",
    at: datetime | None = None,
    metres: float = 5,
    answers: dict[str, str] | None = None,
    key: str | None = None,
    **other: Any,
) -> GuardDay:
    """Somebody of the operator stands by for a day, so many metres from the pipe."""
    actor, said = city.actor(by), answers or {}
    shown = ["pipe_marked", *(one for one in said if one != "pipe_marked")]
    with city.database.transaction(actor.scope) as session:
        found = queries.by_word(session, code)
        assert found is not None
        return guarding.record_day(
            session,
            found.site,
            DayGiven(
                came_at=at or city.now,
                lon=LON + 0.005,
                lat=LAT + metres * METRE,
                answers=good_answers(guarding.sheet(), **said),
                pictures=[(city.photo(), one) for one in shown],
                **other,
            ),
            actor=actor,
            request_key=key or uuid.uuid4().hex,
            now=city.now,
        )


def site(city: City, code: str = "SG-1") -> ConstructionSite:
    """How a site stands."""
    with city.database.reading(SYSTEM) as session:
        return session.scalars(
            sa.select(ConstructionSite)
            .join(Asset, Asset.id == ConstructionSite.asset_id)
            .where(Asset.code == code)
        ).one()


def days_of(city: City, code: str = "SG-1", *, since: date | None = None) -> Guarding:
    """The days of a site so far."""
    with city.database.reading(SYSTEM) as session:
        one = site(city, code)
        return queries.guarding(session, [one], since or one.starts_on, today(city))[one.asset_id]


def limits(city: City, code: str = "SG-1") -> list[TimeLimit]:
    """The limits of a site, oldest first."""
    id_ = site(city, code).asset_id
    with city.database.reading(SYSTEM) as session:
        return list(limits_queries.of_subject(session, KIND, [id_]).get(id_, ()))
