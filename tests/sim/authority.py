"""What changes around the hazards: a year becomes official, a place sets its own limits, a workflow gets a new version, people come and go.

Each happens in an instant of its own: the clock moves a little before and after it, so that nobody can say what came first.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.catalogue.operations import import_policy
from hazard_flow.errors import HazardFlowError
from hazard_flow.exchange.kinds import ImportOrder
from hazard_flow.exchange.records import SourceFile
from hazard_flow.hazards.changes import Migrate
from hazard_flow.hazards.door import apply
from hazard_flow.hazards.migrating import ADMINISTRATOR
from hazard_flow.hazards.rules import amend_rules
from hazard_flow.identity import operations as identity
from hazard_flow.identity.actor import Actor, system_actor
from hazard_flow.identity.models import Membership, Organisation, Person
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.workflow.definition import Workflow
from tests.harness.cast import Member
from tests.harness.notices import announce, notice
from tests.harness.versions import changed, changed_text, renamed
from tests.sim.cast import come
from tests.sim.faults import Died, Fault
from tests.sim.town import Town

MOMENT = timedelta(microseconds=1)
_HEAD = "key,division,value,valid_from,valid_to,source,confidence,withdrawn\n"
_DIVISIONS = ("990100", "990102", "990103")
#: whose officers the last rung of every ladder reaches
HIGHEST = "云泽市燃气管理局"
#: limits a place may tighten, and to what
_LIMITS = (
    ("limit.general.classify", ("A: 2 h", "A: 1 h; B: 12 h")),
    ("limit.general.accept", ("A: 1 h", "B: 6 h")),
    ("limit.general.verify", ("A: 1 day",)),
    ("limit.major.classify", ("2 h",)),
)
#: jobs somebody new may take, by the unit's kind
_JOBS = {
    "regulator": ("county_officer", "city_officer"),
    "enterprise": ("safety_director", "duty_desk", "dept_manager"),
    "department": ("safety_director", "dept_manager"),
    "team": ("inspector", "team_leader", "worker"),
}


@dataclass
class Authority:
    """Whoever decides about rules, files and people."""

    town: Town
    #: versions released so far, by workflow
    released: dict[str, int] = field(default_factory=dict)

    def calendar(self) -> str:
        """The notice of next year: statutory days, some more off, some made up for. It may come again, changed."""
        dice = self.town.dice
        spring = dice.randrange(8, 13)
        makes_up = dice.choice((["01-30"], ["01-30", "02-14"], []))
        file = notice(
            holidays=[f"02-09..02-{spring:02d}", *dice.choice(([], ["01-02..01-03"]))], workdays=makes_up
        )
        return self._import("calendar", lambda: announce(self.town.database, file, self.town.now).is_stored)

    def policy(self) -> str:
        """One limit of one place, tightened from some day on, or withdrawn."""
        dice, town = self.town.dice, self.town
        key, values = dice.choice(_LIMITS)
        since = (town.now + timedelta(days=dice.choice((-20, -1, 0, 1, 3)))).date()
        line = f"{key},{dice.choice(_DIVISIONS)},{dice.choice(values)},{since.isoformat()},,本地办法,V,\n"

        def take() -> bool:
            order = ImportOrder(actor=system_actor("rules"), now=town.now)
            with town.database.transaction(SYSTEM) as session:
                report = import_policy(session, SourceFile("policy.csv", (_HEAD + line).encode()), order)
            return report.is_stored

        return f"{line.strip()}: {self._import('policy', take)}"

    def release(self) -> str:
        """A changed version of a workflow comes into use; hazards that are open keep theirs until somebody moves them."""
        town = self.town
        key = town.dice.choice(("general", "general", "major"))
        version = self.released.get(key, 1) + 1
        if version > len(_EDITS[key]) + 1:
            return "nothing new"
        workflow, text = _version(key, version)
        town.clock.advance(MOMENT)
        amend_rules(
            town.database.info,
            lambda known: replace(known, workflows={**known.workflows, (key, version): workflow}),
        )
        self.released[key] = version
        town.diary.workflow(town.now, workflow.id, text)
        town.clock.advance(MOMENT)
        return workflow.id

    def migrate(self, *, fault: Fault | None = None) -> str:
        """An administrator moves some open hazards to the newest version, in one batch; each alone may be refused."""
        town, dice = self.town, self.town.dice
        if not self.released or not town.open:
            return "nothing to move"
        key = dice.choice(sorted(self.released))
        chosen = dice.sample(list(town.open.values()), min(len(town.open), dice.choice((1, 3, 12))))
        names = (
            {"submitted": "handed_in"}
            if key == "general" and self.released[key] == len(_EDITS[key]) + 1
            else {}
        )
        changes = [
            Migrate(
                hazard_id=one.id, to_version=self.released[key], actor=ADMINISTRATOR, request_key=f"{town.key()}", reason="新版流程已发布",
                map=names,
            )
            for one in chosen
        ]  # fmt: skip
        try:
            with town.database.breaking(fault), town.database.transaction(SYSTEM) as session:
                outcomes = apply(session, changes, town.now)
        except (Died, sa.exc.OperationalError):
            if fault is None:
                raise
            return f"{fault}"
        said = [o.error.code if o.error else "moved" for o in outcomes]
        return f"{key} to {self.released[key]}: {', '.join(said)}"

    def leave(self) -> str:
        """Somebody leaves; whoever is left takes over, up to the highest regulator."""
        town, dice = self.town, self.town.dice
        present = [a for a in town.cast.present() if len(town.cast.away) < len(town.cast.actors) // 3]
        if not present:
            return "nobody may leave"
        who = dice.choice(present)
        top = [actor for actor in present if self._heads(actor)]
        if who in top and len(top) < 2:
            return "the last of the highest regulator stays"
        return self._people(
            lambda session: self._be_there(session, who.id, is_there=False), f"{who.name} leaves"
        )

    def come_back(self) -> str:
        """Somebody who left is there again, or somebody new comes."""
        town, dice = self.town, self.town.dice
        if town.cast.away and dice.random() < 0.8:
            who = dice.choice(sorted(town.cast.away))
            return self._people(
                lambda session: self._be_there(session, who, is_there=True),
                f"{town.cast.actors[who].name} comes back",
            )
        unit = dice.choice(sorted(town.cast.units))
        name = f"新人{len(town.cast.actors)}"

        def hire(session: Session) -> None:
            organisation = session.get_one(Organisation, town.cast.units[unit])
            role = dice.choice(_JOBS[organisation.kind])
            come(
                session, Member(name, f"n{len(town.cast.actors)}", unit, (role,)), organisation, now=town.now
            )

        return self._people(hire, f"{name} comes to {unit}")

    def change_roles(self) -> str:
        """Somebody gives up one of their jobs, or takes on another in their unit."""
        town, dice = self.town, self.town.dice
        who = dice.choice(town.cast.present())

        def change(session: Session) -> None:
            held = session.scalars(
                sa.select(Membership)
                .where(Membership.person_id == who.id, Membership.ended_at.is_(None))
                .order_by(Membership.role)
            ).all()
            if len(held) > 1 and "city_officer" not in who.roles:
                dice.choice(held).ended_at = town.now
                return
            person = session.get_one(Person, who.id)
            organisation = session.get_one(Organisation, person.organisation_id)
            taken = set(
                session.scalars(
                    sa.select(Membership.role).where(
                        Membership.person_id == who.id, Membership.organisation_id == organisation.id
                    )
                )
            )
            free = [role for role in _JOBS[organisation.kind] if role not in taken]
            if free:
                identity.give_role(session, person=person, organisation=organisation, role=dice.choice(free))

        return self._people(change, f"{who.name} changes roles")

    def _heads(self, actor: Actor) -> bool:
        """Whether this is somebody whom the last rung of every ladder reaches; a county's office may have a city officer too."""
        return any(
            held.role == "city_officer" and held.organisation_id == self.town.cast.units[HIGHEST]
            for held in actor.holdings
        )

    def _be_there(self, session: Session, who: uuid.UUID | None, *, is_there: bool) -> None:
        session.execute(sa.update(Person).where(Person.id == who).values(active=is_there))

    def _people(self, change: Callable[[Session], None], said: str) -> str:
        town = self.town
        town.clock.advance(MOMENT)
        with town.database.transaction(SYSTEM) as session:
            change(session)
            session.flush()
            town.cast.refresh(session)
        town.diary.people(town.now, town.database)
        town.clock.advance(MOMENT)
        return said

    def _import(self, kind: str, take: Callable[[], bool]) -> str:
        town = self.town
        town.clock.advance(MOMENT)
        try:
            stored = take()
        except HazardFlowError as refused:
            return refused.code
        if stored:
            town.diary.imported(town.now, kind)
        town.clock.advance(MOMENT)
        return "stored" if stored else "nothing new"


def _stricter(file: dict[str, Any]) -> None:
    """An A is classified within three hours; the one above hears of an idle step eight hours after."""
    file["states"]["reported"]["timers"]["classify"]["within"]["A"] = "3 h"
    file["ladders"]["idle"][1]["after"] = "8 h"


def _handed_in(file: dict[str, Any]) -> None:
    """The same, and a state has another name."""
    _stricter(file)
    renamed("submitted", "handed_in")(file)


def _sooner(file: dict[str, Any]) -> None:
    """The ladder of an idle major climbs sooner."""
    rungs: Sequence[dict[str, Any]] = file["ladders"]["idle"]
    rungs[1]["after"] = "3 h"


_EDITS: dict[str, tuple[Callable[[dict[str, Any]], None], ...]] = {
    "general": (_stricter, _handed_in),
    "major": (_sooner,),
}


@cache
def _version(key: str, version: int) -> tuple[Workflow, str]:
    """A version made of the shipped file, and its text; read once a process."""
    edit = _EDITS[key][version - 2]
    return changed(edit, key=key, version=version), changed_text(edit, key=key, version=version).decode()
