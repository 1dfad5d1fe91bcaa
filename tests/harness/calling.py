"""Household checks in the city's words: people live somewhere, an inspector calls, somebody opens or nobody does."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hazard_flow.assets.models import Asset
from hazard_flow.assets.operations import add_asset
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation
from hazard_flow.inspections.checklists.items import GOOD, Checklist
from hazard_flow.inspections.households import operations, queries, steps
from hazard_flow.inspections.households.enrolling import enrol, follow_assets
from hazard_flow.inspections.households.given import NOTICE, SIGNATURE, Picture, VisitGiven
from hazard_flow.inspections.households.models import Household, HouseholdBatch, HouseholdVisit
from hazard_flow.inspections.households.queries import Progress
from hazard_flow.inspections.households.visiting import record_visit, sheet_of
from hazard_flow.ladders import queries as limits_queries
from hazard_flow.ladders.models import TimeLimit
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.founding import ZONE

TEAM = "运行一班"
BUILDING = "青梧路 12 号楼"
#: where the house stands
LON, LAT = 119.4, 32.4


def today(city: City) -> date:
    """The day in the city."""
    return city.now.astimezone(ZONE).date()


def settle_in(
    city: City,
    *flats: str,
    unit: str = TEAM,
    building: str = BUILDING,
    entered: datetime | None = None,
    **details: Any,
) -> list[str]:
    """Users move in, and stand in the cycle; their numbers. Residents with a pipe unless told otherwise."""
    with city.database.transaction(SYSTEM) as session:
        organisation = session.get_one(Organisation, city._units[unit])
        for flat in flats:
            add_asset(
                session,
                organisation=organisation,
                code=flat,
                kind="user",
                label=Label(zh=f"用户 {flat}", en=f"User {flat}"),
                address=f"{building} {flat} 室",
                lon=LON,
                lat=LAT,
                now=entered or city.now - timedelta(days=800),
                details={"user_type": "resident", **details},
            )
        enrol(session, now=city.now, zone=ZONE)
        follow_assets(session)
    return list(flats)


def household(city: City, flat: str) -> Household:
    """How a user stands."""
    with city.database.reading(SYSTEM) as session:
        return session.scalars(
            sa.select(Household).join(Asset, Asset.id == Household.asset_id).where(Asset.code == flat)
        ).one()


def good_answers(sheet: Checklist, **other: str) -> dict[str, str]:
    """Everything in order, but for what is named."""
    found = {}
    for item in sheet.items:
        if item.answer == "yes_no":
            found[item.key] = GOOD
        elif item.answer == "choice":
            found[item.key] = next(one.key for one in item.choices if one.is_good)
        elif item.answer == "reading":
            found[item.key] = str(item.limits.high or 0) if item.limits else "0"
    return {**found, **other}


def call(
    city: City,
    flat: str,
    result: str = "done",
    *,
    by: str = "李巡检",
    key: str | None = None,
    at: datetime | None = None,
    pictures: Sequence[Picture] | None = None,
    answers: dict[str, str] | None = None,
    where: tuple[float, float] | None = (LON, LAT),
    **given: Any,
) -> HouseholdVisit:
    """An inspector calls; what a sound visit brings along comes along unless told otherwise."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        user = queries.by_word(session, flat)
        assert user is not None, f"{by} does not see {flat}"
        sheet = sheet_of(user.household.user_class)
        said = good_answers(sheet, **(answers or {})) if result == "done" else {}
        return record_visit(
            session,
            user.household,
            VisitGiven(
                result=result,
                visited_at=at or city.now,
                answers=said,
                pictures=brought(city, sheet, result, answers or {}) if pictures is None else pictures,
                lon=where[0] if where else None,
                lat=where[1] if where else None,
                **given,
            ),
            actor=actor,
            request_key=key or uuid.uuid4().hex,
            now=city.now,
        )


def brought(city: City, sheet: Checklist, result: str, answers: dict[str, str]) -> list[Picture]:
    """The pictures of a sound visit: what the sheet asks for, every answer that differs, the signature; or the notice at the door."""
    if result in ("absent", "refused"):
        return [Picture(city.photo(NOTICE, stage="control"))]
    if result != "done":
        return [Picture(city.photo())]
    shown = [
        one.key for one in sheet.items if one.photo == "always" or one.answer == "photo" or one.key in answers
    ]
    return [*(Picture(city.photo(), one) for one in shown), Picture(city.photo(SIGNATURE))]


def plan(
    city: City,
    *buildings: str,
    to: str = "李巡检",
    days: int = 14,
    by: str = "赵经理",
    unit: str = TEAM,
    key: str | None = None,
) -> HouseholdBatch:
    """A manager gives an inspector the users of some buildings, for so many days."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        return operations.plan_batch(
            session,
            operations.BatchPlan(
                organisation_id=city._units[unit],
                buildings=buildings or (BUILDING,),
                assignee_id=city.person(to),
                due_on=today(city) + timedelta(days=days),
            ),
            actor=actor,
            request_key=key or uuid.uuid4().hex,
            now=city.now,
        )


def progress(city: City, batch: HouseholdBatch) -> Progress:
    """How far a batch is."""
    with city.database.reading(SYSTEM) as session:
        return queries.progress(session, [batch.id])[batch.id]


def announce(
    city: City, batch: HouseholdBatch, *, hours: float = 72, by: str = "李巡检", way: str = "posted"
) -> int:
    """The users of a batch are told that somebody comes in so many hours."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        found = queries.batch(session, batch.id)
        assert found is not None
        return operations.announce(
            session,
            found,
            visit_at=city.now + timedelta(hours=hours),
            way=way,
            actor=actor,
            request_key=uuid.uuid4().hex,
            now=city.now,
        )


def ask_for_a_check(city: City, flat: str, *, by: str = "王班长") -> None:
    """The user rings up."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        user = queries.by_word(session, flat)
        assert user is not None
        steps.request_check(
            session,
            user.household,
            wanted_at=None,
            note="用户来电，同意入户",
            actor=actor,
            request_key=uuid.uuid4().hex,
            now=city.now,
        )


def limit(city: City, flat: str) -> TimeLimit:
    """How the limit of a check the user asked for stands."""
    with city.database.reading(SYSTEM) as session:
        return limits_queries.of_subject(session, operations.USER, [household(city, flat).asset_id])[
            household(city, flat).asset_id
        ][-1]


def hazard(city: City, number: str) -> Hazard:
    """A hazard by its number."""
    with city.database.reading(SYSTEM) as session:
        return session.scalars(sa.select(Hazard).where(Hazard.number == number)).one()
