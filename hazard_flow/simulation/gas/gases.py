"""The gas that is really there: leaks that fill a well and are vented, and biogas that comes and goes with the warmth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hazard_flow.simulation.gas.dice import Array, between, correlated, dice
from hazard_flow.simulation.gas.labels import AreaEvent, Leak, Spell
from hazard_flow.simulation.gas.parameters import Parameters, Range, Scale
from hazard_flow.simulation.gas.places import Site

#: a broken main, for whoever wants to see a storm (assumed; no part of the months rules are judged by)
BURST_LAG_MINUTES: Range = (0.0, 8.0)
BURST_RISE_MINUTES: Range = (3.0, 12.0)
BURST_LEL: Range = (28.0, 95.0)


@dataclass(frozen=True)
class Gases:
    """True concentrations in %LEL, a row a detector, and what they come from."""

    leak: Array
    biogas: Array
    leaks: tuple[Leak, ...]
    spells: tuple[Spell, ...]


def gases_at(
    site: Site,
    parameters: Parameters,
    scale: Scale,
    temperature: Array,
    seed: int,
    breaks: Sequence[AreaEvent],
) -> Gases:
    """What a month brings to one site; `breaks` are the mains that burst, none of which any figure foresees."""
    shape = (len(site.detectors), parameters.samples)
    leak, biogas = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    leaks = _leaks(leak, site, parameters, scale, seed)
    for event in breaks:
        if site.code in event.sites:
            leaks.append(_burst(leak, site, parameters, event, seed))
    spells = _spells(biogas, site, parameters, scale, temperature, seed)
    return Gases(leak, biogas, tuple(leaks), tuple(spells))


def _leaks(into: Array, site: Site, parameters: Parameters, scale: Scale, seed: int) -> list[Leak]:
    p, samples = parameters.leak, parameters.samples
    a_minute = 60 / parameters.time.sample_seconds
    rolls = dice(seed, "leak", site.number)
    found = []
    for begin in sorted(
        rolls.uniform(0, samples, rolls.poisson(p.per_site_month * parameters.time.days / 30))
    ):
        size = p.size_median * float(np.exp(p.size_sigma * rolls.standard_normal()))
        hours = max(p.hours_min, p.hours_median * float(np.exp(p.hours_sigma * rolls.standard_normal())))
        top = parameters.head.span_lel * size / (p.saturation + size) * scale.amplitude
        rise, vent = between(rolls, p.rise_minutes) * a_minute, between(rolls, p.vent_minutes) * a_minute
        end = int(begin + hours * 60 * a_minute)
        phase, nearest = rolls.uniform(0, 2 * np.pi), int(rolls.integers(len(site.detectors)))
        peak = 0.0
        for place in range(len(site.detectors)):
            share, lag = between(rolls, p.neighbour_share), between(rolls, p.neighbour_lag_minutes) * a_minute
            if place == nearest:
                share, lag = 1.0, 0.0
            grown = _fill_and_vent(samples, begin + lag, end + lag, rise=rise, vent=vent)
            modulated = 1 + p.daily_modulation * np.sin(_day(parameters) + phase)
            seen = np.clip(top * share * grown * modulated, 0, parameters.head.span_lel).astype(np.float32)
            into[place] = np.minimum(into[place] + seen, parameters.head.span_lel)
            peak = max(peak, float(seen.max()))
        found.append(Leak(site.code, int(begin), min(end, samples), peak, site.detectors[nearest]))
    return found


def _burst(into: Array, site: Site, parameters: Parameters, event: AreaEvent, seed: int) -> Leak:
    """Gas of a broken main finds its way into the wells around, within minutes and past any limit."""
    rolls, a_minute = dice(seed, "burst", site.number), 60 / parameters.time.sample_seconds
    peak = 0.0
    for place in range(len(site.detectors)):
        lag, rise = (
            between(rolls, BURST_LAG_MINUTES) * a_minute,
            between(rolls, BURST_RISE_MINUTES) * a_minute,
        )
        grown = _fill_and_vent(parameters.samples, event.begin + lag, event.end, rise=rise, vent=rise)
        into[place] = np.minimum(into[place] + between(rolls, BURST_LEL) * grown, parameters.head.span_lel)
        peak = max(peak, float(into[place][event.begin : event.end].max()))
    return Leak(site.code, event.begin, event.end, peak, site.detectors[0])


def _fill_and_vent(samples: int, begin: float, end: float, *, rise: float, vent: float) -> Array:
    """From 0 towards 1 between begin and end, and back to 0 after it."""
    at = np.arange(samples, dtype=np.float32)
    filling = 1 - np.exp(-np.clip(at - begin, 0, end - begin) / rise)
    venting = np.exp(-np.clip(at - end, 0, None) / vent)
    curve: Array = np.where(at < begin, 0, filling * venting).astype(np.float32)
    return curve


def _spells(
    into: Array, site: Site, parameters: Parameters, scale: Scale, temperature: Array, seed: int
) -> list[Spell]:
    """Whether this site has biogas at all is drawn once; when, in spells."""
    p, samples = parameters.biogas, parameters.samples
    rolls = dice(seed, "biogas", site.number)
    if rolls.uniform() >= p.share_of_sites:
        return []
    a_minute = 60 / parameters.time.sample_seconds
    plateau = max(0.0, rolls.normal(p.plateau_lel, p.plateau_spread_lel)) * scale.amplitude
    onset = between(rolls, p.onset_minutes) * a_minute
    hours = p.active_hours * 60 * a_minute
    pause = hours * (1 - p.active_share) / p.active_share
    found, grown = [], np.zeros(samples, np.float32)
    # The month begins somewhere in the middle of things: as likely within a spell as the share says.
    active = rolls.uniform() < p.active_share
    at = 0.0
    while at < samples:
        length = max(1.0, float(rolls.exponential(hours if active else pause)))
        if active:
            grown = np.maximum(grown, _fill_and_vent(samples, at, at + length, rise=onset, vent=onset))
            found.append(Spell(site.code, int(at), min(samples, int(at + length))))
        at, active = at + length, not active
    warmth = 1 + p.per_degree * (temperature - parameters.air.temperature_c)
    # Chatter is the well's air, the same for both heads.
    chatter = (
        correlated(rolls, samples, correlation=p.chatter_minutes * a_minute) * p.chatter_lel * scale.noise
    )
    for place in range(len(site.detectors)):
        level = plateau * between(rolls, p.gradient_share)
        into[place] = np.clip((level * warmth + chatter) * grown, 0, parameters.head.span_lel)
    return found


def _day(parameters: Parameters) -> Array:
    return (np.arange(parameters.samples) * (2 * np.pi * parameters.time.sample_seconds / 86_400)).astype(
        np.float32
    )
