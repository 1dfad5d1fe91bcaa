"""Decides, notice by notice, which hazards are to be opened and which joined, before anything is done."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.telemetry.alerts import Change
from hazard_flow.telemetry.gathering import OWN_LEVEL, Storms, hider_of
from hazard_flow.telemetry.models import Alert
from hazard_flow.telemetry.notices import Key, Notice, NotTaken
from hazard_flow.telemetry.rules import Rules, speaks_of_gas

#: joins in this order of preference: on a hazard whose re-check has passed, an alarm is a failed re-check
JOINING = ("alarm", "realarm")
#: alarms of one hazard that are written one by one in one batch
JOININGS_MAX = 20


@dataclass
class Standing:
    """An open hazard as it will stand after what is planned so far; `hazard` None until its opening is done."""

    hazard: Hazard | None
    workflow: tuple[str, int] | None
    state: str


@dataclass(frozen=True)
class Joining:
    """An act on an open hazard: what the notice says, and how many others it speaks for."""

    notice: Notice
    standing: Standing
    action: str
    signal: dict[str, Any]
    further: tuple[Notice, ...] = ()


@dataclass
class Plan:
    """What to do for a sequence of notices."""

    openings: list[tuple[Notice, dict[str, Any]]] = field(default_factory=list)
    joinings: list[Joining] = field(default_factory=list)

    def gathered(self) -> list[Joining]:
        """The joinings, those of one hazard beyond `JOININGS_MAX` gathered into one that carries the worst of them.

        A storm stays legible in the record and short in the transaction; each alarm keeps its own row beside it.
        """
        kept: list[Joining] = []
        rest: dict[int, list[Joining]] = {}
        counted: dict[int, int] = {}
        for joining in self.joinings:
            place = counted[id(joining.standing)] = counted.get(id(joining.standing), 0) + 1
            if place <= JOININGS_MAX or joining.action != "alarm":
                kept.append(joining)
            else:
                rest.setdefault(id(joining.standing), []).append(joining)
        return kept + [_gather(joinings) for joinings in rest.values()]


def _gather(joinings: Sequence[Joining]) -> Joining:
    worst = max(joinings, key=lambda joining: joining.signal.get("alarm_level", 0))
    signal: dict[str, Any] = {}
    for joining in joinings:
        level = max(signal.get("alarm_level", 0), joining.signal.get("alarm_level", 0))
        signal |= joining.signal | ({"alarm_level": level} if level else {})
    further = tuple(joining.notice for joining in joinings if joining is not worst)
    return Joining(worst.notice, worst.standing, worst.action, signal, further)


class Planner:
    """Decides notice by notice, keeping the open hazards as they will stand."""

    def __init__(self, session: Session, notices: Sequence[Notice], rules: Rules) -> None:
        self.session, self.rules = session, rules
        self.storms = Storms(session, notices, rules)
        self.standing: dict[Key, Standing] = {}
        self.by_hazard: dict[uuid.UUID, Standing] = {}
        keys = {*(notice.key for notice in notices), *self.storms.keys}
        sites, families = {site for site, _ in keys}, {family for _, family in keys}
        known = {notice.alert.hazard_id for notice in notices} - {None}
        open_here = sa.and_(Hazard.asset_id.in_(sites), Hazard.family.in_(families))
        devices = {notice.device.id for notice in notices if notice.device is not None}
        spoken = sa.select(Alert.hazard_id).where(
            Alert.device_id.in_(devices), Alert.alert_class != "sensor_fault"
        )
        rows = session.scalars(
            sa.select(Hazard)
            .where(Hazard.closed_at.is_(None), sa.or_(open_here, Hazard.id.in_(known), Hazard.id.in_(spoken)))
            .execution_options(populate_existing=True)
        )
        for hazard in rows:
            standing = Standing(hazard, (hazard.workflow, hazard.workflow_version), hazard.state)
            self.by_hazard[hazard.id] = standing
            if hazard.asset_id is not None and hazard.family is not None:
                self.standing[hazard.asset_id, hazard.family] = standing
        self.alerts = session.scalars(
            sa.select(Alert).where(
                Alert.device_id.in_(devices),
                Alert.merged_into_id.is_(None),
                sa.or_(Alert.condition == "firing", Alert.hazard_id.in_(self.by_hazard)),
            )
        ).all()
        self.faulty = {
            a.device_id for a in self.alerts if a.alert_class == "sensor_fault" and a.condition == "firing"
        } - {None}
        #: gas hazards each device has spoken in, this batch's included
        self.spoken: dict[uuid.UUID, list[Standing]] = {}
        for alert in self.alerts:
            self._note_spoken(alert, self.by_hazard.get(alert.hazard_id) if alert.hazard_id else None)

    def plan(self, notice: Notice, plan: Plan) -> None:
        """Add what this notice asks for."""
        if notice.transition.change is Change.ENDED:
            if not notice.alert.suppressed_by:
                self._note(notice, plan, {})
            self._surface(notice, plan)
        elif notice.transition.change is Change.CUT:
            self._note(notice, plan, {"incomplete": True})
        elif notice.alert.alert_class == "sensor_fault" and (blinded := self._blinded(notice)):
            for alert in self.alerts:
                if alert.device_id == notice.alert.device_id and speaks_of_gas(alert.alert_class):
                    alert.blind = True
            plan.joinings.append(Joining(notice, blinded, "alarm", {"blind": True}))
        elif self._is_hidden(notice):
            notice.alert.hazard_id = notice.alert.hazard_id or self._hazard_at(notice.key)
        else:
            self._open_or_join(notice, plan)

    def closed_before(self, key: Key) -> uuid.UUID | None:
        """The hazard of this site and family that was closed last, if any: the new one is its relapse."""
        site, family = key
        last = (
            sa.select(Hazard.id)
            .where(Hazard.asset_id == site, Hazard.family == family, Hazard.closed_at.is_not(None))
            .order_by(Hazard.closed_at.desc())
        )
        return self.session.scalars(last.limit(1)).first()

    def _open_or_join(self, notice: Notice, plan: Plan) -> None:
        signal: dict[str, Any] = {}
        if speaks_of_gas(notice.alert.alert_class):
            signal["alarm_level"] = notice.transition.level
            if notice.alert.device_id in self.faulty:
                signal["blind"] = notice.alert.blind = True
        if notice.alert.truncated:
            signal["incomplete"] = True
        area = self._area_of(notice, plan)
        standing = self.standing.get(notice.key)
        if standing is None and area is not None and notice.transition.level < OWN_LEVEL:
            standing = area
        if standing is None:
            standing = self.standing[notice.key] = Standing(None, None, "")
            plan.openings.append((notice, signal))
        else:
            action = self._action(standing, JOINING)
            if action is None:
                raise NotTaken(f"no alarm can join in state {standing.state}")
            plan.joinings.append(Joining(notice, standing, action, signal))
        self._note_spoken(notice.alert, standing)

    def _area_of(self, notice: Notice, plan: Plan) -> Standing | None:
        """The hazard of the storm the notice falls into; begins the storm if this is the alert that makes it one."""
        storm, begun = self.storms.over(notice)
        if begun is not None:
            self._open_or_join(begun, plan)
        if storm is None:
            return None
        notice.alert.storm_id = storm.id
        return self.standing.get((storm.site_id, storm.family))

    def _is_hidden(self, notice: Notice) -> bool:
        hider = hider_of(notice.alert, self.alerts, self.rules)
        notice.alert.suppressed_by = hider or ""
        return hider is not None

    def _hazard_at(self, key: Key) -> uuid.UUID | None:
        standing = self.standing.get(key)
        return standing.hazard.id if standing is not None and standing.hazard is not None else None

    def _surface(self, notice: Notice, plan: Plan) -> None:
        """What was told behind the alert that ended, and still fires, is told by itself."""
        for alert in self.alerts:
            if (
                alert.suppressed_by == notice.alert.rule
                and alert.device_id == notice.alert.device_id
                and alert.condition == "firing"
            ):
                step = replace(
                    notice.transition, change=Change.ROSE, level=alert.level, episode=alert.episode
                )
                again = replace(notice, alert=alert, transition=step)
                if not self._is_hidden(again):
                    self._open_or_join(again, plan)

    def _note(self, notice: Notice, plan: Plan, signal: dict[str, Any]) -> None:
        """Say something on the alert's open hazard. A note only; where the state takes none, the alert itself remembers."""
        standing = self.by_hazard.get(notice.alert.hazard_id) if notice.alert.hazard_id else None
        if standing is None:
            standing = next(
                (s for key, s in self.standing.items() if key == notice.key and s.hazard is None), None
            )
        if standing is not None and self._action(standing, ("alarm",)):
            plan.joinings.append(Joining(notice, standing, "alarm", signal))

    def _blinded(self, notice: Notice) -> Standing | None:
        """The open gas hazard in which the failing device has spoken."""
        spoken = self.spoken.get(notice.device.id, []) if notice.device else []
        return next((standing for standing in spoken if self._action(standing, ("alarm",))), None)

    def _note_spoken(self, alert: Alert, standing: Standing | None) -> None:
        if standing is not None and alert.device_id is not None and speaks_of_gas(alert.alert_class):
            self.spoken.setdefault(alert.device_id, []).append(standing)

    def _action(self, standing: Standing, wanted: Sequence[str]) -> str | None:
        """The first wanted action the hazard's workflow allows from where it will stand; moves it there."""
        if standing.workflow is None:  # about to be opened: it will stand where new hazards stand
            workflow = rules_of(self.session).newest("general")
            standing.workflow, standing.state = (workflow.key, workflow.version), workflow.initial
        workflow = rules_of(self.session).pinned(*standing.workflow)
        for key in wanted:
            action = workflow.actions.get(key)
            if action is not None and standing.state in (action.from_states or ()):
                standing.state = action.to or standing.state
                return key
        return None
