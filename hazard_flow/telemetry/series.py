"""Samples into episodes of the rules on one device's quantity: only where something is high or in alarm is anything read.

What a new sample changes is worked out from the stored ones around it. One that comes in its turn carries the firing episode on; for a
late one the episode it falls into is worked out anew from where it fired, and the difference to the stored row is what happened.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hazard_flow.telemetry import episodes
from hazard_flow.telemetry.alerts import Change, Transition
from hazard_flow.telemetry.marks import Tick, Track, look_back, ticks, windows_of
from hazard_flow.telemetry.models import Alert
from hazard_flow.telemetry.notices import Notice
from hazard_flow.telemetry.placed import Placed
from hazard_flow.telemetry.places import Place
from hazard_flow.telemetry.recorded import tracks
from hazard_flow.telemetry.rulefile import released_rules
from hazard_flow.telemetry.rules import Combination, Meaning, Rules, Threshold
from hazard_flow.telemetry.scanning import Episode, Settled, begin_of, fold
from hazard_flow.telemetry.signals import fingerprint

Key = tuple[uuid.UUID, str]


@dataclass(frozen=True)
class Watched:
    """A rule on one subject, with the new samples it has to look at."""

    rule: Threshold | Combination
    rules: Rules
    name: str
    place: Place
    new: Sequence[Placed]
    near: Sequence[Alert]
    unit: str

    @property
    def first_at(self) -> float:
        """The earliest new sample."""
        return min(p.signal.observed_at for p in self.new).timestamp()

    @property
    def stored(self) -> list[Episode]:
        """The episodes not over by then."""
        sign = self.rule.sign if isinstance(self.rule, Threshold) else 1
        return [episodes.episode_of(row, sign) for row in self.near]

    @property
    def begin_at(self) -> float:
        """From where ticks are wanted."""
        return begin_of(self.stored, self.first_at)


def fold_series(
    session: Session,
    series: Mapping[Key, Sequence[Placed]],
    rules: Rules,
    *,
    behind: Collection[uuid.UUID] = (),
    now: datetime,
) -> list[Notice]:
    """Fold the new samples of each (device, quantity) by the rules on it; the transitions, alert by alert.

    `behind` names the new samples older than one their device had sent before.
    """
    watched = list(_watched(session, series, rules, set(behind)))
    notices: list[Notice] = []
    for one in watched:
        assert isinstance(one.rule, Threshold)
        assert one.place.device is not None
        notices += _fold(session, one, one.rule, now=now)
    return notices


def _watched(
    session: Session, series: Mapping[Key, Sequence[Placed]], rules: Rules, behind: set[uuid.UUID]
) -> Iterator[Watched]:
    """Each rule that has something to look at: a sample that counts, an episode not over, a late sample that may prove a change."""
    if not series:
        return
    asked = [
        (key, rule, fingerprint(rule.id, str(key[0])))
        for key in series
        for rule in rules_on(rules, key[1])
        if rule.scope == "device"
    ]
    since = min(p.signal.observed_at for new in series.values() for p in new)
    near = episodes.near(session, {name for _, _, name in asked}, since=since)
    for key, rule, name in asked:
        new, rows = series[key], near.get(name, [])
        present = any(own is rule for own in rules.thresholds)
        is_high = present and any(rule.counts(p.value) for p in new if p.value is not None)
        may_prove = present and rule.move is not None and any(p.id in behind for p in new)
        if rows or is_high or may_prove:
            yield watched_by(rule, rules, name, new[0].place, new, rows)


def rules_on(rules: Rules, quantity: str) -> list[Threshold]:
    """The rules on a quantity, and those of earlier files that are in none since: their open alerts live on."""
    found = {rule.id: rule for rule in rules.on(quantity)}
    for version in sorted(released_rules(), reverse=True):
        for rule in released_rules()[version].on(quantity):
            found.setdefault(rule.id, rule)
    return list(found.values())


def watched_by(
    rule: Threshold | Combination,
    rules: Rules,
    name: str,
    place: Place,
    new: Sequence[Placed],
    rows: Sequence[Alert],
) -> Watched:
    """The rule as it was when the firing alert was raised; the present one where none fires."""
    firing = next(
        (row for row in rows if row.condition == "firing" and row.rules_version != rules.version), None
    )
    if firing is not None and firing.rules_version in released_rules():
        rules = released_rules()[firing.rules_version]
        every: list[Threshold | Combination] = [*rules.thresholds, *rules.combinations]
        rule = next((then for then in every if then.id == rule.id), rule)
    quantity = rule.quantity if isinstance(rule, Threshold) else rule.parts[0].quantity
    return Watched(rule, rules, name, place, new, rows, rules.quantities[quantity].unit)


def _fold(session: Session, one: Watched, rule: Threshold, *, now: datetime) -> list[Notice]:
    device = one.place.device
    assert device is not None
    own = timedelta(seconds=device.expect_every_seconds) if device.expect_every_seconds else None
    interval = one.rules.interval(rule.quantity, own)
    windows = windows_of(rule, one.rules, interval.total_seconds() if interval else None)
    begin = one.begin_at
    since = episodes.instant(begin - look_back(rule, windows))
    stored = tracks(session, [device.id], [rule.quantity], since=since)
    track = stored.get((device.id, rule.quantity), Track([], []))
    said = ticks(rule, windows, track, since=begin)
    return settled_notices(session, one, said, sign=rule.sign, has=set(track.times), now=now)


def settled_notices(
    session: Session, one: Watched, said: Iterator[Tick], *, sign: int, has: set[float], now: datetime
) -> list[Notice]:
    """The rows after the ticks from `one.begin_at` on, and what happened. `has` are the instants of the samples still stored."""
    results = fold(
        one.stored,
        said,
        at=one.first_at,
        has=has,
        off_delay=one.rules.off_delay.total_seconds(),
        sign=sign,
    )
    notices: list[Notice] = []
    for result in results:
        notices += _settled(session, one, result, now=now)
    return notices


def _settled(session: Session, one: Watched, result: Settled, *, now: datetime) -> list[Notice]:
    episode = result.episode
    if result.stored is None:
        alert = _new_row(session, one, episode, now=now)
    else:
        alert = one.near[result.stored]
        episodes.merge(alert, [one.near[n] for n in result.merged], now=now)
    episodes.write(alert, episode, now=now)
    place = one.place
    return [
        Notice(
            alert,
            Transition(step.change, step.level, alert.episode, episodes.instant(step.at), step.value),
            place.site,
            place.device if alert.device_id else None,
            one.unit,
        )
        for step in result.steps
    ]


def _new_row(session: Session, one: Watched, episode: Episode, *, now: datetime) -> Alert:
    session.flush()
    began, fired = episodes.instant(episode.began_at), episodes.instant(episode.fired_at)
    name = episodes.free_name(session, one.name, began, fired)
    step = Transition(Change.RAISED, episode.level, name, fired)
    meaning = Meaning(one.rule.id, one.rule.family, one.rule.alert_class, episode.level)
    on_site = isinstance(one.rule, Combination) or one.rule.scope == "site"
    place = Place(one.place.site, None) if on_site else one.place
    alert = episodes.new_alert(session, one.name, step, place, meaning, one.rules, began=began, now=now)
    alert.late = any(p.signal.observed_at <= fired and p.is_late for p in one.new)
    return alert
