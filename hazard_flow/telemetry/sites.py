"""Samples into episodes of the rules on a whole site: combinations of quantities, and thresholds over all its detectors together."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.telemetry import episodes
from hazard_flow.telemetry.marks import Track, combination_ticks, look_back, reach_of, ticks, windows_of
from hazard_flow.telemetry.models import Device, StoredSignal
from hazard_flow.telemetry.notices import Notice
from hazard_flow.telemetry.placed import Placed
from hazard_flow.telemetry.recorded import devices_at, evaluated, tracks
from hazard_flow.telemetry.rules import Combination, Part, Rules, Threshold
from hazard_flow.telemetry.series import Key, Watched, settled_notices, watched_by
from hazard_flow.telemetry.signals import fingerprint

SiteRule = Combination | Threshold


def fold_sites(
    session: Session, series: Mapping[Key, Sequence[Placed]], rules: Rules, *, now: datetime
) -> list[Notice]:
    """Fold the new samples of each site by the rules on sites; the transitions, alert by alert."""
    on_sites: list[SiteRule] = [
        *rules.combinations,
        *(rule for rule in rules.thresholds if rule.scope == "site"),
    ]
    by_site: dict[uuid.UUID, list[Placed]] = defaultdict(list)
    for new in series.values():
        for p in new:
            by_site[p.place.site.id].append(p)
    notices: list[Notice] = []
    for rule in on_sites:
        named = _quantities(rule)
        asked = {
            site: mine
            for site, new in by_site.items()
            if (mine := [p for p in new if p.signal.quantity in named])
        }
        for one in _watched(session, rule, asked, rules):
            notices += _fold(session, one, now=now)
    return notices


def _quantities(rule: SiteRule) -> set[str]:
    return {rule.quantity} if isinstance(rule, Threshold) else {part.quantity for part in rule.parts}


def _watched(
    session: Session, rule: SiteRule, asked: Mapping[uuid.UUID, Sequence[Placed]], rules: Rules
) -> Iterator[Watched]:
    if not asked:
        return
    names = {site: fingerprint(rule.id, str(site)) for site in asked}
    since = min(p.signal.observed_at for new in asked.values() for p in new)
    near = episodes.near(session, names.values(), since=since)
    possible = _possible(session, rule, asked)
    for site, new in asked.items():
        rows = near.get(names[site], [])
        if rows or site in possible:
            yield watched_by(rule, rules, names[site], new[0].place, new, rows)


def _possible(
    session: Session, rule: SiteRule, asked: Mapping[uuid.UUID, Sequence[Placed]]
) -> Collection[uuid.UUID]:
    """The sites where the rule may hold: where the part with a limit is reached, now or by a sample stored near the new ones."""
    if isinstance(rule, Threshold):
        return {
            site
            for site, new in asked.items()
            if any(rule.counts(p.value) for p in new if p.value is not None)
        }
    limited = next((part for part in rule.parts if part.above is not None), None)
    if limited is None or not rule.all_of:
        return asked.keys()
    here = {
        site
        for site, new in asked.items()
        if any(p.signal.quantity == limited.quantity and _reaches(limited, p.value) for p in new)
    }
    rest = asked.keys() - here
    return here | _stored(session, limited, rule, {site: asked[site] for site in rest}) if rest else here


def _reaches(part: Part, value: float | None) -> bool:
    return value is not None and part.above is not None and part.sign * value >= part.sign * part.above


def _stored(
    session: Session, part: Part, rule: Combination, asked: Mapping[uuid.UUID, Sequence[Placed]]
) -> set[uuid.UUID]:
    instants = [p.signal.observed_at for new in asked.values() for p in new]
    reach = timedelta(seconds=reach_of(rule))
    limit = StoredSignal.value >= part.above if part.sign > 0 else StoredSignal.value <= part.above
    return set(
        session.scalars(
            sa.select(Device.site_id)
            .join(StoredSignal, StoredSignal.device_id == Device.id)
            .where(
                Device.site_id.in_(asked.keys()),
                StoredSignal.quantity == part.quantity,
                StoredSignal.observed_at.between(min(instants) - reach, max(instants) + reach),
                limit,
                evaluated(),
            )
            .distinct()
        )
    )


def _fold(session: Session, one: Watched, *, now: datetime) -> list[Notice]:
    rule, begin = one.rule, one.begin_at
    site = one.place.site
    interval = one.rules.interval(rule.quantity) if isinstance(rule, Threshold) else None
    windows = (
        windows_of(rule, one.rules, interval.total_seconds() if interval else None)
        if isinstance(rule, Threshold)
        else ()
    )
    back = look_back(rule, windows) if isinstance(rule, Threshold) else reach_of(rule)
    devices = devices_at(session, [site.id]).get(site.id, [])
    stored = tracks(session, devices, _quantities(rule), since=episodes.instant(begin - back))
    has = {at for track in stored.values() for at in track.times}
    if isinstance(rule, Threshold):
        pooled = sorted(pair for track in stored.values() for pair in zip(*track, strict=True))
        whole = Track([at for at, _ in pooled], [value for _, value in pooled])
        said = ticks(rule, windows, whole, since=begin)
    else:
        named = {(str(device), quantity): track for (device, quantity), track in stored.items()}
        said = combination_ticks(rule, named, since=begin)
    sign = rule.sign if isinstance(rule, Threshold) else 1
    return settled_notices(session, one, said, sign=sign, has=has, now=now)
