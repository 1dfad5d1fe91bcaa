"""The telemetry city with people at its alarm desk, the timers that watch them, and what they do."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hazard_flow.hazards import escalation
from hazard_flow.identity import operations as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.queries import actor_of_person
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.desk import firing, operations, queries
from hazard_flow.telemetry.desk.models import AlertDuty, AlertStep, AlertVisibility
from hazard_flow.telemetry.desk.queries import Row, Wanted
from hazard_flow.timers.engine import tick
from hazard_flow.timers.handlers import Handlers, TimerHandler
from tests.telemetry.city import START, City

ROLES = ("duty_desk", "dept_manager", "inspector", "administrator")


@dataclass
class DeskCity:
    """What people and timers do at the desk, and what it shows."""

    city: City
    people: dict[str, Actor] = field(default_factory=dict)
    handlers: Handlers = field(
        default_factory=lambda: Handlers(
            [
                TimerHandler("hazard", escalation.claim, escalation.fire),
                TimerHandler("alert", firing.claim, firing.fire),
            ]
        )
    )

    @property
    def now(self) -> datetime:
        """The city's time."""
        return self.city.now

    def alarm(self, device: str = "G-101", *values: float) -> Any:
        """A device alarms, at level 1 unless told otherwise; its newest alert."""
        self.city.measure(
            device, *(values or (30, 30, 30)), site="VW-9" if device.startswith("G-9") else "VW-1"
        )
        self.city.drain()
        return self.alert(device)

    def alert(self, device: str = "G-101") -> Any:
        """The newest alert of a device."""
        id_ = self.city.devices()[device].id
        return [one for one in self.city.alerts() if one.device_id == id_][-1]

    def tick(self, **span: float) -> Any:
        """Time goes by, and a worker looks for what is due."""
        self.city.pass_time(**span)
        done = tick(self.city.database, self.now, handlers=self.handlers)
        assert (done.parked, done.failed) == (0, ())
        return done

    def do(
        self, act: str, alert: Any, who: str = "duty_desk", *, key: str | None = None, **given: Any
    ) -> AlertDuty:
        """Somebody does something with an alert, in their own scope."""
        actor = self.people[who]
        with self.city.database.transaction(actor.scope) as session:
            return getattr(operations, act)(
                session,
                actor=actor,
                alert_id=alert.id,
                request_key=key or uuid.uuid4().hex,
                now=self.now,
                **given,
            )

    def to_the_end(self, alert: Any, cause: str = "biogas") -> None:
        """Heard, gone, said what it was."""
        self.do("acknowledge", alert)
        self.do("respond", alert, note="北片班到场")
        self.do("feed_back", alert, cause=cause, reading="1.2", unit="%LEL")

    def row(self, alert: Any, who: str = "duty_desk") -> Row:
        """How the alert stands, as this person sees it."""
        with self.city.database.reading(self.people[who].scope) as session:
            return queries.by_id(session, alert.id, now=self.now)

    def listed(self, view: str = "active", who: str = "duty_desk", **wanted: Any) -> list[Any]:
        """The ids a view shows."""
        with self.city.database.reading(self.people[who].scope) as session:
            if view == "active":
                return [one.alert.id for one in queries.active(session, Wanted(view, **wanted), now=self.now)]
            found = queries.page(session, Wanted(view, **wanted), now=self.now, cursor=None, limit=50)
            return [one.alert.id for one in found.items]

    def steps(self, alert: Any) -> list[str]:
        """What happened to an alert, in order."""
        rows = self.city._all(
            sa.select(AlertStep).where(AlertStep.alert_id == alert.id).order_by(AlertStep.seq)
        )
        return [one.kind for one in rows]

    def hidings(self) -> list[AlertVisibility]:
        """All that was ever hidden."""
        return self.city._all(sa.select(AlertVisibility).order_by(AlertVisibility.since_at))

    def missed(self) -> list[Any]:
        """The hazards of the operator about alarms nobody acknowledged."""
        return [one for one in self.city.hazards() if one.family == "unacknowledged"]


def open_desk(city: City) -> DeskCity:
    """People of the enterprise and a stranger of another one."""
    desk = DeskCity(city)
    with city.database.transaction(SYSTEM) as session:
        enterprise = session.get_one(Organisation, city.enterprise_id)
        for role in ROLES:
            person = identity.add_person(
                session, username=role, name=role, organisation=enterprise, roles=(role,), password="a long password", now=START
            )  # fmt: skip
            desk.people[role] = actor_of_person(session, person)
        other = identity.add_organisation(
            session, kind="enterprise", label=enterprise.label, division="320107", now=START
        )
        stranger = identity.add_person(
            session, username="stranger", name="stranger", organisation=other, roles=("duty_desk",), password="a long password",
            now=START,
        )  # fmt: skip
        desk.people["stranger"] = actor_of_person(session, stranger)
    return desk
