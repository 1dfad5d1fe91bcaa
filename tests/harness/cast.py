"""The fixed people of the made-up city: two regulators above two enterprises, each person with one name and one job."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from hazard_flow.assets.operations import add_asset
from hazard_flow.i18n import Label
from hazard_flow.identity import operations as identity
from hazard_flow.identity import queries
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation, Person
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

#: a Monday, 09:00 in the city
START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
PASSWORD = "gas-safety-1"

CITY, EAST, WEST = "990100", "990102", "990103"
#: the enterprise the stories are about; another one beside it must see nothing of them
HENGCHUAN, ANPING = "恒川燃气", "安平燃气"


class Unit(NamedTuple):
    """One organisation: name, kind, division, the unit above."""

    name: str
    english: str
    kind: str
    division: str
    parent: str | None = None


class Member(NamedTuple):
    """One person: name, username, unit, roles there."""

    name: str
    username: str
    unit: str
    roles: tuple[str, ...]


UNITS = (
    Unit("云泽市燃气管理局", "Yunze Gas Administration", "regulator", CITY),
    Unit("城东区燃气管理局", "East District Gas Office", "regulator", EAST),
    Unit("城西区燃气管理局", "West District Gas Office", "regulator", WEST),
    Unit(HENGCHUAN, "Hengchuan Gas", "enterprise", EAST),
    Unit("恒川安全部", "Hengchuan Safety", "department", EAST, HENGCHUAN),
    Unit("恒川运行部", "Hengchuan Operations", "department", EAST, HENGCHUAN),
    Unit("运行一班", "First Team", "team", EAST, "恒川运行部"),
    Unit("运行二班", "Second Team", "team", EAST, "恒川运行部"),
    Unit(ANPING, "Anping Gas", "enterprise", WEST),
    Unit("安平巡检班", "Anping Patrol", "team", WEST, ANPING),
)
PEOPLE = (
    Member("陈处长", "chen", "云泽市燃气管理局", ("city_officer",)),
    Member("梁处长", "liang", "云泽市燃气管理局", ("city_officer",)),
    Member("卢主任", "lu", "云泽市燃气管理局", ("safety_committee",)),
    Member("顾管理", "gu", "云泽市燃气管理局", ("administrator",)),
    Member("唐监管", "tang", "城东区燃气管理局", ("county_officer",)),
    Member("方监管", "fang", "城西区燃气管理局", ("county_officer",)),
    Member("韩总", "han", HENGCHUAN, ("enterprise_principal",)),
    Member("何安全", "he", HENGCHUAN, ("safety_director",)),
    Member("周调度", "zhou", HENGCHUAN, ("duty_desk",)),
    Member("钱管理", "qian", HENGCHUAN, ("administrator",)),
    Member("孟安全", "meng", "恒川安全部", ("safety_director",)),
    Member("赵经理", "zhao", "恒川运行部", ("dept_manager",)),
    Member("徐复查", "xu", "恒川运行部", ("inspector",)),
    Member("王班长", "wang", "运行一班", ("team_leader",)),
    Member("李巡检", "li", "运行一班", ("inspector",)),
    Member("吴班长", "wu", "运行二班", ("team_leader",)),
    Member("郑巡检", "zheng", "运行二班", ("inspector",)),
    Member("邓总", "deng", ANPING, ("enterprise_principal",)),
    Member("马安全", "ma", ANPING, ("safety_director",)),
    Member("孙巡检", "sun", "安平巡检班", ("inspector",)),
)
#: code → unit, name, English name
WELLS = {
    "VW-1": ("运行一班", "青梧路阀井", "Qingwu Road valve well"),
    "VW-9": ("运行二班", "听潮路阀井", "Tingchao Road valve well"),
    "AP-1": ("安平巡检班", "安平阀井", "Anping valve well"),
}


@dataclass(frozen=True)
class Founded:
    """What a newly founded city holds: people as actors, units and assets by name."""

    actors: Mapping[str, Actor]
    units: Mapping[str, uuid.UUID]
    paths: Mapping[str, str]
    assets: Mapping[str, uuid.UUID]


def found(database: Database) -> Founded:
    """Fill an empty database with the city, through the real operations."""
    with database.transaction(SYSTEM) as session:
        units = _units(session)
        people = _people(session, units)
        assets = {
            code: add_asset(
                session,
                organisation=units[unit],
                code=code,
                kind="valve_well",
                label=Label(zh=zh, en=en),
                address=f"{zh[:3]} 12 号",
                lon=119.4,
                lat=32.4,
                now=START,
            ).id
            for code, (unit, zh, en) in WELLS.items()
        }
        return Founded(
            actors={name: queries.actor_of_person(session, person) for name, person in people.items()},
            units={name: unit.id for name, unit in units.items()},
            paths={name: unit.path for name, unit in units.items()},
            assets=assets,
        )


def _units(session: Session) -> dict[str, Organisation]:
    for code, zh, en in ((CITY, "云泽市", "Yunze"), (EAST, "城东区", "East"), (WEST, "城西区", "West")):
        identity.add_division(session, code=code, label=Label(zh=zh, en=en))
    made: dict[str, Organisation] = {}
    for unit in UNITS:
        made[unit.name] = identity.add_organisation(
            session,
            kind=unit.kind,
            label=Label(zh=unit.name, en=unit.english),
            division=unit.division,
            parent=made[unit.parent] if unit.parent else None,
            now=START,
        )
    identity.name_highest_regulator(session, code=CITY, organisation=made["云泽市燃气管理局"])
    return made


def _people(session: Session, units: Mapping[str, Organisation]) -> dict[str, Person]:
    return {
        member.name: identity.add_person(
            session,
            username=member.username,
            name=member.name,
            organisation=units[member.unit],
            roles=member.roles,
            password=PASSWORD,
            now=START,
        )
        for member in PEOPLE
    }
