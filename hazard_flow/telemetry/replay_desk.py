"""Alerts into hazards as the planner does it, in memory: one open hazard a site and family, storms, what hides what, who goes blind."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from hazard_flow.telemetry import storms
from hazard_flow.telemetry.alerts import Change
from hazard_flow.telemetry.replay_values import Joining, Opening, Spot
from hazard_flow.telemetry.rules import (
    ALERT_CLASSES,
    AlertClass,
    Combination,
    NoData,
    Rules,
    Storm,
    Stuck,
    Threshold,
    speaks_of_gas,
)
from hazard_flow.telemetry.scanning import Step

Key = tuple[str, str]
_CHANGES = tuple(Change)


class Subject(NamedTuple):
    """Whom an alert is about; `device` empty: the site."""

    device: str
    site: str


class Event(NamedTuple):
    """A step of an alert in its place: of one instant, the suspect before the process before the fault."""

    at: float
    rank: int
    order: int
    rule: str
    subject: Subject
    level: int
    family: str
    alert_class: AlertClass
    change: Change

    @classmethod
    def of(cls, rule: Threshold | Combination | Stuck | NoData, subject: Subject, step: Step) -> "Event":
        """The event of one step."""
        return cls(
            at=step.at,
            rank=ALERT_CLASSES.index(rule.alert_class),
            order=_CHANGES.index(step.change),
            rule=rule.id,
            subject=subject,
            level=step.level,
            family=rule.family,
            alert_class=rule.alert_class,
            change=step.change,
        )


class Together(Protocol):
    """Whoever knows which devices are silent together."""

    def gateway_of(self, rule: NoData, device: str, at: float) -> str | None:
        """The gateway behind which so many are silent that it is one hazard; None where it is the device's own."""


@dataclass
class _Hazard:
    number: int
    site: str
    family: str
    at: float
    first: Event
    peak_level: int
    firing: set[tuple[str, Subject]] = field(default_factory=set)
    quiet_since: float = 0.0


@dataclass
class _Alert:
    event: Event
    peak_level: int = 0
    hidden: bool = False
    #: the hazards it is part of
    hazards: list[_Hazard] = field(default_factory=list)


@dataclass
class _Upstream:
    """What lately fired behind one upstream, and the storm over it."""

    #: by subject, when it last fired
    fired: dict[Subject, datetime] = field(default_factory=dict)
    hazard: _Hazard | None = None
    #: alerts told in the storm's hazard alone
    grouped: list[tuple[str, Subject]] = field(default_factory=list)


class Desk:
    """Takes events in order and keeps the hazards they lead to."""

    def __init__(
        self, rules: Rules, topology: Mapping[str, Spot], together: Together, closes_after: timedelta | None
    ) -> None:
        self._rules, self._topology, self._together = rules, topology, together
        self._closes_after = closes_after.total_seconds() if closes_after is not None else None
        self._open: dict[Key, _Hazard] = {}
        self._hazards: list[_Hazard] = []
        self._firing: dict[tuple[str, Subject], _Alert] = {}
        self._upstreams: dict[str, _Upstream] = defaultdict(_Upstream)
        #: hazards each device has spoken in
        self._spoken: dict[str, list[_Hazard]] = defaultdict(list)
        self._no_data = {rule.id: rule for rule in rules.no_data}
        self._storm = rules.storms[0] if rules.storms else None
        self.joinings: list[Joining] = []

    def take(self, event: Event) -> None:
        """One event; they come in order."""
        self._calm(event.at)
        name = (event.rule, event.subject)
        if event.change is Change.ENDED:
            self._ended(name, event)
            return
        alert = self._firing.setdefault(name, _Alert(event))
        alert.event, alert.peak_level = event, max(alert.peak_level, event.level)
        alert.hidden = self._is_hidden(event)
        if not alert.hidden:
            self._carry(name, alert, event)

    def finish(self, at: float) -> None:
        """No event is left before this instant."""
        self._calm(at)

    def openings(self) -> Iterator[Opening]:
        """Every hazard opened, in order."""
        for one in self._hazards:
            yield Opening(
                site=one.site,
                family=one.family,
                at=datetime.fromtimestamp(one.at, UTC),
                rule=one.first.rule,
                device=one.first.subject.device,
                level=one.first.level,
                peak_level=one.peak_level,
                alert_class=one.first.alert_class,
            )

    def _ended(self, name: tuple[str, Subject], event: Event) -> None:
        alert = self._firing.pop(name, None)
        if alert is None:
            return
        for hazard in alert.hazards:
            hazard.firing.discard(name)
            hazard.quiet_since = max(hazard.quiet_since, event.at)
        for hides in self._rules.hides:
            behind = (hides.hidden, event.subject)
            if hides.source == event.rule and (other := self._firing.get(behind)) and other.hidden:
                other.hidden = self._is_hidden(other.event)
                if not other.hidden:
                    self._carry(behind, other, other.event._replace(at=event.at))

    def _is_hidden(self, event: Event) -> bool:
        sources = [
            self._firing.get((hides.source, event.subject))
            for hides in self._rules.hides
            if hides.hidden == event.rule
        ]
        return any(alert is not None and alert.peak_level >= event.level for alert in sources)

    def _carry(self, name: tuple[str, Subject], alert: _Alert, event: Event) -> None:
        key: Key = (event.subject.site, event.family)
        if not speaks_of_gas(event.alert_class):
            blinded = self._blinded(event)
            if blinded is not None:
                self._join(name, alert, event, blinded)
                return
            rule = self._no_data.get(event.rule)
            gateway = self._together.gateway_of(rule, event.subject.device, event.at) if rule else None
            if rule is not None and gateway is not None:
                key = (gateway, rule.grouped_family)
        elif (area := self._gathered(name, event, key)) is not None:
            self._join(name, alert, event, area)
            return
        standing = self._standing(key, event.at)
        if standing is None:
            standing = self._opened(key, event)
            self._part(name, alert, event, standing)
        else:
            self._join(name, alert, event, standing)

    def _gathered(self, name: tuple[str, Subject], event: Event, key: Key) -> _Hazard | None:
        """The area event that takes this alert; None where it has or gets a hazard of its own."""
        spot = self._topology.get(event.subject.device)
        if self._storm is None or spot is None or spot.upstream is None:
            return None
        upstream, at = self._upstreams[spot.upstream], datetime.fromtimestamp(event.at, UTC)
        if event.change is Change.RAISED:
            upstream.fired[event.subject] = at
        if upstream.hazard is None and storms.gathers(self._storm, upstream.fired.values(), at):
            upstream.hazard = self._area(spot.upstream, self._storm, event)
        if upstream.hazard is None or event.level >= 2 or self._standing(key, event.at) is not None:
            return None
        upstream.grouped.append(name)
        return upstream.hazard

    def _area(self, upstream: str, storm: Storm, event: Event) -> _Hazard:
        key = (upstream, storm.family)
        first = event._replace(
            rule=storm.id,
            subject=Subject("", upstream),
            level=storm.level,
            family=storm.family,
            alert_class="process",
        )
        name = (storm.id, first.subject)
        standing = self._standing(key, event.at)
        alert = self._firing[name] = _Alert(first)
        if standing is None:
            standing = self._opened(key, first)
            self._part(name, alert, first, standing)
        else:
            self._join(name, alert, first, standing)
        return standing

    def _calm(self, at: float) -> None:
        """End the storms that are over; what still fires and was told only there gets a hazard of its own."""
        if self._storm is None:
            return
        for key, upstream in self._upstreams.items():
            if upstream.hazard is None:
                continue
            over = storms.ends_at(self._storm, upstream.fired.values()).timestamp()
            if over <= at:
                area, grouped = upstream.hazard, upstream.grouped
                upstream.hazard, upstream.grouped = None, []
                name = (self._storm.id, Subject("", key))
                self._firing.pop(name, None)
                area.firing.discard(name)
                area.quiet_since = max(area.quiet_since, over)
                for left in grouped:
                    alert = self._firing.get(left)
                    if alert is not None:
                        self._carry(left, alert, alert.event._replace(at=over, change=Change.ROSE))

    def _blinded(self, event: Event) -> _Hazard | None:
        spoken = self._spoken[event.subject.device] if event.subject.device else []
        return next((one for one in spoken if self._standing((one.site, one.family), event.at) is one), None)

    def _standing(self, key: Key, at: float) -> _Hazard | None:
        hazard = self._open.get(key)
        if hazard is None:
            return None
        is_closed = (
            self._closes_after is not None
            and not hazard.firing
            and at - hazard.quiet_since >= self._closes_after
        )
        if is_closed:
            del self._open[key]
            return None
        return hazard

    def _opened(self, key: Key, event: Event) -> _Hazard:
        hazard = _Hazard(len(self._hazards), *key, event.at, event, event.level)
        self._hazards.append(hazard)
        self._open[key] = hazard
        return hazard

    def _join(self, name: tuple[str, Subject], alert: _Alert, event: Event, hazard: _Hazard) -> None:
        self.joinings.append(
            Joining(
                opening=hazard.number,
                site=hazard.site,
                family=hazard.family,
                at=datetime.fromtimestamp(event.at, UTC),
                rule=event.rule,
                device=event.subject.device,
                level=event.level,
                alert_class=event.alert_class,
            )
        )
        self._part(name, alert, event, hazard)

    def _part(self, name: tuple[str, Subject], alert: _Alert, event: Event, hazard: _Hazard) -> None:
        if hazard not in alert.hazards:
            alert.hazards.append(hazard)
        hazard.firing.add(name)
        if speaks_of_gas(event.alert_class):
            hazard.peak_level = max(hazard.peak_level, event.level)
            if event.subject.device and hazard not in self._spoken[event.subject.device]:
                self._spoken[event.subject.device].append(hazard)
