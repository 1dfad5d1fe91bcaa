"""Rounds in the city's words: a team plans, days pass, somebody goes round and hands in what they saw."""

import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from hazard_flow.assets.operations import add_asset
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards.changes import Offline
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation
from hazard_flow.inspections import making, operations, planning
from hazard_flow.inspections.checklists.items import Checklist
from hazard_flow.inspections.checklists.loading import checklists, released
from hazard_flow.inspections.models import Round, RoundAnswer, RoundFlag, RoundPlan
from hazard_flow.inspections.papers import Answer, Paper, PlaceVisit
from hazard_flow.inspections.tracks import Point
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.founding import ZONE

TEAM = "运行一班"
#: metres of a degree of latitude, as `assets.geometry` counts
DEGREE_M = 111_194.93


def plan(
    city: City,
    name: str = "阀井周检",
    *,
    name_en: str = "",
    line: str = "valves",
    checklist: str = "valve_well",
    rule: str = "FREQ=DAILY",
    assets: Sequence[str | uuid.UUID] = ("VW-1",),
    unit: str = TEAM,
    by: str = "王班长",
    who: str | None = "李巡检",
    key: str | None = None,
    starts_on: date | None = None,
    **more: Any,
) -> RoundPlan:
    """A leader plans; made through the real operation."""
    actor = city.actor(by)
    ids = [city.founded.assets[one] if isinstance(one, str) else one for one in assets]
    of = planning.PlanOf(
        organisation_id=city._units[unit],
        name_zh=name,
        name_en=name_en or name,
        line=line,
        checklist=checklist,
        rule=rule,
        starts_on=starts_on or today(city),
        asset_ids=ids,
        responsible_id=city.person(who) if who else None,
        **more,
    )
    with city.database.transaction(actor.scope) as session:
        return planning.plan(
            session, of, actor=actor, request_key=key or uuid.uuid4().hex, now=city.now, zone=ZONE
        )


def today(city: City) -> date:
    """The city's day."""
    return city.now.astimezone(ZONE).date()


def work(city: City) -> int:
    """The worker looks once; how many rounds it made."""
    return making.make(city.database, city.clock, ZONE)


def rounds(city: City, **wanted: Any) -> list[Round]:
    """Every round, by day."""
    return city.all(sa.select(Round).filter_by(**wanted).order_by(Round.planned_on, Round.name_zh))


def of_today(city: City, name: str = "阀井周检") -> Round:
    """Today's round of a plan."""
    [found] = [one for one in rounds(city, name_zh=name) if one.planned_on == today(city)]
    return found


def photo(city: City) -> EvidenceItem:
    """A picture from a camera."""
    return city.photo()


def answers(
    city: City, checklist: Checklist, *, failed: Mapping[str, str] | Sequence[str] = (), **given: Answer
) -> dict[str, Answer]:
    """The whole sheet in order, photos where they are wanted; `failed` items answered badly (yes-no), or with that value."""
    bad = dict(failed) if isinstance(failed, Mapping) else dict.fromkeys(failed, "no")
    found: dict[str, Answer] = {}
    numbers: dict[str, float] = {}
    for item in checklist.items:
        if item.answer == "reading":
            value = bad.get(item.key) or _good_number(item, numbers)
            numbers[item.key] = float(value)
        elif item.answer == "choice":
            value = bad.get(item.key) or next(one.key for one in item.choices if one.is_good)
        elif item.answer == "photo":
            value = ""
        else:
            value = bad.get(item.key, "yes")
        wants = item.photo == "always" or item.key in bad
        found[item.key] = Answer(value, photos=(photo(city),) if wants else ())
    return found | given


def _good_number(item: Any, numbers: Mapping[str, float]) -> str:
    limits = item.limits
    if limits is None:
        return "2"
    by = numbers[limits.times] if limits.times else 1.0
    low = float(limits.low) * by if limits.low is not None else None
    high = float(limits.high) * by if limits.high is not None else None
    if low is not None and high is not None:
        return f"{(low + high) / 2:.3f}"
    return f"{high if high is not None else low + 1:.3f}"


def paper(
    city: City,
    found: Round,
    *,
    failed: Mapping[str, str] | Sequence[str] = (),
    minutes: float = 30,
    track: Sequence[Point] = (),
    places: Sequence[tuple[uuid.UUID, float, float]] | None = None,
    step_minutes: float = 5,
    **answered: Answer,
) -> Paper:
    """A round just finished: the first place with failures, the others in order."""
    checklist = released()[found.checklist]
    started_at = city.now - timedelta(minutes=minutes)
    ids = [row.asset_id for row in places_of(city, found)]
    where = {id_: (lon, lat) for id_, lon, lat in places or ()}
    visits = []
    for number, id_ in enumerate(ids):
        lon, lat = where.get(id_, (119.4, 32.4))
        visits.append(
            PlaceVisit(
                asset_id=id_,
                answers=answers(
                    city, checklist, failed=failed if number == 0 else (), **(answered if number == 0 else {})
                ),
                visited_at=started_at + timedelta(minutes=1 + number * step_minutes),
                lon=lon,
                lat=lat,
                accuracy_m=5.0,
            )
        )
    return Paper(started_at=started_at, ended_at=city.now, visits=visits, track=track)


def places_of(city: City, found: Round) -> list[Any]:
    """Its places in order."""
    from hazard_flow.inspections.models import RoundAsset

    return city.all(sa.select(RoundAsset).filter_by(round_id=found.id).order_by(RoundAsset.place))


def hand_in(
    city: City,
    found: Round,
    given: Paper | None = None,
    *,
    by: str = "李巡检",
    key: str | None = None,
    offline: Offline | None = None,
    **more: Any,
) -> Round:
    """Somebody hands a round in."""
    actor = city.actor(by)
    given = given or paper(city, found, **more)
    with city.database.transaction(actor.scope) as session:
        return operations.hand_in(
            session,
            actor,
            found.id,
            given,
            request_key=key or uuid.uuid4().hex,
            now=city.now,
            zone=ZONE,
            offline=offline,
        )


def answers_of(city: City, found: Round) -> dict[str, RoundAnswer]:
    """What was kept, by item."""
    return {one.item: one for one in city.all(sa.select(RoundAnswer).filter_by(round_id=found.id))}


def flags_of(city: City, found: Round) -> list[str]:
    """The rules of its doubts."""
    return sorted(one.rule for one in city.all(sa.select(RoundFlag).filter_by(round_id=found.id)))


def pipe(city: City, code: str, points: Sequence[tuple[float, float]], *, unit: str = TEAM) -> uuid.UUID:
    """A pipe segment through these points."""
    with city.database.transaction(SYSTEM) as session:
        return add_asset(
            session,
            organisation=session.get_one(Organisation, city._units[unit]),
            code=code,
            kind="pipe_segment",
            label=Label(zh=code, en=code),
            now=city.now,
            geometry={"type": "LineString", "coordinates": [list(one) for one in points]},
        ).id


def well(city: City, code: str, lon: float, lat: float, *, unit: str = TEAM) -> uuid.UUID:
    """A valve well at a place."""
    with city.database.transaction(SYSTEM) as session:
        return add_asset(
            session,
            organisation=session.get_one(Organisation, city._units[unit]),
            code=code,
            kind="valve_well",
            label=Label(zh=code, en=code),
            now=city.now,
            lon=lon,
            lat=lat,
        ).id


def walk(
    start: datetime,
    points: Sequence[tuple[float, float]],
    *,
    kmh: float = 4.5,
    every_s: float = 10,
    off_m: float = 0,
) -> list[Point]:
    """Fixes along a way north–south or any straight pieces, at an even pace; `off_m` beside it to the north."""
    found: list[Point] = []
    at = start
    for (lon, lat), (to_lon, to_lat) in pairwise(points):
        dx = (to_lon - lon) * DEGREE_M * math.cos(math.radians(lat))
        dy = (to_lat - lat) * DEGREE_M
        metres = math.hypot(dx, dy)
        steps = max(1, round(metres / (kmh / 3.6 * every_s)))
        for step in range(steps):
            share = step / steps
            found.append(
                Point(at, lon + (to_lon - lon) * share, lat + (to_lat - lat) * share + off_m / DEGREE_M, 5.0)
            )
            at += timedelta(seconds=metres / (kmh / 3.6) / steps)
    last = points[-1]
    found.append(Point(at, last[0], last[1] + off_m / DEGREE_M, 5.0))
    return found


__all__ = ["checklists", "replace"]
