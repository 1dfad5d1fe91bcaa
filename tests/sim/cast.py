"""The people of the simulated city: those of the stories, a second enterprise grown up, a third one beside it; and who holds what now."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.operations import add_asset
from hazard_flow.i18n import Label
from hazard_flow.identity import operations as identity
from hazard_flow.identity import queries
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Contact, Organisation, Person
from tests.harness.cast import ANPING, EAST, HENGCHUAN, PASSWORD, START, Founded, Member, Unit

DONGGANG = "东港燃气"
UNITS = (
    Unit("安平安全部", "Anping Safety", "department", "990103", ANPING),
    Unit("安平维修班", "Anping Repairs", "team", "990103", ANPING),
    Unit(DONGGANG, "Donggang Gas", "enterprise", EAST),
    Unit("东港安全部", "Donggang Safety", "department", EAST, DONGGANG),
    Unit("东港巡检班", "Donggang Patrol", "team", EAST, DONGGANG),
)
PEOPLE = (
    Member("彭安全", "peng", "恒川安全部", ("safety_director",)),
    Member("蒋班长", "jiang", "运行一班", ("team_leader",)),
    Member("沈巡检", "shen", "运行一班", ("inspector",)),
    Member("韦工人", "wei", "运行二班", ("worker",)),
    Member("杜专家", "du", HENGCHUAN, ("expert",)),
    Member("苗监管", "miao", "城东区燃气管理局", ("county_officer",)),
    Member("柳监管", "liu", "城西区燃气管理局", ("county_officer",)),
    Member("戚执法", "qi", "云泽市燃气管理局", ("enforcement",)),
    Member("安管理", "an", ANPING, ("administrator", "duty_desk")),
    Member("丁经理", "ding", ANPING, ("dept_manager",)),
    Member("崔安全", "cui", "安平安全部", ("safety_director",)),
    Member("贺班长", "he2", "安平维修班", ("team_leader",)),
    Member("史巡检", "shi", "安平维修班", ("inspector",)),
    Member("殷班长", "yin", "安平巡检班", ("team_leader",)),
    Member("东总", "dong", DONGGANG, ("enterprise_principal",)),
    Member("龚调度", "gong", DONGGANG, ("duty_desk",)),
    Member("齐管理", "qi2", DONGGANG, ("administrator",)),
    Member("康安全", "kang", DONGGANG, ("safety_director",)),
    Member("伍安全", "wu2", "东港安全部", ("safety_director",)),
    Member("余经理", "yu", DONGGANG, ("dept_manager",)),
    Member("元班长", "yuan", "东港巡检班", ("team_leader",)),
    Member("卜班长", "bu", "东港巡检班", ("team_leader",)),
    Member("顾巡检", "gu2", "东港巡检班", ("inspector",)),
    Member("孔巡检", "kong", "东港巡检班", ("inspector",)),
)
WELLS = {
    "VW-2": "运行一班", "VW-3": "运行二班", "AP-2": "安平维修班", "AP-3": "安平巡检班", "DG-1": "东港巡检班", "DG-2": "东港巡检班",
}  # fmt: skip
#: one in so many people has an address: everybody else's messages stay inside, each one sent costs a transaction of its own
WITH_ADDRESS = 5


@dataclass
class Cast:
    """Who there is, and as whom they act now; refreshed whenever somebody comes, goes or changes roles."""

    founded: Founded
    units: dict[str, uuid.UUID]
    assets: dict[str, uuid.UUID]
    #: in the order of their coming, those who left among them
    actors: dict[uuid.UUID, Actor] = field(default_factory=dict)
    away: set[uuid.UUID] = field(default_factory=set)

    def present(self) -> list[Actor]:
        """Everybody who is there."""
        return [actor for id_, actor in self.actors.items() if id_ not in self.away]

    def at(self, *, path: str, division: str) -> list[tuple[Actor, frozenset[str]]]:
        """Those present who hold a role towards something of this path and division, with these roles."""
        held = ((actor, actor.roles_at(path=path, division=division)) for actor in self.present())
        return [(actor, roles) for actor, roles in held if roles]

    def refresh(self, session: Session) -> None:
        """Read everybody's roles anew."""
        people = session.scalars(sa.select(Person).order_by(Person.created_at, Person.id)).all()
        self.actors = {person.id: queries.actor_of_person(session, person) for person in people}
        self.away = {person.id for person in people if not person.active}


def settle_in(session: Session, founded: Founded, dice: random.Random) -> Cast:
    """Everybody who lives here beside those of the stories, through the real operations."""
    cast = Cast(founded, dict(founded.units), dict(founded.assets))
    organisations = {name: session.get_one(Organisation, id_) for name, id_ in founded.units.items()}
    for unit in UNITS:
        made = identity.add_organisation(
            session, kind=unit.kind, label=Label(zh=unit.name, en=unit.english), division=unit.division, now=START,
            parent=organisations[unit.parent] if unit.parent else None,
        )  # fmt: skip
        organisations[unit.name] = made
        cast.units[unit.name] = made.id
    for member in PEOPLE:
        come(session, member, organisations[member.unit], now=START)
    for code, unit_name in WELLS.items():
        cast.assets[code] = add_asset(
            session, organisation=organisations[unit_name], code=code, kind="valve_well", label=Label(zh=f"{code} 阀井", en=code),
            address=f"{code} 号", lon=119.4, lat=32.4, now=START,
        ).id  # fmt: skip
    _addresses(session, dice)
    session.flush()
    cast.refresh(session)
    return cast


def come(session: Session, member: Member, organisation: Organisation, *, now: datetime) -> Person:
    """Somebody begins to work."""
    return identity.add_person(
        session, username=member.username, name=member.name, organisation=organisation, roles=member.roles, password=PASSWORD, now=now,
    )  # fmt: skip


def _addresses(session: Session, dice: random.Random) -> None:
    people: Sequence[Person] = session.scalars(sa.select(Person).order_by(Person.created_at, Person.id)).all()
    for person in people:
        if dice.randrange(WITH_ADDRESS) == 0:
            session.get_one(Contact, person.id).email = f"{person.username}@city.example"


#: where hazards of a home are reported, and by whom rounds are walked
HOMES = (HENGCHUAN, ANPING, DONGGANG)
