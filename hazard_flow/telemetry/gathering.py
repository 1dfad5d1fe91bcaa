"""Which alerts are told behind others: those another rule hides, and those of one upstream that together are one event."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.telemetry import storms
from hazard_flow.telemetry.alerts import Change, Transition
from hazard_flow.telemetry.episodes import new_alert
from hazard_flow.telemetry.models import Alert, Device
from hazard_flow.telemetry.notices import Notice
from hazard_flow.telemetry.places import Place
from hazard_flow.telemetry.rules import Meaning, Rules, Storm, speaks_of_gas
from hazard_flow.telemetry.signals import fingerprint

#: level 2 is never told behind another: it opens its own hazard at once
OWN_LEVEL = 2


def hider_of(alert: Alert, others: Iterable[Alert], rules: Rules) -> str | None:
    """The rule of the firing alert, at least as bad, behind which this one opens nothing: both speak of the same hazard."""
    sources = {hides.source for hides in rules.hides if hides.hidden == alert.rule}
    if not sources or alert.device_id is None:
        return None
    return next(
        (
            other.rule
            for other in others
            if other.device_id == alert.device_id
            and other.condition == "firing"
            and other.rule in sources
            and other.peak_level >= alert.level
        ),
        None,
    )


class Storms:
    """The storms over the upstreams a batch of notices speaks of, as they will stand after each notice."""

    def __init__(self, session: Session, notices: Sequence[Notice], rules: Rules) -> None:
        self._session, self._rules = session, rules
        self._rule: Storm | None = rules.storms[0] if rules.storms else None
        self._upstreams: Mapping[uuid.UUID, Asset] = {}
        self._running: dict[uuid.UUID, Alert] = {}
        self._fired: dict[uuid.UUID, dict[str, list[Alert]]] = defaultdict(lambda: defaultdict(list))
        wanted = {upstream for notice in notices if (upstream := _upstream_of(notice)) is not None}
        if self._rule is None or not wanted:
            return
        self._upstreams = {a.id: a for a in session.scalars(sa.select(Asset).where(Asset.id.in_(wanted)))}
        names = {fingerprint(self._rule.id, str(upstream)): upstream for upstream in self._upstreams}
        running = sa.select(Alert).where(Alert.fingerprint.in_(names), Alert.condition == "firing")
        self._running = {names[alert.fingerprint]: alert for alert in session.scalars(running)}
        since = min(notice.transition.at for notice in notices) - self._rule.window
        rows = session.execute(
            sa.select(Alert, Device.upstream_id)
            .join(Device, Device.id == Alert.device_id)
            .where(Device.upstream_id.in_(wanted), Alert.fired_at > since, Alert.merged_into_id.is_(None))
        )
        for alert, upstream in rows:
            if speaks_of_gas(alert.alert_class) and upstream is not None:
                self._fired[upstream][str(alert.device_id)].append(alert)

    @property
    def keys(self) -> list[tuple[uuid.UUID, str]]:
        """Site and family of the hazards of all storms there may be."""
        return [(upstream, self._rule.family) for upstream in self._upstreams] if self._rule else []

    def over(self, notice: Notice) -> tuple[Alert | None, Notice | None]:
        """The storm that runs over the notice's upstream, and the notice that it has just begun."""
        upstream_id = _upstream_of(notice)
        upstream = self._upstreams.get(upstream_id) if upstream_id else None
        if self._rule is None or upstream is None:
            return None, None
        running = self._running.get(upstream.id)
        if running is not None or notice.transition.change is not Change.RAISED:
            return running, None
        at = notice.transition.at
        until_now = [
            [alert.fired_at for alert in alerts if alert.fired_at is not None and alert.fired_at <= at]
            for alerts in self._fired[upstream.id].values()
        ]
        fired = [max(instants) for instants in until_now if instants]
        if not storms.gathers(self._rule, fired, at):
            return None, None
        begun = self._begin(self._rule, upstream, notice)
        self._running[upstream.id] = begun.alert
        return begun.alert, begun

    def _begin(self, rule: Storm, upstream: Asset, notice: Notice) -> Notice:
        at = notice.transition.at
        name = fingerprint(rule.id, str(upstream.id))
        step = Transition(Change.RAISED, rule.level, at.isoformat(), at)
        meaning = Meaning(rule.id, rule.family, "process", rule.level)
        alert = new_alert(
            self._session,
            name,
            step,
            Place(upstream, None),
            meaning,
            self._rules,
            began=at,
            now=notice.alert.raised_at,
        )
        return Notice(alert, step, upstream, None)


def _upstream_of(notice: Notice) -> uuid.UUID | None:
    """The upstream under which the notice may be told; None where it is told by itself."""
    if notice.device is None or notice.held is not None or not speaks_of_gas(notice.alert.alert_class):
        return None
    return notice.device.upstream_id


def fold_storms(session: Session, rules: Rules, *, now: datetime) -> list[Notice]:
    """End the storms that are over; the notices of alerts that were told there alone and still fire."""
    if not rules.storms:
        return []
    [rule, *_] = rules.storms
    running = session.scalars(
        sa.select(Alert).where(Alert.rule == rule.id, Alert.condition == "firing", Alert.device_id.is_(None))
    ).all()
    notices: list[Notice] = []
    for storm in running:
        fired: dict[uuid.UUID | None, datetime] = {}
        recent = session.scalars(
            sa.select(Alert)
            .join(Device, Device.id == Alert.device_id)
            .where(
                Device.upstream_id == storm.site_id,
                Alert.merged_into_id.is_(None),
                Alert.fired_at > now - rule.window,
            )
        )
        for alert in recent:
            if speaks_of_gas(alert.alert_class) and alert.fired_at is not None:
                fired[alert.device_id] = max(alert.fired_at, fired.get(alert.device_id, alert.fired_at))
        if len(fired) >= rule.below:
            continue
        storm.condition, storm.ended_at, storm.normal_at = "normal", now, now
        over = Transition(Change.ENDED, storm.level, storm.episode, now)
        notices.append(Notice(storm, over, session.get_one(Asset, storm.site_id), None))
        notices += _left_over(session, storm, now=now)
    return notices


def _left_over(session: Session, storm: Alert, *, now: datetime) -> list[Notice]:
    rows = session.execute(
        sa.select(Alert, Device, Asset)
        .join(Device, Device.id == Alert.device_id)
        .join(Asset, Asset.id == Alert.site_id)
        .where(Alert.storm_id == storm.id, Alert.condition == "firing", Alert.hazard_id == storm.hazard_id)
        .order_by(Alert.fired_at, Alert.id)
    )
    return [
        Notice(
            alert, Transition(Change.ROSE, alert.level, alert.episode, now, alert.peak_value), site, device
        )
        for alert, device, site in rows
    ]
